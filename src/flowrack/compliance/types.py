"""What compliance tells: where a unit came from and where it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flowrack.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that a scanned or typed code can mean."""

    kind: str
    id: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """Units of a lot that came in by one receipt."""

    receipt_id: int
    receipt: str
    po: str
    supplier: str
    received_at: datetime
    units: int


@dataclass(frozen=True, slots=True)
class Destination:
    """Units of a lot that left with one shipment to one customer."""

    order_id: int
    order: str
    customer: str
    shipment: str
    carrier: str
    shipped_at: datetime
    units: int
    returned_units: int


@dataclass(frozen=True, slots=True)
class Step:
    """Moves of a day between two places for one reason, summed."""

    day: date
    first_at: datetime
    reason: str
    from_place: str
    to_place: str
    from_state: str
    to_state: str
    units: int
    moves: int
    people: str


@dataclass(frozen=True, slots=True)
class Holding:
    """Where units are now."""

    site: str
    location: str
    lpn: str
    lot_id: int
    lot: str
    sku: str
    state: str
    units: int


class NothingToTrace(NotFound):
    """The code is no lot, serial, LPN, purchase order, receipt, order or shipment."""

    code = "nothing_to_trace"
