"""A run, decided in memory: rank, supply, quotas, fairness, horizon and what may be moved. Pure and deterministic.

    decide(rules, inputs) -> Decision

The inputs are all that a run looks at; they are what a certificate stores, so that the same call gives the same answer
at any time later. With the shipped rules this gives what `rules.share_out` gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import NamedTuple

from flowrack.allocation import rules as core
from flowrack.allocation.rules import HAD, Claim, Pool, Reject, Share, Take
from flowrack.allocation.rules_quotas import Caps, Quotas
from flowrack.allocation.rules_rank import Ranked, class_of, rank
from flowrack.allocation.types_rules import FULL, RuleSet, SupplyRule

NOTHING: list[Pool] = []
GIVES_BACK = ("share", "release")  # classes whose promises return before anything is given


class LotWish(NamedTuple):
    """A lot rule (same, new) and the lots that the customer had of the item, the last one first."""

    rule: str
    lots: tuple[int, ...]


class Holding(NamedTuple):
    """Units that a claim is promised from a pool and that nobody picks yet."""

    line_id: int
    pool_id: int
    units: int


@dataclass(slots=True)
class Inputs:
    """All that a run looks at.

    `holdings` and pools without free units are read only where promises may be moved (`moves_promises`). `used` are
    units that claims of a quota hold already: (quota, item) -> units; all promised units of an item stand under ALL.
    `packs` are the pack sizes of items. `lots` are lot rules of lines with the lots that their customers had.
    """

    today: date
    claims: list[Claim]
    pools: list[Pool]
    holdings: list[Holding] = field(default_factory=list)
    used: dict[tuple[int, int], int] = field(default_factory=dict)
    packs: dict[int, tuple[int, ...]] = field(default_factory=dict)
    lots: dict[int, LotWish] = field(default_factory=dict)


@dataclass(slots=True)
class Decision:
    """Shares in the order in which claims were served, the class and score of each, and promises that are taken back.

    A share holds what its claim gains; where the claim's promises went back first, it holds all that it gets now.
    """

    ranked: list[Ranked]
    shares: list[Share]
    moved: list[Holding] = field(default_factory=list)


def moves_promises(rules: RuleSet) -> bool:
    """Whether a run by these rules may take promises back."""
    found = {one.semantics for one in rules.classes}
    return not found.isdisjoint(GIVES_BACK) or {"guarantee", "hold"} <= found


def decide(rules: RuleSet, inputs: Inputs) -> Decision:
    """Who gets what of which pool, and why not more."""
    run = _Run(rules, inputs)
    run.serve(range(len(run.shares)), is_capped=True)
    if run.caps is not None:
        run.serve([n for n, share in enumerate(run.shares) if share.missing and share.held_back == "cap"])
    run.guarantee()
    return Decision(run.ranked, run.shares, run.moved)


class _Run:
    """The free units, counters and shares of a run while it is decided."""

    def __init__(self, rules: RuleSet, inputs: Inputs) -> None:
        self.rules, self.today, self.packs, self.lots = rules, inputs.today, inputs.packs, inputs.lots
        self.classes = [class_of(rules, n) for n in range(len(rules.classes) + 1)]
        self.by_item = offered(inputs.pools, rules.supply)
        self.free = {pool.pool_id: pool.free for of_item in self.by_item.values() for pool in of_item}
        self.moved: list[Holding] = []
        self.kept: dict[int, list[Holding]] = defaultdict(list)  # what a guarantee may take, by item
        claims: Sequence[Claim] = inputs.claims
        if rules.supply.min_life_days:
            floor = rules.supply.min_life_days
            claims = [claim._replace(min_life_days=max(claim.min_life_days, floor)) for claim in claims]
        self.ranked = rank(claims, rules, today=inputs.today.toordinal())
        if inputs.holdings:
            self._give_back(inputs.holdings)
        self.shares = [Share(one.claim) for one in self.ranked]
        self.quotas = Quotas(rules.quotas, inputs.used, inputs.today, self.by_item) if rules.quotas else None
        self.caps = Caps(rules.fairness_percent, self.ranked, self.by_item) if rules.fairness_percent < FULL else None
        self.is_neat = rules.supply.full_packs or rules.supply.one_lot
        self.is_plain = (
            self.quotas is None
            and self.caps is None
            and rules.horizon_days is None
            and all(one.semantics not in ("hold", "release") and one.horizon_days is None for one in rules.classes)
        )

    def _give_back(self, holdings: Sequence[Holding]) -> None:
        """Promises of classes that share or release go back before anything is given."""
        place = {one.claim.line_id: n for n, one in enumerate(self.ranked)}
        for holding in holdings:
            n = place[holding.line_id]
            one = self.ranked[n]
            semantics = self.classes[one.class_no].semantics
            if semantics in GIVES_BACK:
                self.free[holding.pool_id] += holding.units
                self.moved.append(holding)
                self.ranked[n] = one._replace(claim=one.claim._replace(units=one.claim.units + holding.units))
            elif semantics == "hold":
                self.kept[one.claim.item_id].append(holding)

    def serve(self, which: Iterable[int], *, is_capped: bool = False) -> None:
        """Give each claim what it wants and may have, complete orders whole or not at all."""
        for _, numbers in groupby(which, key=lambda n: self.ranked[n].claim.order_id):
            group = []
            for n in numbers:
                self._give(n, is_capped=is_capped)
                group.append(self.shares[n])
            for share in group:
                if share.claim.policy == "line" and 0 < share.units < share.claim.units:
                    self._take_away(share, share.held_back or "line")
            if group[0].claim.policy == "complete" and any(share.missing for share in group):
                why = next((share.held_back for share in group if share.held_back), "") or "order"
                for share in group:
                    self._take_away(share, why)

    def _give(self, n: int, *, is_capped: bool) -> None:
        share, claim = self.shares[n], self.ranked[n].claim
        most, why = claim.units - share.units, ""
        if not self.is_plain:
            most, why = self._allowed(n, most, is_capped=is_capped)
            if most <= 0:
                share.held_back = why
                return
        before = share.units
        share.rejects, share.found = [], 0
        pools = self.by_item.get(claim.item_id, NOTHING)
        if self.lots and claim.line_id in self.lots:
            pools = wished(share, pools, self.free, self.lots[claim.line_id])
        if self.is_neat:
            take_neatly(share, pools, self.free, most, self.rules.supply, self.packs.get(claim.item_id, ()))
        else:
            core.take_for(claim, pools, self.free, most, share)
        got = share.units - before
        share.held_back = why if got == most and share.missing else ""
        if self.quotas is not None:
            self.quotas.count(claim, got)
        if self.caps is not None:
            self.caps.count(claim, got)

    def _allowed(self, n: int, wanted: int, *, is_capped: bool) -> tuple[int, str]:
        """How many units a claim may have by class, horizon, quotas and cap; and what stops it from having more."""
        one = self.ranked[n]
        its_class = self.classes[one.class_no]
        if its_class.semantics in ("hold", "release"):
            return 0, its_class.semantics
        horizon = its_class.horizon_days if its_class.horizon_days is not None else self.rules.horizon_days
        if horizon is not None and (one.claim.ship_on - self.today).days > horizon:
            return 0, "early"
        most, why = wanted, ""
        if self.quotas is not None:
            pools = self.by_item.get(one.claim.item_id, NOTHING)
            most, why = self.quotas.room(one.claim, wanted, sum(self.free[pool.pool_id] for pool in pools))
        if is_capped and self.caps is not None:
            room = self.caps.room(one)
            if room < most:
                most, why = room, "cap"
        return most, why

    def _take_away(self, share: Share, why: str) -> None:
        units = share.units
        core.give_back(share, self.free, why)
        if self.quotas is not None:
            self.quotas.count(share.claim, -units)
        if self.caps is not None:
            self.caps.count(share.claim, -units)

    def guarantee(self) -> None:
        """Guaranteed claims that lack units get them from promises that are on hold, the worst rank losing first."""
        if not self.kept:
            return
        place = {one.claim.line_id: n for n, one in enumerate(self.ranked)}
        for share, one in zip(self.shares, self.ranked, strict=True):
            if self.classes[one.class_no].semantics != "guarantee" or share.claim.policy != "partial":
                continue
            pools = {pool.pool_id: pool for pool in self.by_item.get(one.claim.item_id, NOTHING)}
            left: list[Holding] = []
            for holding in sorted(self.kept[one.claim.item_id], key=lambda h: (-place[h.line_id], h.pool_id)):
                pool = pools[holding.pool_id]
                is_fit = core.suits(one.claim, pool) and not _had(self.lots.get(one.claim.line_id), pool)
                units = min(share.missing, holding.units) if is_fit else 0
                if units:
                    share.takes.append(Take(pool, units))
                    share.units += units
                    self.moved.append(holding._replace(units=units))
                if holding.units > units:
                    left.append(holding._replace(units=holding.units - units))
            self.kept[one.claim.item_id] = left


def wished(share: Share, pools: Sequence[Pool], free: dict[int, int], wish: LotWish) -> list[Pool]:
    """The pools as a lot rule wants them: the lot that the customer had last first, or none that he had.

    What is passed over is noted on the share.
    """
    if wish.rule == "same":
        return sorted(pools, key=lambda pool: pool.lot_id != wish.lots[0])
    for pool in pools:
        if _had(wish, pool) and free[pool.pool_id] > 0 and len(share.rejects) < core.NAMED_REJECTS:
            share.rejects.append(Reject(pool, free[pool.pool_id], HAD))
    return [pool for pool in pools if not _had(wish, pool)]


def _had(wish: LotWish | None, pool: Pool) -> bool:
    """Whether the customer had the lot, and takes none twice."""
    return wish is not None and wish.rule == "new" and pool.lot_id in wish.lots


def offered(pools: Iterable[Pool], supply: SupplyRule) -> dict[int, list[Pool]]:
    """Pools by item in the order in which they are offered. Ties go to the earlier pool."""
    if supply.pick_face_only:
        pools = [pool._replace(free=pool.face) for pool in pools]
    ordered = core.fefo_order(pools)
    if supply.order == "fifo":
        ordered.sort(key=lambda pool: (pool.arrival, pool.pool_id))
    by_item: dict[int, list[Pool]] = {}
    for pool in ordered:
        by_item.setdefault(pool.item_id, []).append(pool)
    return by_item


def take_neatly(
    share: Share, pools: Sequence[Pool], free: dict[int, int], most: int, supply: SupplyRule, packs: Iterable[int]
) -> None:
    """Take one lot that covers all before several, or whole packs before loose units, as the rule set says."""
    claim, wanted = share.claim, most
    if supply.one_lot:
        whole = next((pool for pool in pools if free[pool.pool_id] >= most and core.suits(claim, pool)), None)
        if whole is not None:
            pools = [whole]
    if supply.full_packs:
        for factor in sorted(packs, reverse=True):
            for pool in pools:
                units = min(wanted, free[pool.pool_id]) // factor * factor
                if units > 0 and core.suits(claim, pool):
                    free[pool.pool_id] -= units
                    share.takes.append(Take(pool, units))
                    share.units += units
                    share.found += units
                    wanted -= units
    if wanted:
        core.take_for(claim, pools, free, wanted, share)
