"""Reads of approvals for the engine and for stages: policies, standing of documents, who may sit where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.approvals.rules import Hand
from flowrack.approvals.types import Condition, Policy, PolicyStep
from flowrack.platform import sql


def policies_at(kinds: Sequence[str], at: datetime) -> list[Policy]:
    """The policies that are in force at a time: the newest begun version of each, if it is active. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.id, p.kind, p.code, p.version, p.name, c.lines, s.lines
        FROM (
            SELECT DISTINCT ON (kind, code) * FROM approvals_policy
            WHERE kind = ANY(%s) AND effective_from <= %s ORDER BY kind, code, version DESC
        ) AS p
        CROSS JOIN LATERAL (
            SELECT coalesce(json_agg(json_build_array(field, operator, value) ORDER BY line_no), '[]') AS lines
            FROM approvals_policycondition WHERE policy_id = p.id
        ) AS c
        CROSS JOIN LATERAL (
            SELECT coalesce(json_agg(json_build_array(sequence, roles, needed, deadline_hours, escalation_role)
                                     ORDER BY line_no), '[]') AS lines
            FROM approvals_policystep WHERE policy_id = p.id
        ) AS s
        WHERE p.is_active ORDER BY p.kind, p.code
        """,
        (list(kinds), at),
    )
    return [
        Policy(
            policy_id=row[0],
            kind=row[1],
            code=row[2],
            version=row[3],
            name=row[4],
            conditions=tuple(Condition(*c) for c in row[5]),
            steps=tuple(PolicyStep(s[0], tuple(s[1]), *s[2:]) for s in row[6]),
        )
        for row in rows
    ]


def business_days(site_ids: Sequence[int], *, now: datetime) -> dict[int, date]:
    """Which day it is at each site; at site 0, which stands for all, the day in UTC. One query."""
    rows = sql.fetch_all(
        "SELECT id, (%s::timestamptz AT TIME ZONE timezone)::date FROM locations_site WHERE id = ANY(%s)",
        (now, list(site_ids)),
    )
    return {0: now.date(), **dict(rows)}


def submitted_before(
    asked: Sequence[tuple[str, int, int, str, date]],
) -> list[tuple[Decimal, Decimal]]:
    """What people submitted before: for each (kind, requester, site, partner, day) the total of that day at the site
    and, where there is a partner, of seven days with the partner. One query.

    Rejected, withdrawn and voided requests are left out.
    """
    rows = sql.fetch_all(
        """
        SELECT coalesce(d.amount, 0), coalesce(w.amount, 0)
        FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::date[])
             WITH ORDINALITY AS a(kind, requester, site, partner, day, place)
        CROSS JOIN LATERAL (
            SELECT sum(amount) AS amount FROM approvals_request r
            WHERE r.requester_id = a.requester AND r.kind = a.kind AND r.submitted_on = a.day
              AND r.site_id IS NOT DISTINCT FROM nullif(a.site, 0)
              AND r.state IN ('waiting', 'approved')
        ) AS d
        CROSS JOIN LATERAL (
            SELECT sum(amount) AS amount FROM approvals_request r
            WHERE a.partner <> '' AND r.requester_id = a.requester AND r.kind = a.kind AND r.partner = a.partner
              AND r.submitted_on BETWEEN a.day - 6 AND a.day AND r.state IN ('waiting', 'approved')
        ) AS w
        ORDER BY a.place
        """,
        tuple(list(column) for column in zip(*asked, strict=True)),
    )
    return [(row[0], row[1]) for row in rows]


def rejected_before(
    asked: Sequence[tuple[str, str, str]],
) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Documents whose very content was rejected as the last thing said about them: (kind, subject) -> number, by whom,
    reason. Asked by (kind, subject, content hash). One query."""
    rows = sql.fetch_all(
        """
        SELECT a.kind, a.subject, r.number, u.full_name, v.reason
        FROM unnest(%s::text[], %s::text[], %s::text[]) AS a(kind, subject, hash)
        CROSS JOIN LATERAL (
            SELECT * FROM approvals_request r WHERE r.subject = a.subject AND r.kind = a.kind ORDER BY id DESC LIMIT 1
        ) AS r
        JOIN approvals_verdict v ON v.request_id = r.id AND v.verdict = 'reject'
        JOIN platform_user u ON u.id = v.given_by_id
        WHERE r.state = 'rejected' AND r.content_hash = a.hash
        """,
        tuple(list(column) for column in zip(*asked, strict=True)),
    )
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a waiting request that is not done."""

    step_id: int
    request_id: int
    sequence: int
    roles: list[str]
    needed: int
    given: int
    state: str
    deadline_hours: int | None
    escalation_role: str
    is_escalated: bool


def unfinished_steps(request_ids: Sequence[int]) -> dict[int, list[StepRow]]:
    """The steps of requests that are open or ahead, by request in their sequence. One query."""
    found: dict[int, list[StepRow]] = {request_id: [] for request_id in request_ids}
    for row in sql.fetch_all(
        """
        SELECT id, request_id, sequence, roles, needed, given, state, deadline_hours, escalation_role,
               escalated_at IS NOT NULL
        FROM approvals_step WHERE request_id = ANY(%s) AND state <> 'done' ORDER BY request_id, sequence, id
        """,
        (list(request_ids),),
    ):
        found[row[1]].append(StepRow(*row))
    return found


def hands_used(request_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Who had a part in a verdict on each request: who gave it and for whom. One query."""
    return {
        row[0]: frozenset([*row[1], *row[2]])
        for row in sql.fetch_all(
            """
            SELECT request_id, array_agg(given_by_id), array_agg(given_for_id)
            FROM approvals_verdict WHERE request_id = ANY(%s) GROUP BY 1
            """,
            (list(request_ids),),
        )
    }


@dataclass(frozen=True, slots=True)
class Right:
    """Roles of one person by site (0 = every site), and the delegation by which the actor may use them."""

    person_id: int
    name: str
    roles: list[tuple[str, int]]
    delegation_id: int
    kinds: list[str]

    def hand(self, *, kind: str, site_id: int) -> Hand:
        """The roles that count for a document of a kind at a site."""
        if self.kinds and kind not in self.kinds:
            return Hand(self.person_id, frozenset(), self.delegation_id)
        held = frozenset(role for role, site in self.roles if site in (0, site_id))
        return Hand(self.person_id, held, self.delegation_id)


def rights_of(actor_id: int, at: datetime) -> list[Right]:
    """The actor's own roles, then those of the people the actor stands in for at a time, in order. One query."""
    rows = sql.fetch_all(
        """
        WITH hands AS (
            SELECT %s::bigint AS person_id, 0::bigint AS delegation_id, '{}'::text[] AS kinds
            UNION ALL
            SELECT from_person_id, id, kinds::text[] FROM approvals_delegation
            WHERE to_person_id = %s AND begins_at <= %s AND until > %s AND revoked_at IS NULL
        )
        SELECT h.person_id, u.full_name, h.delegation_id, h.kinds,
               array_agg(r.code ORDER BY r.code, held.site_id), array_agg(held.site_id ORDER BY r.code, held.site_id)
        FROM hands h JOIN platform_user u ON u.id = h.person_id AND u.is_active
        JOIN platform_userrole held ON held.user_id = u.id JOIN platform_role r ON r.id = held.role_id
        GROUP BY 1, 2, 3, 4 ORDER BY h.delegation_id
        """,
        (actor_id, actor_id, at, at),
    )
    return [Right(row[0], row[1], list(zip(row[4], row[5], strict=True)), row[2], row[3]) for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the newest request of a document stands."""

    request_id: int
    number: str
    kind: str
    subject: str
    state: str
    content_hash: str
    waits_for: list[str]
    due_at: datetime | None
    ended_at: datetime | None
    last_by: str
    last_by_id: int
    last_reason: str


def standing(subjects: Sequence[str], kind: str) -> dict[str, Standing]:
    """The newest request of each document that has one; with the last verdict on it. One query."""
    rows = sql.fetch_all(
        """
        SELECT r.id, r.number, r.kind, r.subject, r.state, r.content_hash, coalesce(s.roles, '{}'), s.due_at,
               r.ended_at, coalesce(u.full_name, ''), coalesce(u.id, 0), coalesce(v.reason, '')
        FROM unnest(%s::text[]) AS a(subject)
        CROSS JOIN LATERAL (
            SELECT * FROM approvals_request r WHERE r.subject = a.subject AND r.kind = %s ORDER BY id DESC LIMIT 1
        ) AS r
        LEFT JOIN LATERAL (
            SELECT array_agg(DISTINCT role) AS roles, min(t.due_at) AS due_at
            FROM approvals_step t CROSS JOIN LATERAL unnest(t.roles) AS role
            WHERE t.request_id = r.id AND t.state = 'open' AND r.state = 'waiting'
        ) AS s ON true
        LEFT JOIN LATERAL (
            SELECT * FROM approvals_verdict v WHERE v.request_id = r.id ORDER BY id DESC LIMIT 1
        ) AS v ON true
        LEFT JOIN platform_user u ON u.id = v.given_by_id
        """,
        (list(subjects), kind),
    )
    return {row[3]: Standing(*row) for row in rows}


def overdue_steps(at: datetime, *, limit: int = 500) -> list[int]:
    """Open steps whose deadline is over and that may be escalated, oldest first. One query."""
    return [
        row[0]
        for row in sql.fetch_all(
            """
            SELECT s.id FROM approvals_step s JOIN approvals_request r ON r.id = s.request_id AND r.state = 'waiting'
            WHERE s.state = 'open' AND s.escalated_at IS NULL AND s.escalation_role <> '' AND s.due_at <= %s
            ORDER BY s.due_at, s.id LIMIT %s
            """,
            (at, limit),
        )
    ]


def facts_of(request_ids: Sequence[int], names: Sequence[str]) -> dict[tuple[int, str], str]:
    """Facts as they were told to approvers, by request and name; empty = not known. One query."""
    rows = sql.fetch_all(
        "SELECT request_id, name, value FROM approvals_requestfact WHERE request_id = ANY(%s) AND name = ANY(%s)",
        (list(request_ids), list(names)),
    )
    return {(row[0], row[1]): row[2] for row in rows}
