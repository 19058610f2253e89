"""Bookings that a later choice of a carrier replaces, inside somebody's command."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.carriers import steps_live
from flowrack.platform.runner import Context
from flowrack.shipping import locks, steps
from flowrack.shipping import queries_bookings as queries


def end_replaced(ctx: Context, order_ids: Sequence[int]) -> list[int]:
    """Bookings of shipments that wait, for whose orders another service is chosen now, count no more: the shipment has
    no tracking reference, may be booked anew, and the worker tells the carrier. The bookings.

    One query where nothing is booked, else four statements. The shipments are locked, so that none is booked meanwhile
    by the choice that was.
    """
    shipment_ids = queries.booked_shipments(order_ids)
    if not shipment_ids:
        return []
    held = locks.shipments(shipment_ids)
    found = queries.replaced(shipment_ids)
    if found:
        steps_live.let_go(ctx, {one.booking_id: one.why for one in found})
        steps.clear_tracking(sorted({one.shipment_id for one in found if one.shipment_id in held}))
    return [one.booking_id for one in found]
