"""Bookings of shipments with carriers' own systems, for other systems."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from flowrack.carriers.commands_live import keep_carrier_answers
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shipping import booking, commands, queries
from flowrack.shipping.queries import ShipmentRow
from flowrack.shipping.types_bookings import BookingKept

router = Router(tags=["carriers"])


def _seen(request: HttpRequest, shipment_id: int) -> ShipmentRow:
    caller = caller_of(request)
    return queries.access_shipment(shipment_id, caller.sites("shipping.ship") if caller else frozenset())


@router.post("/shipments/{int:shipment_id}/booking", response={201: BookingKept})
@requires("shipping.ship")
def book_shipment(request: HttpRequest, shipment_id: BigId) -> Status[BookingKept]:
    """Book the shipment with the system of its chosen carrier."""
    ctx = context_from(request)
    req = booking.book(ctx, _seen(request, shipment_id), keep_carrier_answers)
    return Status(201, commands.keep_booking(ctx, req))


@router.post("/shipments/{int:shipment_id}/booking/end", response=BookingKept)
@requires("shipping.ship")
def end_booking(request: HttpRequest, shipment_id: BigId) -> BookingKept:
    """Call the booking off with the carrier."""
    ctx = context_from(request)
    return commands.end_booking(ctx, booking.cancel(ctx, _seen(request, shipment_id), keep_carrier_answers))


@router.post("/shipments/{int:shipment_id}/booking/track", response=BookingKept)
@requires("shipping.ship")
def track_booking(request: HttpRequest, shipment_id: BigId) -> BookingKept:
    """Ask the carrier where the goods are."""
    ctx = context_from(request)
    return commands.keep_tracking(ctx, booking.track(ctx, _seen(request, shipment_id), keep_carrier_answers))
