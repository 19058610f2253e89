"""What shipping is asked, answers and tells."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flowrack.shared.errors import FlowrackError, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class PrepareShipment:
    """Put orders of one site on one shipment, before they leave."""

    site_id: int
    order_ids: list[int]
    carrier: str = ""
    tracking: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The shipment that waits for the truck."""

    shipment_id: int
    number: str


@dataclass(frozen=True, slots=True)
class Departure:
    """A shipment that leaves: a prepared one, or orders that need none prepared."""

    shipment_id: int = 0
    order_ids: tuple[int, ...] = ()
    carrier: str = ""
    tracking: str = ""


@dataclass(frozen=True, slots=True)
class ShipConfirm:
    """Shipments that leave the building now. This cannot be undone: goods that come back are returns."""

    site_id: int
    departures: list[Departure]


@dataclass(frozen=True, slots=True)
class ShipFromStock:
    """Orders that leave straight from their bins, without picks. This cannot be undone either."""

    site_id: int
    order_ids: list[int]
    carrier: str = ""
    tracking: str = ""


@dataclass(frozen=True, slots=True)
class ShippedOne:
    """A shipment that left: what it held and what that cost."""

    shipment_id: int
    number: str
    order_ids: list[int]
    units: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Shipped:
    """The shipments, in the order of the request."""

    shipments: list[ShippedOne]
    posting_id: int


@dataclass(frozen=True, slots=True)
class CancelShipment:
    """Call off a shipment that has not left."""

    shipment_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class ShipmentCancelled:
    """The orders are free for another shipment."""

    shipment_id: int
    order_ids: list[int]


@dataclass(frozen=True, slots=True)
class SetTracking:
    """The carrier's reference of a shipment."""

    shipment_id: int
    carrier: str
    tracking: str


@dataclass(frozen=True, slots=True)
class TrackingSet:
    """The reference was noted."""

    shipment_id: int


@dataclass(frozen=True, slots=True)
class ShippedLine:
    """One line of what left, as the event tells it."""

    line_id: int
    order_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    units: int
    cost: Decimal
    move_id: int


@dataclass(frozen=True, slots=True)
class ShipmentLeft:
    """Event: goods left for the customer; cost of goods sold is booked."""

    shipment_id: int
    number: str
    site_id: int
    order_ids: list[int]
    lines: list[ShippedLine]
    kind: str = "shipping.shipment_left"


class ShipmentNotFound(NotFound):
    """There is no such shipment."""

    code = "shipment_not_found"


class NothingToShip(FlowrackError):
    """Nothing of these orders can leave: nothing is staged, or nothing promised lies in a bin."""

    code = "nothing_to_ship"


class NotComplete(FlowrackError):
    """The customer takes one complete delivery and not everything is picked."""

    code = "not_complete"


class TwoAddresses(Invalid):
    """One shipment goes to one address, and these orders go to more."""

    code = "two_addresses"


class OnOtherShipment(FlowrackError):
    """The order is on another prepared shipment."""

    code = "on_other_shipment"
