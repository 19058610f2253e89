"""Why an order ships from where it does, in one sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from flowrack.allocation.rules_sites import Choice, Plan, Portion, SitesCase

MOST_NAMED = 5  # lines of one day from a site


class Words(NamedTuple):
    """How sentences say money and sites: the sign of the currency, and the name of each site."""

    currency: str
    names: Mapping[int, str]

    def site(self, case: SitesCase, site_id: int) -> str:
        """The name of a site; its code where it has none."""
        return self.names.get(site_id) or next(one.code for one in case.sites if one.site_id == site_id)


def sentence(case: SitesCase, choice: Choice, words: Words) -> str:
    """ "From North: all 40 on 3 Dec; Main and North would need two shipments, £14.50 more."."""
    plan = choice.plan
    said = f"From {'; '.join(_sent(case, plan, site_id, words) for site_id in plan.sites)}"
    if not choice.others:
        return f"{said}: {_first(case, choice)}."
    return f"{said}; {_beside(case, plan, choice.others[0], words)}."


def line_sentence(case: SitesCase, choice: Choice, line: int, words: Words) -> str:
    """The same for one line of an order that is split between sites: what the next best plan would be for it."""
    if len(choice.plan.sites) == 1:
        return sentence(case, choice, words)
    mine = _of_line(choice.plan, line)
    parts = " and ".join(
        f"{one.units:,} from {words.site(case, one.site_id)} {_when(one.on)}{_late(one.late, one.on)}" for one in mine
    )
    other = choice.others[0]
    theirs = _of_line(other, line)
    later = max(one.late for one in theirs) - max(one.late for one in mine)
    if None in [one.on for one in theirs]:
        then = "could not say when it has it"
    elif later > 0:
        then = f"would have it {_days(later)} later"
    else:
        then = "would have it as early" if not later else f"would have it {_days(-later)} earlier"
    money = _money(other.money - choice.plan.money, words)
    return f"{parts}; {_who(case, choice.plan, other, words)} {then}, the whole order {money}."


def _of_line(plan: Plan, line: int) -> list[Portion]:
    return [one for one in plan.portions if one.line == line]


def _sent(case: SitesCase, plan: Plan, site_id: int, words: Words) -> str:
    """What a site sends: "North: all 40 on 3 Dec", "Main: 12 × 4711 on 4 Dec, 20 × 4712 on 5 Dec, 1 day late"."""
    mine = [one for one in plan.portions if one.site_id == site_id]
    days = sorted({(one.on is None, one.on or date.max, one.late) for one in mine})
    if len(case.wants) == 1:
        what = f"{'all ' if mine[0].units == case.wants[0].units else ''}{mine[0].units:,}"
        return f"{words.site(case, site_id)}: {what} {_when(mine[0].on)}{_late(mine[0].late, mine[0].on)}"
    if len(plan.sites) == 1:
        return f"{words.site(case, site_id)}: {_all(case, plan)}"
    parts = []
    for _, on, late in days:
        of_day = [one for one in mine if (one.on or date.max, one.late) == (on, late)]
        goods = _named([f"{one.units:,} × {case.wants[one.line].sku}" for one in of_day])
        parts.append(f"{goods} {_when(of_day[0].on)}{_late(late, of_day[0].on)}")
    return f"{words.site(case, site_id)}: {' and '.join(parts)}"


def _all(case: SitesCase, plan: Plan) -> str:
    """All lines from one site: "all 3 lines on 3 Dec", "all 3 lines by 4 Dec, 4711 1 day late"."""
    what = f"all {len(case.wants)} lines"
    days = {one.on for one in plan.portions}
    if plan.on is None or len(days) == 1:
        return f"{what} {_when(plan.on)}{_late(plan.late, plan.on)}"
    late = sorted({one.late for one in plan.portions if one.late})
    of = {n: _named([case.wants[one.line].sku for one in plan.portions if one.late == n]) for n in late}
    return ", ".join([f"{what} by {plan.on.day} {plan.on:%b}", *(f"{skus} {_days(n)} late" for n, skus in of.items())])


def _named(names: list[str]) -> str:
    """Some names and how many more."""
    left = len(names) - MOST_NAMED
    return f"{', '.join(names[:MOST_NAMED])} and {left} more" if left > 0 else ", ".join(names)


def _late(days: int, on: date | None) -> str:
    return f", {_days(days)} late" if days and on is not None else ""


def _first(case: SitesCase, choice: Choice) -> str:
    if choice.plan.late > case.rule.late_days:
        return "no other site may send it"
    if choice.plan.sites == (case.home,):
        return "it stays there, for nothing is late"
    why = {
        "nearest": "the fewest days on the way",
        "cheapest": "the least freight",
        "ordered": "the fewest days on the way",
    }[case.rule.order]
    if choice.preference:
        why = f"the first of “{choice.preference}”"
    return f"{why}, and nothing is late"


def _who(case: SitesCase, plan: Plan, other: Plan, words: Words) -> str:
    """The sites of another plan: "Main alone", "Main and North"."""
    alone = " alone" if len(other.sites) == 1 and len(plan.sites) > 1 else ""
    return " and ".join(sorted(words.site(case, site_id) for site_id in other.sites)) + alone


def _beside(case: SitesCase, plan: Plan, other: Plan, words: Words) -> str:
    """What the next best plan would be: later, more shipments, more money."""
    more = len(other.sites) - len(plan.sites)
    said = f"would need {_count(len(other.sites))} shipments" if more > 0 else ""
    if other.late > plan.late:
        late = "could not say when" if other.on is None else f"would be {_days(other.late)} late"
        said = f"{said} and {late}" if said else late
    if other.on is None and plan.on is None and not said:
        said = "could not say either"
    amount = _money(other.money - plan.money, words)
    who = _who(case, plan, other, words)
    return f"{who} {said}, {amount}" if said else f"{who} would be {amount}"


def _money(cents: int, words: Words) -> str:
    amount = f"{words.currency}{Decimal(abs(cents)) / 100:,.2f}"
    return f"{amount} {'more' if cents > 0 else 'less'}" if cents else "for the same money"


def _count(n: int) -> str:
    return {2: "two", 3: "three"}.get(n, str(n))


def _days(n: int) -> str:
    return f"{n} day{'' if n == 1 else 's'}"


def _when(on: date | None) -> str:
    return f"on {on.day} {on:%b}" if on else "when nobody can say"
