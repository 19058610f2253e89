"""Reads of questions to the planner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

ALL_SITES = 0
SHOWN_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question to the planner and what became of it."""

    id: int
    number: str
    site_id: int
    site: str
    customer_code: str
    customer: str
    item_id: int
    sku: str
    units: int
    wanted_on: date | None
    note: str
    told: str
    state: str
    asked_by_id: int
    asked_by: str
    asked_at: datetime
    answer: str
    ended_by: str
    ended_at: datetime | None


_QUESTIONS = """
    SELECT q.id, q.number, s.id AS site_id, s.code AS site, coalesce(c.code, '') AS customer_code,
           coalesce(c.name, '') AS customer, i.id AS item_id, i.sku, q.units, q.wanted_on, q.note, q.told, q.state,
           q.asked_by_id, coalesce(nullif(a.full_name, ''), a.username) AS asked_by, q.asked_at, q.answer,
           coalesce(nullif(e.full_name, ''), e.username, '') AS ended_by, q.ended_at
    FROM promise_plannerquestion q JOIN locations_site s ON s.id = q.site_id JOIN catalog_item i ON i.id = q.item_id
    JOIN platform_user a ON a.id = q.asked_by_id
    LEFT JOIN parties_party c ON c.id = q.customer_id LEFT JOIN platform_user e ON e.id = q.ended_by_id
"""


def question_page(query: ListQuery) -> Page[QuestionRow]:
    """Questions to the planner at the viewer's sites. Two queries."""
    return sql_page(
        query,
        QuestionRow,
        _QUESTIONS
        + """
        WHERE EXISTS (SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
                      WHERE held.user_id = %s AND held.site_id IN (0, s.id) AND 'promise.view' = ANY(r.permissions))
        """,
        [query.actor_id],
        search=("number", "customer", "sku", "note", "answer"),
        site_column="site_id",
    )


def question(question_id: int, allowed: frozenset[int]) -> QuestionRow | None:
    """A question at a site that the person may see ({0} = all). One query."""
    row = sql.fetch_one(_QUESTIONS + "WHERE q.id = %s", (question_id,))
    return QuestionRow(*row) if row and (ALL_SITES in allowed or row[2] in allowed) else None


def answered_for(user_id: int, now: datetime) -> list[QuestionRow]:
    """What planners answered somebody in the last days, the newest first. One query."""
    rows = sql.fetch_all(
        _QUESTIONS
        + "WHERE q.asked_by_id = %s AND q.state = 'answered' AND q.ended_at >= %s ORDER BY q.id DESC LIMIT 5",
        (user_id, now - SHOWN_FOR),
    )
    return [QuestionRow(*row) for row in rows]


def questions_after(after_id: int, allowed: frozenset[int], *, state: str, limit: int) -> list[QuestionRow]:
    """Questions at sites ({0} = all), in order of id. One query."""
    rows = sql.fetch_all(
        _QUESTIONS
        + """
        WHERE q.id > %s AND (%s = '' OR q.state = %s)
          AND (0 = ANY(%s::bigint[]) OR q.site_id = ANY(%s::bigint[])) ORDER BY q.id LIMIT %s
        """,
        (after_id, state, state, sorted(allowed), sorted(allowed), limit),
    )
    return [QuestionRow(*row) for row in rows]
