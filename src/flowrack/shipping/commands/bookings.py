"""Bookings with carriers' own systems: kept after the call, called off, followed."""

from __future__ import annotations

from flowrack.carriers import queries_live, steps_live
from flowrack.platform.runner import Context, command
from flowrack.shared.refs import ref
from flowrack.shipping import locks, steps
from flowrack.shipping.locks import LockedShipment
from flowrack.shipping.types import ShipmentNotFound
from flowrack.shipping.types_bookings import BookingKept, EndBooking, KeepBooking, KeepTracking, NotBookable


@command(permission="shipping.ship", result=BookingKept)
def keep_booking(ctx: Context, req: KeepBooking) -> BookingKept:
    """Keep what a carrier has booked, and note its tracking reference on the shipment. Refuses with NotBookable."""
    known = _locked(ctx, req.shipment_id)
    if queries_live.booking_of(known.number) is not None:
        raise NotBookable(f"{known.number} is booked already.", fix="Call that booking off first.")
    steps_live.insert_booking(ctx, req.account_id, known.number, req.service_id, req.given)
    steps.set_tracking(req.shipment_id, req.carrier, req.given.tracking)
    return BookingKept(req.shipment_id, req.given.tracking, "booked")


@command(permission="shipping.ship", result=BookingKept)
def end_booking(ctx: Context, req: EndBooking) -> BookingKept:
    """The carrier called the booking off: its tracking reference is none any more. Refuses with NotBookable."""
    known = _locked(ctx, req.shipment_id)
    if not steps_live.end_booking(known.number):
        raise NotBookable(f"{known.number} is not booked.", fix="Look at the shipment again.")
    steps.set_tracking(req.shipment_id, known.carrier, "")
    return BookingKept(req.shipment_id, "", "called off")


@command(permission="shipping.ship", result=BookingKept)
def keep_tracking(ctx: Context, req: KeepTracking) -> BookingKept:
    """Keep where the goods are, as the carrier said. Refuses with NotBookable."""
    known = _locked(ctx, req.shipment_id)
    if not steps_live.keep_tracking(ctx, known.number, req.said):
        raise NotBookable(f"{known.number} is not booked.", fix="Look at the shipment again.")
    return BookingKept(req.shipment_id, known.tracking, req.said.state)


def _locked(ctx: Context, shipment_id: int) -> LockedShipment:
    known = locks.shipments([shipment_id]).get(shipment_id)
    if known is None:
        raise ShipmentNotFound("There is no such shipment.", fix="Open the list of shipments.")
    ctx.require("shipping.ship", known.site_id)
    ctx.subject = ref("shipping.shipment", shipment_id)
    return known
