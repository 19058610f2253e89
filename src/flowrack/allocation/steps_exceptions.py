"""Writes of promises that cannot hold."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.allocation.rules_cover import Slip
from flowrack.allocation.types_exceptions import AGAIN
from flowrack.platform import sql
from flowrack.platform.runner import Context


def settle(ctx: Context, line_ids: Sequence[int], closing: str) -> list[int]:
    """Open exceptions of order lines are over; the lines. One statement."""
    if not line_ids:
        return []
    rows = sql.fetch_all(
        """
        UPDATE allocation_promiseexception SET closed_at = %s, closed_by_id = %s, closing = %s
        WHERE order_line_id = ANY(%s) AND closed_at IS NULL RETURNING order_line_id
        """,
        (ctx.now, ctx.actor_id, closing, list(line_ids)),
    )
    return sorted(row[0] for row in rows)


def raise_exceptions(ctx: Context, found: Sequence[tuple[Slip, int, str]]) -> None:
    """Exceptions for slips, with the PO line behind each (0 = none) and the sentence; older open ones give way.

    Two statements.
    """
    settle(ctx, [slip.line_id for slip, _, _ in found], AGAIN)
    sql.execute(
        """
        INSERT INTO allocation_promiseexception
               (order_line_id, po_line_id, promised_on, covered_before, covered_on, units, reason, raised_at, closing)
        SELECT n.line, nullif(n.po_line, 0), n.promised, n.before, n.after, n.units, left(n.reason, 300), %s, ''
        FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::date[], %s::bigint[], %s::text[])
             AS n(line, po_line, promised, before, after, units, reason)
        """,
        (
            ctx.now,
            [slip.line_id for slip, _, _ in found],
            [po_line_id for _, po_line_id, _ in found],
            [slip.promised_on for slip, _, _ in found],
            [slip.before for slip, _, _ in found],
            [slip.after for slip, _, _ in found],
            [slip.units for slip, _, _ in found],
            [reason for _, _, reason in found],
        ),
    )


def close(ctx: Context, exception_ids: Sequence[int], note: str) -> int:
    """Somebody has dealt with exceptions; how many were open. One statement."""
    return sql.execute(
        """
        UPDATE allocation_promiseexception SET closed_at = %s, closed_by_id = %s, closing = left(%s, 200)
        WHERE id = ANY(%s) AND closed_at IS NULL
        """,
        (ctx.now, ctx.actor_id, note, list(exception_ids)),
    )
