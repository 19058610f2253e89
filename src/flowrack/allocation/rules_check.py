"""Whether a rule set makes sense: numbers out of range, rules that contradict each other, rules that match nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowrack.allocation.rules import Claim
from flowrack.allocation.rules_check_sites import site_faults
from flowrack.allocation.rules_rank import belongs, counts_for
from flowrack.allocation.types_rules import (
    ANY_CONTRACT,
    FACTORS,
    FILTERS,
    FULL,
    FULL_RUNS,
    LIFE_ORDERS,
    MOST_SECONDS,
    MOST_WEIGHT,
    PROMISES,
    QUOTA_KINDS,
    SEMANTICS,
    ClassRule,
    Quota,
    RuleSet,
)
from flowrack.shared.errors import BadLine

TIERS = ("A", "B", "C")
MOST_RULES = 50
MOST_DAYS = 365
MOST_NAME = 60
FOR_WHOM = tuple(name for name in FILTERS if name != "families")


def faults_of(rules: RuleSet) -> list[BadLine]:
    """All that is wrong with a rule set, contradictions in pairs. Classes are lines 1, 2, ...; quotas follow them,
    then preferences of sites."""
    sites = site_faults(rules.sites, len(rules.classes) + len(rules.quotas) + 1)
    return [*_general(rules), *_classes(rules), *_quotas(rules), *_pairs(rules), *sites]


def unmatched_of(rules: RuleSet, claims: Sequence[Claim], *, today: int) -> set[tuple[str, str]]:
    """Classes and quotas that are for none of these claims: ("Class" or "Quota", name)."""
    left = [0] * len(rules.classes)
    for claim in claims:
        n = next((n for n, one in enumerate(rules.classes) if belongs(claim, one, today=today)), None)
        if n is not None:
            left[n] += 1
    found = {("Class", one.name) for one, count in zip(rules.classes, left, strict=True) if not count}
    return found | {
        ("Quota", quota.name)
        for quota in rules.quotas
        if not any(counts_for(claim, quota) for claim in claims)
    }  # fmt: skip


def told_unmatched(rules: RuleSet, unmatched: set[tuple[str, str]], lines: int) -> list[str]:
    """Rules that are allowed but matched nothing among so many open lines, in words and in their order."""
    found = [
        f"Class “{one.name}” matches none of {lines:,} open lines."
        for one in rules.classes
        if ("Class", one.name) in unmatched
    ]
    return found + [
        f"Quota “{quota.name}” is for none of {lines:,} open lines."
        for quota in rules.quotas
        if ("Quota", quota.name) in unmatched
    ]


def _general(rules: RuleSet) -> Iterator[BadLine]:
    if not 1 <= len(rules.classes) <= MOST_RULES or len(rules.quotas) > MOST_RULES:
        yield BadLine(0, "classes", f"A rule set has 1 to {MOST_RULES} classes and as many quotas at most.", "")
    if not 1 <= rules.fairness_percent <= FULL:
        yield BadLine(0, "fairness_percent", "One customer gets 1 to 100 % of what is free.", "100 = no cap.")
    if rules.horizon_days is not None and not 0 <= rules.horizon_days <= MOST_DAYS:
        yield BadLine(
            0, "horizon_days", f"Stock is promised 0 to {MOST_DAYS} days ahead.", "Leave it empty for no horizon."
        )
    if not 1 <= rules.date_days <= MOST_DAYS:
        yield BadLine(0, "date_days", f"A date loses its urgency within 1 to {MOST_DAYS} days.", "28 is usual.")
    if rules.promises not in PROMISES:
        yield BadLine(
            0, "promises", f"{rules.promises} is nothing that a rule set does with promises.", "keep or rank."
        )
    if rules.full_runs not in FULL_RUNS:
        yield BadLine(0, "full_runs", f"{rules.full_runs} is nothing that a full run shares out by.", "rank or best.")
    if not 1 <= rules.solver_seconds <= MOST_SECONDS:
        yield BadLine(0, "solver_seconds", f"The solver has 1 to {MOST_SECONDS} seconds.", "30 is usual.")
    if rules.supply.order not in LIFE_ORDERS:
        yield BadLine(0, "supply", f"{rules.supply.order} is no order of lots.", f"Choose of {', '.join(LIFE_ORDERS)}.")
    if not 0 <= rules.supply.min_life_days <= 10 * MOST_DAYS:
        yield BadLine(0, "min_life_days", "Remaining life is 0 days or more.", "")


def _classes(rules: RuleSet) -> Iterator[BadLine]:
    names: dict[str, int] = {}
    for n, one in enumerate(rules.classes, start=1):
        if len(one.name) > MOST_NAME or ":" in one.name:
            yield BadLine(n, "name", f"A name has {MOST_NAME} characters at most, and no colon.", "Name it otherwise.")
        if not one.name.strip():
            yield BadLine(n, "name", "A class needs a name.", "People read it in the reasons.")
        elif one.name in names:
            yield BadLine(n, "name", f"Class {names[one.name]} is called “{one.name}”, too.", "Name it otherwise.")
        names.setdefault(one.name, n)
        if one.semantics not in SEMANTICS:
            yield BadLine(
                n, "semantics", f"{one.semantics} is nothing that a class can do.", f"{', '.join(SEMANTICS)}."
            )
        for tier in one.tiers:
            if tier not in TIERS:
                yield BadLine(n, "tiers", f"There is no tier {tier}.", "A, B or C.")
        for name in ("wanted", "margin"):
            low, high = getattr(one, f"{name}_from"), getattr(one, f"{name}_to")
            if low is not None and high is not None and low > high:
                yield BadLine(
                    n, f"{name}_from", f"{low} is above {high}: nothing can be in between.", "Turn them round."
                )
        for name in FACTORS:
            if not 0 <= getattr(one.weights, name) <= MOST_WEIGHT:
                yield BadLine(n, f"weight_{name}", f"A weight is 0 to {MOST_WEIGHT:,}.", "")
        yield from _days_of(n, one)


def _days_of(n: int, one: ClassRule) -> Iterator[BadLine]:
    if one.life_days is not None and not 0 <= one.life_days <= 10 * MOST_DAYS:
        yield BadLine(n, "life_days", "Remaining life is 0 days or more.", "Empty: as the customer asks.")
    if one.horizon_days is not None and not 0 <= one.horizon_days <= MOST_DAYS:
        yield BadLine(
            n, "horizon_days", f"Stock is promised 0 to {MOST_DAYS} days ahead.", "Empty: as the rule set says."
        )


def _quotas(rules: RuleSet) -> Iterator[BadLine]:
    names: dict[str, int] = {}
    for n, one in enumerate(rules.quotas, start=len(rules.classes) + 1):
        if len(one.name) > MOST_NAME or ":" in one.name:
            yield BadLine(n, "name", f"A name has {MOST_NAME} characters at most, and no colon.", "Name it otherwise.")
        if not one.name.strip():
            yield BadLine(n, "name", "A quota needs a name.", "People read it in the reasons.")
        elif one.name in names:
            yield BadLine(n, "name", f"Another quota is called “{one.name}”, too.", "Name it otherwise.")
        names.setdefault(one.name, n)
        if one.kind not in QUOTA_KINDS:
            yield BadLine(n, "kind", f"{one.kind} is no kind of quota.", "protect or limit.")
        if not (1 if one.kind == "protect" else 0) <= one.percent <= FULL:
            yield BadLine(n, "percent", f"{one.percent} % of an item's stock makes no sense.", "1 to 100.")
        for tier in one.tiers:
            if tier not in TIERS:
                yield BadLine(n, "tiers", f"There is no tier {tier}.", "A, B or C.")
        if not any(getattr(one, name) for name in FOR_WHOM):
            said = f"“{one.name}” is for nobody in particular."
            yield BadLine(n, "tiers", said, "Name tiers, customers, channels, order types or contracts.")
        if one.starts_on is not None and one.ends_on is not None and one.starts_on >= one.ends_on:
            yield BadLine(n, "ends_on", "It ends before it starts.", "Turn the days round.")


def _pairs(rules: RuleSet) -> Iterator[BadLine]:
    for second, later in enumerate(rules.classes, start=1):
        for earlier in rules.classes[: second - 1]:
            if _covers(earlier, later):
                yield BadLine(
                    second, "class", f"“{earlier.name}” takes every order that “{later.name}” is for.",
                    f"Put “{later.name}” before it, or narrow “{earlier.name}”.",
                )  # fmt: skip
            if later.semantics == "guarantee" and earlier.semantics != "guarantee":
                yield BadLine(
                    second, "semantics", f"“{later.name}” guarantees, but “{earlier.name}” is served before it.",
                    f"Put “{later.name}” first.",
                )  # fmt: skip
    for n, quota in enumerate(rules.quotas, start=len(rules.classes) + 1):
        yield from _against_classes(n, quota, rules.classes)
        for other in rules.quotas[: n - len(rules.classes) - 1]:
            yield from _two_quotas(n, quota, other)


def _against_classes(n: int, quota: Quota, classes: Sequence[ClassRule]) -> Iterator[BadLine]:
    for one in classes:
        is_same = all(getattr(one, name) == getattr(quota, name) for name in FOR_WHOM)
        if quota.kind == "protect" and is_same and one.semantics in ("hold", "release"):
            yield BadLine(
                n, "kind", f"“{quota.name}” keeps stock for orders to which “{one.name}” gives nothing new.",
                f"End “{quota.name}”, or let “{one.name}” get stock.",
            )  # fmt: skip
        if quota.kind == "limit" and is_same and one.semantics == "guarantee":
            yield BadLine(
                n, "kind", f"“{one.name}” guarantees what “{quota.name}” limits to {quota.percent} %.",
                "Drop one of the two.",
            )  # fmt: skip


def _two_quotas(n: int, one: Quota, other: Quota) -> Iterator[BadLine]:
    same_orders = all(getattr(one, name) == getattr(other, name) for name in FOR_WHOM)
    meet = not one.families or not other.families or set(one.families) & set(other.families)
    if not meet or not _same_time(one, other):
        return
    by_kind = {one.kind: one, other.kind: other}
    if same_orders and set(by_kind) == set(QUOTA_KINDS):
        keeps, lets = by_kind["protect"], by_kind["limit"]
        if keeps.percent > lets.percent:
            yield BadLine(
                n, "percent",
                f"“{keeps.name}” keeps {keeps.percent} % for orders that “{lets.name}” lets have {lets.percent} %.",
                "Keep no more than they may have.",
            )  # fmt: skip
    if one.kind == other.kind == "protect" and not same_orders and one.percent + other.percent > FULL:
        yield BadLine(
            n, "percent",
            f"“{other.name}” and “{one.name}” together keep {one.percent + other.percent} % of the same items.",
            "Keep 100 % at most.",
        )  # fmt: skip


def _same_time(one: Quota, other: Quota) -> bool:
    return not (
        (one.ends_on is not None and other.starts_on is not None and one.ends_on <= other.starts_on)
        or (other.ends_on is not None and one.starts_on is not None and other.ends_on <= one.starts_on)
    )


def _covers(wide: ClassRule, narrow: ClassRule) -> bool:
    """Whether every claim that passes the filters of `narrow` passes those of `wide`."""
    lists = all(
        not getattr(wide, name)
        or (getattr(narrow, name) and set(getattr(narrow, name)) <= set(getattr(wide, name)))
        or (name == "contracts" and ANY_CONTRACT in wide.contracts and narrow.contracts)
        for name in FILTERS
    )
    lows = all(
        _at_least(getattr(narrow, name), getattr(wide, name)) for name in ("wanted_from", "margin_from", "age_from")
    )
    highs = all(_at_most(getattr(narrow, name), getattr(wide, name)) for name in ("wanted_to", "margin_to"))
    return lists and lows and highs


def _at_least(narrow: int | None, wide: int | None) -> bool:
    return wide is None or (narrow is not None and narrow >= wide)


def _at_most(narrow: int | None, wide: int | None) -> bool:
    return wide is None or (narrow is not None and narrow <= wide)
