"""What sales is asked, answers and tells: orders, lines, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from flowrack.sales.types_sites import SentFrom
from flowrack.sales.types_terms import AS_USUAL, GivenTerms
from flowrack.shared.errors import FlowrackError, Invalid, NotFound

LINE = "sales.line"
ORDER = "sales.order"


@dataclass(frozen=True, slots=True)
class LineCounts:
    """The counts of one order line. Every unit is waiting, allocated, picked, shipped or cancelled."""

    units: int
    allocated: int = 0
    released: int = 0
    picked: int = 0
    shipped: int = 0
    cancelled: int = 0

    @property
    def waiting(self) -> int:
        """Units for which nothing is promised yet."""
        return self.units - self.allocated - self.picked - self.shipped - self.cancelled

    @property
    def unreleased(self) -> int:
        """Units that are promised from stock but not given to a picker."""
        return self.allocated - self.released


@dataclass(frozen=True, slots=True)
class NewLine:
    """One line as the customer writes it: an item code (SKU, his own number, GTIN or barcode), a quantity, perhaps of a
    pack.

    `lot` asks for goods of one lot or serial number only.
    """

    item: str
    quantity: Decimal
    pack: str = ""
    unit_price: Decimal | None = None
    lot: str = ""


@dataclass(frozen=True, slots=True)
class NewOrder:
    """One customer order to enter and confirm. Empty fields take the customer's terms.

    Days are those of arrival at the customer: he wants it on `requested_on` and takes nothing that arrives after
    `latest_on`. A customer who names the day on which it is to leave gives `ship_on` instead; `latest_on` is then the
    last day to leave.
    `channel` and `order_type` are codes of their lists. `terms` are those that the order names
    itself. `any_site`: the rules choose the site that sends it, now and
    while it waits; it may name none (0) then.
    """

    customer: str
    site_id: int
    lines: list[NewLine]
    reference: str = ""
    requested_on: date | None = None
    policy: str = ""
    ship_to: str = ""
    latest_on: date | None = None
    ship_on: date | None = None
    channel: str = ""
    order_type: str = ""
    contract: str = ""
    terms: GivenTerms = AS_USUAL
    any_site: bool = False


@dataclass(frozen=True, slots=True)
class EnterOrders:
    """Orders to enter and confirm together: all or none."""

    orders: list[NewOrder]


@dataclass(frozen=True, slots=True)
class EnteredOrder:
    """One order that now exists; `warnings` are sentences about days of it that cannot be kept.

    Where the rules chose its site, `sends` are the orders that send it, itself first, and `why` says why.
    """

    order_id: int
    number: str
    line_ids: list[int]
    warnings: list[str] = field(default_factory=list)
    sends: list[SentFrom] = field(default_factory=list)
    why: str = ""


@dataclass(frozen=True, slots=True)
class OrdersEntered:
    """The orders of the batch, in the order of the request."""

    orders: list[EnteredOrder]


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """The new number of base units of one line, or (None) only its price; 0 units cancel what is left of it."""

    line_id: int
    units: int | None = None
    unit_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineChanged:
    """How the line stands after the change."""

    line_id: int
    units: int
    unpromised_units: int
    called_back_units: int = 0
    before_units: int | None = None


@dataclass(frozen=True, slots=True)
class CancelLine:
    """Units of one line that are not wanted any more; None means all that has not left."""

    line_id: int
    units: int | None = None


@dataclass(frozen=True, slots=True)
class CancelLines:
    """Lines to cancel in full or in part."""

    lines: list[CancelLine]
    reason: str


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """A whole order that is not wanted any more."""

    order_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What was cancelled: units by line, of which so many had been promised from stock and are free again."""

    line_ids: list[int]
    units: list[int]
    unpromised_units: int
    called_back_units: int = 0


@dataclass(frozen=True, slots=True)
class OrderEntered:
    """Event: an order was confirmed."""

    order_id: int
    number: str
    customer_id: int
    site_id: int
    line_ids: list[int]
    kind: str = "sales.order_entered"


@dataclass(frozen=True, slots=True)
class UnitsCancelled:
    """Event: units of order lines were cancelled; those that were promised are free for others."""

    order_ids: list[int]
    line_ids: list[int]
    units: list[int]
    unpromised_units: int
    reason: str
    kind: str = "sales.units_cancelled"


@dataclass(frozen=True, slots=True)
class LineUnitsChanged:
    """Event: a customer wants more or fewer of a line."""

    order_id: int
    line_id: int
    units_before: int
    units: int
    kind: str = "sales.line_changed"


class OpenLine(NamedTuple):
    """A line that waits for stock, with all that decides its rank and its share.

    `min_life_days` counts from `ship_by_on`, the day by which the goods must leave: what the customer asks for at
    delivery, and the way. `promised` units of it no picker has yet, and `site_id`, are read only by runs for items. On
    `promised_on` it is to leave, as the customer was told.
    """

    line_id: int
    order_id: int
    number: str
    item_id: int
    units: int
    ordered_units: int
    tier: str
    ship_by_on: date
    ordered_at: datetime
    policy: str
    min_life_days: int
    lot: str = ""
    customer_id: int = 0
    line_no: int = 0
    promised: int = 0
    site_id: int = 0
    promised_on: date | None = None


@dataclass(frozen=True, slots=True)
class LockedLine:
    """A line that a later stage works on, locked, with what it must know of the order."""

    order_id: int
    number: str
    site_id: int
    state: str
    policy: str
    line_id: int
    item_id: int
    counts: LineCounts
    is_held: bool = False
    has_limits: bool = False  # its customer may not take every shipment


@dataclass(frozen=True, slots=True)
class FreePromise:
    """Units that a line is promised from one pool and that no picker has."""

    line_id: int
    item_id: int
    lot_id: int
    site_id: int
    owner_id: int
    units: int


@dataclass(frozen=True, slots=True)
class UnitsChange:
    """By how many units each count of a line changes; see docs/stages/sales.md for the counts."""

    line_id: int
    allocated: int = 0
    released: int = 0
    picked: int = 0
    shipped: int = 0
    cancelled: int = 0


class OrderRefused(Invalid):
    """An order that cannot be entered as it stands; every bad line is named."""

    code = "order_refused"


class OrderNotFound(NotFound):
    """There is no such order or line."""

    code = "order_not_found"


class TooLate(FlowrackError):
    """The units are being picked, are picked or have left; they cannot be changed or cancelled here."""

    code = "too_late"
