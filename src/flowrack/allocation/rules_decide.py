"""A run, decided in memory: rank, supply, quotas, fairness, horizon and what may be moved. Pure and deterministic.

    decide(rules, inputs) -> Decision

The inputs are all that a run looks at; they are what a certificate stores, so that the same call gives the same answer
at any time later. Where nobody was promised a day, the shipped rules give what `rules.share_out` gives.

Classes that guarantee are served first. Then promises that can be kept are accepted, best rank first (`rules_pegs`),
and what is left is shared out in rank order as far as all of them can still be kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import NamedTuple

from flowrack.allocation import rules as core
from flowrack.allocation.rules import Claim, Free, Pool, Share, Take
from flowrack.allocation.rules_offered import LotWish, had, offered, take_neatly, wished
from flowrack.allocation.rules_pegs import Beside, Demand, Open, Pegs, Supply
from flowrack.allocation.rules_quotas import Caps, Quotas
from flowrack.allocation.rules_rank import Ranked, class_of, rank, with_life
from flowrack.allocation.types_rules import FULL, KEEP, RuleSet

NOTHING: list[Pool] = []
AIMED = "best"  # held back: the same goods are worth more elsewhere
PLAIN = ("", "line", "order")  # held back by nothing but what is lacking
GIVES_BACK = ("share", "release")  # classes whose promises return before anything is given


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
    `packs` are the pack sizes of items. `lots` are lot rules of lines with the lots that their customers had. `coming`
    is supply of items that somebody was promised and that do not suffice for all, `beside` what else is promised of
    them; of items in `watched` there is enough for that now, which two runs at once might change.
    """

    today: date
    claims: list[Claim]
    pools: list[Pool]
    holdings: list[Holding] = field(default_factory=list)
    used: dict[tuple[int, int], int] = field(default_factory=dict)
    packs: dict[int, tuple[int, ...]] = field(default_factory=dict)
    lots: dict[int, LotWish] = field(default_factory=dict)
    coming: list[Supply] = field(default_factory=list)
    beside: list[Beside] = field(default_factory=list)
    watched: frozenset[int] = frozenset()
    aims: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Decision:
    """Shares in the order in which claims were served, the class and score of each, and promises that are taken back.

    A share holds what its claim gains; where the claim's promises went back first, it holds all that it gets now.
    `pegs` are the promises that were looked at, by item.
    """

    ranked: list[Ranked]
    shares: list[Share]
    moved: list[Holding] = field(default_factory=list)
    pegs: dict[int, Pegs] = field(default_factory=dict)


def moves_promises(rules: RuleSet) -> bool:
    """Whether a run by these rules may take promises back."""
    found = {one.semantics for one in rules.classes}
    return not found.isdisjoint(GIVES_BACK) or {"guarantee", "hold"} <= found


def decide(rules: RuleSet, inputs: Inputs) -> Decision:
    """Who gets what of which pool, and why not more."""
    run = _Run(rules, inputs)
    first = run.peg()
    run.serve(range(first, len(run.shares)), is_capped=True)
    if run.aims:
        run.serve_beyond_aims()
    if run.caps is not None:
        run.serve([n for n, share in enumerate(run.shares) if share.missing and share.held_back == "cap"])
    run.guarantee()
    return Decision(run.ranked, run.shares, run.moved, run.pegs)


def contested(rules: RuleSet, inputs: Inputs) -> tuple[list[Claim], list[Pool]]:
    """What stands to be shared out once guarantees are served and what classes share is given back: the claims that may
    get something, each with all that it may get, and the pools with what is free then."""
    run = _Run(rules, inputs)
    first = run.peg()
    claims = [
        run.ranked[n].claim
        for n in range(first, len(run.ranked))
        if run.is_plain or run._allowed(n, 1, is_capped=False)[0]
    ]
    pools = [pool._replace(free=run.free[pool.pool_id]) for of_item in run.by_item.values() for pool in of_item]
    return claims, pools


def kept(rules: RuleSet, inputs: Inputs) -> dict[int, Pegs]:
    """What must stay of each item for promises, whoever asks for it."""
    run = _Run(rules, inputs)
    run.peg(is_asked=True)
    return run.pegs


def are_all_kept(rules: RuleSet, inputs: Inputs) -> bool:
    """Whether all promises that the run looks at can be kept together: then their rank does not matter."""
    run = _Run(rules, inputs)
    run.peg()
    return all(pegs.are_all_kept for pegs in run.pegs.values())


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
        self.coming, self.beside = inputs.coming, inputs.beside
        self.in_line = rank(_with_ranked(claims, inputs.beside), rules, today=inputs.today.toordinal())
        if any(one.life_days for one in rules.classes):
            self.in_line = with_life(self.in_line, rules)
        self.ranked = [one for one in self.in_line if one.claim.line_id > 0] if inputs.beside else self.in_line
        self.pegs: dict[int, Pegs] = {}
        self.even: dict[int, frozenset[int] | None] = {}
        if inputs.holdings:
            self._give_back(inputs.holdings)
        self.shares = [Share(one.claim) for one in self.ranked]
        self.quotas = Quotas(rules.quotas, inputs.used, inputs.today, self.by_item) if rules.quotas else None
        self.caps = Caps(rules.fairness_percent, self.ranked, self.by_item) if rules.fairness_percent < FULL else None
        self.is_neat = rules.supply.full_packs or rules.supply.one_lot
        self.aims = inputs.aims
        self.is_plain = (
            self.quotas is None
            and not self.aims
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
                    is_other = (
                        why == "kept" and share.held_back != why
                    )  # what is kept is told of the line it is kept from
                    self._take_away(share, "order" if is_other else why)

    def serve_beyond_aims(self) -> None:
        """What nobody else could use goes to those who stood back; who still lacks units is told so."""
        aims, self.aims = self.aims, {}
        back = [n for n, share in enumerate(self.shares) if share.missing and share.held_back == AIMED]
        self.serve(back, is_capped=True)
        for n in back:
            share = self.shares[n]
            if share.missing and share.units >= aims.get(share.claim.line_id, 0) and share.held_back in PLAIN:
                share.held_back = AIMED

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
        pools, free = self.by_item.get(claim.item_id, NOTHING), self._open(claim)
        if self.lots and claim.line_id in self.lots:
            pools = wished(share, pools, self.free, self.lots[claim.line_id])
        if self.is_neat:
            take_neatly(share, pools, free, most, self.rules.supply, self.packs.get(claim.item_id, ()))
        else:
            core.take_for(claim, pools, free, most, share)
        got = share.units - before
        share.held_back = why if got == most and share.missing else ""
        if got < most and isinstance(free, Open):
            self._tell_kept(share, pools, free)
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
        aim = self.aims.get(one.claim.line_id)
        if aim is not None and aim - self.shares[n].units < most:
            most, why = max(aim - self.shares[n].units, 0), AIMED
        return most, why

    def _take_away(self, share: Share, why: str) -> None:
        units = share.units
        core.give_back(share, self._open(share.claim), why)
        if self.quotas is not None:
            self.quotas.count(share.claim, -units)
        if self.caps is not None:
            self.caps.count(share.claim, -units)

    def peg(self, *, is_asked: bool = False) -> int:
        """Serve what is guaranteed, then accept the promises that can be kept of what is left; how many were served.

        Only items that somebody was promised and that do not suffice for all are looked at (`is_asked`: all of them).
        """
        first = 0
        while first < len(self.ranked) and self._semantics(first) == "guarantee":
            first += 1
        self.serve(range(first), is_capped=True)
        if self.rules.promises != KEEP or (not self.coming and not self.beside and not self._are_promised()):
            return first
        wanted: dict[int, int] = defaultdict(int)
        missing: dict[int, int] = {}
        for share in self.shares:
            missing[share.claim.line_id] = lacks = share.missing
            wanted[share.claim.item_id] += lacks
        demands: dict[int, list[Demand]] = defaultdict(list)
        for one, lines in self._in_rank():
            claim = one.claim
            if lines:
                wanted[claim.item_id] += claim.units
            if claim.promised_on is not None and self.classes[one.class_no].semantics not in ("hold", "release"):
                units = claim.units if lines else missing[claim.line_id]
                if units:
                    demands[claim.item_id].append(self._demand(claim, units, lines))
        coming: dict[int, list[tuple[date, int]]] = defaultdict(list)
        for supply in self.coming:
            coming[supply.item_id].append((supply.on, supply.units))
        for item_id, of_item in demands.items():
            stock = {pool.pool_id: self.free[pool.pool_id] for pool in self.by_item.get(item_id, NOTHING)}
            in_all, is_even = sum(stock.values()), all(len(demand.pools) == len(stock) for demand in of_item)
            if (in_all or first) and (is_asked or wanted[item_id] > in_all or not is_even):
                self.pegs[item_id] = Pegs(stock, coming[item_id], of_item)
        return first

    def _are_promised(self) -> bool:
        return any(one.claim.promised_on is not None for one in self.ranked)

    def _semantics(self, n: int) -> str:
        return self.classes[self.ranked[n].class_no].semantics

    def _in_rank(self) -> Iterator[tuple[Ranked, int]]:
        """All that may have a promise in rank order; what is beside the run with the number of its lines, claims 0."""
        if not self.beside:
            yield from ((one, 0) for one in self.ranked)
            return
        lines = {one.claim.line_id: one.lines for one in self.beside}
        at = {one.claim.line_id: one for one in self.ranked}
        last = len(self.rules.classes)
        for place in ("ahead", "ranked", "behind"):
            if place == "ranked":
                for one in self.in_line:
                    yield at.get(one.claim.line_id, one), lines.get(one.claim.line_id, 0)
                continue
            for other in self.beside:
                if other.place == place:
                    yield Ranked(other.claim, last, 0), other.lines

    def _demand(self, claim: Claim, units: int, lines: int) -> Demand:
        assert claim.promised_on is not None
        on = max(claim.promised_on, self.today)
        suits = self._even_stock(claim.item_id)
        if claim.lot or suits is None or claim.line_id in self.lots:
            pools, wish = self.by_item.get(claim.item_id, NOTHING), self.lots.get(claim.line_id)
            suits = frozenset(pool.pool_id for pool in pools if core.suits(claim, pool) and not had(wish, pool))
        return Demand(claim, units, on, suits, claim.policy != "partial", max(lines, 1))

    def _even_stock(self, item_id: int) -> frozenset[int] | None:
        """All pools of an item of which no lot has a date: they suit whoever does not ask for one lot."""
        if item_id not in self.even:
            pools = self.by_item.get(item_id, NOTHING)
            dated = any(pool.expires_on is not None for pool in pools)
            self.even[item_id] = None if dated else frozenset(pool.pool_id for pool in pools)
        return self.even[item_id]

    def _open(self, claim: Claim) -> Free:
        """The free units as a claim may have them."""
        pegs = self.pegs.get(claim.item_id)
        return self.free if pegs is None else Open(self.free, pegs, claim.line_id)

    def _tell_kept(self, share: Share, pools: Sequence[Pool], free: Open) -> None:
        """Note what of the stock that suits a claim stays for whom."""
        kept = [pool for pool in pools if self.free[pool.pool_id] > 0 and core.suits(share.claim, pool)]
        if kept:
            share.held_back = "kept"
            share.kept = sum(self.free[pool.pool_id] for pool in kept)
            share.keeper = free.pegs.keeper(share.claim.line_id, kept[0].pool_id)

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
                is_fit = core.suits(one.claim, pool) and not had(self.lots.get(one.claim.line_id), pool)
                units = min(share.missing, holding.units) if is_fit else 0
                if units:
                    share.takes.append(Take(pool, units))
                    share.units += units
                    self.moved.append(holding._replace(units=units))
                if holding.units > units:
                    left.append(holding._replace(units=holding.units - units))
            self.kept[one.claim.item_id] = left


def _with_ranked(claims: Sequence[Claim], beside: Sequence[Beside]) -> Sequence[Claim]:
    return [*claims, *(one.claim for one in beside if one.place == "ranked")] if beside else claims
