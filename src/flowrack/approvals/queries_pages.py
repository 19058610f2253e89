"""Reads of approvals for the inbox and the API: what waits for a person, one request in full, similar decisions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flowrack.approvals.queries import Right, rights_of
from flowrack.approvals.types import KINDS
from flowrack.platform import sql
from flowrack.shared.errors import NotFound

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in a list."""

    id: int
    number: str
    kind: str
    subject: str
    site_id: int
    site: str
    summary: str
    amount: Decimal
    partner_name: str
    requester_id: int
    requester: str
    state: str
    content_hash: str
    submitted_at: datetime
    ended_at: datetime | None
    due_at: datetime | None
    is_escalated: bool
    asks: list[str]
    for_name: str = ""


_ROW = """
    SELECT r.id, r.number, r.kind, r.subject, coalesce(r.site_id, 0) AS site_id,
           coalesce(site.code, 'every site') AS site, r.summary, r.amount, r.partner_name,
           r.requester_id, u.full_name AS requester, r.state, r.content_hash, r.submitted_at, r.ended_at, s.due_at,
           coalesce(s.is_escalated, false) AS is_escalated, coalesce(s.roles, '{}') AS asks
    FROM approvals_request r
    JOIN platform_user u ON u.id = r.requester_id
    LEFT JOIN locations_site site ON site.id = r.site_id
    LEFT JOIN LATERAL (
        SELECT min(t.due_at) AS due_at, bool_or(t.escalated_at IS NOT NULL) AS is_escalated,
               array_agg(DISTINCT role ORDER BY role) AS roles
        FROM approvals_step t
        CROSS JOIN LATERAL unnest(CASE WHEN t.escalated_at IS NULL THEN t.roles ELSE t.roles || t.escalation_role END)
            AS role
        WHERE t.request_id = r.id AND t.state = 'open' AND r.state = 'waiting'
    ) AS s ON true
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A part of what waits for a person's verdict, and how much of it there is in all."""

    rows: list[RequestRow]
    total: int


def to_decide(
    actor_id: int, at: datetime, *, site_ids: Sequence[int], request_id: int = 0, limit: int = MOST_SHOWN
) -> list[RequestRow]:
    """What waits for this person's verdict at sites (0 = all), by deadline, then by value; or one of it. Two queries.

    By own roles or in somebody's place; never what they asked for or wrote, nor what they had a part in.
    """
    return waiting_for(actor_id, at, site_ids=site_ids, request_id=request_id, limit=limit).rows


def waiting_for(
    actor_id: int,
    at: datetime,
    *,
    site_ids: Sequence[int],
    request_id: int = 0,
    offset: int = 0,
    limit: int = MOST_SHOWN,
) -> Waiting:
    """The same from a place in it on, and how many there are in all. Two queries."""
    rights = [right for right in rights_of(actor_id, at) if right.roles]
    hands = [
        (right.person_id, right.delegation_id, role, site, " ".join(right.kinds))
        for right in rights
        for role, site in right.roles
    ]
    if not hands:
        return Waiting([], 0)
    rows = sql.fetch_all(
        f"""
        WITH hands AS (
            SELECT person, delegation, role, site, string_to_array(nullif(kinds, ''), ' ') AS kinds
            FROM unnest(%(person)s::bigint[], %(delegation)s::bigint[], %(role)s::text[], %(site)s::bigint[],
                        %(kinds)s::text[]) AS h(person, delegation, role, site, kinds)
        ), waiting AS ({_ROW} WHERE r.state = 'waiting'
                       AND (0 = ANY(%(sites)s::bigint[]) OR r.site_id = ANY(%(sites)s::bigint[]))
                       AND (%(one)s = 0 OR r.id = %(one)s) AND NOT %(actor)s = ANY(r.barred_ids))
        SELECT w.*, h.person, count(*) OVER ()
        FROM waiting w
        CROSS JOIN LATERAL (
            SELECT h.person FROM hands h JOIN approvals_request r ON r.id = w.id
            WHERE h.role = ANY(w.asks) AND h.site IN (0, w.site_id) AND (h.kinds IS NULL OR w.kind = ANY(h.kinds))
              AND NOT h.person = ANY(r.barred_ids)
              AND NOT EXISTS (SELECT FROM approvals_verdict v WHERE v.request_id = w.id
                              AND (v.given_by_id IN (h.person, %(actor)s) OR v.given_for_id IN (h.person, %(actor)s)))
            ORDER BY h.delegation LIMIT 1
        ) AS h
        ORDER BY w.due_at NULLS LAST, w.amount DESC, w.id LIMIT %(limit)s OFFSET %(offset)s
        """,  # noqa: S608
        {
            "person": [h[0] for h in hands],
            "delegation": [h[1] for h in hands],
            "role": [h[2] for h in hands],
            "site": [h[3] for h in hands],
            "kinds": [h[4] for h in hands],
            "sites": list(site_ids),
            "actor": actor_id,
            "one": request_id,
            "limit": limit,
            "offset": offset,
        },
    )
    names = {right.person_id: right.name for right in rights}
    found = [RequestRow(*[*row[:18], "" if row[18] == actor_id else names[row[18]]]) for row in rows]
    return Waiting(found, rows[0][19] if rows else 0)


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose eyes look, and at which sites (0 = all) they may see documents of which kinds with their money."""

    actor_id: int
    places: tuple[tuple[str, int], ...]

    @property
    def params(self) -> dict[str, Any]:
        """As the statements take it."""
        return {
            "actor": self.actor_id,
            "seen_kinds": [kind for kind, _ in self.places],
            "seen_sites": [site for _, site in self.places],
        }


def sight(actor_id: int, sites_of: Callable[[str], Collection[int]]) -> Sight:
    """What a person may see: of each kind at the sites where the inbox and such documents are open to them."""
    inbox = set(sites_of("approvals.view"))
    places = []
    for kind in KINDS.values():
        shown = set(sites_of(kind.view))
        both = shown if 0 in inbox else inbox if 0 in shown else inbox & shown
        places += [(kind.code, site) for site in sorted(both)]
    return Sight(actor_id, tuple(places))


# Whoever asked for it or had a part in a verdict sees it whatever their permissions.
_SEEN = """
    (r.requester_id = %(actor)s
     OR EXISTS (SELECT FROM unnest(%(seen_kinds)s::text[], %(seen_sites)s::bigint[]) AS k(kind, site)
                WHERE k.kind = r.kind AND k.site IN (0, r.site_id))
     OR EXISTS (SELECT FROM approvals_verdict v WHERE v.request_id = r.id AND v.given_by_id = %(actor)s))
"""


def requests(
    eyes: Sight,
    *,
    is_mine: bool = False,
    states: Sequence[str] = (),
    kinds: Sequence[str] = (),
    subject: str = "",
    before: int | None = None,
    offset: int = 0,
    limit: int = 50,
) -> list[RequestRow]:
    """Requests that a person may see, newest first, from the id `before` or a place in them on. One query."""
    rows = sql.fetch_all(
        _ROW
        + f"""
        WHERE {_SEEN} AND (NOT %(mine)s OR r.requester_id = %(actor)s)
          AND (%(states)s::text[] = '{{}}' OR r.state = ANY(%(states)s::text[]))
          AND (%(kinds)s::text[] = '{{}}' OR r.kind = ANY(%(kinds)s::text[]))
          AND (%(subject)s = '' OR r.subject = %(subject)s)
          AND (%(before)s::bigint IS NULL OR r.id < %(before)s::bigint)
        ORDER BY r.id DESC LIMIT %(limit)s OFFSET %(offset)s
        """,
        {
            **eyes.params,
            "offset": offset,
            "mine": is_mine,
            "states": list(states),
            "kinds": list(kinds),
            "subject": subject,
            "before": before,
            "limit": limit,
        },
    )
    return [RequestRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of a request with the policies that ask for it, as one reads it."""

    sequence: int
    roles: list[str]
    needed: int
    given: int
    state: str
    due_at: datetime | None
    deadline_hours: int | None
    escalation_role: str
    escalated_at: datetime | None
    policy_ids: list[int]
    policies: list[str]


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """Somebody's verdict."""

    verdict: str
    given_by: str
    given_for: str
    reason: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """Before and after."""

    label: str
    field: str
    before: str
    after: str
    is_exception: bool
    needs: str


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request in full."""

    head: RequestRow
    sentence: str
    reason: str
    partner: str
    end_reason: str
    facts: list[tuple[str, str]]
    changes: list[ChangeLine]
    steps: list[StepLine]
    verdicts: list[VerdictLine]

    def seen_by(self, sites_of: Callable[[str], Iterable[int]]) -> list[ChangeLine]:
        """Before and after, as somebody may see it who holds permissions at these sites (0 = all)."""
        here = {0, self.head.site_id or 0}
        return [one for one in self.changes if not one.needs or here & set(sites_of(one.needs))]


def request(request_id: int, eyes: Sight, *, is_asked: bool = False) -> RequestRecord:
    """One request that a person may see, or is asked about. Six queries. Refuses with NotFound."""
    head = sql.fetch_one(
        _ROW + f" WHERE r.id = %(id)s AND (%(asked)s OR {_SEEN})",
        {**eyes.params, "id": request_id, "asked": is_asked},
    )
    more = sql.fetch_one(
        "SELECT sentence, reason, partner, end_reason FROM approvals_request WHERE id = %s", (request_id,)
    )
    if head is None or more is None:
        raise NotFound(f"There is no approval request with id {request_id}.")
    facts = sql.fetch_all(
        "SELECT name, value FROM approvals_requestfact WHERE request_id = %s ORDER BY id", (request_id,)
    )
    changes = sql.fetch_all(
        """
        SELECT label, field, before, after, is_exception, needs FROM approvals_requestchange
        WHERE request_id = %s ORDER BY line_no
        """,
        (request_id,),
    )
    steps = sql.fetch_all(
        """
        SELECT s.sequence, s.roles, s.needed, s.given, s.state, s.due_at, s.deadline_hours, s.escalation_role,
               s.escalated_at, s.policy_ids,
               ARRAY(SELECT p.name || ', version ' || p.version FROM approvals_policy p WHERE p.id = ANY(s.policy_ids)
                     ORDER BY p.id)
        FROM approvals_step s WHERE s.request_id = %s ORDER BY s.sequence, s.id
        """,
        (request_id,),
    )
    verdicts = sql.fetch_all(
        """
        SELECT v.verdict, b.full_name, CASE WHEN v.delegation_id IS NULL THEN '' ELSE f.full_name END, v.reason,
               v.given_at
        FROM approvals_verdict v JOIN platform_user b ON b.id = v.given_by_id
        JOIN platform_user f ON f.id = v.given_for_id
        WHERE v.request_id = %s ORDER BY v.id
        """,
        (request_id,),
    )
    return RequestRecord(
        head=RequestRow(*head),
        sentence=more[0],
        reason=more[1],
        partner=more[2],
        end_reason=more[3],
        facts=[(row[0], row[1]) for row in facts],
        changes=[ChangeLine(*row) for row in changes],
        steps=[StepLine(*row) for row in steps],
        verdicts=[VerdictLine(*row) for row in verdicts],
    )


@dataclass(frozen=True, slots=True)
class SimilarRow:
    """An earlier decision on something like it."""

    request_id: int
    number: str
    summary: str
    amount: Decimal
    state: str
    requester: str
    last_by: str
    reason: str
    ended_at: datetime
    is_same_partner: bool


def similar(record: RequestRecord, eyes: Sight, *, limit: int = 6) -> list[SimilarRow]:
    """Earlier decisions that a person may see: on the same kind with the same partner, else by the same requester,
    newest first. One query."""
    head = record.head
    rows = sql.fetch_all(
        f"""
        WITH near AS (
            (SELECT id, true AS is_partner FROM approvals_request r
             WHERE {_SEEN} AND %(partner)s <> '' AND partner = %(partner)s AND kind = %(kind)s AND id < %(id)s
               AND state IN ('approved', 'rejected') ORDER BY id DESC LIMIT %(limit)s)
            UNION ALL
            (SELECT id, false FROM approvals_request r
             WHERE {_SEEN} AND requester_id = %(requester)s AND kind = %(kind)s AND id < %(id)s
               AND (%(partner)s = '' OR partner <> %(partner)s)
               AND state IN ('approved', 'rejected') ORDER BY id DESC LIMIT %(limit)s)
        )
        SELECT r.id, r.number, r.summary, r.amount, r.state, u.full_name, coalesce(w.full_name, ''),
               coalesce(v.reason, ''), r.ended_at, n.is_partner
        FROM near n JOIN approvals_request r ON r.id = n.id JOIN platform_user u ON u.id = r.requester_id
        LEFT JOIN LATERAL (SELECT * FROM approvals_verdict v WHERE v.request_id = r.id ORDER BY id DESC LIMIT 1) AS v
               ON true
        LEFT JOIN platform_user w ON w.id = v.given_by_id
        ORDER BY n.is_partner DESC, r.id DESC LIMIT %(limit)s
        """,  # noqa: S608 (a constant of this module)
        {
            **eyes.params,
            "partner": record.partner,
            "kind": head.kind,
            "id": head.id,
            "requester": head.requester_id,
            "limit": limit,
        },
    )
    return [SimilarRow(*row) for row in rows]


def stands_in_for(actor_id: int, at: datetime) -> list[Right]:
    """Those in whose place the person may decide now. One query."""
    return [right for right in rights_of(actor_id, at) if right.delegation_id]
