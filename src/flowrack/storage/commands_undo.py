"""The door for what was put away or moved by mistake."""

from __future__ import annotations

from flowrack.inspection import steps_places as holds
from flowrack.ledger import steps as ledger
from flowrack.platform.runner import Context, command
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import queries, steps
from flowrack.storage.types import NoSuchPlan, PutawayNeed, PutawayUndone, StockMoved, UndoPutaway
from flowrack.storage.types_moves import MoveUndone, NoSuchMove, UndoMove

BINS = ("reserve", "forward_pick")


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
    holds.follow_posting(site_id, reversal.posting_id)
    needs = [
        PutawayNeed(c.origin, c.from_location_id, c.item_id, Units(c.units), c.lot_id, c.lpn_id, c.quality)
        for c in carried
    ]
    planned = steps.plan(ctx, site_id, needs)
    ctx.subject = ref("storage.planned_move", carried[0].planned_move_id)
    ctx.emit(StockMoved(site_id, reversal.posting_id, sorted({c.item_id for c in carried})))
    return PutawayUndone(reversal.posting_id, sum(c.units for c in carried), [move_id for move_id, _ in planned])


@command(permission="storage.move", result=MoveUndone)
def undo_move(ctx: Context, req: UndoMove) -> MoveUndone:
    """Take a move from bin to bin back: the goods lie again where they lay, on the same LPN.

    Posts the reverse; planned moves whose goods left are cancelled; emits storage.moved. Refuses with NoSuchMove (goods
    that waited for their putaway were sent elsewhere on purpose: their plan is gone), and with the ledger's
    AlreadyReversed or InsufficientStock when the goods were touched since.
    """
    moved = queries.moved_by(req.posting_id)
    if not moved or any(row.from_role not in BINS for row in moved):
        raise NoSuchMove("This posting moved nothing from bin to bin.", fix="Use Move to bring the goods back.")
    site_id = moved[0].site_id
    ctx.require("storage.move", site_id)
    reversal = ledger.reverse(ctx, req.posting_id)
    steps.follow_moved_stock(ctx, site_id, sorted({row.to_location_id for row in moved}))
    holds.follow_posting(site_id, reversal.posting_id)
    ctx.subject = ref("ledger.posting", req.posting_id)
    ctx.emit(StockMoved(site_id, reversal.posting_id, sorted({row.item_id for row in moved})))
    return MoveUndone(reversal.posting_id, sum(row.units for row in moved))
