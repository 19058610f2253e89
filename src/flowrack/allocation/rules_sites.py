"""From which sites an order ships that any site may send: pure, deterministic, decided again from what is stored.

The first site sends all of it where no line is late there. Else the plans are held beside each other: each site alone,
and splits between two or three of the first four. Those go first that have a day for most; then the least sum of
freight, cost of the split and lateness decides.
`rules_sourcing` places many orders at sites that take only so many of them, by the same sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import NamedTuple

from flowrack.allocation.types_rules import FULL, SitePreference, SiteRule

RULE = "sites/1"
CENT = Decimal("0.01")
MOST_SITES = 4  # that a split may be made of, the first in order
MOST_SPLIT = 3
NEVER = 180  # days late of what nobody can say a day for


class Want(NamedTuple):
    """What one line of the order still wants: units and their price in cents. A line that is taken only whole is not
    split."""

    line_id: int
    sku: str
    units: int
    cents: int
    may_split: bool


class Reach(NamedTuple):
    """When all units of a line could be with the customer from a site (None = nobody can say), and how many of them
    without being late. Where there is no day for all: how many there are in all, and by when."""

    on: date | None
    in_time: int
    most: int = 0
    most_on: date | None = None


@dataclass(frozen=True, slots=True)
class SiteOffer:
    """A site that may send: days on the way, freight of the whole order in cents (None = not known), and how each line
    could be served, in the order of the lines."""

    site_id: int
    code: str
    days: int
    freight: int | None
    reach: tuple[Reach, ...]


Goods = tuple[tuple[int, int], ...]  # lines, by their places, and units of each


class Quoted(NamedTuple):
    """The freight in cents of a part of the order from one site; None where no carrier says."""

    site_id: int
    goods: Goods
    freight: int | None


@dataclass(frozen=True, slots=True)
class SitesCase:
    """Everything that is known when the site of an order is chosen. `home` is the site that it names, 0 = none; it
    stays there while nothing is late. `rule_set_id` and `rule` are what the company's rules say."""

    wanted_on: date
    home: int
    may_split: bool
    wants: tuple[Want, ...]
    sites: tuple[SiteOffer, ...]
    quoted: tuple[Quoted, ...]
    rule: SiteRule
    customer: int = 0
    region: str = ""
    rule_set_id: int = 0


class Portion(NamedTuple):
    """Units of a line, by its place, that a site sends, when all of them are there, and how many days late."""

    line: int
    site_id: int
    units: int
    on: date | None
    late: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to send the order. Money in cents."""

    portions: tuple[Portion, ...]
    freight: int
    split: int
    lateness: int

    @property
    def sites(self) -> tuple[int, ...]:
        """The sites that send something, in order."""
        return tuple(dict.fromkeys(one.site_id for one in self.portions))

    @property
    def money(self) -> int:
        """Freight and split."""
        return self.freight + self.split

    @property
    def cost(self) -> int:
        """What decides: money, and the price of being late."""
        return self.money + self.lateness

    @property
    def without_day(self) -> int:
        """Portions of which nobody can say when they are there: no money makes up for them."""
        return sum(one.on is None for one in self.portions)

    @property
    def late(self) -> int:
        """Days that the latest line is late."""
        return max((one.late for one in self.portions), default=0)

    @property
    def on(self) -> date | None:
        """When the last of it is there; None where nobody can say."""
        days = [one.on for one in self.portions if one.on is not None]
        return max(days) if len(days) == len(self.portions) else None


@dataclass(frozen=True, slots=True)
class Choice:
    """The plan that was chosen, and the others in the order of their sums; none where the first site was in time."""

    plan: Plan
    others: tuple[Plan, ...]
    preference: str = ""


def choose(case: SitesCase) -> Choice | None:
    """The site, or the sites, of an order; None where no site may send it."""
    preference = preference_of(case)
    order = in_order(case, preference)
    if not order:
        return None
    name = preference.name if preference else ""
    first = _plan(case, order[:1])
    if first.late <= case.rule.late_days:
        return Choice(first, (), name)
    plans = [_plan(case, [one]) for one in order]
    if case.may_split:
        few = order[:MOST_SITES]
        plans += [_plan(case, some) for n in range(2, MOST_SPLIT + 1) for some in combinations(few, n)]
    seen: dict[tuple[Portion, ...], Plan] = {}
    for plan in plans:
        seen.setdefault(plan.portions, plan)
    ranked = sorted(seen.values(), key=lambda plan: (plan.without_day, plan.cost, plan.late, len(plan.sites)))
    return Choice(ranked[0], tuple(ranked[1:]), name)


def alone(case: SitesCase) -> dict[int, Plan]:
    """The whole order from each site that may send it by itself, the first choice first."""
    return {one.site_id: _plan(case, [one]) for one in in_order(case, preference_of(case))}


def preference_of(case: SitesCase) -> SitePreference | None:
    """The first preference that the order passes."""
    return preferred(case.rule, case.customer, case.region)


def preferred(rule: SiteRule, customer: int, region: str) -> SitePreference | None:
    """The first preference for a customer (0 = none) and a region."""
    return next(
        (
            one
            for one in rule.preferences
            if (not one.customers or customer in one.customers) and (not one.regions or region in one.regions)
        ),
        None,
    )


def in_order(case: SitesCase, preference: SitePreference | None) -> list[SiteOffer]:
    """The sites that may send, the first choice first. The order's own site comes first while nothing is late there;
    ties go by code."""
    rule = case.rule
    listed = preference.sites if preference else ()
    sites = [one for one in case.sites if not (preference and preference.is_only) or one.site_id in listed]

    def place(one: SiteOffer) -> tuple[int, ...]:
        of_list = listed.index(one.site_id) if one.site_id in listed else len(listed)
        freight = one.freight if one.freight is not None else _dear(case)
        by_rule = {
            "nearest": (one.days, freight),
            "cheapest": (freight, one.days),
            "ordered": (one.site_id != case.home, one.days, freight),
        }[rule.order]
        return of_list, *by_rule

    found = sorted(sites, key=lambda one: (place(one), one.code))
    at_home = [one for one in found if one.site_id == case.home and _plan(case, [one]).late <= rule.late_days]
    return [*at_home, *(one for one in found if one not in at_home)]


def _dear(case: SitesCase) -> int:
    """What freight counts where no carrier says it: as much as the dearest that is known."""
    return max([one.freight for one in case.sites if one.freight is not None], default=0)


def _plan(case: SitesCase, sites: Sequence[SiteOffer]) -> Plan:
    """The order from these sites: each line whole where it is in time, the first site first; else split, where that
    brings all of it in time, or all of it at all; else whole from where it is there first."""
    portions: list[Portion] = []
    for n, want in enumerate(case.wants):
        portions += _portions(case, n, want, sites)
    used = dict.fromkeys(one.site_id for one in portions)
    freight = sum(freight_of(case, site_id, goods_of(portions, site_id)) for site_id in used)
    split = to_cents(case.rule.split_cost) * (len(used) - 1)
    late = sum(_lateness(case, one) for one in portions)
    return Plan(tuple(portions), freight, split, late)


def _portions(case: SitesCase, n: int, want: Want, sites: Sequence[SiteOffer]) -> list[Portion]:
    days = [(one.site_id, one.reach[n].on) for one in sites]
    whole = [Portion(n, site_id, want.units, on, days_late(case, on)) for site_id, on in days]
    best = min(whole, key=lambda one: max(one.late - case.rule.late_days, 0))
    if best.late <= case.rule.late_days or not want.may_split or len(sites) == 1:
        return [best]
    reach = [(one.site_id, one.reach[n]) for one in sites]
    found = _shared(case, n, want, [(site_id, of.in_time, latest(case)) for site_id, of in reach])
    if not found and best.on is None:  # late is better than never
        found = _shared(
            case, n, want,
            [(site_id, of.most if of.on is None else want.units, of.on or of.most_on) for site_id, of in reach],
        )  # fmt: skip
    return found or [best]


def _shared(case: SitesCase, n: int, want: Want, there: Sequence[tuple[int, int, date | None]]) -> list[Portion]:
    """A line from several sites, each with as many units as it can have by a day; nothing where not all are found."""
    left, found = want.units, []
    for site_id, most, on in there:
        units = min(left, most)
        if units and on is not None:
            found.append(Portion(n, site_id, units, on, days_late(case, on)))
            left -= units
    return [] if left else found


def latest(case: SitesCase) -> date:
    """The last day that is in time."""
    return date.fromordinal(case.wanted_on.toordinal() + case.rule.late_days)


def days_late(case: SitesCase, on: date | None) -> int:
    """Days after the wanted one; NEVER where nobody can say a day."""
    return NEVER if on is None else max((on - case.wanted_on).days, 0)


def _lateness(case: SitesCase, one: Portion) -> int:
    """What being late costs, in cents, rounded to the nearest."""
    want = case.wants[one.line]
    share = Decimal(want.cents * one.units * one.late * case.rule.late_percent) / (want.units * FULL)
    return int(share.quantize(Decimal(1), ROUND_HALF_UP))


def goods_of(portions: Sequence[Portion], site_id: int) -> Goods:
    """What a site sends of a plan."""
    return tuple((one.line, one.units) for one in portions if one.site_id == site_id)


def all_goods(case: SitesCase) -> Goods:
    """The whole order."""
    return tuple((n, want.units) for n, want in enumerate(case.wants))


def freight_of(case: SitesCase, site_id: int, goods: Goods) -> int:
    """The freight of goods from a site; as much as the dearest whole order where it is not known."""
    if goods == all_goods(case):
        found = next(one.freight for one in case.sites if one.site_id == site_id)
    else:
        found = next((one.freight for one in case.quoted if (one.site_id, one.goods) == (site_id, goods)), None)
    return _dear(case) if found is None else found


def asked_of(case: SitesCase) -> list[tuple[int, Goods]]:
    """What sites would send of splits: the freight of these is to be quoted before the plans are compared."""
    choice, whole = choose(case), all_goods(case)
    plans = (choice.plan, *choice.others) if choice else ()
    found = [(site_id, goods_of(plan.portions, site_id)) for plan in plans for site_id in plan.sites]
    return [one for one in dict.fromkeys(found) if one[1] != whole]


def to_cents(amount: Decimal) -> int:
    """An amount of money in whole cents, half up."""
    return int((amount / CENT).quantize(Decimal(1), ROUND_HALF_UP))
