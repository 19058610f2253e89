"""Writes of the optimum gap."""

from __future__ import annotations

from flowrack.allocation.types_gap import KeepGap
from flowrack.platform import sql
from flowrack.platform.runner import Context


def begin(ctx: Context, run_id: int, rule_set_id: int, site_id: int) -> int:
    """Write that somebody wants to know; its id. One statement."""
    return int(
        sql.fetch_value(
            """
            INSERT INTO allocation_optimumgap (run_id, rule_set_id, site_id, asked_by_id, asked_at)
            VALUES (nullif(%s, 0), %s, nullif(%s, 0), %s, %s) RETURNING id
            """,
            (run_id, rule_set_id, site_id, ctx.actor_id, ctx.now),
        )
    )


def note_job(gap_id: int, job_id: int) -> None:
    """Note which job looks. One statement."""
    sql.execute("UPDATE allocation_optimumgap SET job_id = %s WHERE id = %s", (job_id, gap_id))


def keep(ctx: Context, req: KeepGap) -> None:
    """Write what was found, once. One statement."""
    sql.execute(
        """
        UPDATE allocation_optimumgap SET looked_at = %s, lines = %s, reached = %s, best = %s
        WHERE id = %s AND looked_at IS NULL
        """,
        (ctx.now, req.lines, req.reached, req.best, req.gap_id),
    )
