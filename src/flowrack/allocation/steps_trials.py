"""Writes of trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import date

from flowrack.allocation.queries_rules import RuleSetRow
from flowrack.allocation.types_trials import FinishTrial, TrialFigure, TrialLine
from flowrack.platform import sql
from flowrack.platform.runner import Context

Days = tuple[date, date] | None
FIGURE = [field.name for field in fields(TrialFigure)]
TYPES = {"side": "text", "tier": "text", "week": "date", "value": "numeric", "margin": "numeric"}


def begin(
    ctx: Context,
    row: RuleSetRow,
    kind: str,
    *,
    digest: str,
    instead_of: int,
    site_ids: Sequence[int],
    days: Days = None,
) -> int:
    """Write a trial that has no result yet; its id. One statement."""
    return int(
        sql.fetch_value(
            """
            INSERT INTO allocation_ruletrial
                   (rule_set_id, kind, digest, instead_of, site_ids, first_on, last_on, started_by_id, started_at)
            VALUES (%s, %s, %s, %s, %s::bigint[], %s, %s, %s, %s) RETURNING id
            """,
            (row.id, kind, digest, instead_of, list(site_ids), *(days or (None, None)), ctx.actor_id, ctx.now),
        )
    )


def note_job(trial_id: int, job_id: int) -> None:
    """Note the job that works on a trial. One statement."""
    sql.execute("UPDATE allocation_ruletrial SET job_id = %s WHERE id = %s", (job_id, trial_id))


def finish(ctx: Context, req: FinishTrial) -> bool:
    """Write what came of a trial; False where that is written already. Three statements."""
    count = sql.execute(
        """
        UPDATE allocation_ruletrial
        SET finished_at = %s, lines = %s, open_lines = %s, lines_gain = %s, lines_lose = %s, units_moved = %s,
            warnings = %s::text[], unknown = %s::text[]
        WHERE id = %s AND finished_at IS NULL
        """,
        (
            ctx.now, req.lines, req.open_lines, req.lines_gain, req.lines_lose, req.units_moved, req.warnings,
            req.unknown, req.trial_id,
        ),
    )  # fmt: skip
    if count:
        _write_figures(req.trial_id, req.figures)
        _write_lines(req.trial_id, req.shifts)
    return bool(count)


def _write_figures(trial_id: int, rows: Sequence[TrialFigure]) -> None:
    names = ", ".join(FIGURE)
    lists = ", ".join(f"%s::{TYPES.get(name, 'bigint')}[]" for name in FIGURE)
    sql.execute(
        f"""
        INSERT INTO allocation_ruletrialfigure (trial_id, {names})
        SELECT %s, {names} FROM unnest({lists}) AS n({names})
        """,  # noqa: S608 - names of fields
        (trial_id, *_columns(rows, len(FIGURE))),
    )


def _write_lines(trial_id: int, rows: Sequence[TrialLine]) -> None:
    sql.execute(
        """
        INSERT INTO allocation_ruletrialline (trial_id, line_id, held, before, after, value)
        SELECT %s, n.* FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[]) AS n
        """,
        (trial_id, *_columns(rows, 5)),
    )


def _columns(rows: Sequence[TrialFigure] | Sequence[TrialLine], count: int) -> list[list[object]]:
    cells = [astuple(row) for row in rows]
    return [[row[n] for row in cells] for n in range(count)]
