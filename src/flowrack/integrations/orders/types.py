"""The words of a customers' order history: one line of the file, what it is, and what the report counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import Invalid


class BadOrderFile(Invalid):
    """The file cannot be read as an order history; nothing of it was taken."""

    code = "bad_order_file"


class UnknownParties(Invalid):
    """Orders name customers or items that Flowrack does not know."""

    code = "unknown_in_order_file"


class LineClass(StrEnum):
    """What one line of the history is. Every line is exactly one of these."""

    SALE = "sale"
    CANCELLATION = "cancellation"
    WRITE_OFF = "write_off"
    FREE = "zero_price"
    CHARGE = "charge"
    TEST = "test"
    BAD_DEBT = "bad_debt"
    EMPTY = "empty"


CLASS_TEXTS: dict[LineClass, str] = {
    LineClass.SALE: "Goods sold to a customer",
    LineClass.CANCELLATION: "Goods cancelled or sent back (invoice starts with C)",
    LineClass.WRITE_OFF: "Stock taken off without an invoice to a customer",
    LineClass.FREE: "Goods at no price: samples, finds and stock notes",
    LineClass.CHARGE: "Charges and other codes that are not stock",
    LineClass.TEST: "Test entries",
    LineClass.BAD_DEBT: "Bad-debt adjustments (invoice starts with A)",
    LineClass.EMPTY: "Lines of no units",
}


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line as written in the file; `at` is the shop's local time."""

    line_no: int
    document: str
    code: str
    description: str
    units: int
    at: datetime
    price: Decimal
    customer: str
    country: str

    @property
    def value(self) -> Decimal:
        """Units times price, unrounded."""
        return self.units * self.price


@dataclass(frozen=True, slots=True)
class Line:
    """A line that knows what it is; `code` is the normalised item code."""

    raw: RawLine
    kind: LineClass
    code: str
    is_duplicate: bool = False

    @property
    def is_anonymous(self) -> bool:
        """Whether the file names no customer."""
        return not self.raw.customer


@dataclass(frozen=True, slots=True)
class Day:
    """All lines of one calendar day, as they stand in the file."""

    on: datetime
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class MatchPart:
    """Units of a cancellation that undo one earlier sale line."""

    document: str
    line_no: int
    units: int


class Outcome(StrEnum):
    """How a cancellation line fits the sales before it."""

    WHOLE = "one sale covers it"
    SPREAD = "several sales cover it"
    PARTIAL = "more cancelled than was sold"
    NO_CUSTOMER = "no customer named"
    NEVER_SOLD = "never sold to this customer in the file"
    USED_UP = "everything sold was cancelled before"


@dataclass(frozen=True, slots=True)
class Match:
    """A cancellation line, the sales it undoes and what could not be placed."""

    line: Line
    parts: list[MatchPart]
    unmatched_units: int
    outcome: Outcome


@dataclass(slots=True)
class Totals:
    """Lines, net units and net value of one class."""

    lines: int = 0
    units: int = 0
    value: Decimal = Decimal(0)

    def add(self, raw: RawLine) -> None:
        """Count one line in."""
        self.lines += 1
        self.units += raw.units
        self.value += raw.value


@dataclass(slots=True)
class Report:
    """What the file holds. The classes add up to the whole: nothing is dropped."""

    whole: Totals = field(default_factory=Totals)
    by_class: dict[LineClass, Totals] = field(default_factory=lambda: {kind: Totals() for kind in LineClass})
    documents: int = 0
    cancellation_documents: int = 0
    cancelled_lines: int = 0
    lines_without_customer: int = 0
    lines_at_no_price: int = 0
    lines_at_negative_price: int = 0
    lines_not_stock: int = 0
    duplicate_lines: int = 0
    renamed_lines: int = 0
    codes_as_written: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)
    sold_items: set[str] = field(default_factory=set)
    customers: set[str] = field(default_factory=set)
    charges: dict[str, Totals] = field(default_factory=dict)
    spellings: dict[str, set[str]] = field(default_factory=dict)
    matches: dict[Outcome, Totals] = field(default_factory=lambda: {outcome: Totals() for outcome in Outcome})
    matched_units: int = 0
    unmatched_units: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    def adds_up(self) -> bool:
        """Whether the classes sum to the file in lines, units and value."""
        parts = self.by_class.values()
        return (
            sum(p.lines for p in parts) == self.whole.lines
            and sum(p.units for p in parts) == self.whole.units
            and sum((p.value for p in parts), Decimal(0)) == self.whole.value
        )
