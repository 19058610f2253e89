"""Goods that were picked for several orders together are put to their orders."""

from __future__ import annotations

from flowrack.fulfilment import locks, queries, queries_sort, queries_totes, rules_totes
from flowrack.fulfilment.states import CartonState
from flowrack.fulfilment.types import NotStaged, WrongTote
from flowrack.fulfilment.types_packing import SortUnits, UnitsSorted
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Claim, Move, Place
from flowrack.platform.runner import Context, command
from flowrack.sales import queries as orders
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, ORDER
from flowrack.shared.refs import ref


@command(permission="fulfilment.pack", result=UnitsSorted)
def sort_units(ctx: Context, req: SortUnits) -> UnitsSorted:
    """Put units of an order line from a tote of several orders into the tote of its own order.

    Posts PACK within the staging location; the reservation goes along. Refuses with NotStaged when the tote holds
    fewer units of the line and lot, and with WrongTote when a list still fills the tote, or the other one is on a cart,
    a closed carton, or of another order.
    """
    order_id = next((of for of, _ in sales.claim_lines([req.line_id]).values()), 0)
    if not req.from_tote_id or not order_id:
        raise NotStaged("There is nothing of this line to sort.", fix="Scan the tote again.")
    [site_id] = orders.sites_of([order_id])
    ctx.require("fulfilment.pack", site_id)
    locks.tote(req.tote_id)
    filling = queries_totes.on_the_way([req.from_tote_id]).get(req.from_tote_id)
    if filling is not None:
        raise WrongTote(filling.words, fix="Sort it when the list is done.")
    is_carton = any(
        carton.lpn_id in (req.from_tote_id, req.tote_id) and carton.state == CartonState.PACKED
        for carton in queries.cartons([order_id])
    )
    if is_carton:
        raise WrongTote("That is a closed carton.", fix="Open it first, or scan a tote.")
    seen = queries_totes.totes_seen([req.tote_id]).get(req.tote_id)
    wrong = rules_totes.wrong_on_wall(seen, order_id=order_id, site_id=site_id, from_id=req.from_tote_id)
    if wrong is not None:
        raise WrongTote(wrong[0], fix=wrong[1])
    row = next(
        (
            row
            for row in queries.staged([order_id])
            if (row.line_id, row.lot_id, row.lpn_id) == (req.line_id, req.lot_id, req.from_tote_id)
        ),
        None,
    )
    if row is None or not 0 < req.units <= row.units:
        held = row.units if row else 0
        raise NotStaged(f"{req.units:,} were said, {held:,} are in the tote.", fix="Count what is in the tote.")
    move = Move(
        item_id=row.item_id,
        units=req.units,
        source=Place(row.location_id, row.lpn_id, row.quality),
        target=Place(row.location_id, req.tote_id, row.quality),
        reason="PACK",
        lot_id=row.lot_id,
        owner_id=row.owner_id,
        origin=ref(ORDER, order_id),
        demand=ref(LINE, row.line_id),
        claim=Claim.CARRY,
    )
    ledger.post(ctx, [move])
    ctx.about(ORDER, [order_id])
    return UnitsSorted(order_id, req.tote_id, req.units, sum(r.units for r in queries_sort.unsorted(req.from_tote_id)))
