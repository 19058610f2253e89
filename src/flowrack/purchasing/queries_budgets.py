"""Budgets: what sites may order in a period, in all or of one item family, and what is left of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.purchasing.rules_budgets import BudgetLeft, BudgetUse, uses

# Ordered in the period and binding, or waiting for approval (also approved, and about to bind); cancelled and plain
# drafts do not count.
_SPENT = """
    SELECT sum(round(l.units * l.unit_cost, 2)) AS amount
    FROM purchasing_po po JOIN purchasing_poline l ON l.po_id = po.id JOIN catalog_item i ON i.id = l.item_id
    WHERE po.site_id = b.site_id AND po.ordered_on >= b.month
      AND po.ordered_on < b.month + make_interval(months => b.months)
      AND (b.family_id IS NULL OR i.family_id = b.family_id)
      AND po.id <> ALL({without}) AND po.state <> 'cancelled'
      AND (po.state <> 'draft' OR NOT {binding} AND EXISTS (
            SELECT FROM approvals_request r WHERE r.subject = 'purchasing.po:' || po.id AND r.kind = 'purchasing.po'
            AND r.state IN ('waiting', 'approved')))
"""
_SPENT_OF_ALL = _SPENT.format(without="'{}'::bigint[]", binding="false")
_NEWER = """
    EXISTS (SELECT FROM purchasing_budget n
            WHERE n.site_id = b.site_id AND n.family_id IS NOT DISTINCT FROM b.family_id AND n.month = b.month
              AND n.months = b.months AND n.id > b.id)
"""


Order = tuple[int, date, Mapping[int | None, Decimal]]  # site, day, money by family


def budgets_at(
    places: Sequence[tuple[int, date]], *, without: Sequence[int] = (), is_binding: bool = False
) -> dict[tuple[int, date], list[BudgetLeft]]:
    """The budgets that count for orders of (site, day), and what is left of each, some POs not counted. One query.

    `is_binding`: only what binds counts, not what waits for approval. The whole first, then by family; of each the
    shortest period first.
    """
    rows = sql.fetch_all(
        f"""
        SELECT a.site, a.day, b.id, site.code, b.family_id, coalesce(f.name, ''), b.month, b.months,
               round(b.amount, 2), round(b.amount - coalesce(s.amount, 0), 2)
        FROM (SELECT DISTINCT site, day FROM unnest(%(site)s::bigint[], %(day)s::date[]) AS a(site, day)) AS a
        JOIN purchasing_budget b ON b.site_id = a.site AND b.month <= a.day
             AND a.day < b.month + make_interval(months => b.months)
        JOIN locations_site site ON site.id = b.site_id
        LEFT JOIN catalog_family f ON f.id = b.family_id
        CROSS JOIN LATERAL ({_SPENT.format(without="%(without)s::bigint[]", binding="%(binding)s")}) AS s
        WHERE NOT {_NEWER}
        ORDER BY a.site, a.day, b.family_id IS NOT NULL, f.name, b.months, b.month
        """,  # noqa: S608 (constants of this module)
        {
            "site": [s for s, _ in places],
            "day": [d for _, d in places],
            "without": list(without),
            "binding": is_binding,
        },
    )
    found: dict[tuple[int, date], list[BudgetLeft]] = defaultdict(list)
    for row in rows:
        found[row[0], row[1]].append(BudgetLeft(*row[2:]))
    return dict(found)


def uses_of(orders: Sequence[Order], *, without: Sequence[int], is_binding: bool = False) -> list[list[BudgetUse]]:
    """What each of some orders takes of the budgets that count for it, POs apart; those before it in the list count
    already. `is_binding` as in budgets_at. One query."""
    budgets = budgets_at([(site, day) for site, day, _ in orders], without=without, is_binding=is_binding)
    left: dict[int, Decimal] = {}
    found = []
    for site, day, by_family in orders:
        counting = [replace(b, left=left.get(b.budget_id, b.left)) for b in budgets.get((site, day), ())]
        used = uses(counting, by_family)
        left |= {use.budget.budget_id: use.after for use in used}
        found.append(used)
    return found


def left_of(budget_id: int) -> Decimal:
    """What is left of one budget. One query."""
    return Decimal(
        sql.fetch_value(
            f"""
            SELECT round(b.amount - coalesce(s.amount, 0), 2)
            FROM purchasing_budget b CROSS JOIN LATERAL ({_SPENT_OF_ALL}) AS s
            WHERE b.id = %s
            """,  # noqa: S608 (constants of this module)
            (budget_id,),
        )
    )


def amounts_by_family(po_ids: Sequence[int]) -> dict[int, dict[int | None, Decimal]]:
    """What each PO comes to by item family (None = without one), each line to the cent. One query."""
    found: dict[int, dict[int | None, Decimal]] = {po_id: {} for po_id in po_ids}
    rows = sql.fetch_all(
        """
        SELECT l.po_id, i.family_id, sum(round(l.units * l.unit_cost, 2))
        FROM purchasing_poline l JOIN catalog_item i ON i.id = l.item_id
        WHERE l.po_id = ANY(%s) GROUP BY 1, 2
        """,
        (list(po_ids),),
    )
    for po_id, family_id, amount in rows:
        found[po_id][family_id] = amount
    return found


def families_of(item_ids: Sequence[int]) -> dict[int, int | None]:
    """The family of each item. One query."""
    return dict(sql.fetch_all("SELECT id, family_id FROM catalog_item WHERE id = ANY(%s)", (list(item_ids),)))


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A word about the budget of a site (and family) for a period; `is_in_force` = nobody said otherwise since."""

    id: int
    site_id: int
    site: str
    family_id: int | None
    family: str
    month: date
    months: int
    amount: Decimal
    spent: Decimal
    left: Decimal
    reason: str
    set_by: str
    set_at: datetime
    is_in_force: str


_BUDGETS = f"""
    SELECT b.id, b.site_id, site.code AS site, b.family_id, coalesce(f.name, '') AS family, b.month, b.months,
           round(b.amount, 2) AS amount, round(coalesce(s.amount, 0), 2) AS spent,
           round(b.amount - coalesce(s.amount, 0), 2) AS left, b.reason, u.full_name AS set_by, b.set_at,
           CASE WHEN {_NEWER} THEN 'no' ELSE 'yes' END AS is_in_force
    FROM purchasing_budget b JOIN locations_site site ON site.id = b.site_id
    JOIN platform_user u ON u.id = b.set_by_id
    LEFT JOIN catalog_family f ON f.id = b.family_id
    CROSS JOIN LATERAL ({_SPENT_OF_ALL}) AS s
"""  # noqa: S608 (constants of this module)
_SEEN = """
    WHERE EXISTS (
        SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
        WHERE held.user_id = %s AND held.site_id IN (0, b.site_id) AND 'purchasing.view' = ANY(r.permissions)
    )
"""


def budget_page(query: ListQuery) -> Page[BudgetRow]:
    """Budgets and what was said before, at the sites where the viewer may see orders. Two queries."""
    return sql_page(
        query, BudgetRow, _BUDGETS + _SEEN, [query.actor_id], search=("site", "family"), site_column="site_id"
    )


def budgets(*, site_ids: Sequence[int], limit: int = 500) -> list[BudgetRow]:
    """The budgets that count at sites (0 = all), newest month first. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT * FROM ({_BUDGETS}
            WHERE (0 = ANY(%(sites)s::bigint[]) OR b.site_id = ANY(%(sites)s::bigint[])) AND NOT {_NEWER}
        ) AS found
        ORDER BY month DESC, site, family, months LIMIT %(limit)s
        """,  # noqa: S608 (constants of this module)
        {"sites": list(site_ids), "limit": limit},
    )
    return [BudgetRow(*row) for row in rows]
