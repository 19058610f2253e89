"""A rule set tried on history: day by day, what would have left, and what that is worth. Pure; nothing is promised.

    shipped = simulate(rules, history)
    figures = measure(history, shipped)

Goods come and go on the days on which they did, but for what left on orders: that is decided by the rule set. Each day
the goods of the day arrive, the orders of the day come in, the rules share out what is free, and what is promised
leaves on the day that was first told to the customer, or else on the wanted day; later where it is promised later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_decide import Decision, Holding, Inputs, decide, moves_promises
from flowrack.allocation.rules_quotas import ALL
from flowrack.allocation.rules_rank import counts_for
from flowrack.allocation.types_rules import FULL, RuleSet

ALL_TIERS = ""
WHOLE_PERIOD: date | None = None
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


@dataclass(slots=True)
class Figures:
    """What came of the lines that were wanted in a time, of one tier or of all.

    A line counts whole with its last unit. `late_days` are the days that lines waited after the day on which they were
    wanted, until they were whole or the time was over. `splits` are the shipments of an order beyond its first.
    """

    lines: int = 0
    lines_on_time: int = 0
    lines_whole: int = 0
    units: int = 0
    units_on_time: int = 0
    units_left: int = 0
    late_days: int = 0
    splits: int = 0
    promised: int = 0
    broken: int = 0
    value: Decimal = Decimal(0)
    margin: Decimal = Decimal(0)

    @property
    def unit_fill(self) -> int:
        """Units that left by the day on which they were wanted, in tenths of a percent."""
        return 1000 * self.units_on_time // self.units if self.units else 1000

    @property
    def line_fill(self) -> int:
        """Lines that were whole by that day, likewise."""
        return 1000 * self.lines_on_time // self.lines if self.lines else 1000


NAMES = (
    "lines", "lines_on_time", "lines_whole", "units", "units_on_time", "units_left", "late_days", "splits", "promised",
    "broken", "value", "margin",
)  # fmt: skip
Key = tuple[str, date | None]  # tier ("" = all) and Monday of the week in which it was wanted (None = the whole time)


def measure(history: History, shipped: Shipped) -> dict[Key, Figures]:
    """The figures of the lines that were wanted in the time, by tier and by week."""
    first, last = history.first_on.toordinal(), history.last_on.toordinal()
    found: dict[Key, Figures] = defaultdict(Figures)
    days_of: dict[int, set[int]] = defaultdict(set)  # an order's days of shipment
    key_of: dict[int, tuple[str, date]] = {}
    for line in history.lines:
        wanted = line.claim.ship_on.toordinal()
        if not first <= wanted <= last:
            continue
        left = [(day, units) for day, units in shipped.get(line.claim.line_id, []) if day <= last]
        one = _of_line(line, left, wanted, last)
        monday = line.claim.ship_on - timedelta(days=line.claim.ship_on.weekday())
        key_of.setdefault(line.claim.order_id, (line.claim.tier, monday))
        days_of[line.claim.order_id].update(day for day, _ in left)
        for tier in (line.claim.tier, ALL_TIERS):
            _add(found[tier, WHOLE_PERIOD], one)
            _add(found[tier, monday], one)
    for order_id, days in days_of.items():
        own, monday = key_of[order_id]
        for tier in (own, ALL_TIERS):
            found[tier, WHOLE_PERIOD].splits += max(len(days) - 1, 0)
            found[tier, monday].splits += max(len(days) - 1, 0)
    return dict(found)


def _of_line(line: PastLine, left: Sequence[tuple[int, int]], wanted: int, last: int) -> Figures:
    units = sum(each for _, each in left)
    in_time = sum(each for day, each in left if day <= wanted)
    is_whole = units >= line.claim.units
    ended = max(day for day, _ in left) if is_whole and left else last
    known = line.promised_on and line.promised_on <= last
    return Figures(
        lines=1,
        lines_on_time=int(in_time >= line.claim.units),
        lines_whole=int(is_whole),
        units=line.claim.units,
        units_on_time=in_time,
        units_left=units,
        late_days=max(ended - wanted, 0),
        promised=int(bool(known)),
        broken=int(bool(known) and not (is_whole and ended <= line.promised_on)),
        value=line.unit_price * units,
        margin=(line.unit_price - line.unit_cost) * units if line.unit_cost is not None else Decimal(0),
    )


def _add(to: Figures, one: Figures) -> None:
    for name in NAMES:
        setattr(to, name, getattr(to, name) + getattr(one, name))


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
        self.pools = {pool.pool_id: pool for pool in history.pools}
        self.free = {pool.pool_id: pool.free for pool in history.pools}
        self.pools_of: dict[int, list[int]] = defaultdict(list)
        for pool in history.pools:
            self.pools_of[pool.item_id].append(pool.pool_id)
        self.claims: dict[int, Claim] = {}
        self.due: dict[int, int] = {}  # line -> the day on which it leaves if it is promised by then
        self.waiting: dict[int, int] = {}  # line -> units without a promise
        self.of_item: dict[int, set[int]] = defaultdict(set)
        self.of_order: dict[int, set[int]] = defaultdict(set)
        self.held: dict[int, dict[int, int]] = {}  # line -> pool -> promised units that have not left
        self.ready: dict[int, list[int]] = {}  # order -> units promised or left, units in all
        self.in_stock: set[int] = set()  # items of which units are free
        for item_id in self.pools_of:
            self._look(item_id)
        self.shipped: Shipped = defaultdict(list)

    def play(self, day: date, came: Sequence[PastLine], moved: Sequence[tuple[int, int]]) -> None:
        """One day: goods, orders, the rules, and what leaves."""
        for pool_id, units in moved:
            self.free[pool_id] += units
            self._look(self.pools[pool_id].item_id)
        for line in came:
            self._come(line)
        lines = self._to_decide()
        if lines:
            self._settle(decide(self.rules, self._inputs(day, lines)))
        self._leave(day)

    def _come(self, line: PastLine) -> None:
        claim = line.claim
        wanted = claim.ship_on.toordinal()
        self.claims[claim.line_id] = claim
        self.due[claim.line_id] = min(wanted, line.promised_on) if line.promised_on else wanted
        self.waiting[claim.line_id] = claim.units
        self.of_item[claim.item_id].add(claim.line_id)
        self.of_order[claim.order_id].add(claim.line_id)
        sums = self.ready.setdefault(claim.order_id, [0, 0])
        sums[1] += claim.units

    def _look(self, item_id: int) -> None:
        """Note whether units of an item are free. What was lost though it had left already is owed by what comes."""
        if any(self.free[pool_id] > 0 for pool_id in self.pools_of[item_id]):
            self.in_stock.add(item_id)
        else:
            self.in_stock.discard(item_id)

    def _to_decide(self) -> list[int]:
        """The lines that a run of today could serve: those of items in stock, complete orders only if all are.

        Where promises move, or one customer is capped, all lines of the items are looked at.
        """
        items = set(self.of_item) if self.looks_at_all else self.in_stock & self.of_item.keys()
        found = []
        for item_id in items:
            for line_id in self.of_item[item_id]:
                claim = self.claims[line_id]
                if claim.policy == "complete" and not self.looks_at_all and not self._is_all_there(claim.order_id):
                    continue
                found.append(line_id)
        return sorted(found)

    def _is_all_there(self, order_id: int) -> bool:
        return all(self.claims[line_id].item_id in self.in_stock for line_id in self.of_order[order_id])

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
        return Inputs(day, claims, pools, holdings, self._used(items), dict(self.history.packs))

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
        self.ready[claim.order_id][0] += units
        if self.waiting[line_id] or self.moves:
            self.of_item[claim.item_id].add(line_id)
            self.of_order[claim.order_id].add(line_id)
        else:
            self._forget(claim)

    def _forget(self, claim: Claim) -> None:
        """The line waits for nothing any more."""
        self.of_order[claim.order_id].discard(claim.line_id)
        of_item = self.of_item[claim.item_id]
        of_item.discard(claim.line_id)
        if not of_item:
            del self.of_item[claim.item_id]

    def _leave(self, day: date) -> None:
        """What is promised and due leaves."""
        due = [line_id for line_id in self.held if self.due[line_id] <= day.toordinal()]
        for line_id in due:
            units = sum(self.held.pop(line_id).values())
            if units:
                self.shipped[line_id].append((day.toordinal(), units))
            if not self.waiting[line_id] and self.moves:
                self._forget(self.claims[line_id])
