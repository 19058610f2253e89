"""Writes of promises that cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from flowrack.allocation.rules_cover import Slip
from flowrack.allocation.types_exceptions import AGAIN, PromisesSlipped
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.sales.types import LINE
from flowrack.shared.refs import ref

CALENDAR = "calendar/1"
OVER = "Nothing of it waits any more."


class NotSent(NamedTuple):
    """A line that is promised for a day on which nothing leaves any more, the next day on which it can, why, and when
    it arrives then and how many days that is late (None: nobody said)."""

    line_id: int
    units: int
    promised_on: date
    next_on: date | None
    why: str
    arrives_on: date | None = None
    days_late: int | None = None


def settle(ctx: Context, line_ids: Sequence[int], closing: str, *, by_calendar: bool | None = None) -> list[int]:
    """Open exceptions of order lines are over; the lines. `by_calendar`: those alone that are by the calendar, or that
    are not. One statement."""
    if not line_ids:
        return []
    rows = sql.fetch_all(
        """
        UPDATE allocation_promiseexception SET closed_at = %s, closed_by_id = %s, closing = %s
        WHERE order_line_id = ANY(%s) AND closed_at IS NULL AND coalesce(by_calendar = %s::boolean, true)
        RETURNING order_line_id
        """,
        (ctx.now, ctx.actor_id, closing, list(line_ids), by_calendar),
    )
    return sorted(row[0] for row in rows)


def settle_over(ctx: Context, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Open exceptions of lines of items at sites are over where nothing of the line waits any more: it was sent,
    cancelled or reserved in time; the lines. One statement."""
    rows = sql.fetch_all(
        """
        UPDATE allocation_promiseexception e SET closed_at = %s, closed_by_id = %s, closing = %s
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        JOIN (SELECT unnest(%s::bigint[]) AS item, unnest(%s::bigint[]) AS site) AS w
             ON w.item = l.item_id AND w.site = o.site_id
        WHERE e.order_line_id = l.id AND e.closed_at IS NULL
          AND (o.state NOT IN ('confirmed', 'released')
               OR l.open_units = 0 AND NOT (e.by_calendar AND l.allocated_units + l.picked_units > 0))
        RETURNING e.order_line_id
        """,
        (ctx.now, ctx.actor_id, OVER, [item for item, _ in pairs], [site for _, site in pairs]),
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


def reword(reasons: Sequence[tuple[int, str]]) -> None:
    """Open exceptions of lines say by another reason what they said before. One statement."""
    if reasons:
        sql.execute(
            """
            UPDATE allocation_promiseexception e SET reason = left(n.reason, 300)
            FROM unnest(%s::bigint[], %s::text[]) AS n(line, reason)
            WHERE e.order_line_id = n.line AND e.closed_at IS NULL
            """,
            ([line_id for line_id, _ in reasons], [reason for _, reason in reasons]),
        )


def raise_not_sent(ctx: Context, found: Sequence[NotSent]) -> None:
    """Exceptions for lines on whose promised day nothing leaves any more, with their decisions and the event. Lines
    that are at risk already stay as they are, unless they leave or arrive later still, or nobody can say when any
    more. Two statements."""
    if not found:
        return
    rows = sql.fetch_all(
        """
        INSERT INTO allocation_promiseexception AS e
               (order_line_id, promised_on, covered_before, covered_on, arrives_on, days_late, units, reason, raised_at,
                closing, by_calendar)
        SELECT n.line, n.promised, n.promised, n.next, n.arrives, n.late, n.units, left(n.reason, 300), %s, '', true
        FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::date[], %s::int[], %s::bigint[], %s::text[])
             AS n(line, promised, next, arrives, late, units, reason) ORDER BY n.line
        ON CONFLICT (order_line_id) WHERE closed_at IS NULL DO UPDATE
            SET covered_on = excluded.covered_on, arrives_on = excluded.arrives_on, days_late = excluded.days_late,
                reason = excluded.reason
            WHERE e.by_calendar AND (
                excluded.covered_on > e.covered_on OR excluded.arrives_on > e.arrives_on
                OR (excluded.covered_on IS NULL AND e.covered_on IS NOT NULL)
            )
        RETURNING order_line_id
        """,
        (
            ctx.now,
            [one.line_id for one in found],
            [one.promised_on for one in found],
            [one.next_on for one in found],
            [one.arrives_on for one in found],
            [one.days_late for one in found],
            [one.units for one in found],
            [one.why for one in found],
        ),
    )
    new = {row[0] for row in rows}
    decisions.record(
        ctx,
        [
            DecisionRow("cover", ref(LINE, one.line_id), one.why, CALENDAR, {"units": one.units})
            for one in found
            if one.line_id in new
        ],
    )
    if new:
        ctx.emit(PromisesSlipped(sorted(new)))


def close(ctx: Context, exception_ids: Sequence[int], note: str) -> int:
    """Somebody has dealt with exceptions; how many were open. One statement."""
    return sql.execute(
        """
        UPDATE allocation_promiseexception SET closed_at = %s, closed_by_id = %s, closing = left(%s, 200)
        WHERE id = ANY(%s) AND closed_at IS NULL
        """,
        (ctx.now, ctx.actor_id, note, list(exception_ids)),
    )
