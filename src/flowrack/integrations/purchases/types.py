"""What a purchase history says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flowrack.shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Units of one item on an old order, and what became of them."""

    line_no: int
    sku: str
    ordered: int
    received: int
    rejected: int
    unit_price: Decimal
    due_on: date

    @property
    def stocked(self) -> int:
        """Units that came and were good."""
        return self.received - self.rejected


@dataclass(frozen=True, slots=True)
class HistoryOrder:
    """An old order. `came_on` is the day that its head names as shipped; the history has no day of receipt."""

    reference: str
    supplier: str
    status: str
    ordered_on: date
    came_on: date
    subtotal: Decimal
    lines: tuple[HistoryLine, ...]

    @property
    def due_on(self) -> date | None:
        """When the last line was due; None when that is before the order was written."""
        due = max(line.due_on for line in self.lines)
        return due if due >= self.ordered_on else None


@dataclass(frozen=True, slots=True)
class Vendor:
    """A supplier of the history; lead time in days, the longest of his items."""

    code: str
    name: str
    lead_days: int


@dataclass(frozen=True, slots=True)
class Offer:
    """An item as a supplier sold it."""

    supplier: str
    sku: str
    unit_price: Decimal
    least: int


@dataclass(frozen=True, slots=True)
class History:
    """The whole of a directory."""

    orders: list[HistoryOrder]
    vendors: dict[str, Vendor]
    items: dict[str, str]
    offers: list[Offer]


@dataclass(frozen=True, slots=True)
class Totals:
    """Units of an order history, or of the books after it was played."""

    orders: int
    lines: int
    ordered: int
    received: int
    rejected: int
    stocked: int
    short_lines: int
    rejected_lines: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the goods come to, and whether suppliers and items that are not known are made."""

    site_id: int
    create_missing: bool = False


@dataclass(slots=True)
class Played:
    """What was done now; what had been done before is not counted."""

    orders: int = 0
    receipts: int = 0
    sent_back: int = 0
    putaways: int = 0
    po_ids: list[int] = field(default_factory=list)
    beyond_rounding: list[str] = field(default_factory=list)


class BadPurchases(Invalid):
    """The directory holds no purchase history that can be played."""

    code = "bad_purchases"
