"""Shipments straight from the bins: for the counter, collections, and houses that pick from paper."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.fulfilment import steps as floor
from flowrack.fulfilment.rules import PickPlan
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Claim, Move, Place
from flowrack.platform.runner import Context, command
from flowrack.sales import steps as sales
from flowrack.sales import steps_holds as holds
from flowrack.sales import steps_limits as limits
from flowrack.sales import steps_lots as lots
from flowrack.sales.types import LINE, LockedLine
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref
from flowrack.shipping import queries_loads, steps, steps_proofs
from flowrack.shipping.types import (
    NotComplete,
    NothingToShip,
    ShipFromStock,
    ShipmentLeft,
    Shipped,
    ShippedLine,
    ShippedOne,
)

SHIPMENT = "shipping.shipment"


@command(permission="shipping.ship", result=Shipped, is_small=lambda req: len(req.order_ids) <= 20)
def ship_from_stock(ctx: Context, req: ShipFromStock) -> Shipped:
    """Ship what is promised to orders straight from its bins, without picks: one shipment for each order.

    The cells are chosen as a wave would choose them. Posts SHIP bin -> CUSTOMER (cost of goods sold) and uses up the
    promises; emits shipping.shipment_left for each. Refuses, naming every order, with NothingToShip (nothing promised,
    in picking, another site, or in no bin that may be picked), NotComplete, ShipmentWaits, OnHold
    or OnOtherLoad.
    """
    ctx.require("shipping.ship", req.site_id)
    lines = sales.claim_orders(req.order_ids)
    queries_loads.refuse_on_load(req.order_ids)
    holds.refuse_held([line for line in lines if line.counts.unreleased])
    demands = floor.demands_of(lines)
    plans = floor.plan_picks(demands, req.site_id, now=ctx.now)
    _refuse(req, lines, plans)
    leaving: dict[int, int] = {}
    for plan in plans:
        leaving[plan.demand.line_id] = leaving.get(plan.demand.line_id, 0) + plan.units
    ended = limits.refuse_early(ctx, lines, leaving)
    numbers, customer_id = steps.open_numbers(req.site_id, len(req.order_ids))
    number_of = dict(zip(req.order_ids, numbers, strict=True))
    posting = ledger.post(ctx, [_issue(plan, customer_id, number_of[plan.demand.order_id]) for plan in plans])
    booked: list[steps.Line] = [
        (number_of[p.demand.order_id], p.demand.line_id, p.demand.item_id, p.demand.lot_id, p.cell.lpn_id, p.units, *at)
        for p, at in zip(plans, zip(posting.values, posting.move_ids, strict=True), strict=True)
    ]
    ids = steps.insert_shipped(
        ctx,
        req.site_id,
        posting_id=posting.posting_id,
        heads=[(number, req.carrier.strip(), req.tracking.strip()) for number in numbers],
        orders=[(number, order_id) for order_id, number in number_of.items()],
        lines=booked,
    )
    sales.ship_promised([(plan.demand.line_id, plan.units) for plan in plans], lines, at=ctx.now)
    lots.note_delivered(((p.demand.line_id, p.demand.item_id, p.demand.lot_id) for p in plans), at=ctx.now)
    limits.end_orders(ctx, ended)
    steps_proofs.make_notices(ctx, req.site_id, [(ids[number], number) for number in numbers])
    return Shipped(
        [_tell(ctx, req.site_id, order_id, (ids[number], number), booked) for order_id, number in number_of.items()],
        posting.posting_id,
    )


def _issue(plan: PickPlan, customer_id: int, number: str) -> Move:
    return Move(
        item_id=plan.demand.item_id,
        units=plan.units,
        source=Place(plan.cell.location_id, plan.cell.lpn_id),
        target=Place(customer_id),
        reason="SHIP",
        lot_id=plan.demand.lot_id,
        origin=number,
        demand=ref(LINE, plan.demand.line_id),
        claim=Claim.ISSUE,
    )


def _refuse(req: ShipFromStock, lines: Sequence[LockedLine], plans: Sequence[PickPlan]) -> None:
    """Name every order that cannot leave whole as it is promised."""
    planned: dict[int, int] = {}
    for plan in plans:
        planned[plan.demand.order_id] = planned.get(plan.demand.order_id, 0) + plan.units
    by_order: dict[int, list[LockedLine]] = {}
    for line in lines:
        by_order.setdefault(line.order_id, []).append(line)
    nothing: list[BadLine] = []
    partial: list[BadLine] = []
    for n, order_id in enumerate(req.order_ids, 1):
        of = by_order.get(order_id, [])
        missing = sum(line.counts.waiting for line in of)
        why = _why_not(of, req.site_id, planned.get(order_id, 0))
        if why is not None:
            nothing.append(BadLine(n, "order_ids", *why))
        elif of[0].policy == "complete" and missing:
            message = f"{of[0].number} lacks {missing} units."
            partial.append(BadLine(n, "order_ids", message, "Reserve the rest first."))
    if nothing or not req.order_ids or len(set(req.order_ids)) < len(req.order_ids):
        nothing = nothing or [BadLine(0, "order_ids", "No orders, or one named twice.", "Name each order once.")]
        raise NothingToShip(nothing[0].message, lines=nothing, fix=nothing[0].fix)
    if partial:
        raise NotComplete("The customer takes one complete delivery.", lines=partial, fix=partial[0].fix)


def _why_not(of: Sequence[LockedLine], site_id: int, planned: int) -> tuple[str, str] | None:
    """What keeps an order from leaving, and the way out; None when nothing does."""
    if not of or of[0].site_id != site_id:
        return "There is no such order at this site.", "Choose the orders again."
    number = of[0].number
    if of[0].state not in ("confirmed", "released"):
        return f"{number} is {of[0].state}.", "Choose open orders."
    if any(line.counts.released or line.counts.picked for line in of):
        return f"{number} is in picking.", "Ship what is picked, or call its picks back."
    promised = sum(line.counts.unreleased for line in of)
    if not promised:
        return f"Nothing is reserved for {number}.", "Reserve stock first."
    if planned < promised:
        return f"{promised - planned} units of {number} lie in no bin that may be picked.", "Look at its bins."
    return None


def _tell(
    ctx: Context, site_id: int, order_id: int, shipment: tuple[int, str], booked: Sequence[steps.Line]
) -> ShippedOne:
    """The event and the answer of one shipment."""
    shipment_id, number = shipment
    lines = [ShippedLine(line[1], order_id, *line[2:]) for line in booked if line[0] == number]
    ctx.emit(ShipmentLeft(shipment_id, number, site_id, [order_id], lines))
    ctx.subject = ref(SHIPMENT, shipment_id)
    cost = sum((line.cost for line in lines), Decimal(0))
    return ShippedOne(shipment_id, number, [order_id], sum(line.units for line in lines), cost)
