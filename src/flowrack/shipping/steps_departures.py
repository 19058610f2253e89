"""Goods leave: what a shipment by itself and a truck with many of them have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from flowrack.fulfilment import queries as fulfilment
from flowrack.fulfilment import queries_totes
from flowrack.fulfilment import queries_unproved as packing
from flowrack.fulfilment import steps as floor
from flowrack.fulfilment import steps_totes as totes
from flowrack.fulfilment.types import StagedUnits
from flowrack.fulfilment.types_packing import NotProved
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Claim, Move, Place
from flowrack.locations import queries as places
from flowrack.platform.runner import Context
from flowrack.sales import steps as sales
from flowrack.sales import steps_holds as holds
from flowrack.sales import steps_limits as limits
from flowrack.sales import steps_lots as lots
from flowrack.sales.types import LINE, ORDER, LockedLine
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref
from flowrack.shipping import queries_loads, steps, steps_proofs
from flowrack.shipping.types import NotComplete, NothingToShip, ShipmentLeft, Shipped, ShippedLine, ShippedOne

SHIPMENT = "shipping.shipment"
Aboard = Callable[[StagedUnits], bool]


@dataclass(slots=True)
class Leaving:
    """One shipment that is about to leave; without an id it was not prepared."""

    number: str
    shipment_id: int
    order_ids: list[int]
    carrier: str
    tracking: str
    staged: list[StagedUnits] = field(default_factory=list)


def everything(_: StagedUnits) -> bool:
    """All that is staged leaves."""
    return True


def leave(
    ctx: Context,
    site_id: int,
    leaving: Sequence[Leaving],
    *,
    aboard: Aboard = everything,
    by_truck: bool = False,
    beside: Sequence[Move] = (),
) -> Shipped:
    """Post the issue of what is staged for the shipments (and `aboard`), at cost, and tell each of them.

    `beside` are moves that the command posts after these: the stock of both is locked before it posts any.
    Refuses with NothingToShip, NotComplete, ShipmentWaits, OnHold, NotProved, or OnOtherLoad unless they go `by_truck`.
    """
    lines = sales.claim_orders(sorted({order_id for one in leaving for order_id in one.order_ids}))
    if not by_truck:  # asked with the lines locked: nobody plans a truck for them now
        queries_loads.refuse_on_load([order_id for one in leaving for order_id in one.order_ids])
    holds.refuse_held([line for line in lines if line.counts.picked])
    _fill(leaving, lines, site_id, aboard)
    units: dict[int, int] = {}
    for row in (row for one in leaving for row in one.staged):
        units[row.line_id] = units.get(row.line_id, 0) + row.units
    ended = limits.refuse_early(ctx, lines, units)
    customer_id = places.virtual(site_id, "CUSTOMER")
    flat = [(one, row) for one in leaving for row in one.staged]
    plates = {row.lpn_id for _, row in flat if row.lpn_id}
    _refuse_unproved(sorted(plates), now=ctx.now)
    moves = [_ship_move(row, customer_id, one.number) for one, row in flat]
    if beside:
        ledger.claim_stock([*moves, *beside])
    posting = ledger.post(ctx, moves)
    booked = [
        (one.number, row.line_id, row.item_id, row.lot_id, row.lpn_id, row.units, value, move)
        for (one, row), value, move in zip(flat, posting.values, posting.move_ids, strict=True)
    ]
    _write(ctx, site_id, posting.posting_id, leaving, booked)
    sales.ship_units([(row.line_id, row.units) for _, row in flat], lines, at=ctx.now)
    if plates:
        floor.ship_cartons(ctx, sorted(plates))
        totes.free_if_empty(plates)
    lots.note_delivered(((row.line_id, row.item_id, row.lot_id) for _, row in flat), at=ctx.now)
    limits.end_orders(ctx, ended)
    steps_proofs.make_notices(ctx, site_id, [(one.shipment_id, one.number) for one in leaving])
    return Shipped([_tell(ctx, site_id, one, booked) for one in leaving], posting.posting_id)


def _refuse_unproved(plates: Sequence[int], *, now: datetime) -> None:
    """No carton leaves with its weight off or, where it is asked for, without its weight or the scan of its label."""
    bad = [
        BadLine(n, "cartons", *one.refusal)
        for n, one in enumerate(packing.unproved(plates, now=now) if plates else [], 1)
    ]
    if bad:
        raise NotProved(bad[0].message, lines=bad, fix=bad[0].fix)


def _fill(leaving: Sequence[Leaving], lines: Sequence[LockedLine], site_id: int, aboard: Aboard) -> None:
    """Give each shipment what is staged for its orders, or refuse with every order that cannot leave."""
    by_order: dict[int, list[LockedLine]] = {}
    for line in lines:
        by_order.setdefault(line.order_id, []).append(line)
    staged: dict[int, list[StagedUnits]] = {}
    stays: dict[int, int] = {}
    rows = fulfilment.staged(sorted(by_order))
    filling = queries_totes.not_to_load(row.lpn_id for row in rows if row.lpn_id)
    for row in rows:
        if aboard(row) and row.lpn_id not in filling:
            staged.setdefault(row.order_id, []).append(row)
        else:
            stays[row.order_id] = stays.get(row.order_id, 0) + row.units
    empty: list[BadLine] = []
    partial: list[BadLine] = []
    for n, one in enumerate(leaving, 1):
        for order_id in one.order_ids:
            of = by_order.get(order_id, [])
            if not of or of[0].site_id != site_id or order_id not in staged:
                number = of[0].number if of else f"order {order_id}"
                words = next((filling[row.lpn_id].words for row in rows
                              if row.order_id == order_id and row.lpn_id in filling), "")  # fmt: skip
                empty.append(BadLine(n, "order_ids", words or f"Nothing is staged for {number}.", "Pick it first."))
                continue
            missing = sum(line.counts.waiting + line.counts.allocated for line in of)
            behind = stays.get(order_id, 0)
            if of[0].policy == "complete" and missing + behind:
                fix = "Load all of it, or take it off." if behind else "Pick the rest first."
                partial.append(BadLine(n, "order_ids", f"{of[0].number} lacks {missing + behind} units.", fix))
            one.staged.extend(staged.pop(order_id))
        if not one.order_ids:
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


def _write(
    ctx: Context, site_id: int, posting_id: int, leaving: Sequence[Leaving], booked: Sequence[steps.Line]
) -> None:
    """Store the shipments and their lines; new ones learn their ids."""
    prepared = {one.number: (one.number, one.carrier, one.tracking) for one in leaving if one.shipment_id}
    fresh = [one for one in leaving if not one.shipment_id]
    if prepared:
        of_prepared = [line for line in booked if line[0] in prepared]
        steps.confirm_prepared(ctx, posting_id, list(prepared.values()), of_prepared)
    if fresh:
        ids = steps.insert_shipped(
            ctx,
            site_id,
            posting_id=posting_id,
            heads=[(one.number, one.carrier, one.tracking) for one in fresh],
            orders=[(one.number, order_id) for one in fresh for order_id in one.order_ids],
            lines=[line for line in booked if line[0] not in prepared],
        )
        for one in fresh:
            one.shipment_id = ids[one.number]


def _tell(ctx: Context, site_id: int, one: Leaving, booked: Sequence[steps.Line]) -> ShippedOne:
    """The event and the answer of one shipment."""
    order_of = {row.line_id: row.order_id for row in one.staged}
    lines = [
        ShippedLine(line_id, order_of[line_id], item_id, lot_id, lpn_id, units, cost, move_id)
        for number, line_id, item_id, lot_id, lpn_id, units, cost, move_id in booked
        if number == one.number
    ]
    ctx.emit(ShipmentLeft(one.shipment_id, one.number, site_id, one.order_ids, lines))
    ctx.subject = ref(SHIPMENT, one.shipment_id)
    ctx.about(ORDER, one.order_ids)
    cost = sum((line.cost for line in lines), Decimal(0))
    return ShippedOne(one.shipment_id, one.number, one.order_ids, sum(line.units for line in lines), cost)
