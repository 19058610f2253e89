"""Whether the rules choose the site of an order, or it stays where it is."""

from __future__ import annotations

from flowrack.platform import sql
from flowrack.platform.runner import Context, command
from flowrack.sales import locks, queries, states, steps_changes, steps_judge
from flowrack.sales.types import ORDER
from flowrack.sales.types_changes import Changed, ChangeRefused, OrderChanged, OrderChangedEvent
from flowrack.sales.types_sites import SetAnySite
from flowrack.shared.refs import ref

BY_RULES = "chosen by the rules"


@command(permission="sales.change", result=OrderChanged)
def set_any_site(ctx: Context, req: SetAnySite) -> OrderChanged:
    """Let the rules choose the site of an order that has not left, now and while it waits; or let it stay at its own.

    One that any site may send is held by what any of them holds, as at entry. Emits sales.order_changed, upon which the
    rules choose. Refuses with ChangeRefused when it is so already, with
    WrongState and with OrderNotFound.
    """
    lines = locks.lines_of_order(req.order_id)
    head = steps_changes.read_head(ctx, req.order_id)
    ctx.require("sales.change", head.site_id)
    states.advance(states.OrderState(head.state), "change")
    order = queries.access_order(req.order_id, frozenset({head.site_id}))
    if order.any_site == req.any_site:
        raise ChangeRefused("Nothing is different.", fix="Choose a site, or leave it as it is.")
    sql.execute("UPDATE sales_order SET any_site = %s WHERE id = %s", (req.any_site, req.order_id))
    if req.any_site:
        may_move = [line_id for line_id, (_, line) in lines.items() if line.waiting + line.allocated > line.released]
        steps_judge.judge_anywhere(ctx, req.order_id, head.site_id, may_move)
    before, after = (BY_RULES if yes else order.site for yes in (order.any_site, req.any_site))
    changed = [Changed("ship from", before, after)]
    ctx.emit(OrderChangedEvent(req.order_id, changed, req.reason.strip()))
    ctx.subject = ref(ORDER, req.order_id)
    return OrderChanged(req.order_id, changed, 0)
