"""A rule set tried on history: day by day, what would have left, and what that is worth. Pure; nothing is promised.

    shipped = simulate(rules, history)
    figures = measure(history, shipped)  # rules_figures

Goods come and go on the days on which they did, but for what left on orders: that is decided by the rule set. Each day
the goods of the day arrive, the orders of the day come in, the rules share out what is free, and what is promised
leaves on the day that was first told to the customer, or else on its ship-by day; later where it is promised later.
Rules that keep promised days keep stock apart for them, as a run does: goods to come are foreseen on the days on which
they came.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_decide import Decision, Holding, Inputs, decide, moves_promises
from flowrack.allocation.rules_pegs import Supply
from flowrack.allocation.rules_quotas import ALL
from flowrack.allocation.rules_rank import counts_for, is_timeless
from flowrack.allocation.types_rules import FULL, KEEP, RuleSet

NOTHING: Sequence[tuple[int, int]] = ()
FAR = 10**18  # units beyond any
Shipped = dict[int, list[tuple[int, int]]]  # line -> (day, units), days as ordinals


class PastLine(NamedTuple):
    """An order line as it came in: `claim.units` are what it waited for when the period began, or was ordered.

    Days are ordinals; `came_on` is the first day of the period for what was ordered before it. `promised_on` is 0
    without a promise, `unit_cost` None where it is not known.
    """

    claim: Claim
    came_on: int
    unit_price: Decimal
    unit_cost: Decimal | None
    promised_on: int = 0


@dataclass(slots=True)
class History:
    """What happened at a site from a day to a day. `pools` hold what was there before the first day; `moved` are units
    that came (or, negative, went otherwise than on orders) by day; `left` what left on orders as it happened."""

    first_on: date
    last_on: date
    lines: list[PastLine]
    pools: list[Pool]
    moved: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)
    packs: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    left: Shipped = field(default_factory=dict)


def simulate(rules: RuleSet, history: History, tell: Callable[[date], None] = lambda _: None) -> Shipped:
    """What would have left on which day by these rules. `tell` hears of each day that is over."""
    house = _House(rules, history)
    arriving: dict[int, list[PastLine]] = defaultdict(list)
    for line in history.lines:
        arriving[line.came_on].append(line)
    day = history.first_on
    while day <= history.last_on:
        house.play(day, arriving.get(day.toordinal(), []), history.moved.get(day.toordinal(), []))
        tell(day)
        day += timedelta(days=1)
    return house.shipped


class _House:
    """The stock, the open lines and the promises of a site while history is played."""

    def __init__(self, rules: RuleSet, history: History) -> None:
        self.rules, self.history = rules, history
        self.moves = moves_promises(rules)
        self.looks_at_all = self.moves or rules.fairness_percent < FULL
        # Items whose goods or lines moved since they were decided; None where every day may say another thing.
        self.changed: set[int] | None = set() if self.moves and is_timeless(rules) else None
        self.pools = {pool.pool_id: pool for pool in history.pools}
        self.free = {pool.pool_id: pool.free for pool in history.pools}
        self.pools_of: dict[int, list[int]] = defaultdict(list)
        for pool in history.pools:
            self.pools_of[pool.item_id].append(pool.pool_id)
        self.claims: dict[int, Claim] = {}
        self.due: dict[int, int] = {}  # line -> the day on which it leaves if it is promised by then
        self.waiting: dict[int, int] = {}  # line -> units without a promise
        self.of_item: dict[int, set[int]] = defaultdict(set)  # lines that may be sent in part or alone
        self.of_order: dict[int, set[int]] = defaultdict(set)  # lines of orders that go whole
        self.lacks: dict[int, int] = {}  # order that goes whole -> a line of it that could not be had
        self.held: dict[int, dict[int, int]] = {}  # line -> pool -> promised units that have not left
        self.held_of: dict[int, int] = defaultdict(int)  # item -> the same
        self.ready: dict[int, list[int]] = {}  # order -> units promised or left, units in all
        self.in_stock: dict[int, int] = {}  # free units of items that have some
        for item_id in self.pools_of:
            self._look(item_id)
        self.shipped: Shipped = defaultdict(list)
        self.keeps = rules.promises == KEEP and any(line.promised_on for line in history.lines)
        self.to_come: dict[int, list[tuple[int, int]]] = defaultdict(list)  # item -> day, units; where days are kept
        if self.keeps:
            for day in sorted(history.moved):
                for pool_id, units in history.moved[day]:
                    if units > 0:
                        self.to_come[self.pools[pool_id].item_id].append((day, units))

    def play(self, day: date, came: Sequence[PastLine], moved: Sequence[tuple[int, int]]) -> None:
        """One day: goods, orders, the rules, and what leaves."""
        for pool_id, units in moved:
            self.free[pool_id] += units
            self._look(self.pools[pool_id].item_id)
            self._change(self.pools[pool_id].item_id)
        for line in came:
            self._come(line)
        lines = self._to_decide()
        if lines:
            self._settle(decide(self.rules, self._inputs(day, lines)))
        self._leave(day)

    def _come(self, line: PastLine) -> None:
        claim = line.claim
        wanted = claim.ship_on.toordinal()
        if self.keeps and line.promised_on:
            claim = claim._replace(promised_on=date.fromordinal(line.promised_on))
        self.claims[claim.line_id] = claim
        self.due[claim.line_id] = min(wanted, line.promised_on) if line.promised_on else wanted
        self.waiting[claim.line_id] = claim.units
        self._remember(claim)
        self._change(claim.item_id)
        sums = self.ready.setdefault(claim.order_id, [0, 0])
        sums[1] += claim.units

    def _change(self, item_id: int) -> None:
        if self.changed is not None:
            self.changed.add(item_id)

    def _look(self, item_id: int) -> None:
        """Note how much of an item is free. What was lost though it had left already is owed by what comes."""
        units = sum(free for pool_id in self.pools_of[item_id] if (free := self.free[pool_id]) > 0)
        if units:
            self.in_stock[item_id] = units
        else:
            self.in_stock.pop(item_id, None)

    def _to_decide(self) -> list[int]:
        """The lines that a run of today could serve: those of items in stock, what goes whole only if all is there.

        Where promises move, or one customer is capped, all lines of items of which units are free or promised are
        looked at.
        """
        if self.looks_at_all:
            return self._all_at_stake()
        items = self.in_stock.keys() & self.of_item.keys()
        found = [line_id for item_id in items for line_id in self.of_item[item_id]]
        for order_id, lines in self.of_order.items():
            if self._is_all_there(order_id, lines) or self._is_promised(lines, self.in_stock.keys()):
                found += lines
        return sorted(found)

    def _is_promised(self, lines: set[int], items: Set[int]) -> bool:
        """Whether an order that goes whole was told a day for which goods of these items may have to stay."""
        return self.keeps and any(
            self.claims[line_id].promised_on is not None and self.claims[line_id].item_id in items for line_id in lines
        )

    def _all_at_stake(self) -> list[int]:
        items = self.in_stock.keys() | {item_id for item_id, units in self.held_of.items() if units}
        orders = [lines for lines in self.of_order.values() if self._is_at_stake(lines, items)]
        if self.changed is not None:
            items, orders = self._touched(items & self.changed, orders)
            self.changed.clear()
        found = [line_id for item_id in items & self.of_item.keys() for line_id in self.of_item[item_id]]
        for lines in orders:
            found += lines
        return sorted(found)

    def _is_at_stake(self, lines: set[int], items: Set[int]) -> bool:
        """Whether an order that goes whole could get or lose something. One that waits for more than is there, and has
        nothing, cannot; a cap for each customer counts it all the same."""
        if self._is_promised(lines, items):
            return True
        at_stake = False
        for line_id in lines:
            item_id = self.claims[line_id].item_id
            at_stake = at_stake or item_id in items
            there = self.in_stock.get(item_id, 0) + self.held_of.get(item_id, 0)
            if self.waiting[line_id] > there and self.changed is not None:
                return any(self.held.get(one) for one in lines)
        return at_stake

    def _touched(self, items: set[int], orders: Sequence[set[int]]) -> tuple[set[int], list[set[int]]]:
        """Items, and those that hang together with them through orders that go whole; and these orders."""
        by_item: dict[int, list[int]] = defaultdict(list)
        for n, lines in enumerate(orders):
            for line_id in lines:
                by_item[self.claims[line_id].item_id].append(n)
        found, ahead, taken = set(items), list(items), set()
        while ahead:
            for n in by_item.get(ahead.pop(), ()):
                if n in taken:
                    continue
                taken.add(n)
                more = {self.claims[line_id].item_id for line_id in orders[n]} - found
                found |= more
                ahead += more
        return found, [orders[n] for n in sorted(taken)]

    def _could_have(self, line_id: int) -> bool:
        return self.in_stock.get(self.claims[line_id].item_id, 0) >= self.waiting[line_id]

    def _is_all_there(self, order_id: int, lines: set[int]) -> bool:
        """Whether each line of an order could be had; looks first at the one that could not be had the last time."""
        before = self.lacks.get(order_id)
        if before in lines and not self._could_have(before):
            return False
        missing = next((line_id for line_id in lines if not self._could_have(line_id)), None)
        if missing is not None:
            self.lacks[order_id] = missing
        return missing is None

    def _inputs(self, day: date, lines: Sequence[int]) -> Inputs:
        claims = []
        today = day.toordinal()
        for line_id in lines:
            claim = self.claims[line_id]
            ready, in_all = self.ready[claim.order_id]
            age = max(today - claim.age, 0)  # a claim of history holds the day on which it was ordered
            claims.append(claim._replace(units=self.waiting[line_id], age=age, ready=ready, of_order=in_all))
        items = sorted({claim.item_id for claim in claims})
        pools = [
            self.pools[pool_id]._replace(free=max(self.free[pool_id], 0), face=max(self.free[pool_id], 0))
            for item_id in items
            for pool_id in self.pools_of[item_id]
            if self.moves or self.free[pool_id] > 0
        ]
        holdings = list(self._holdings(lines)) if self.moves else []
        coming = list(self._coming(today, claims)) if self.keeps else []
        return Inputs(day, claims, pools, holdings, self._used(items), dict(self.history.packs), coming=coming)

    def _coming(self, today: int, claims: Sequence[Claim]) -> Iterator[Supply]:
        """What comes by the last promised day of each item, from tomorrow on."""
        last: dict[int, int] = {}
        for claim in claims:
            if claim.promised_on is not None:
                last[claim.item_id] = max(last.get(claim.item_id, 0), claim.promised_on.toordinal())
        for item_id, by in last.items():
            to_come = self.to_come.get(item_id, NOTHING)
            for day, units in to_come[bisect_right(to_come, (today, FAR)) :]:
                if day > by:
                    break
                yield Supply(item_id, date.fromordinal(day), units)

    def _holdings(self, lines: Sequence[int]) -> Iterator[Holding]:
        for line_id in lines:
            for pool_id, units in sorted(self.held.get(line_id, {}).items()):
                yield Holding(line_id, pool_id, units)

    def _used(self, items: Sequence[int]) -> dict[tuple[int, int], int]:
        """Promised units that quotas count, by quota and item."""
        used: dict[tuple[int, int], int] = {}
        if not self.rules.quotas:
            return used
        wanted = set(items)
        for line_id, of_pool in self.held.items():
            claim = self.claims[line_id]
            if claim.item_id not in wanted:
                continue
            units = sum(of_pool.values())
            numbers = [n for n, quota in enumerate(self.rules.quotas) if counts_for(claim, quota)]
            for n in (*numbers, ALL):
                used[n, claim.item_id] = used.get((n, claim.item_id), 0) + units
        return used

    def _settle(self, decision: Decision) -> None:
        """Book what a run decided: promises that went back, and those that were given."""
        for holding in decision.moved:
            of_pool = self.held[holding.line_id]
            of_pool[holding.pool_id] -= holding.units
            if not of_pool[holding.pool_id]:
                del of_pool[holding.pool_id]
            self.free[holding.pool_id] += holding.units
            self._promised(holding.line_id, -holding.units)
        for share in decision.shares:
            if not share.units:
                continue
            line_id = share.claim.line_id
            of_pool = self.held.setdefault(line_id, {})
            for take in share.takes:
                of_pool[take.pool.pool_id] = of_pool.get(take.pool.pool_id, 0) + take.units
                self.free[take.pool.pool_id] -= take.units
            self._promised(line_id, share.units)
        for item_id in {share.claim.item_id for share in decision.shares}:
            self._look(item_id)

    def _promised(self, line_id: int, units: int) -> None:
        claim = self.claims[line_id]
        self.waiting[line_id] -= units
        self.held_of[claim.item_id] += units
        self.ready[claim.order_id][0] += units
        if self.waiting[line_id] or self.moves:
            self._remember(claim)
        else:
            self._forget(claim)

    def _remember(self, claim: Claim) -> None:
        """The line waits."""
        if claim.policy == "complete":
            self.of_order[claim.order_id].add(claim.line_id)
        else:
            self.of_item[claim.item_id].add(claim.line_id)

    def _forget(self, claim: Claim) -> None:
        """The line waits for nothing any more."""
        index, key = (self.of_order, claim.order_id) if claim.policy == "complete" else (self.of_item, claim.item_id)
        lines = index.get(key)
        if lines is not None:
            lines.discard(claim.line_id)
            if not lines:
                del index[key]

    def _leave(self, day: date) -> None:
        """What is promised and due leaves."""
        due = [line_id for line_id in self.held if self.due[line_id] <= day.toordinal()]
        for line_id in due:
            units = sum(self.held.pop(line_id).values())
            self.held_of[self.claims[line_id].item_id] -= units
            self._change(self.claims[line_id].item_id)
            if units:
                self.shipped[line_id].append((day.toordinal(), units))
            if not self.waiting[line_id] and self.moves:
                self._forget(self.claims[line_id])
