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
from flowrack.sales.rules_holds import LEAST_SHORT, Doubt, Rules, doubtful_units, judge_quantity

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
    limit: int | None = LEAST_SHORT
    greatest: int = 0


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
    book, trial, logs = SoldBook(wanted), Trial(), _Logs()
    items: dict[str, _Item] = {}
    largest: dict[str, deque[tuple[str, int]]] = {}
    for day in read_days(path):
        told: set[str] = set()
        for line in day.lines:
            if line.kind is LineClass.SALE:
                book.sell(line)
                item = items.setdefault(line.code, _Item())
                if _judge(trial, rules, line, item, largest.setdefault(line.raw.customer, deque())) is None:
                    item.units[line.raw.units] += 1
                    told.add(line.code)
            elif line.kind is LineClass.CANCELLATION:
                for part in book.cancel(line).parts:
                    trial.undone[part.document, part.line_no] += part.units
        for code in told:
            _tell(items[code], rules, logs)
    return trial


def _judge(trial: Trial, rules: Rules, line: Line, item: _Item, orders: deque[tuple[str, int]]) -> Doubt | None:
    """Judge one line, and remember its size as the customer's own when it was held for no slip."""
    units, raw = line.raw.units, line.raw
    own = max((most for document, most in orders if document != raw.document), default=0) if raw.customer else 0
    trial.lines += 1
    trial.judged += item.lines >= rules.least_lines
    doubt = _doubt(rules, units, item, own)
    if doubt is not None:
        trial.held.append(Held(raw.document, raw.line_no, line.code, raw.customer, units, raw.at, doubt.sentence))
    if units >= LARGE:
        trial.large += 1
        trial.large_held += doubt is not None
    if trial.lines % SLIP_EVERY == 0 and units * SLIP >= ABSURD:
        trial.slips += 1
        trial.slips_held += _doubt(rules, units * SLIP, item, own) is not None
    _remember(orders, raw.document, units)
    return doubt


def _doubt(rules: Rules, units: int, item: _Item, own: int) -> Doubt | None:
    if item.limit is None or units <= item.limit:
        return None
    return judge_quantity(
        rules,
        units=units,
        lines=item.lines,
        median=item.median,
        deviation=item.deviation,
        greatest=item.greatest,
        largest=own,
    )


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
    rows = [
        f"{trial.lines:,} sale lines, {trial.judged:,} of items with enough history to be judged",
        f"{len(trial.held):,} lines of {orders:,} orders held; {back:,} of them were taken back in full later",
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
