"""Booking shipments with carriers' own systems: what is kept, told and refused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flowrack.carriers.types_live import BookingOf, CallOff, TrackingOf
from flowrack.shared.errors import FlowrackError, Invalid, NotFound


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
class KeepCallOffs:
    """What came of calling bookings off that count no more."""

    call_offs: list[CallOff]


@dataclass(frozen=True, slots=True)
class CallOffsKept:
    """Bookings that are called off, those whose carriers are told again, and those whose carriers refuse."""

    ended: list[int]
    waiting: list[int]
    refused: list[int]


@dataclass(frozen=True, slots=True)
class NoteCallOff:
    """A person told the carrier in another way that a booking counts no more; how, and whom."""

    booking_id: int
    note: str


@dataclass(frozen=True, slots=True)
class CallOffNoted:
    """The booking is over."""

    booking_id: int
    shipment_id: int


@dataclass(frozen=True, slots=True)
class BookingKept:
    """The shipment, its tracking reference ("" = none any more), the state of the booking, and its price beside the
    freight by which the carrier was chosen."""

    shipment_id: int
    tracking: str
    state: str
    booked: Decimal | None = None
    expected: Decimal | None = None
    price_words: str = ""


class NotBookable(FlowrackError):
    """The shipment cannot be booked, or is not."""

    code = "not_bookable"


class StillBooked(FlowrackError):
    """The carrier would come for a shipment that is called off."""

    code = "still_booked"


class CarrierSaysNo(FlowrackError):
    """The carrier's system refused, or did not answer."""

    code = "carrier_says_no"


class AddressIncomplete(FlowrackError):
    """A carrier cannot find the place: names what the address lacks."""

    code = "address_incomplete"


class BookingNotFound(NotFound):
    """There is no such booking."""

    code = "booking_not_found"


class NotToEnd(FlowrackError):
    """The booking does not wait for its end."""

    code = "booking_not_to_end"


class CallOffNoteMissing(Invalid):
    """Nobody says how the carrier was told."""

    code = "call_off_note_missing"
