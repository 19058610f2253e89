"""Shipments from staging: prepared, leaving, called off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from flowrack.fulfilment import queries as fulfilment
from flowrack.fulfilment import steps as floor
from flowrack.fulfilment.types import StagedUnits
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Claim, Move, Place
from flowrack.locations import queries as places
from flowrack.platform import numbers
from flowrack.platform.runner import Context, command, refuse_on
from flowrack.sales import steps as sales
from flowrack.sales import steps_holds as holds
from flowrack.sales import steps_limits as limits
from flowrack.sales import steps_lots as lots
from flowrack.sales.types import LINE, ORDER, LockedLine
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref
from flowrack.shipping import locks, states, steps
from flowrack.shipping.locks import LockedShipment
from flowrack.shipping.states import ShipmentState
from flowrack.shipping.types import (
    CancelShipment,
    NotComplete,
    NothingToShip,
    OnOtherShipment,
    Prepared,
    PrepareShipment,
    SetTracking,
    ShipConfirm,
    ShipmentCancelled,
    ShipmentLeft,
    ShipmentNotFound,
    Shipped,
    ShippedLine,
    ShippedOne,
    TrackingSet,
)

SHIPMENT = "shipping.shipment"


@dataclass(slots=True)
class _Load:
    """One shipment that is about to leave."""

    number: str
    shipment_id: int
    order_ids: list[int]
    carrier: str
    tracking: str
    staged: list[StagedUnits] = field(default_factory=list)


@command(permission="shipping.ship", result=Prepared)
def prepare_shipment(ctx: Context, req: PrepareShipment) -> Prepared:
    """Put orders on one shipment that waits for its truck.

    Refuses with NothingToShip when an order does not exist at the site, and with OnOtherShipment when one waits on
    another shipment.
    """
    ctx.require("shipping.ship", req.site_id)
    lines = sales.claim_orders(req.order_ids)
    here = {line.order_id for line in lines if line.site_id == req.site_id and line.state in ("confirmed", "released")}
    if not req.order_ids or here != set(req.order_ids):
        raise NothingToShip("Not all of these are open orders of this site.", fix="Choose the orders again.")
    number = numbers.next_number("SH")
    shipment_id = steps.prepare(ctx, req.site_id, (number, req.carrier, req.tracking), sorted(here))
    ctx.subject = ref(SHIPMENT, shipment_id)
    ctx.about(ORDER, here)
    return Prepared(shipment_id, number)


@command(permission="shipping.ship", result=Shipped, is_small=lambda req: len(req.departures) <= 10)
def ship_confirm(ctx: Context, req: ShipConfirm) -> Shipped:
    """Shipments leave: all that is staged for their orders goes to the customer, at cost.

    Posts SHIP staging -> CUSTOMER (cost of goods sold); emits shipping.shipment_left for each with its lines. Refuses
    with NothingToShip, NotComplete (the customer takes one complete delivery), ShipmentWaits (he does not take it as it
    is), OnHold, WrongState or ShipmentNotFound. The last shipment that a customer takes may end its order.
    """
    ctx.require("shipping.ship", req.site_id)
    loads = _loads(req)
    lines = sales.claim_orders(sorted({order_id for load in loads for order_id in load.order_ids}))
    holds.refuse_held([line for line in lines if line.counts.picked])
    _fill(loads, lines, req.site_id)
    leaving: dict[int, int] = {}
    for row in (row for load in loads for row in load.staged):
        leaving[row.line_id] = leaving.get(row.line_id, 0) + row.units
    ended = limits.refuse_early(ctx, lines, leaving)
    customer_id = places.virtual(req.site_id, "CUSTOMER")
    flat = [(load, row) for load in loads for row in load.staged]
    posting = ledger.post(ctx, [_ship_move(row, customer_id, load.number) for load, row in flat])
    booked = [
        (load.number, row.line_id, row.item_id, row.lot_id, row.lpn_id, row.units, value, move)
        for (load, row), value, move in zip(flat, posting.values, posting.move_ids, strict=True)
    ]
    _write(ctx, req.site_id, posting.posting_id, loads, booked)
    sales.ship_units([(row.line_id, row.units) for _, row in flat], lines, at=ctx.now)
    plates = {row.lpn_id for _, row in flat if row.lpn_id}
    if plates:
        floor.ship_cartons(ctx, sorted(plates))
    lots.note_delivered(((row.line_id, row.item_id, row.lot_id) for _, row in flat), at=ctx.now)
    limits.end_orders(ctx, ended)
    return Shipped([_tell(ctx, req.site_id, load, booked) for load in loads], posting.posting_id)


def _loads(req: ShipConfirm) -> list[_Load]:
    """The shipments of the request, prepared ones locked, the others with new numbers."""
    named = [d.shipment_id for d in req.departures if d.shipment_id]
    held = locks.shipments(named) if named else {}
    fresh = [d for d in req.departures if not d.shipment_id]
    names = iter(numbers.next_numbers("SH", len(fresh)) if fresh else [])
    loads: list[_Load] = []
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
            loads.append(_Load(next(names), 0, list(departure.order_ids), departure.carrier, departure.tracking))
    if not loads:
        raise NothingToShip("There is no shipment in this request.", fix="Name a shipment or its orders.")
    return loads


def _prepared(known: LockedShipment, carrier: str, tracking: str) -> _Load:
    states.advance(ShipmentState(known.state), "confirm", number=known.number)
    return _Load(known.number, known.shipment_id, known.order_ids, carrier, tracking)


def _fill(loads: Sequence[_Load], lines: Sequence[LockedLine], site_id: int) -> None:
    """Give each load what is staged for its orders, or refuse with every order that cannot leave."""
    by_order: dict[int, list[LockedLine]] = {}
    for line in lines:
        by_order.setdefault(line.order_id, []).append(line)
    staged: dict[int, list[StagedUnits]] = {}
    for row in fulfilment.staged(sorted(by_order)):
        staged.setdefault(row.order_id, []).append(row)
    empty: list[BadLine] = []
    partial: list[BadLine] = []
    for n, load in enumerate(loads, 1):
        for order_id in load.order_ids:
            of = by_order.get(order_id, [])
            if not of or of[0].site_id != site_id or order_id not in staged:
                number = of[0].number if of else f"order {order_id}"
                empty.append(BadLine(n, "order_ids", f"Nothing is staged for {number}.", "Pick it first."))
                continue
            missing = sum(line.counts.waiting + line.counts.allocated for line in of)
            if of[0].policy == "complete" and missing:
                partial.append(
                    BadLine(n, "order_ids", f"{of[0].number} lacks {missing} units.", "Pick the rest first.")
                )
            load.staged.extend(staged.pop(order_id))
        if not load.order_ids:
            empty.append(BadLine(n, "order_ids", "The shipment has no orders.", "Name its orders."))
    if empty:
        raise NothingToShip(empty[0].message, lines=empty, fix=empty[0].fix)
    if partial:
        raise NotComplete("The customer takes one complete delivery.", lines=partial, fix=partial[0].fix)


def _ship_move(row: StagedUnits, customer_id: int, number: str) -> Move:
    return Move(
        item_id=row.item_id,
        units=row.units,
        source=Place(row.location_id, row.lpn_id, row.quality),
        target=Place(customer_id),
        reason="SHIP",
        lot_id=row.lot_id,
        owner_id=row.owner_id,
        origin=number,
        demand=ref(LINE, row.line_id),
        claim=Claim.SHIP,
    )


def _write(ctx: Context, site_id: int, posting_id: int, loads: Sequence[_Load], booked: Sequence[steps.Line]) -> None:
    """Store the shipments and their lines; new ones learn their ids."""
    prepared = {load.number: (load.number, load.carrier, load.tracking) for load in loads if load.shipment_id}
    fresh = [load for load in loads if not load.shipment_id]
    if prepared:
        of_prepared = [line for line in booked if line[0] in prepared]
        steps.confirm_prepared(ctx, posting_id, list(prepared.values()), of_prepared)
    if fresh:
        ids = steps.insert_shipped(
            ctx,
            site_id,
            posting_id=posting_id,
            heads=[(load.number, load.carrier, load.tracking) for load in fresh],
            orders=[(load.number, order_id) for load in fresh for order_id in load.order_ids],
            lines=[line for line in booked if line[0] not in prepared],
        )
        for load in fresh:
            load.shipment_id = ids[load.number]


def _tell(ctx: Context, site_id: int, load: _Load, booked: Sequence[steps.Line]) -> ShippedOne:
    """The event and the answer of one shipment."""
    order_of = {row.line_id: row.order_id for row in load.staged}
    lines = [
        ShippedLine(line_id, order_of[line_id], item_id, lot_id, lpn_id, units, cost, move_id)
        for number, line_id, item_id, lot_id, lpn_id, units, cost, move_id in booked
        if number == load.number
    ]
    ctx.emit(ShipmentLeft(load.shipment_id, load.number, site_id, load.order_ids, lines))
    ctx.subject = ref(SHIPMENT, load.shipment_id)
    ctx.about(ORDER, load.order_ids)
    cost = sum((line.cost for line in lines), Decimal(0))
    return ShippedOne(load.shipment_id, load.number, load.order_ids, sum(line.units for line in lines), cost)


@command(permission="shipping.ship", result=ShipmentCancelled)
def cancel_shipment(ctx: Context, req: CancelShipment) -> ShipmentCancelled:
    """Call off a shipment that has not left; its orders can go on another. Refuses with WrongState once it has left."""
    known = _one(ctx, req.shipment_id)
    states.advance(ShipmentState(known.state), "cancel", number=known.number)
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
