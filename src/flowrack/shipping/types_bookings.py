"""Booking shipments with carriers' own systems: what is kept, told and refused."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.carriers.types_live import BookingOf, TrackingOf
from flowrack.shared.errors import FlowrackError


@dataclass(frozen=True, slots=True)
class KeepBooking:
    """A shipment was booked with a carrier's system."""

    shipment_id: int
    account_id: int
    service_id: int
    carrier: str
    given: BookingOf


@dataclass(frozen=True, slots=True)
class EndBooking:
    """The carrier has called the booking off."""

    shipment_id: int


@dataclass(frozen=True, slots=True)
class KeepTracking:
    """Where the goods are, as the carrier said."""

    shipment_id: int
    said: TrackingOf


@dataclass(frozen=True, slots=True)
class BookingKept:
    """The shipment, its tracking reference ("" = none any more) and the state of the booking."""

    shipment_id: int
    tracking: str
    state: str


class NotBookable(FlowrackError):
    """The shipment cannot be booked, or is not."""

    code = "not_bookable"


class StillBooked(FlowrackError):
    """The carrier would come for a shipment that is called off."""

    code = "still_booked"


class CarrierSaysNo(FlowrackError):
    """The carrier's system refused, or did not answer."""

    code = "carrier_says_no"
