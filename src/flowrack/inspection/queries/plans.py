"""Reads of inspection plans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.inspection.rules import PlanRow, most_specific
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

COLUMNS = "p.id, p.version, p.level, p.aql, p.aql_minor, p.tighten_after, p.skip_after, p.skip_one_in"


def plans_for(site_id: int, supplier_id: int, item_ids: Sequence[int], *, day: date) -> dict[int, PlanRow]:
    """The plan that covers each item of a supplier at a site on a day; items without one are left out. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT i.id, coalesce(p.item_id, 0), coalesce(p.family_id, 0), coalesce(p.supplier_id, 0),
               coalesce(p.site_id, 0), {COLUMNS}
        FROM catalog_item i JOIN inspection_plan p
          ON coalesce(p.item_id, i.id) = i.id AND (p.family_id IS NULL OR p.family_id = i.family_id)
         AND coalesce(p.supplier_id, %s) = %s AND coalesce(p.site_id, %s) = %s
         AND p.valid_from <= %s AND (p.valid_until IS NULL OR p.valid_until > %s)
        WHERE i.id = ANY(%s::bigint[])
        """,  # noqa: S608 - constant columns
        (supplier_id, supplier_id, site_id, site_id, day, day, list(item_ids)),
    )
    scopes: dict[int, dict[int, tuple[int, int, int, int]]] = defaultdict(dict)
    plans: dict[int, PlanRow] = {}
    for row in rows:
        scopes[row[0]][row[5]] = (row[1], row[2], row[3], row[4])
        plans[row[5]] = PlanRow(*row[5:])
    return {item_id: plans[most_specific(found)] for item_id, found in scopes.items()}


def plan_by_id(plan_id: int | None) -> PlanRow:
    """One plan; the empty one (every unit is inspected) for None. One query."""
    row = sql.fetch_one(f"SELECT {COLUMNS} FROM inspection_plan p WHERE p.id = %s", (plan_id or 0,))  # noqa: S608
    return PlanRow(*row) if row else PlanRow()


def scope_of(item_id: int, family_id: int, supplier_id: int, site_id: int) -> tuple[bool, int, int, date | None]:
    """(whether all its parts exist, open plan's id or 0, last version, since when). One query."""
    row = sql.fetch_one(
        """
        SELECT (%s = 0 OR EXISTS (SELECT FROM catalog_item WHERE id = %s))
               AND (%s = 0 OR EXISTS (SELECT FROM catalog_family WHERE id = %s))
               AND (%s = 0 OR EXISTS (SELECT FROM parties_party WHERE id = %s AND is_supplier))
               AND (%s = 0 OR EXISTS (SELECT FROM locations_site WHERE id = %s)),
               coalesce(max(p.id) FILTER (WHERE p.valid_until IS NULL), 0), coalesce(max(p.version), 0),
               max(p.valid_from) FILTER (WHERE p.valid_until IS NULL)
        FROM inspection_plan p
        WHERE (coalesce(p.item_id, 0), coalesce(p.family_id, 0), coalesce(p.supplier_id, 0), coalesce(p.site_id, 0))
              = (%s, %s, %s, %s)
        """,
        (item_id, item_id, family_id, family_id, supplier_id, supplier_id, site_id, site_id,
         item_id, family_id, supplier_id, site_id),
    )  # fmt: skip
    assert row is not None
    return row[0], row[1], row[2], row[3]


@dataclass(frozen=True, slots=True)
class PlanListRow:
    """A plan in its list."""

    id: int
    scope: str
    version: int
    level: str
    aql: Decimal
    aql_minor: Decimal | None
    tighten_after: int
    skip_after: int
    skip_one_in: int
    checks: int
    valid_from: date
    valid_until: date | None
    set_by: str


PLAN_LIST = """
    SELECT p.id, coalesce(nullif(concat_ws(', ', i.sku, f.name, s.name, w.name), ''), 'all goods') AS scope, p.version,
           p.level, p.aql, p.aql_minor, p.tighten_after, p.skip_after, p.skip_one_in,
           (SELECT count(*) FROM inspection_check c WHERE c.plan_id = p.id) AS checks, p.valid_from, p.valid_until,
           u.full_name AS set_by
    FROM inspection_plan p JOIN platform_user u ON u.id = p.set_by_id
    LEFT JOIN catalog_item i ON i.id = p.item_id
    LEFT JOIN catalog_family f ON f.id = p.family_id
    LEFT JOIN parties_party s ON s.id = p.supplier_id
    LEFT JOIN locations_site w ON w.id = p.site_id
"""


def plan_list(query: ListQuery) -> Page[PlanListRow]:
    """Every version of every plan."""
    return sql_page(query, PlanListRow, PLAN_LIST, search=("scope",))
