"""What is cancelled by the calendar: the customer's terms said so when the order came in."""

from __future__ import annotations

from flowrack.platform.runner import Context, command
from flowrack.sales import queries_limits, rules_limits, steps_limits
from flowrack.sales.types_limits import CancelOverdue, OverdueCancelled


@command(permission="sales.judge", result=OverdueCancelled)
def cancel_overdue(ctx: Context, req: CancelOverdue) -> OverdueCancelled:
    """Cancel backorders whose days are over, and what has not left by an order's latest day; each with its reason.

    What a picker has goes on its way. Emits sales.units_cancelled for each order.
    """
    why: dict[int, str] = {}
    promised: dict[int, bool] = {}
    for order_id, age in queries_limits.overdue(req.site_id, now=ctx.now, most=req.most).items():
        found = rules_limits.judge_age(age)
        assert found is not None, "the query asks the same"
        why[order_id], promised[order_id] = found.sentence, found.promised
    units = steps_limits.cancel_rest(ctx, why, promised, rule=rules_limits.RULE) if why else 0
    return OverdueCancelled(sorted(why), units)
