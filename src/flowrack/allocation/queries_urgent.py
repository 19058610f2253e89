"""Requests for urgent orders and letters to customers, as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class PriorityRow:
    """A request for an urgent order, in a list."""

    id: int
    number: str
    order_id: int
    order: str
    customer: str
    tier: str
    site_id: int
    site: str
    reason: str
    state: str
    moved: int
    pending: int
    value: Decimal
    outcome: str
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    approval: str
    approval_id: int
    decided_by: str


_REQUESTS = """
    SELECT r.id, r.number, o.id AS order_id, o.number AS order, c.name AS customer, o.tier, r.site_id,
           s.code AS site, r.reason, r.state, coalesce(d.moved, 0)::bigint AS moved,
           CASE WHEN r.state = 'waiting' THEN coalesce(d.pending, 0) ELSE 0 END::bigint AS pending,
           round(r.value, 2) AS value, r.outcome, coalesce(nullif(u.full_name, ''), u.username) AS asked_by,
           r.asked_at, r.ended_at, coalesce(a.number, '') AS approval, coalesce(a.id, 0) AS approval_id,
           coalesce(v.by, '') AS decided_by
    FROM allocation_priorityrequest r JOIN sales_order o ON o.id = r.order_id
    JOIN parties_party c ON c.id = o.customer_id JOIN locations_site s ON s.id = r.site_id
    JOIN platform_user u ON u.id = r.asked_by_id
    LEFT JOIN LATERAL (
        SELECT sum(x.moved_units) AS moved, sum(x.units - x.moved_units) FILTER (WHERE NOT x.is_automatic) AS pending
        FROM allocation_displacement x WHERE x.request_id = r.id
    ) AS d ON true
    LEFT JOIN LATERAL (
        SELECT q.id, q.number FROM approvals_request q
        WHERE q.subject = 'allocation.priority:' || r.id AND q.kind = 'allocation.priority' ORDER BY q.id DESC LIMIT 1
    ) AS a ON true
    LEFT JOIN LATERAL (
        SELECT w.full_name AS by FROM approvals_verdict v JOIN platform_user w ON w.id = v.given_by_id
        WHERE v.request_id = a.id ORDER BY v.id DESC LIMIT 1
    ) AS v ON true
"""


def request_page(query: ListQuery) -> Page[PriorityRow]:
    """Requests as the list shows them. Two queries."""
    return sql_page(
        query,
        PriorityRow,
        _REQUESTS,
        search=("number", "order", "customer", "reason"),
        totals={"moved": "sum(moved)", "pending": "sum(pending)", "value": "sum(value)"},
        site_column="site_id",
    )


def requests_after(site_ids: Sequence[int], *, after_id: int = 0, limit: int = 500) -> list[PriorityRow]:
    """Requests at sites (0 = all) by id, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT * FROM ({_REQUESTS}) AS r
        WHERE (0 = ANY(%(sites)s::bigint[]) OR site_id = ANY(%(sites)s::bigint[])) AND id > %(after)s
        ORDER BY id LIMIT %(limit)s
        """,  # noqa: S608 - a constant
        {"sites": list(site_ids), "after": after_id, "limit": limit},
    )
    return [PriorityRow(*row) for row in rows]


def request_row(request_id: int) -> PriorityRow | None:
    """One request; None when there is none. One query."""
    row = sql.fetch_one(f"SELECT * FROM ({_REQUESTS}) AS r WHERE id = %s", (request_id,))  # noqa: S608 - a constant
    return PriorityRow(*row) if row else None


def requests_of_order(order_id: int) -> list[PriorityRow]:
    """The requests for an order, newest first. One query."""
    rows = sql.fetch_all(
        f"SELECT * FROM ({_REQUESTS}) AS r WHERE order_id = %s ORDER BY id DESC",  # noqa: S608 - a constant
        (order_id,),
    )
    return [PriorityRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Proposed:
    """Units that a line is asked to give to an urgent order, while nobody has consented."""

    from_line_id: int
    from_order: str
    to_line_id: int
    to_order: str
    request: str
    units: int


def proposed_of(line_ids: Sequence[int]) -> list[Proposed]:
    """What is asked of some lines, and for some lines, and waits for consent. One query."""
    rows = sql.fetch_all(
        """
        SELECT x.from_line_id, g.number, x.to_line_id, o.number, r.number,
               least(x.units - x.moved_units, f.allocated_units)
        FROM allocation_priorityrequest r
        JOIN allocation_displacement x ON x.request_id = r.id AND NOT x.is_automatic AND x.units > x.moved_units
        JOIN sales_order o ON o.id = r.order_id
        JOIN sales_orderline f ON f.id = x.from_line_id JOIN sales_order g ON g.id = f.order_id
        WHERE r.state = 'waiting'
          AND (x.from_line_id = ANY(%(lines)s::bigint[]) OR x.to_line_id = ANY(%(lines)s::bigint[]))
        ORDER BY x.id
        """,
        {"lines": list(line_ids)},
    )
    return [Proposed(*row) for row in rows if row[5] > 0]


@dataclass(frozen=True, slots=True)
class DisplacedRow:
    """Units that one line gave, or is asked to give."""

    id: int
    to_line_id: int
    from_line_id: int
    order_id: int
    number: str
    customer: str
    tier: str
    sku: str
    units: int
    moved: int
    is_automatic: bool
    promised_on: date
    leaves_on: date | None
    value: Decimal

    @property
    def slip_days(self) -> int | None:
        """Days after the promise; 0 when it is kept, None without any cover."""
        return None if self.leaves_on is None else max((self.leaves_on - self.promised_on).days, 0)


def displaced(request_ids: Sequence[int]) -> dict[int, list[DisplacedRow]]:
    """What requests took, or ask for: by request, in the order in which it was chosen. One query."""
    found: dict[int, list[DisplacedRow]] = {request_id: [] for request_id in request_ids}
    for request_id, *row in sql.fetch_all(
        """
        SELECT d.request_id, d.id, d.to_line_id, d.from_line_id, o.id, o.number, c.name, o.tier, i.sku, d.units,
               d.moved_units, d.is_automatic, d.promised_on, d.leaves_on, round(d.value, 2)
        FROM allocation_displacement d JOIN sales_orderline l ON l.id = d.from_line_id
        JOIN sales_order o ON o.id = l.order_id JOIN parties_party c ON c.id = o.customer_id
        JOIN catalog_item i ON i.id = l.item_id
        WHERE d.request_id = ANY(%s::bigint[]) ORDER BY d.id
        """,
        (list(request_ids),),
    ):
        found[request_id].append(DisplacedRow(*row))
    return found


def taken_from(line_id: int) -> list[tuple[str, int]]:
    """Urgent orders that took units of a line, with how many, the last one first. One query."""
    return [
        (row[0], row[1])
        for row in sql.fetch_all(
            """
            SELECT o.number, sum(d.moved_units)::bigint FROM allocation_displacement d
            JOIN allocation_priorityrequest r ON r.id = d.request_id JOIN sales_order o ON o.id = r.order_id
            WHERE d.from_line_id = %s AND d.moved_units > 0 GROUP BY o.id ORDER BY max(d.id) DESC
            """,
            (line_id,),
        )
    ]


def pending_of(order_id: int) -> dict[int, int]:
    """Units that lines of an order are promised as soon as somebody consents, by line. One query."""
    rows = sql.fetch_all(
        """
        SELECT d.to_line_id, sum(d.units - d.moved_units)::bigint FROM allocation_displacement d
        JOIN allocation_priorityrequest r ON r.id = d.request_id AND r.state = 'waiting'
        WHERE r.order_id = %s AND NOT d.is_automatic GROUP BY 1
        """,
        (order_id,),
    )
    return dict(rows)


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A letter to a customer."""

    id: int
    order_id: int
    order: str
    customer: str
    email: str
    site_id: int
    sku: str
    text: str
    state: str
    drafted_at: datetime
    settled_by: str
    settled_at: datetime | None


_NOTICES = """
    SELECT n.id, o.id AS order_id, o.number AS order, c.name AS customer, c.email, o.site_id, i.sku, n.text, n.state,
           n.drafted_at, coalesce(u.full_name, '') AS settled_by, n.settled_at
    FROM allocation_customernotice n JOIN sales_order o ON o.id = n.order_id
    JOIN sales_orderline l ON l.id = n.order_line_id JOIN catalog_item i ON i.id = l.item_id
    JOIN parties_party c ON c.id = o.customer_id LEFT JOIN platform_user u ON u.id = n.settled_by_id
"""


def notice_page(query: ListQuery) -> Page[NoticeRow]:
    """Letters as the list shows them. Two queries."""
    return sql_page(query, NoticeRow, _NOTICES, search=("order", "customer", "sku"), site_column="site_id")


def notices_of(*, order_id: int = 0, notice_ids: Sequence[int] = ()) -> list[NoticeRow]:
    """Letters about an order, or by id, newest first. One query."""
    rows = sql.fetch_all(
        _NOTICES + " WHERE o.id = %s OR n.id = ANY(%s::bigint[]) ORDER BY n.id DESC", (order_id, list(notice_ids))
    )
    return [NoticeRow(*row) for row in rows]
