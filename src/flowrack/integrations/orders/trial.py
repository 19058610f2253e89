"""The quantity rule tried on an order history: what it would have held, and what of that was taken back."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from flowrack.integrations.orders.reader import read_days
from flowrack.integrations.orders.rules import SoldBook, cancelled_pairs
from flowrack.integrations.orders.types import Line, LineClass
from flowrack.sales.queries_holds import LAST_ORDERS
from flowrack.sales.rules_holds import Doubt, Rules, Usual, doubtful_units, judge_quantity

LARGE = 1_000  # units of a line that is large wholesale here
SLIP = 1_000  # three zeros too many
SLIP_EVERY = 50  # every so many lines, once more with the slip
ABSURD = 10_000  # tens of thousands of units


@dataclass(frozen=True, slots=True)
class Held:
    """A line that would have been held, and how much of it was taken back later."""

    document: str
    line_no: int
    item: str
    customer: str
    units: int
    at: datetime
    sentence: str


@dataclass(slots=True)
class Trial:
    """What the rule would have done."""

    lines: int = 0
    judged: int = 0
    large: int = 0
    large_held: int = 0
    slips: int = 0
    slips_held: int = 0
    held: list[Held] = field(default_factory=list)
    undone: Counter[tuple[str, int]] = field(default_factory=Counter)

    def taken_back(self, one: Held) -> bool:
        """Whether the customer took back all of the line."""
        return self.undone[one.document, one.line_no] >= one.units


@dataclass(slots=True)
class _Item:
    """What was ordered of an item until yesterday."""

    units: Counter[int] = field(default_factory=Counter)
    lines: int = 0
    median: Decimal = Decimal(0)
    deviation: Decimal = Decimal(0)
    limit: int | None = None
    greatest: int = 0

    @property
    def usual(self) -> Usual | None:
        """As order entry looks at it; None before the first night."""
        return Usual(self.lines, self.median, self.deviation, self.greatest) if self.lines else None


class _Logs:
    """Logarithms of units, each worked out once."""

    def __init__(self) -> None:
        self._known: dict[int, Decimal] = {}

    def __getitem__(self, units: int) -> Decimal:
        if units not in self._known:
            self._known[units] = Decimal(units).ln()
        return self._known[units]


def try_rules(path: Path, rules: Rules) -> Trial:
    """Judge each sale of the history by what was known the night before, as order entry would."""
    wanted: set[tuple[str, str]] = set()
    for day in read_days(path):
        wanted |= cancelled_pairs(day.lines)
    book, trial, logs, house = SoldBook(wanted), Trial(), _Logs(), _Item()
    items: dict[str, _Item] = {}
    largest: dict[str, deque[tuple[str, int]]] = {}
    for day in read_days(path):
        told: set[str] = set()
        sales = [line for line in day.lines if line.kind is LineClass.SALE]
        same: dict[tuple[str, str], list[int]] = {}
        for line in sales:
            same.setdefault((line.raw.document, line.code), []).append(line.raw.units)
        news: list[tuple[_Item, int]] = []
        for line in day.lines:
            if line.kind is LineClass.SALE:
                book.sell(line)
                item = items.setdefault(line.code, _Item())
                case = _Case(rules, line, item, house, same[line.raw.document, line.code])
                if _judge(trial, case, largest.setdefault(line.raw.customer, deque())) is None:
                    news += [(item, line.raw.units), (house, line.raw.units)]
                    told.add(line.code)
            elif line.kind is LineClass.CANCELLATION:
                for part in book.cancel(line).parts:
                    trial.undone[part.document, part.line_no] += part.units
        for item, units in news:
            item.units[units] += 1
        for item in [house, *(items[code] for code in told)] if news else []:
            _tell(item, rules, logs)
    return trial


@dataclass(frozen=True, slots=True)
class _Case:
    """A line to judge: what is known of its item and of all lines, and the units of its document's lines of it."""

    rules: Rules
    line: Line
    item: _Item
    house: _Item
    same: list[int]

    def doubt(self, units: int, largest: int) -> Doubt | None:
        """Why so many units would be held."""
        if self.item.limit is not None and max(units, sum(self.same)) <= self.item.limit:
            return None
        return judge_quantity(
            self.rules, units=units, item=self.item.usual, house=self.house.usual, largest=largest, same=self.same
        )


def _judge(trial: Trial, case: _Case, orders: deque[tuple[str, int]]) -> Doubt | None:
    """Judge one line, and remember its size as the customer's own."""
    units, raw = case.line.raw.units, case.line.raw
    own = max((most for document, most in orders if document != raw.document), default=0) if raw.customer else 0
    trial.lines += 1
    trial.judged += max(case.item.lines, case.house.lines) >= case.rules.least_lines
    doubt = case.doubt(units, own)
    if doubt is not None:
        trial.held.append(Held(raw.document, raw.line_no, case.line.code, raw.customer, units, raw.at, doubt.sentence))
    if units >= LARGE:
        trial.large += 1
        trial.large_held += doubt is not None
    if trial.lines % SLIP_EVERY == 0 and units * SLIP >= ABSURD:
        trial.slips += 1
        trial.slips_held += case.doubt(units * SLIP, own) is not None
    _remember(orders, raw.document, units)
    return doubt


def _remember(orders: deque[tuple[str, int]], document: str, units: int) -> None:
    if orders and orders[-1][0] == document:
        orders[-1] = (document, max(orders[-1][1], units))
        return
    orders.append((document, units))
    if len(orders) > LAST_ORDERS:
        orders.popleft()


def _tell(item: _Item, rules: Rules, logs: _Logs) -> None:
    """Work out what is usual of an item, as the nightly history does."""
    item.lines = item.units.total()
    item.median = _middle(sorted((logs[units], lines) for units, lines in item.units.items()), item.lines)
    away = sorted((abs(logs[units] - item.median), lines) for units, lines in item.units.items())
    item.deviation = _middle(away, item.lines)
    item.greatest = max(item.units)
    item.limit = doubtful_units(
        rules, lines=item.lines, median=item.median, deviation=item.deviation, greatest=item.greatest
    )


def _middle(counted: Iterable[tuple[Decimal, int]], total: int) -> Decimal:
    upto = 0
    for value, lines in counted:
        upto += lines
        if upto * 2 >= total:
            return value
    raise AssertionError("the counts add up to the total")


def in_words(trial: Trial) -> str:
    """The outcome for a person at a terminal."""
    back = sum(trial.taken_back(one) for one in trial.held)
    orders = len({one.document for one in trial.held})
    kept = Decimal((len(trial.held) - back) * 1_000) / max(trial.lines, 1)
    rows = [
        f"{trial.lines:,} sale lines, {trial.judged:,} judged by those before",
        f"{len(trial.held):,} lines of {orders:,} orders held; {back:,} of them were taken back in full later, "
        f"the others are {kept:.2f} in a thousand",
        f"{trial.large:,} lines of {LARGE:,} units or more, {trial.large_held:,} of them held",
        f"{trial.slips:,} slips made up (a line in {SLIP_EVERY}, three zeros too many, {ABSURD:,} units or more), "
        f"{trial.slips_held:,} held",
        "",
    ]
    for one in trial.held:
        fate = "taken back" if trial.taken_back(one) else "kept"
        rows.append(
            f"{one.at:%Y-%m-%d} {one.document} {one.item} {one.customer or 'no account'}, {fate}: {one.sentence}"
        )
    return "\n".join(rows)
