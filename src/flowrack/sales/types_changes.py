"""What people change on orders until they leave, what will happen then, and what is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flowrack.sales.types import ChangeLine, NewLine
from flowrack.shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """An order as it should be; what is None or empty stays. All or nothing.

    `no_latest` takes the latest day away. `lines` give new units or prices; 0 units cancel what is left of a line.
    """

    order_id: int
    requested_on: date | None = None
    latest_on: date | None = None
    no_latest: bool = False
    ship_to: str = ""
    lines: list[ChangeLine] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fewer:
    """How much smaller a line becomes: by so many units, to so many, or, with neither, by all that is left of it.

    What is meant as "to 6" stays that until the line is locked: somebody may be making it smaller in this moment.
    """

    by: int | None = None
    to: int | None = None

    def of(self, units: int) -> int | None:
        """By how many units a line of so many shrinks; None = by all that is left."""
        return self.by if self.to is None else max(units - self.to, 0)


@dataclass(frozen=True, slots=True)
class AddLines:
    """Lines that a customer wants besides what he ordered, as he writes them. All or nothing."""

    order_id: int
    lines: list[NewLine]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AddedLine:
    """A line that an order has now, in base units."""

    line_id: int
    line_no: int
    sku: str
    units: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class LinesAdded:
    """The new lines of an order, in the order of the request."""

    order_id: int
    lines: list[AddedLine]


@dataclass(frozen=True, slots=True)
class LinesAddedEvent:
    """Event: a customer wants more lines on an order."""

    order_id: int
    number: str
    site_id: int
    line_ids: list[int]
    reason: str
    kind: str = "sales.lines_added"


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What the customer asks of an order's shipments and goods; None = any number of them, no end of backorders."""

    max_shipments: int | None
    last_shipment: str
    min_shipment_value: Decimal
    cancel_after_days: int | None
    substitutes: str
    life_days: int
    lot_rule: str


@dataclass(frozen=True, slots=True)
class SetOrderTerms:
    """The terms of one order as they should be, all of them; the customer's own stay as they are."""

    order_id: int
    terms: OrderTerms
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OverrideOrder:
    """Rank an order as another tier, or deliver it by another policy, than the customer's terms say; empty stays."""

    order_id: int
    reason: str
    tier: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """One field of an order that was changed, as people read it."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """The order after a change: what differs, and how many units lost their promise."""

    order_id: int
    changed: list[Changed]
    unpromised_units: int
    called_back_units: int = 0


@dataclass(frozen=True, slots=True)
class OrderChangedEvent:
    """Event: days, address, rank or policy of an order were changed; lines have events of their own."""

    order_id: int
    changed: list[Changed]
    reason: str
    kind: str = "sales.order_changed"


@dataclass(frozen=True, slots=True)
class LotsGivenBack:
    """Event: lines gave back promised lots that would be too old on the new day, or for the new terms."""

    line_ids: list[int]
    units: list[int]
    kind: str = "sales.lots_given_back"


@dataclass(frozen=True, slots=True)
class HoldSeen:
    """An open hold as a preview sees it."""

    hold_id: int
    line_id: int
    sentence: str


@dataclass(frozen=True, slots=True)
class LineSeen:
    """A line as a preview sees it."""

    line_id: int
    line_no: int
    sku: str
    item_id: int
    units: int
    waiting: int
    allocated: int
    released: int
    picked: int
    cancelled: int
    unit_price: str


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """An order as a preview sees it, before or after."""

    order_id: int
    number: str
    site_id: int
    state: str
    tier: str
    policy: str
    requested_on: date
    latest_on: date | None
    ship_to: str
    value: str
    lines: list[LineSeen]
    holds: list[HoldSeen]
    terms: OrderTerms
    shipments: int
    today: date
    keeps_back: str = ""  # why what is ready does not leave yet


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do, in sentences. Nothing was written."""

    consequences: list[str]


class ChangeRefused(Invalid):
    """A change that makes no sense; every bad field and line is named."""

    code = "change_refused"
