"""Shipments from staging: prepared, leaving, called off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowrack.carriers import queries_live
from flowrack.platform import numbers
from flowrack.platform.runner import Context, command, refuse_on
from flowrack.sales import steps as sales
from flowrack.sales.types import ORDER
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref
from flowrack.shipping import locks, queries_loads, states, steps, steps_carriers, steps_departures
from flowrack.shipping.locks import LockedShipment
from flowrack.shipping.queries_loads import PlannedOrder
from flowrack.shipping.states import ShipmentState
from flowrack.shipping.steps_departures import SHIPMENT, Leaving
from flowrack.shipping.types import (
    CancelShipment,
    NothingToShip,
    OnOtherShipment,
    Prepared,
    PrepareShipment,
    SetTracking,
    ShipConfirm,
    ShipmentCancelled,
    ShipmentNotFound,
    Shipped,
    TrackingSet,
    TwoAddresses,
)
from flowrack.shipping.types_bookings import StillBooked


@command(permission="shipping.ship", result=Prepared)
def prepare_shipment(ctx: Context, req: PrepareShipment) -> Prepared:
    """Put orders on one shipment that waits for its truck.

    Refuses with NothingToShip when an order does not exist at the site, with TwoAddresses when they do not all go to
    one, and with OnOtherShipment when one waits on another shipment.
    """
    ctx.require("shipping.ship", req.site_id)
    sales.claim_orders(req.order_ids)  # and read behind the lock: an order may have moved to another site just now
    known = queries_loads.orders(req.order_ids)
    here = {one.order_id for one in known.values() if _is_open_at(one, req.site_id)}
    if not req.order_ids or here != set(req.order_ids):
        raise NothingToShip("Not all of these are open orders of this site.", fix="Choose the orders again.")
    _refuse_two_addresses(req.order_ids, known)
    number = numbers.next_number("SH")
    carrier = req.carrier or steps_carriers.carrier_named(sorted(here))
    shipment_id = steps.prepare(ctx, req.site_id, (number, carrier, req.tracking), sorted(here))
    ctx.subject = ref(SHIPMENT, shipment_id)
    ctx.about(ORDER, here)
    return Prepared(shipment_id, number)


def _is_open_at(one: PlannedOrder, site_id: int) -> bool:
    return one.site_id == site_id and one.state in ("confirmed", "released")


def _refuse_two_addresses(order_ids: Sequence[int], known: Mapping[int, PlannedOrder]) -> None:
    """Refuse orders for another address than the first: a truck has a stop for each, and a paper of one consignee."""
    first = known[order_ids[0]]
    bad = [
        BadLine(n, "order_ids", f"{one.number} goes to {one.consignee}.", "Prepare a shipment for each address.")
        for n, one in enumerate((known[order_id] for order_id in order_ids), 1)
        if one.place != first.place
    ]
    if bad:
        words = f"{first.number} goes to {first.consignee}; {bad[0].message}"
        raise TwoAddresses(words, lines=bad, fix=bad[0].fix)


@command(permission="shipping.ship", result=Shipped, is_small=lambda req: len(req.departures) <= 10)
def ship_confirm(ctx: Context, req: ShipConfirm) -> Shipped:
    """Shipments leave: all that is staged for their orders goes to the customer, at cost.

    Posts SHIP staging -> CUSTOMER (cost of goods sold); emits shipping.shipment_left for each with its lines. Refuses
    with NothingToShip, NotComplete (the customer takes one complete delivery), ShipmentWaits (he does not take it as it
    is), OnHold, OnOtherLoad, WrongState or ShipmentNotFound. The last shipment that a customer takes may end its order.
    """
    ctx.require("shipping.ship", req.site_id)
    return steps_departures.leave(ctx, req.site_id, _loads(req))


def _loads(req: ShipConfirm) -> list[Leaving]:
    """The shipments of the request, prepared ones locked, the others with new numbers."""
    named = [d.shipment_id for d in req.departures if d.shipment_id]
    held = locks.shipments(named) if named else {}
    fresh = [d for d in req.departures if not d.shipment_id]
    names = iter(numbers.next_numbers("SH", len(fresh)) if fresh else [])
    unnamed = {
        n: d.order_ids for n, d in enumerate(req.departures, 1) if not d.shipment_id and not d.carrier and d.order_ids
    }
    chosen = steps_carriers.carriers_named(unnamed)
    loads: list[Leaving] = []
    seen: set[int] = set()
    for n, departure in enumerate(req.departures, 1):
        if departure.shipment_id:
            known = held.get(departure.shipment_id)
            if known is None or known.site_id != req.site_id or departure.shipment_id in seen:
                raise ShipmentNotFound(
                    "There is no such shipment at this site.",
                    lines=[BadLine(n, "shipment_id", "Unknown, or named twice.", "Open the list of shipments.")],
                    fix="Open the list of shipments.",
                )
            seen.add(departure.shipment_id)
            loads.append(_prepared(known, departure.carrier, departure.tracking))
        else:
            carrier = departure.carrier or chosen.get(n, "")
            loads.append(Leaving(next(names), 0, list(departure.order_ids), carrier, departure.tracking))
    if not loads:
        raise NothingToShip("There is no shipment in this request.", fix="Name a shipment or its orders.")
    return loads


def _prepared(known: LockedShipment, carrier: str, tracking: str) -> Leaving:
    states.advance(ShipmentState(known.state), "confirm", number=known.number)
    return Leaving(known.number, known.shipment_id, known.order_ids, carrier, tracking)


@command(permission="shipping.ship", result=ShipmentCancelled)
def cancel_shipment(ctx: Context, req: CancelShipment) -> ShipmentCancelled:
    """Call off a shipment that has not left; its orders can go on another.

    Refuses with WrongState once it has left, and with StillBooked while its carrier would come for it.
    """
    known = _one(ctx, req.shipment_id)
    states.advance(ShipmentState(known.state), "cancel", number=known.number)
    booked = queries_live.booking_of(known.number)
    if booked is not None:
        said = f"{known.number} is booked with {booked.service} as {booked.booking}: the carrier would come for it."
        raise StillBooked(said, fix="Call the booking off first.")
    steps.call_off(req.shipment_id)
    return ShipmentCancelled(req.shipment_id, known.order_ids)


@command(permission="shipping.ship", result=TrackingSet)
def set_tracking(ctx: Context, req: SetTracking) -> TrackingSet:
    """Note carrier and tracking reference of a shipment, before or after it left."""
    _one(ctx, req.shipment_id)
    steps.set_tracking(req.shipment_id, req.carrier.strip(), req.tracking.strip())
    return TrackingSet(req.shipment_id)


def _one(ctx: Context, shipment_id: int) -> LockedShipment:
    known = locks.shipments([shipment_id]).get(shipment_id)
    if known is None:
        raise ShipmentNotFound("There is no such shipment.", fix="Open the list of shipments.")
    ctx.require("shipping.ship", known.site_id)
    ctx.subject = ref(SHIPMENT, shipment_id)
    return known


def _on_other() -> OnOtherShipment:
    return OnOtherShipment(
        "One of these orders waits on another shipment.", fix="Call that shipment off, or confirm it."
    )


refuse_on("shipment_order_waits_once", _on_other)
