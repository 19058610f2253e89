"""The door for what was put away by mistake."""

from __future__ import annotations

from flowrack.ledger import steps as ledger
from flowrack.platform.runner import Context, command
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import queries, steps
from flowrack.storage.types import NoSuchPlan, PutawayNeed, PutawayUndone, StockMoved, UndoPutaway


@command(permission="storage.putaway", result=PutawayUndone)
def undo_putaway(ctx: Context, req: UndoPutaway) -> PutawayUndone:
    """Take a confirmed putaway back: the goods stand where they were carried from, and wait to be put away again.

    Posts the reverse; plans new putaways, since the bin may have been wrong; emits storage.moved. Refuses with
    NoSuchPlan, and with the ledger's AlreadyReversed or InsufficientStock when the goods were touched since.
    """
    carried = queries.carried_by(req.posting_id)
    if not carried:
        raise NoSuchPlan("This posting put nothing away.", fix="Use Move to bring the goods back.")
    site_id = carried[0].site_id
    ctx.require("storage.putaway", site_id)
    reversal = ledger.reverse(ctx, req.posting_id)
    needs = [
        PutawayNeed(c.origin, c.from_location_id, c.item_id, Units(c.units), c.lot_id, c.lpn_id, c.quality)
        for c in carried
    ]
    planned = steps.plan(ctx, site_id, needs)
    ctx.subject = ref("storage.planned_move", carried[0].planned_move_id)
    ctx.emit(StockMoved(site_id, reversal.posting_id, sorted({c.item_id for c in carried})))
    return PutawayUndone(reversal.posting_id, sum(c.units for c in carried), [move_id for move_id, _ in planned])
