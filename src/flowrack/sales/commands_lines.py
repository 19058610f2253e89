"""What people and partners add to orders, until they leave."""

from __future__ import annotations

from flowrack.platform.runner import Context, command
from flowrack.sales import locks, queries, states, steps_changes, steps_entry, steps_holds, steps_judge, steps_lines
from flowrack.sales.types import ORDER, NewOrder, OrderRefused
from flowrack.sales.types_changes import AddLines, LinesAdded, LinesAddedEvent
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref


@command(permission="sales.change", result=LinesAdded)
def add_lines(ctx: Context, req: AddLines) -> LinesAdded:
    """Add lines to an order that has not left, at the prices of today; all or nothing.

    Items, packs, quantities and lots are checked as at entry; quantities and credit are judged, and a new line of an
    order on hold is held with it. Emits sales.lines_added and sales.holds_placed. Refuses with OrderRefused, naming
    every bad line, with WrongState when the order has left or is cancelled, and with OrderNotFound.
    """
    locks.lines_of_order(req.order_id)
    head = steps_changes.read_head(ctx, req.order_id)
    ctx.require("sales.change", head.site_id)
    states.advance(states.OrderState(head.state), "change")
    customer = queries.access_order(req.order_id, frozenset({head.site_id})).customer_code
    lines, bad = steps_entry.check_more(NewOrder(customer, head.site_id, req.lines))
    bad = [*steps_lines.too_old(head), *bad]
    if not req.lines:
        bad.append(BadLine(0, "lines", "There is no line to add.", "Name an item and how many."))
    if bad:
        raise OrderRefused(f"The lines cannot be added: {len(bad)} to mend.", lines=bad)
    added = steps_lines.insert(req.order_id, lines)
    ids = [line.line_id for line in added]
    steps_holds.mark_anew(req.order_id)
    steps_judge.judge_changed(ctx, req.order_id, dict.fromkeys(ids, 0), is_priced=True)
    ctx.emit(LinesAddedEvent(req.order_id, head.number, head.site_id, ids, req.reason.strip()))
    ctx.subject = ref(ORDER, req.order_id)
    return LinesAdded(req.order_id, added)
