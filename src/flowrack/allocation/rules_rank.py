"""The rank of claims: hard classes first, in each a score, ties as they always were. Pure, whole numbers only."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from flowrack.allocation.rules import Claim
from flowrack.allocation.types_rules import ANY_CONTRACT, FULL, ClassRule, Quota, RuleSet, Weights

OTHERS = ClassRule("All other orders")  # for what no class of a rule set lets pass
TIER_POINTS = {"A": 100, "B": 50, "C": 0}
WHOLE_POINTS = {"complete": 100, "line": 50}
UNKNOWN = -1  # a margin that nobody knows


class Points(NamedTuple):
    """Points of each factor for one claim, 0 to 100."""

    tier: int
    date: int
    margin: int
    age: int
    consolidation: int
    whole: int = 0

    def score(self, weights: Weights) -> int:
        """The weighted sum."""
        return (
            self.tier * weights.tier
            + self.date * weights.date
            + self.margin * weights.margin
            + self.age * weights.age
            + self.consolidation * weights.consolidation
            + self.whole * weights.whole
        )


class Ranked(NamedTuple):
    """A claim with its place: the class (its index; one past the last for all others) and the score in it."""

    claim: Claim
    class_no: int
    score: int


def points_of(claim: Claim, *, today: int, date_days: int) -> Points:
    """The points of a claim. A date counts 100 today and 0 from `date_days` on; a day of age counts 1; the margin its
    percent; consolidation the percent of the order that is promised or picked already; whole 100 for an order that is
    not split and 50 for a line that is not. What is not known counts 0."""
    days = max(claim.ship_on.toordinal() - today, 0)
    return Points(
        tier=TIER_POINTS.get(claim.tier, 0),
        date=FULL * max(date_days - days, 0) // date_days if date_days > 0 else 0,
        margin=min(max(claim.margin, 0), FULL),
        age=min(max(claim.age, 0), FULL),
        consolidation=min(FULL * claim.ready // claim.of_order, FULL) if claim.of_order > 0 else 0,
        whole=WHOLE_POINTS.get(claim.policy, 0),
    )


def belongs(claim: Claim, to: ClassRule, *, today: int) -> bool:
    """Whether the filters of a class let a claim pass. A margin that is not known passes no margin band."""
    if (
        (to.tiers and claim.tier not in to.tiers)
        or (to.customers and claim.customer not in to.customers)
        or (to.families and claim.family not in to.families)
        or not _passes_sorts(claim, to)
    ):
        return False
    days = max(claim.ship_on.toordinal() - today, 0)
    if (to.wanted_from is not None and days < to.wanted_from) or (to.wanted_to is not None and days > to.wanted_to):
        return False
    if to.margin_from is not None and (claim.margin == UNKNOWN or claim.margin < to.margin_from):
        return False
    if to.margin_to is not None and (claim.margin == UNKNOWN or claim.margin > to.margin_to):
        return False
    return to.age_from is None or claim.age >= to.age_from


def _passes_sorts(claim: Claim, to: ClassRule | Quota) -> bool:
    """Whether channel, order type and contract of a claim stand in the lists of a filter."""
    return (
        (not to.channels or claim.channel in to.channels)
        and (not to.order_types or claim.order_type in to.order_types)
        and (
            not to.contracts
            or claim.contract in to.contracts
            or (claim.contract != "" and ANY_CONTRACT in to.contracts)
        )
    )


def counts_for(claim: Claim, quota: Quota) -> bool:
    """Whether a quota is for this claim."""
    return (
        (not quota.tiers or claim.tier in quota.tiers)
        and (not quota.customers or claim.customer in quota.customers)
        and (not quota.families or claim.family in quota.families)
        and _passes_sorts(claim, quota)
    )


def class_of(rules: RuleSet, class_no: int) -> ClassRule:
    """The class behind its number."""
    return rules.classes[class_no] if class_no < len(rules.classes) else OTHERS


def with_life(ranked: Sequence[Ranked], rules: RuleSet) -> list[Ranked]:
    """Claims with the remaining life that their class asks for, where it is more than they ask for."""
    found = []
    for one in ranked:
        floor = class_of(rules, one.class_no).life_days or 0
        claim = one.claim
        found.append(one if claim.min_life_days >= floor else one._replace(claim=claim._replace(min_life_days=floor)))
    return found


def rank(claims: Sequence[Claim], rules: RuleSet, *, today: int) -> list[Ranked]:
    """Claims in the order in which they are served; an order that goes only complete stays together.

    Classes that may only improve are served after all others. Inside a class the higher score goes first; ties go by
    tier, requested date, age of the order, its id, the line. A complete order takes the best place of its lines.
    """
    last = len(rules.classes)
    if last == 1 and rules.classes[0] == ClassRule(rules.classes[0].name):
        return [Ranked(claim, 0, 0) for claim in sorted(claims, key=_TIES)]
    found: list[tuple[tuple[int, int, int, str, int, int, int, int], Ranked]] = []
    best: dict[int, tuple[int, int, int]] = {}
    for claim in claims:
        class_no = next((n for n, one in enumerate(rules.classes) if belongs(claim, one, today=today)), last)
        weights = class_of(rules, class_no).weights
        score = 0
        if weights != NO_WEIGHTS:
            score = points_of(claim, today=today, date_days=rules.date_days).score(weights)
        late = 1 if class_of(rules, class_no).semantics == "improve" else 0
        place = (late, class_no, -score)
        if claim.policy == "complete":
            best[claim.order_id] = min(best.get(claim.order_id, place), place)
        key = (*place, claim.tier, claim.ship_on.toordinal(), claim.ordered_at, claim.order_id, claim.line_no)
        found.append((key, Ranked(claim, class_no, score)))
    if best:
        found = [
            ((*best.get(one.claim.order_id, key[:3]), *key[3:]), _in_class(one, best.get(one.claim.order_id)))
            for key, one in found
        ]
    found.sort(key=lambda pair: pair[0])
    return [one for _, one in found]


NO_WEIGHTS = Weights()
_TIES = attrgetter("tier", "ship_on", "ordered_at", "order_id", "line_no")
GIVES_WAY = {"guarantee": 0, "hold": 2, "release": 3}  # all others: 1


def standing_of(semantics: str) -> int:
    """How long a class keeps its promises when some must give way: release first, then hold, a guarantee last."""
    return GIVES_WAY.get(semantics, 1)


def _in_class(one: Ranked, place: tuple[int, int, int] | None) -> Ranked:
    return one if place is None else Ranked(one.claim, place[1], -place[2])


def is_timeless(rules: RuleSet) -> bool:
    """Whether the same goods and claims are shared out alike on any day, so that items at rest need no second look."""
    return (
        not rules.quotas
        and rules.fairness_percent == FULL
        and rules.horizon_days is None
        and not (rules.supply.full_packs or rules.supply.one_lot)
        and all(
            one.semantics in ("share", "keep")
            and (one.wanted_from, one.wanted_to, one.age_from, one.horizon_days) == (None, None, None, None)
            and not (one.weights.date or one.weights.age or one.weights.consolidation)
            for one in rules.classes
        )
    )


def looks_at(rules: RuleSet) -> frozenset[str]:
    """What of a claim a rule set needs beside the order: "margin", "family", "ready", "sorts" (channel, order type and
    contract) and "today"."""
    found: set[str] = set()
    for one in rules.classes:
        weights = one.weights
        if weights.margin or one.margin_from is not None or one.margin_to is not None:
            found.add("margin")
        if one.families:
            found.add("family")
        if weights.consolidation:
            found.add("ready")
    if any(quota.families for quota in rules.quotas):
        found.add("family")
    filters: list[ClassRule | Quota] = [*rules.classes, *rules.quotas]
    if any(one.channels or one.order_types or one.contracts for one in filters):
        found.add("sorts")
    if rules != RuleSet(classes=rules.classes) or rules.classes != RuleSet().classes:
        found.add("today")
    return frozenset(found)
