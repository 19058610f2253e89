"""Why an order ships from where it does, in one sentence. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flowrack.allocation.rules_sites import Choice, Plan, SitesCase


def sentence(case: SitesCase, choice: Choice) -> str:
    """ "From NORTH: all 40 on 3 Dec; MAIN and NORTH would need two shipments, 14.50 more."."""
    plan = choice.plan
    parts = "; ".join(_sent(case, plan, site_id) for site_id in plan.sites)
    late = f", {_days(plan.late)} late" if plan.late and plan.on is not None else ""
    said = f"From {parts}{late}"
    if not choice.others:
        return f"{said}: {_first(case, choice)}."
    return f"{said}; {_beside(case, plan, choice.others[0])}."


def line_sentence(case: SitesCase, choice: Choice, line: int) -> str:
    """The same for one line of an order that is split between sites."""
    mine = [one for one in choice.plan.portions if one.line == line]
    if len(choice.plan.sites) == 1:
        return sentence(case, choice)
    parts = " and ".join(f"{one.units:,} from {_code(case, one.site_id)} on {_day(one.on)}" for one in mine)
    return f"{parts}; {_beside(case, choice.plan, choice.others[0])}."


def _sent(case: SitesCase, plan: Plan, site_id: int) -> str:
    """What a site sends: "NORTH: all 40 on 3 Dec", "MAIN: lines 1, 2 on 4 Dec"."""
    mine = [one for one in plan.portions if one.site_id == site_id]
    days = [one.on for one in mine if one.on is not None]
    on = max(days) if len(days) == len(mine) else None
    if len(case.wants) == 1:
        what = f"{'all ' if mine[0].units == case.wants[0].units else ''}{mine[0].units:,}"
    elif len(plan.sites) == 1:
        what = f"all {len(case.wants)} lines"
    else:
        what = ", ".join(f"{one.units:,} {case.wants[one.line].sku}" for one in mine)
    return f"{_code(case, site_id)}: {what} {_day_or_never(on)}"


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


def _beside(case: SitesCase, plan: Plan, other: Plan) -> str:
    """What the next best plan would be: later, more shipments, more money."""
    codes = " and ".join(sorted(_code(case, site_id) for site_id in other.sites))
    more = len(other.sites) - len(plan.sites)
    said = f"would need {_count(len(other.sites))} shipments" if more > 0 else ""
    if other.late > plan.late:
        late = "could not say when" if other.on is None else f"would be {_days(other.late)} late"
        said = f"{said} and {late}" if said else late
    if other.on is None and plan.on is None and not said:
        said = "could not say either"
    alone = " alone" if len(other.sites) == 1 and len(plan.sites) > 1 else ""
    money = other.money - plan.money
    amount = f"{Decimal(abs(money)) / 100:,.2f} {'more' if money > 0 else 'less'}" if money else "for the same money"
    return f"{codes}{alone} {said}, {amount}" if said else f"{codes}{alone} would be {amount}"


def _code(case: SitesCase, site_id: int) -> str:
    return next(one.code for one in case.sites if one.site_id == site_id)


def _count(n: int) -> str:
    return {2: "two", 3: "three"}.get(n, str(n))


def _days(n: int) -> str:
    return f"{n} day{'' if n == 1 else 's'}"


def _day(on: date | None) -> str:
    return f"{on.day} {on:%b}" if on else "a day that nobody can say"


def _day_or_never(on: date | None) -> str:
    return f"on {_day(on)}" if on else "when nobody can say"
