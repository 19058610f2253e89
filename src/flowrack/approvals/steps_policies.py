"""Writes around the engine: versions of policies, delegations, escalation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.approvals.steps import role_names
from flowrack.approvals.types import Delegate, WritePolicy
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.errors import Busy

refuse_on(
    "policy_version_once",
    lambda: Busy("Somebody else wrote a version of this policy just now.", fix="Look at it again."),
)


def insert_version(ctx: Context, req: WritePolicy, *, effective_from: datetime) -> tuple[int, int]:
    """Write the next version of a policy, (id, version). Three statements."""
    row = sql.fetch_one(
        """
        INSERT INTO approvals_policy
               (kind, code, version, name, is_active, effective_from, reason, written_by_id, written_at)
        SELECT %s, %s, 1 + coalesce(max(version), 0), %s, %s, %s, %s, %s, %s
        FROM approvals_policy WHERE kind = %s AND code = %s
        RETURNING id, version
        """,
        (
            req.kind,
            req.code,
            req.name.strip(),
            req.is_active,
            effective_from,
            req.reason.strip()[:200],
            ctx.actor_id,
            ctx.now,
            req.kind,
            req.code,
        ),
    )
    assert row is not None, "an insert returns its row"
    policy_id, version = row
    sql.execute(
        """
        INSERT INTO approvals_policycondition (policy_id, line_no, field, operator, value)
        SELECT %s, n.place, n.field, n.operator, n.value
        FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY AS n(field, operator, value, place)
        """,
        (
            policy_id,
            [c.field for c in req.conditions],
            [c.operator for c in req.conditions],
            [c.value.strip() for c in req.conditions],
        ),
    )
    sql.execute(
        """
        INSERT INTO approvals_policystep (policy_id, line_no, sequence, roles, needed, deadline_hours, escalation_role)
        SELECT %s, n.place, n.sequence, string_to_array(n.roles, ' '), n.needed, n.hours, n.escalation
        FROM unnest(%s::smallint[], %s::text[], %s::smallint[], %s::int[], %s::text[])
             WITH ORDINALITY AS n(sequence, roles, needed, hours, escalation, place)
        """,
        (
            policy_id,
            [s.sequence for s in req.steps],
            [" ".join(s.roles) for s in req.steps],
            [s.needed for s in req.steps],
            [s.deadline_hours for s in req.steps],
            [s.escalation_role for s in req.steps],
        ),
    )
    return policy_id, version


def insert_delegation(ctx: Context, req: Delegate, *, from_id: int, begins_at: datetime) -> int:
    """Write a delegation; its id. One statement."""
    return int(
        sql.fetch_value(
            """
            INSERT INTO approvals_delegation
                   (from_person_id, to_person_id, begins_at, until, kinds, written_by_id, written_at)
            VALUES (%s, %s, %s, %s, %s::text[], %s, %s) RETURNING id
            """,
            (from_id, req.to_id, begins_at, req.until, req.kinds, ctx.actor_id, ctx.now),
        )
    )


def end_delegation(ctx: Context, delegation_id: int) -> bool:
    """End a delegation that is not over yet; whether it was. One statement."""
    return bool(
        sql.execute(
            """
            UPDATE approvals_delegation SET revoked_at = %s, revoked_by_id = %s
            WHERE id = %s AND revoked_at IS NULL AND until > %s
            """,
            (ctx.now, ctx.actor_id, delegation_id, ctx.now),
        )
    )


def escalate(ctx: Context, step_ids: Sequence[int]) -> list[int]:
    """Open overdue steps to their escalation role and write down why; the ids of those that were. Two statements."""
    rows = sql.fetch_all(
        """
        UPDATE approvals_step s SET escalated_at = %s
        FROM (
            SELECT s.id FROM approvals_step s JOIN approvals_request r ON r.id = s.request_id AND r.state = 'waiting'
            WHERE s.id = ANY(%s) AND s.state = 'open' AND s.escalated_at IS NULL AND s.escalation_role <> ''
              AND s.due_at <= %s
            ORDER BY s.id FOR NO KEY UPDATE OF s
        ) AS over, approvals_request r
        WHERE s.id = over.id AND r.id = s.request_id
        RETURNING s.id, r.number, r.subject, s.roles, s.escalation_role, s.due_at
        """,
        (ctx.now, list(step_ids), ctx.now),
    )
    decisions.record(
        ctx,
        [
            DecisionRow(
                "escalation",
                subject,
                f"{number} was not decided by {role_names(roles)} in time, so {role_names([escalation])} may "
                "approve it as well.",
                "approvals.deadline",
                {"step": step_id, "due_at": due_at.isoformat()},
            )
            for step_id, number, subject, roles, escalation, due_at in sorted(rows)
        ],
    )
    return sorted(row[0] for row in rows)
