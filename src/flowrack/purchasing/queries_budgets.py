"""Budgets: what sites may order in a month, and what is left of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql

# Ordered in the month and binding, or waiting for approval; cancelled and plain drafts do not count.
_SPENT = """
    SELECT sum(round(l.units * l.unit_cost, 2)) AS amount
    FROM purchasing_po po JOIN purchasing_poline l ON l.po_id = po.id
    WHERE po.site_id = b.site_id AND po.ordered_on >= b.month AND po.ordered_on < b.month + interval '1 month'
      AND po.id <> ALL(%(without)s::bigint[]) AND po.state <> 'cancelled'
      AND (po.state <> 'draft' OR EXISTS (
            SELECT FROM approvals_request r WHERE r.subject = 'purchasing.po:' || po.id AND r.kind = 'purchasing.po'
            AND r.state = 'waiting'))
"""


def left_of(pairs: Sequence[tuple[int, date]], *, without: Sequence[int] = ()) -> dict[tuple[int, date], Decimal]:
    """What is left of the budgets of (site, first of a month), some POs not counted; absent without a budget. One
    query."""
    rows = sql.fetch_all(
        f"""
        SELECT b.site_id, b.month, round(b.amount - coalesce(s.amount, 0), 2)
        FROM (SELECT DISTINCT site, month FROM unnest(%(site)s::bigint[], %(month)s::date[]) AS a(site, month)) AS a
        CROSS JOIN LATERAL (
            SELECT * FROM purchasing_budget WHERE site_id = a.site AND month = a.month ORDER BY id DESC LIMIT 1
        ) AS b
        CROSS JOIN LATERAL ({_SPENT}) AS s
        """,  # noqa: S608
        {"site": [s for s, _ in pairs], "month": [m for _, m in pairs], "without": list(without)},
    )
    return {(row[0], row[1]): row[2] for row in rows}


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """The budget of a site for a month."""

    id: int
    site_id: int
    site: str
    month: date
    amount: Decimal
    spent: Decimal
    left: Decimal
    reason: str
    set_by: str
    set_at: datetime


def budgets(*, site_ids: Sequence[int], limit: int = 500) -> list[BudgetRow]:
    """The budgets that count at sites (0 = all), newest month first. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT b.id, b.site_id, site.code, b.month, round(b.amount, 2), round(coalesce(s.amount, 0), 2),
               round(b.amount - coalesce(s.amount, 0), 2), b.reason, u.full_name, b.set_at
        FROM purchasing_budget b JOIN locations_site site ON site.id = b.site_id
        JOIN platform_user u ON u.id = b.set_by_id
        CROSS JOIN LATERAL ({_SPENT}) AS s
        WHERE (0 = ANY(%(sites)s::bigint[]) OR b.site_id = ANY(%(sites)s::bigint[]))
          AND NOT EXISTS (SELECT FROM purchasing_budget n
                          WHERE n.site_id = b.site_id AND n.month = b.month AND n.id > b.id)
        ORDER BY b.month DESC, site.code LIMIT %(limit)s
        """,  # noqa: S608
        {"sites": list(site_ids), "without": [], "limit": limit},
    )
    return [BudgetRow(*row) for row in rows]
