"""The door of budgets."""

from __future__ import annotations

from flowrack.platform.runner import Context, command
from flowrack.purchasing import queries, queries_budgets, queries_families, rules_budgets
from flowrack.purchasing.models import Budget
from flowrack.purchasing.types import BadBudget, BudgetSet, SetBudget
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref


@command(permission="purchasing.budget", result=BudgetSet)
def set_budget(ctx: Context, req: SetBudget) -> BudgetSet:
    """Say what a site may order in a period, in all or of a family; what was said before is kept and counts no more.

    Refuses with BadBudget.
    """
    ctx.require("purchasing.budget", req.site_id)
    today = queries.business_days([req.site_id], now=ctx.now).get(req.site_id)
    month = req.month.replace(day=1)
    bad = rules_budgets.budget_faults(amount=req.amount, month=month, months=req.months, today=today or ctx.now.date())
    if today is None:
        bad.append(BadLine(0, "site_id", f"There is no site {req.site_id}.", "Choose a site."))
    if req.family_id is not None and not queries_families.exists(req.family_id):
        bad.append(BadLine(0, "family", f"There is no family {req.family_id}.", "Choose a family, or all."))
    if bad:
        raise BadBudget(bad[0].message, lines=bad, fix=bad[0].fix)
    row = Budget.objects.create(
        site_id=req.site_id,
        family_id=req.family_id,
        month=month,
        months=req.months,
        amount=to_money(req.amount),
        reason=req.reason.strip()[:200],
        set_by_id=ctx.actor_id,
        set_at=ctx.now,
    )
    ctx.subject = ref("purchasing.budget", row.pk)
    return BudgetSet(
        req.site_id, month, to_money(req.amount), to_money(queries_budgets.left_of(row.pk)), req.months, req.family_id
    )
