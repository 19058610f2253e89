"""The door of credit: how much a customer may have open, and who is on stop."""

from __future__ import annotations

from flowrack.platform import sql
from flowrack.platform.runner import Context, command, refuse_on
from flowrack.sales import locks, queries_credit, steps_judge
from flowrack.sales import queries_holds as reads
from flowrack.sales.types import ORDER
from flowrack.sales.types_holds import BadCredit, CreditsSet, SetCredits
from flowrack.shared.errors import BadLine, Stale

MOST = 1_000_000_000_000  # far beyond any house, within what the column holds


@command(permission="sales.credit", result=CreditsSet)
def set_credits(ctx: Context, req: SetCredits) -> CreditsSet:
    """Set the credit of customers: a new version each. A stop holds all their open orders.

    Orders that waited for credit and fit now are free, the oldest first. Emits sales.holds_placed and
    sales.holds_ended. Refuses with BadCredit, naming every bad line.
    """
    known = queries_credit.customers_by_code([one.customer.strip() for one in req.credits])
    bad = _faults(req, known)
    if bad:
        raise BadCredit(bad[0].message, lines=bad, fix=bad[0].fix)
    ids = [known[one.customer.strip()] for one in req.credits]
    sql.execute(
        "UPDATE sales_credit SET ended_at = %s WHERE ended_at IS NULL AND customer_id = ANY(%s::bigint[])",
        (ctx.now, ids),
    )
    sql.execute(
        """
        INSERT INTO sales_credit (customer_id, version, credit_limit, owed, is_stopped, reason, set_by_id, set_at)
        SELECT n.customer, 1 + coalesce(v.version, 0), n.credit_limit, n.owed, n.is_stopped, left(%s, 200), %s, %s
        FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[], %s::boolean[])
             AS n(customer, credit_limit, owed, is_stopped)
        LEFT JOIN LATERAL (SELECT max(version) AS version FROM sales_credit c WHERE c.customer_id = n.customer) AS v
             ON true
        """,
        (
            *(req.reason.strip(), ctx.actor_id, ctx.now, ids),
            [one.credit_limit for one in req.credits],
            [one.owed for one in req.credits],
            [one.is_stopped for one in req.credits],
        ),
    )
    order_ids = reads.open_orders_of(ids)
    locks.orders(order_ids)
    stopped = {known[one.customer.strip()] for one in req.credits if one.is_stopped}
    placed, ended = steps_judge.judge_credit(ctx, order_ids, stopped)
    ctx.about("parties.party", ids)
    ctx.about(ORDER, reads.orders_of_holds([*placed, *ended]))
    return CreditsSet(placed, ended)


def _faults(req: SetCredits, known: dict[str, int]) -> list[BadLine]:
    bad = [] if req.reason.strip() else [BadLine(0, "reason", "Say why.", "A few words are enough.")]
    if not req.credits:
        bad.append(BadLine(0, "credits", "No customer is named.", "Name at least one."))
    seen: set[str] = set()
    for n, one in enumerate(req.credits, 1):
        code = one.customer.strip()
        if code not in known or code in seen:
            said = f"There is no customer “{code}”, or it stands twice."
            bad.append(BadLine(n, "customer", said, "Use each customer's code once."))
        seen.add(code)
        for name in ("credit_limit", "owed"):
            value = getattr(one, name)
            if value is not None and not (-MOST < value < MOST and (value >= 0 or name == "owed")):
                bad.append(BadLine(n, name, f"{value} is out of range.", "Leave the limit empty for none."))
    return bad


refuse_on(
    "sales_credit_one_in_force",
    lambda: Stale("Somebody else has set this credit a moment ago.", fix="Look at it and set it again."),
)
refuse_on(
    "sales_credit_version_once",
    lambda: Stale("Somebody else has set this credit a moment ago.", fix="Look at it and set it again."),
)
