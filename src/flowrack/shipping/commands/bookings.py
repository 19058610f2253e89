"""Bookings with carriers' own systems: kept after the call, called off, followed."""

from __future__ import annotations

from flowrack.carriers import queries_live, steps_live
from flowrack.carriers.rules_bookings import Ends
from flowrack.platform.runner import Context, command
from flowrack.shared.refs import ref
from flowrack.shipping import locks, queries_bookings, steps, steps_bookings
from flowrack.shipping.locks import LockedShipment
from flowrack.shipping.types import ShipmentNotFound
from flowrack.shipping.types_bookings import (
    BookingKept,
    CallOffNoted,
    CallOffNoteMissing,
    CallOffsKept,
    EndBooking,
    KeepBooking,
    KeepCallOffs,
    KeepTracking,
    NotBookable,
    NoteCallOff,
    NotToEnd,
)

BOOKING = "shipping.booking"


@command(permission="shipping.ship", result=BookingKept)
def keep_booking(ctx: Context, req: KeepBooking) -> BookingKept:
    """Keep what a carrier has booked, and note its tracking reference on the shipment. Refuses with NotBookable.

    Where another service was chosen while the carrier was asked, the booking is to be called off at once.
    """
    known = _locked(ctx, req.shipment_id)
    if queries_live.booking_of(known.number) is not None:
        raise NotBookable(f"{known.number} is booked already.", fix="Call that booking off first.")
    steps_live.insert_booking(ctx, req.account_id, known.number, req.service_id, req.given)
    steps.set_tracking(req.shipment_id, req.carrier, req.given.tracking)
    if steps_bookings.end_replaced(ctx, known.order_ids):  # somebody chose again while the carrier was asked
        return BookingKept(req.shipment_id, "", "to be called off")
    given = req.given
    return BookingKept(
        req.shipment_id, given.tracking, "booked", given.total, given.expected, given.price_words[:160]
    )  # fmt: skip


@command(permission="shipping.ship", result=BookingKept)
def end_booking(ctx: Context, req: EndBooking) -> BookingKept:
    """The carrier called the booking off: its tracking reference is none any more. Refuses with NotBookable."""
    known = _locked(ctx, req.shipment_id)
    if not steps_live.end_booking(ctx, known.number):
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


@command(permission="shipping.choose", result=CallOffsKept)
def keep_call_offs(ctx: Context, req: KeepCallOffs) -> CallOffsKept:
    """Keep what came of calling bookings off that count no more; who did not answer is told again, ever more slowly.

    What is over by now is left out. The calls themselves were made before, outside of any transaction.
    """
    locks.bookings([one.booking_id for one in req.call_offs])
    known = queries_bookings.tries_of([one.booking_id for one in req.call_offs])
    for site_id in sorted({site_id for site_id, _ in known.values()}):
        ctx.require("shipping.choose", site_id)
    open_ones = [one for one in req.call_offs if one.booking_id in known]
    ends = steps_live.keep_call_offs(ctx, open_ones, {key: tries for key, (_, tries) in known.items()})
    ctx.about(BOOKING, sorted(ends))
    of = {end: sorted(key for key, state in ends.items() if state == end) for end in Ends}
    return CallOffsKept(of[Ends.ENDED], of[Ends.WAITING], of[Ends.REFUSED])


@command(permission="shipping.ship", result=CallOffNoted)
def note_call_off(ctx: Context, req: NoteCallOff) -> CallOffNoted:
    """Note that a person told the carrier that a booking counts no more.

    Refuses with CallOffNoteMissing, BookingNotFound, and NotToEnd where nothing waits for that.
    """
    if len(req.note.strip()) < 3:
        raise CallOffNoteMissing("Nobody says how the carrier was told.", fix="Name whom you told, and how.")
    locks.bookings([req.booking_id])
    row = queries_bookings.access_booking(req.booking_id, frozenset({0}))
    ctx.require("shipping.ship", row.site_id)
    ctx.subject = ref(BOOKING, req.booking_id)
    if not steps_live.note_call_off(ctx, req.booking_id, req.note.strip()):
        raise NotToEnd(f"{row.booking} of {row.carrier} does not wait for its end.", fix="Look at its shipment again.")
    return CallOffNoted(req.booking_id, row.shipment_id)


def _locked(ctx: Context, shipment_id: int) -> LockedShipment:
    known = locks.shipments([shipment_id]).get(shipment_id)
    if known is None:
        raise ShipmentNotFound("There is no such shipment.", fix="Open the list of shipments.")
    ctx.require("shipping.ship", known.site_id)
    ctx.subject = ref("shipping.shipment", shipment_id)
    return known
