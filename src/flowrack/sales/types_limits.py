"""What customers ask of the shipments of an order: how many, of what value, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.shared.errors import FlowrackError


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one order as the customer's terms said at entry; `today` is the day at its site."""

    order_id: int
    number: str
    max_shipments: int | None
    last_shipment: str
    min_shipment_value: Decimal
    latest_on: date | None
    latest_ship_on: date | None
    shipments: int
    today: date


@dataclass(frozen=True, slots=True)
class Departure:
    """What would leave of an order in one shipment: its value, and how much would be left.

    `missing` units would still wait or stand in the house, of them `busy` in picking or picked: these cannot be
    cancelled any more.
    """

    value: Decimal
    missing: int
    busy: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a shipment may leave (`why` is empty), and whether it ends its order: the rest is cancelled."""

    why: str = ""
    fix: str = ""
    ends_order: bool = False


@dataclass(frozen=True, slots=True)
class CancelOverdue:
    """Cancel what customers do not take any more at a site, so many orders at most."""

    site_id: int
    most: int = 500


@dataclass(frozen=True, slots=True)
class OverdueCancelled:
    """What was cancelled: orders, and units of them."""

    order_ids: list[int]
    units: int


class ShipmentWaits(FlowrackError):
    """A shipment that the customer does not take as it is; every order is named."""

    code = "shipment_waits"
