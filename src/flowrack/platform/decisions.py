"""The answer to "Why?": every automated decision is stored with its rule, its inputs and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from flowrack.platform import sql
from flowrack.platform.runner import Context


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision: what it was about, the answer in one sentence, the rule and version, and the details.

    `decided_at` and `command_id` are filled in by `why`; `record` takes them from the context.
    """

    kind: str
    subject: str
    sentence: str
    rule: str
    detail: dict[str, Any] = field(default_factory=dict)
    decided_at: datetime | None = None
    command_id: int = 0


def record(ctx: Context, rows: Sequence[DecisionRow]) -> None:
    """Store the decisions of one command. One statement, whatever their number: few are inserted with the COMMIT of the
    command, many are copied."""
    if not rows:
        return
    if len(rows) <= FEW:
        _insert(ctx, rows)
        return
    sql.execute_waiting()  # the newest decision about a subject is the one that was written last
    with sql.cursor() as c, c.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(
                (
                    row.kind,
                    row.subject,
                    row.sentence,
                    row.rule,
                    to_json(row.detail).decode(),
                    ctx.command_id,
                    ctx.now,
                )
            )


FEW = 20  # up to here a prepared INSERT takes half the time of a COPY; others may wait for it
_COPY = (
    "COPY platform_decision (kind, subject, sentence, rule, detail, command_id, decided_at) FROM STDIN"  # one row each
)


def _insert(ctx: Context, rows: Sequence[DecisionRow]) -> None:
    sql.execute_at_commit(
        """
        INSERT INTO platform_decision (kind, subject, sentence, rule, detail, command_id, decided_at)
        SELECT d.kind, d.subject, d.sentence, d.rule, d.detail::jsonb, %s, %s
        FROM (SELECT unnest(%s::text[]) AS kind, unnest(%s::text[]) AS subject, unnest(%s::text[]) AS sentence,
                     unnest(%s::text[]) AS rule, unnest(%s::text[]) AS detail,
                     generate_series(1, %s::int) AS place) AS d
        ORDER BY d.place
        """,
        (
            ctx.command_id,
            ctx.now,
            [row.kind for row in rows],
            [row.subject for row in rows],
            [row.sentence for row in rows],
            [row.rule for row in rows],
            [to_json(row.detail).decode() for row in rows],
            len(rows),
        ),
    )


def why(subject: str, *, limit: int = 50) -> list[DecisionRow]:
    """The decisions about one subject, newest first. One query."""
    return why_all([subject], limit=limit)[subject]


def why_all(subjects: Sequence[str], *, limit: int = 50) -> dict[str, list[DecisionRow]]:
    """The newest `limit` decisions about each of several subjects, newest first. One query."""
    found: dict[str, list[DecisionRow]] = {subject: [] for subject in subjects}
    rows = sql.fetch_all(
        """
        SELECT d.kind, s.subject, d.sentence, d.rule, d.detail::json, d.decided_at, d.command_id
        FROM unnest(%s::text[]) AS s(subject)
        CROSS JOIN LATERAL (
            SELECT * FROM platform_decision d WHERE d.subject = s.subject ORDER BY d.id DESC LIMIT %s
        ) AS d
        ORDER BY s.subject, d.id DESC
        """,
        (list(found), limit),
    )
    for row in rows:
        found[row[1]].append(DecisionRow(*row))
    return found
