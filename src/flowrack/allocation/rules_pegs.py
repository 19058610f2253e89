"""What must stay so that given promises can be kept: promised units pegged to supply. Pure, whole numbers only.

A demand may be served by stock that suits it and by what can leave by its promised day. Demands are accepted in rank
order as long as all accepted ones can be kept together; as supplies that meet a day contain those that meet an earlier
one, this is exact: whoever can be kept is kept, the best ranks first. It is the same as pegging each demand to the
latest supply that still meets its day and to stock last, but leaves open who gets which unit: a claim may take stock
as long as the accepted promises of all others can still be kept, so of two that can, the better rank has its units
first, and the other takes the risk of what is to come.

A place is a number of arrivals: place 0 has stock alone, place 2 stock and what arrives on the first two days. For each
set of pools and each place the slack is what is there less what was accepted of it; it never falls below zero.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from flowrack.allocation.rules import Claim, Free, Keeper

KINDS = 4  # what stands beside a run has a number below zero: a multiple of it less its kind
MOST_SETS = 64  # sets of pools that are looked at; beyond it only those that single demands ask for


class Supply(NamedTuple):
    """Units that can leave from a day on, as promises count it; PO line 0: at the dock, in inspection, a transfer."""

    item_id: int
    on: date
    units: int
    po_line_id: int = 0
    number: str = ""


class Beside(NamedTuple):
    """Promised units that no claim of the run stands for: a quote, or (`lines`) lines that are not in the run.

    `place`: ranked among the claims, ahead of them all, or behind them all.
    """

    claim: Claim
    place: str = "ranked"
    lines: int = 1


def summed(claims: Iterable[Claim], place: str) -> list[Beside]:
    """Promised claims as what stands beside a run, those alike in one: by item, day, lot, and how long it must keep."""
    found: dict[tuple[int, date, str, date, bool], list[Claim]] = {}
    for claim in claims:
        assert claim.promised_on is not None
        fresh = claim.ship_on + timedelta(days=max(claim.min_life_days, 0))
        key = (claim.item_id, claim.promised_on, claim.lot, fresh, claim.policy != "partial")
        found.setdefault(key, []).append(claim)
    return [
        Beside(
            group[0]._replace(
                line_id=-group[0].line_id * KINDS,
                units=sum(claim.units for claim in group),
                policy="partial",
                ship_on=fresh,
                min_life_days=0,
            ),
            place,
            len(group),
        )
        for (_, _, _, fresh, _), group in found.items()
    ]


class Demand(NamedTuple):
    """Units that were promised for a day, with the pools that suit them; `is_whole`: in part they are no use."""

    claim: Claim
    units: int
    on: date
    pools: frozenset[int]
    is_whole: bool = False
    lines: int = 1


class Pegs:
    """The promised demands of one item at one site, and what of its stock may be given to whom."""

    def __init__(self, stock: Mapping[int, int], coming: Iterable[tuple[date, int]], demands: Sequence[Demand]) -> None:
        by_day: dict[date, int] = {}
        for on, units in coming:
            by_day[on] = by_day.get(on, 0) + units
        days = sorted(by_day)
        self.demands = {demand.claim.line_id: demand for demand in demands}
        self.places = {demand.claim.line_id: bisect_right(days, demand.on) for demand in demands}
        self.sets = _sets(frozenset(stock), [demand.pools for demand in demands])
        self.slack: list[list[int]] = []
        for pools in self.sets:
            row = [sum(stock[pool_id] for pool_id in pools)]
            for day in days:
                row.append(row[-1] + by_day[day])
            self.slack.append(row)
        self.is_even = len(self.sets) == 1  # all stock will do for all demands, which is the common case
        self.accepted = {demand.claim.line_id: self._accept(demand) for demand in demands}
        # What was accepted less what was got; below zero where a claim got more.
        self._due = {line_id: units for line_id, units in self.accepted.items() if units}
        self._moves = 0
        self._told: tuple[int, dict[tuple[int, int], Keeper | None]] = (0, {})

    def _accept(self, demand: Demand) -> int:
        """How many units of a demand can be kept beside those before it."""
        place = self.places[demand.claim.line_id]
        if self.is_even:
            rows = self.slack
            units = min(demand.units, *rows[0][place:])
        else:
            rows = [row for pools, row in zip(self.sets, self.slack, strict=True) if demand.pools <= pools]
            units = min(demand.units, *(min(row[place:]) for row in rows))
        if demand.is_whole and units < demand.units:
            return 0
        if units:
            for row in rows:
                for n in range(place, len(row)):
                    row[n] -= units
        return units

    @property
    def are_all_kept(self) -> bool:
        """Whether every promise can be kept."""
        return all(self.accepted[line_id] == demand.units for line_id, demand in self.demands.items())

    @property
    def kept(self) -> int:
        """Units of the stock at hand that must stay so that all accepted promises can be kept."""
        row = self.slack[-1]  # of all pools, the largest of the sets
        here = row[0] + sum(self.left(line_id) for line_id, place in self.places.items() if place == 0)
        return here - max(min(row), 0)

    def kept_for(self) -> list[tuple[Demand, int]]:
        """The promises that were accepted with their units, the soonest day first."""
        found = [(demand, units) for line_id, demand in self.demands.items() if (units := self.accepted[line_id])]
        return sorted(found, key=lambda pair: (pair[0].on, pair[0].claim.number))

    def left(self, line_id: int) -> int:
        """Units that were accepted of a demand and that it has not got yet."""
        due = self._due.get(line_id, 0)
        return due if due > 0 else 0

    def room(self, line_id: int, pool_id: int) -> int:
        """How many units of a pool a claim may have while all others that were accepted can still be kept."""
        if self.is_even:
            most = self._most(0, line_id)
            return most if most > 0 else 0
        return max(0, min(self._most(n, line_id) for n, pools in enumerate(self.sets) if pool_id in pools))

    def _most(self, n: int, line_id: int) -> int:
        """The most units that a claim may have of a set of pools."""
        row, due = self.slack[n], self._due.get(line_id, 0)
        if due <= 0 or not (self.is_even or self.demands[line_id].pools <= self.sets[n]):
            return min(row)
        place = self.places[line_id]
        return min(min(row[place:]) + due, *row[:place]) if place else min(row) + due

    def take(self, line_id: int, pool_id: int, units: int) -> None:
        """A claim got units of a pool, or (negative) gave them back."""
        self._moves += 1
        due, served, place = self._due.get(line_id), 0, 0
        if due is not None:
            self._due[line_id] = due - units
            served, place = max(due, 0) - max(due - units, 0), self.places[line_id]
        for pools, row in zip(self.sets, self.slack, strict=True):
            own = served if served and (self.is_even or self.demands[line_id].pools <= pools) else 0
            less = units if self.is_even or pool_id in pools else 0
            if less or own:
                row[:] = [slack - less + (own if n >= place else 0) for n, slack in enumerate(row)]

    def keeper(self, line_id: int, pool_id: int) -> Keeper | None:
        """For whom what is left of a pool is kept from a claim; None where it is not kept."""
        if self._told[0] != self._moves:
            self._told = (self._moves, {})
        _, n = min((self._most(n, line_id), n) for n, pools in enumerate(self.sets) if pool_id in pools)
        row = self.slack[n]
        place = row.index(min(row))
        known = self._told[1]
        if (n, place) not in known:
            known[n, place] = self._keeper(n, place)
        return known[n, place]

    def _keeper(self, n: int, place: int) -> Keeper | None:
        found = [
            demand
            for line_id, demand in self.demands.items()
            if self.left(line_id) and self.places[line_id] <= place and demand.pools <= self.sets[n]
        ]
        if not found:
            return None
        lines, on = sum(demand.lines for demand in found), max(d.claim.promised_on or d.on for d in found)
        return Keeper(found[0].claim.order_id, found[0].claim.number, lines, on)


class Open:
    """Free units by pool as one claim may have them: what must stay for promises of others is left out.

    What is taken from it, or put back, is counted. Nobody else takes of the pools while one claim looks at them, so
    what it saw last of a pool is what it changes.
    """

    __slots__ = ("free", "line_id", "pegs", "seen")

    def __init__(self, free: Free, pegs: Pegs, line_id: int) -> None:
        self.free, self.pegs, self.line_id = free, pegs, line_id
        self.seen = (0, 0)  # the pool that was looked at last, and what it had

    def __getitem__(self, pool_id: int) -> int:
        left = self.free[pool_id]
        if left > 0:
            left = min(left, self.pegs.room(self.line_id, pool_id))
        self.seen = (pool_id, left)
        return left

    def __setitem__(self, pool_id: int, units: int) -> None:
        at, had = self.seen
        change = (had if at == pool_id else self[pool_id]) - units
        if change:
            self.seen = (0, 0)
            self.free[pool_id] -= change
            self.pegs.take(self.line_id, pool_id, change)


def _sets(everything: frozenset[int], asked: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """All pools, and each set of pools that demands share: these bound what can be kept."""
    single = sorted(set(asked) - {everything}, key=sorted)
    if not single:
        return [everything]
    found = {everything}
    for pools in single:
        found |= {pools, *(pools | other for other in found)}
        if len(found) > MOST_SETS:
            found = {everything, *single}
            break
    return sorted(found, key=lambda pools: (len(pools), sorted(pools)))
