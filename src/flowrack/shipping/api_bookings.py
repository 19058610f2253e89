"""Bookings of shipments with carriers' own systems, for other systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from ninja.responses import Status

from flowrack.carriers.commands_live import keep_carrier_answers
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shipping import booking, commands, queries, queries_bookings
from flowrack.shipping.queries import ShipmentRow
from flowrack.shipping.queries_bookings import BookedRow
from flowrack.shipping.types_bookings import BookingKept, CallOffNoted, CallOffsKept, NoteCallOff

router = Router(tags=["carriers"])


class CallOffIn(Schema):
    """How the carrier was told, and who."""

    note: str = Field(min_length=3, max_length=200)


@router.get("/bookings", response=PageOut[BookedRow])
@requires("shipping.view")
def bookings(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> Any:
    """Bookings by id: the price beside the one by which the carrier was chosen, and how far their end is."""
    caller = caller_of(request)
    site_ids = caller.sites("shipping.view") if caller else frozenset()
    rows = queries_bookings.booked_after(site_ids, after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/bookings/{int:booking_id}/call-off", response=CallOffsKept)
@requires("shipping.choose")
def call_off_now(request: HttpRequest, booking_id: BigId) -> CallOffsKept:
    """Tell the carrier now that a booking counts no more which a later choice replaced."""
    caller, ctx = caller_of(request), context_from(request)
    row = queries_bookings.access_booking(booking_id, caller.sites("shipping.choose") if caller else frozenset())
    return commands.keep_call_offs(ctx, booking.call_off_one(ctx, row, keep_carrier_answers))


@router.post("/bookings/{int:booking_id}/called-off", response=CallOffNoted)
@requires("shipping.ship")
def note_call_off(request: HttpRequest, booking_id: BigId, body: CallOffIn) -> CallOffNoted:
    """Note that the carrier was told in another way."""
    return commands.note_call_off(context_from(request), NoteCallOff(booking_id, body.note))


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
