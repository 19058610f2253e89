"""The door of taking accepted substitutes back."""

from __future__ import annotations

from flowrack.allocation import steps_take_back
from flowrack.allocation.types_substitutes import NothingInstead, SubstitutesUndone, UndoSubstitutes
from flowrack.platform.runner import Context, command
from flowrack.sales import queries as orders
from flowrack.sales import queries_substitutes, steps_changes
from flowrack.sales import steps as sales
from flowrack.sales.queries_substitutes import InsteadOf
from flowrack.sales.states import OrderState, advance
from flowrack.sales.types import ORDER, LineCounts, OrderNotFound, TooLate
from flowrack.shared.errors import BadLine


@command(permission="allocation.substitute", result=SubstitutesUndone)
def undo_substitutes(ctx: Context, req: UndoSubstitutes) -> SubstitutesUndone:
    """Take back all that is sent instead of a line: what was reserved of it is free, and the line waits again.

    Open picks are called back. Emits allocation.substitutes_taken_back and sales.units_cancelled. Refuses with TooLate
    once any of it is picked or has left, with NothingInstead, OrderNotFound and WrongState.
    """
    order_id = orders.order_of_line(req.line_id)
    sites = orders.sites_of([order_id])
    if len(sites) != 1 or not ctx.may("allocation.substitute", sites[0]):
        raise OrderNotFound("There is no such order line.", fix="Open the order again.")
    asked = [one.line_id for one in queries_substitutes.substitutes_of(req.line_id)]
    called_back = steps_changes.free_from_floor(ctx, dict.fromkeys(asked))
    held = sales.claim_lines([req.line_id, *asked])
    advance(OrderState(orders.access_order(order_id, frozenset(sites)).state), "change")
    standing = [one for one in queries_substitutes.substitutes_of(req.line_id) if one.line_id in held]
    if not standing:
        raise NothingInstead("Nothing is sent instead of this line.", fix="Open the order again.")
    counts = {one.line_id: held[one.line_id][1] for one in standing}
    _refuse_picked(standing, counts)
    back, freed = steps_take_back.take_back(ctx, order_id, req.line_id, standing, counts)
    ctx.about(ORDER, [order_id])
    return SubstitutesUndone(order_id, back, list(counts), freed, called_back)


def _refuse_picked(standing: list[InsteadOf], counts: dict[int, LineCounts]) -> None:
    bad = []
    for one in standing:
        of = counts[one.line_id]
        busy = of.released + of.picked + of.shipped
        if busy:
            said = f"{busy} of the {of.units} units that stand for {one.sku} are being picked, are picked or have left."
            bad.append(BadLine(0, "line_id", said, "Put picked units back first (Undo pick)."))
    if bad:
        raise TooLate("It is too late to take the substitute back.", lines=bad, fix=bad[0].fix)
