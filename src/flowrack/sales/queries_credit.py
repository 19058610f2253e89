"""Reads of hold rules and credits for their pages and the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class RulesRow:
    """A version of hold rules."""

    id: int
    site_id: int
    site: str
    version: int
    holds_quantity: bool
    least_lines: int
    factor: Decimal
    least_spread: Decimal
    floor_units: int
    holds_credit: bool
    holds_address: bool
    needs_address: bool
    most_times: int
    short_units: int
    reason: str
    set_by: str
    set_at: datetime
    ended_at: datetime | None


def all_rules(*, limit: int = 100) -> list[RulesRow]:
    """Versions of hold rules, those in force first, the newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT r.id, coalesce(r.site_id, 0), coalesce(s.code, 'company'), r.version, r.holds_quantity, r.least_lines,
               r.factor, r.least_spread, r.floor_units, r.holds_credit, r.holds_address, r.needs_address, r.most_times,
               r.short_units, r.reason,
               coalesce(nullif(u.full_name, ''), u.username), r.set_at, r.ended_at
        FROM sales_holdrules r LEFT JOIN locations_site s ON s.id = r.site_id JOIN platform_user u ON u.id = r.set_by_id
        ORDER BY r.ended_at IS NOT NULL, r.id DESC LIMIT %s
        """,
        (limit,),
    )
    return [RulesRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class CreditRow:
    """A customer with the credit in force and what is open on his orders."""

    id: int
    code: str
    customer: str
    credit_limit: Decimal | None
    owed: Decimal
    open_value: Decimal
    left: Decimal | None
    state: str
    reason: str
    set_by: str
    set_at: datetime
    version: int


_CREDITS = """
    SELECT c.id, p.code, p.name AS customer, c.credit_limit, c.owed, v.value AS open_value,
           c.credit_limit - c.owed - v.value AS left,
           CASE WHEN c.is_stopped THEN 'stopped' WHEN c.credit_limit < c.owed + v.value THEN 'used up' ELSE 'good' END
           AS state, c.reason, coalesce(nullif(u.full_name, ''), u.username) AS set_by, c.set_at, c.version
    FROM sales_credit c JOIN parties_party p ON p.id = c.customer_id JOIN platform_user u ON u.id = c.set_by_id
    CROSS JOIN LATERAL (
        SELECT coalesce(round(sum((l.units - l.cancelled_units - l.shipped_units) * l.unit_price), 2), 0) AS value
        FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id AND l.held_at_units IS NULL
        WHERE o.customer_id = c.customer_id AND o.state IN ('confirmed', 'released')
    ) AS v
    WHERE c.ended_at IS NULL
"""


def credit_page(query: ListQuery) -> Page[CreditRow]:
    """Credits in force as the list shows them. Two queries."""
    totals = {"owed": "sum(owed)", "open_value": "sum(open_value)"}
    return sql_page(query, CreditRow, _CREDITS, search=("code", "customer"), totals=totals)


def credits_after(after_id: int, *, limit: int) -> list[CreditRow]:
    """Credits in force with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(_CREDITS + " AND c.id > %s ORDER BY c.id LIMIT %s", (after_id, limit))
    return [CreditRow(*row) for row in rows]


def customers_by_code(codes: Sequence[str]) -> dict[str, int]:
    """Customers by their codes. One query."""
    rows = sql.fetch_all(
        "SELECT code, id FROM parties_party WHERE is_customer AND code = ANY(%s::text[])", (list(codes),)
    )
    return dict(rows)
