"""Two rule sets on the same open orders: who would gain, who would lose. Pure; nothing is promised.

Each rule set shares out what is free and what is promised and in no picker's hands, from the beginning; only classes
on hold keep what they have. So the comparison shows the rules, and not the order in which runs happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from flowrack.allocation.rules import Claim
from flowrack.allocation.rules_decide import Holding, Inputs, decide
from flowrack.allocation.rules_rank import class_of, rank
from flowrack.allocation.rules_text import SORTS, Codes
from flowrack.allocation.rules_text_sites import told_preference, told_sites
from flowrack.allocation.types_rules import FACTORS, ClassRule, Quota, RuleSet, SiteRule, SupplyRule

NO_CODES = Codes()


@dataclass(slots=True)
class Side:
    """What a rule set gives to claims of one tier, or to all: lines, whole lines, units and their value."""

    lines: int = 0
    whole: int = 0
    wanted: int = 0
    units: int = 0
    value: Decimal = Decimal(0)

    @property
    def fill(self) -> int:
        """Units given of a hundred wanted, rounded down."""
        return 100 * self.units // self.wanted if self.wanted else 100


@dataclass(frozen=True, slots=True)
class Shift:
    """A line that the second rule set gives more or fewer units than the first; `held` are promised to it now."""

    claim: Claim
    before: int
    after: int
    value: Decimal
    held: int = 0

    @property
    def units(self) -> int:
        """Units more, or (negative) fewer."""
        return self.after - self.before


@dataclass(slots=True)
class Comparison:
    """Sums by tier, "" for all: what is promised now, what the present rules and the draft give from the beginning;
    and lines that differ, largest value first."""

    held: dict[str, Side] = field(default_factory=dict)
    now: dict[str, Side] = field(default_factory=dict)
    then: dict[str, Side] = field(default_factory=dict)
    shifts: list[Shift] = field(default_factory=list)

    @property
    def gain(self) -> list[Shift]:
        """Lines that get more."""
        return [shift for shift in self.shifts if shift.units > 0]

    @property
    def lose(self) -> list[Shift]:
        """Lines that get fewer."""
        return [shift for shift in self.shifts if shift.units < 0]

    def add(self, other: Comparison) -> None:
        """Take the sums and lines of another part of the orders in."""
        for mine, its in ((self.held, other.held), (self.now, other.now), (self.then, other.then)):
            for tier, side in its.items():
                sums = mine.setdefault(tier, Side())
                for name in ("lines", "whole", "wanted", "units", "value"):
                    setattr(sums, name, getattr(sums, name) + getattr(side, name))
        self.shifts += other.shifts


def from_the_beginning(rules: RuleSet, inputs: Inputs) -> tuple[Inputs, dict[int, int]]:
    """The inputs with all promises given back, but those of classes on hold; and the units that lines keep."""
    held: dict[int, list[Holding]] = {}
    for holding in inputs.holdings:
        held.setdefault(holding.line_id, []).append(holding)
    back: dict[int, int] = {}
    kept: dict[int, int] = {}
    asked: dict[int, int] = {}
    for one in rank(inputs.claims, rules, today=inputs.today.toordinal()):
        mine = held.get(one.claim.line_id, [])
        units = sum(holding.units for holding in mine)
        if class_of(rules, one.class_no).semantics == "hold":
            kept[one.claim.line_id] = units
            continue
        asked[one.claim.line_id] = units
        for holding in mine:
            back[holding.pool_id] = back.get(holding.pool_id, 0) + holding.units
    claims = [claim._replace(units=claim.units + asked.get(claim.line_id, 0)) for claim in inputs.claims]
    pools = [pool._replace(free=pool.free + back.get(pool.pool_id, 0)) for pool in inputs.pools]
    pools = [pool._replace(face=min(pool.face + back.get(pool.pool_id, 0), pool.free)) for pool in pools]
    return replace(inputs, claims=claims, pools=pools, holdings=[], used={}), kept


def compare(now: RuleSet, then: RuleSet, inputs: Inputs, prices: Mapping[int, Decimal]) -> Comparison:
    """What both rule sets give to the same claims. `prices` by line."""
    found = Comparison()
    given = []
    held: dict[int, int] = dict.fromkeys((claim.line_id for claim in inputs.claims), 0)
    for holding in inputs.holdings:
        held[holding.line_id] += holding.units
    _add_up(inputs, held, prices, found.held)
    for rules, sums in ((now, found.now), (then, found.then)):
        trial, kept = from_the_beginning(rules, inputs)
        got = {share.claim.line_id: share.units for share in decide(rules, trial).shares}
        for line_id, units in kept.items():
            got[line_id] = got.get(line_id, 0) + units
        given.append(got)
        _add_up(inputs, got, prices, sums)
    before, after = given
    for claim in inputs.claims:
        units = after[claim.line_id] - before[claim.line_id]
        if units:
            price = prices.get(claim.line_id, Decimal(0))
            before_and_after = before[claim.line_id], after[claim.line_id]
            found.shifts.append(Shift(claim, *before_and_after, price * units, held[claim.line_id]))
    found.shifts.sort(key=lambda shift: (-abs(shift.value), shift.claim.line_id))
    return found


def _add_up(inputs: Inputs, got: Mapping[int, int], prices: Mapping[int, Decimal], sums: dict[str, Side]) -> None:
    holds: dict[int, int] = {}
    for holding in inputs.holdings:
        holds[holding.line_id] = holds.get(holding.line_id, 0) + holding.units
    for claim in inputs.claims:
        wanted = claim.units + holds.get(claim.line_id, 0)
        units = got[claim.line_id]
        for tier in (claim.tier, ""):
            side = sums.setdefault(tier, Side())
            side.lines += 1
            side.whole += units == wanted
            side.wanted += wanted
            side.units += units
            side.value += prices.get(claim.line_id, Decimal(0)) * units


def changes_of(before: RuleSet, after: RuleSet, codes: Codes = NO_CODES) -> Sequence[tuple[str, str, str]]:
    """What differs between two rule sets, as people read it: (what, before, after)."""
    rows: list[tuple[str, str, str]] = []
    old, new = ({one.name: one for one in rules.classes} for rules in (before, after))
    names = list(dict.fromkeys([*old, *new]))
    rows += [
        (
            f"Class “{name}”",
            told_class(old[name], codes) if name in old else "",
            told_class(new[name], codes) if name in new else "",
        )
        for name in names
        if old.get(name) != new.get(name)
    ]
    if list(old) != list(new) and set(old) == set(new):
        rows.append(("Order of the classes", ", ".join(old), ", ".join(new)))
    was, now = ({one.name: one for one in rules.quotas} for rules in (before, after))
    rows += [
        (
            f"Quota “{name}”",
            told_quota(was[name], codes) if name in was else "",
            told_quota(now[name], codes) if name in now else "",
        )
        for name in dict.fromkeys([*was, *now])
        if was.get(name) != now.get(name)
    ]
    for name, what in GENERAL:
        one, other = getattr(before, name), getattr(after, name)
        if one != other:
            told = BY.get if name == "full_runs" else _plain
            rows.append((what, str(told(one)), str(told(other))))
    if before.supply != after.supply:
        rows.append(("Supply", told_supply(before.supply), told_supply(after.supply)))
    return [*rows, *_changed_sites(before.sites, after.sites, codes)]


def _changed_sites(before: SiteRule, after: SiteRule, codes: Codes) -> list[tuple[str, str, str]]:
    was, now = told_sites(before), told_sites(after)
    rows = [("Ship from", was, now)] if was != now else []
    old, new = ({one.name: told_preference(one, codes) for one in rule.preferences} for rule in (before, after))
    names = dict.fromkeys([*old, *new])
    rows += [(f"Preference “{n}”", old.get(n, ""), new.get(n, "")) for n in names if old.get(n) != new.get(n)]
    if list(old) != list(new) and set(old) == set(new):
        rows.append(("Order of the preferences", ", ".join(old), ", ".join(new)))
    return rows


GENERAL = (
    ("fairness_percent", "Most for one customer, %"),
    ("horizon_days", "Promised at most days ahead"),
    ("date_days", "Days until a date has no urgency"),
    ("promises", "Promised days"),
    ("full_runs", "Full runs"),
    ("solver_seconds", "Seconds for the solver"),
)


def _plain(value: object) -> str:
    return "none" if value is None else KEPT.get(str(value), str(value))


BY = {"rank": "by rank", "best": "by the best total value"}
KEPT = {"keep": "are kept where they can be", "rank": "do not count, the rank alone decides"}


def told_class(one: ClassRule, codes: Codes = NO_CODES) -> str:
    """A class in words: "keep; tier A, B; wanted in 0 to 3 days; score tier 4, date 3"."""
    parts = [one.semantics, *_told_filters(one, codes)]
    for name, what, unit in (("wanted", "wanted in", "days"), ("margin", "margin", "%")):
        low, high = getattr(one, f"{name}_from"), getattr(one, f"{name}_to")
        if low is not None or high is not None:
            span = (
                f"{low} to {high}" if None not in (low, high) else f"{low} or more" if high is None else f"up to {high}"
            )
            parts.append(f"{what} {span} {unit}")
    if one.age_from is not None:
        parts.append(f"{one.age_from} days old or older")
    if one.horizon_days is not None:
        parts.append(f"promised {one.horizon_days} days ahead")
    if one.life_days is not None:
        parts.append(f"{one.life_days} days of life at least")
    weights = [f"{name} {weight}" for name in FACTORS if (weight := getattr(one.weights, name))]
    if weights:
        parts.append(f"score {', '.join(weights)}")
    return "; ".join(parts)


def _told_filters(one: ClassRule | Quota, codes: Codes) -> list[str]:
    parts = [f"tier {', '.join(one.tiers)}"] if one.tiers else []
    for ids, word, name in ((one.customers, "customer", "customers"), (one.families, "family", "families")):
        if ids:
            parts.append(f"{word} {', '.join(codes.words(name, ids))}")
    return parts + [f"{word} {', '.join(of)}" for word, name in SORTS.items() if (of := getattr(one, name))]


def told_quota(one: Quota, codes: Codes = NO_CODES) -> str:
    """A quota in words: "protect 20 % for tier A until 1 Jun"."""
    words = f"{one.kind} {one.percent} % for {', '.join(_told_filters(one, codes))}"
    if one.starts_on is not None:
        words += f" from {one.starts_on.day} {one.starts_on:%b}"
    return words + (f" until {one.ends_on.day} {one.ends_on:%b}" if one.ends_on is not None else "")


def told_supply(one: SupplyRule) -> str:
    """How lots are offered, in words."""
    parts = ["first expired first out" if one.order == "fefo" else "first in first out"]
    if one.full_packs:
        parts.append("whole packs first")
    if one.one_lot:
        parts.append("one lot where one covers the line")
    if one.pick_face_only:
        parts.append("pick faces only")
    if one.min_life_days:
        parts.append(f"{one.min_life_days} days of life at least")
    return ", ".join(parts)
