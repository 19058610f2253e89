"""Goods of an order that is not to leave go back into their bins."""

from __future__ import annotations

from flowrack.fulfilment import locks, queries, queries_putback, steps, steps_putback
from flowrack.fulfilment.states import PickState
from flowrack.fulfilment.types import AskPutBack, NotStaged, PutBackAsked
from flowrack.fulfilment.types_short import EndPutBack, PutBackEnded
from flowrack.platform.runner import Context, command
from flowrack.sales import queries as orders
from flowrack.sales.types import ORDER
from flowrack.shared.errors import BadLine, Invalid


@command(permission="fulfilment.ask_put_back", result=PutBackAsked)
def ask_put_back(ctx: Context, req: AskPutBack) -> PutBackAsked:
    """Ask the floor to put what is picked of an order back; its open picks are called back.

    Makes a task for each pick whose goods are in no carton and for which none is open; a task ends with undo_pick. What
    is back stays promised and leaves the floor: then the order can be cancelled, and is by itself where that was asked
    (`then_cancel`, by who may cancel it, with the reason). Asked again, the last word counts. Refuses with NotStaged
    when nothing is picked that is not packed.
    """
    for site_id in orders.sites_of([req.order_id]):
        ctx.require("fulfilment.ask_put_back", site_id)
        if req.then_cancel:
            ctx.require("sales.change", site_id)
    if req.then_cancel and not req.reason.strip():
        said = "Say why the order is to be cancelled."
        raise Invalid(said, lines=[BadLine(0, "reason", said, "For example: the customer has changed his mind.")])
    steps.call_back(ctx, locks.open_picks_of([req.order_id]))
    found = locks.picks(queries_putback.picked_of(req.order_id))
    cartons = {carton.lpn_id for carton in queries.cartons([req.order_id])}
    left: dict[tuple[int, int], int] = {}
    for row in queries.staged([req.order_id]):
        if row.lpn_id not in cartons:
            left[row.line_id, row.lot_id] = left.get((row.line_id, row.lot_id), 0) + row.units
    back = []
    for pick in sorted(found.values(), key=lambda pick: -pick.pick_id):
        of = (pick.line_id, pick.lot_id)
        if pick.state == PickState.PICKED and pick.units <= left.get(of, 0):
            left[of] -= pick.units
            back.append(pick)
    if not back:
        raise NotStaged(
            "Nothing is picked of this order that is not packed.", fix="Open its cartons first, or cancel it."
        )
    steps_putback.give_work(ctx, [(pick, pick.units, pick.tote_id or 0) for pick in back])
    steps_putback.ask(ctx, req.order_id, req.then_cancel, req.reason.strip())
    ctx.about(ORDER, [req.order_id])
    return PutBackAsked(req.order_id, sorted(pick.pick_id for pick in back), sum(pick.units for pick in back))


@command(permission="fulfilment.end_put_back", result=PutBackEnded)
def end_put_back(ctx: Context, req: EndPutBack) -> PutBackEnded:
    """Write down, for who asked, what became of an order of which the last goods were put back."""
    ctx.about(ORDER, [steps_putback.end(ctx, req.put_back_id, req.outcome)])
    return PutBackEnded(req.put_back_id)
