"""Reads of requisitions for their pages: what a person may see."""

from __future__ import annotations

from flowrack.platform.lookup import Found
from flowrack.platform.lookup import look_up as _look_up
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.purchasing.queries_requisitions import REQUISITION_ROW, RequisitionRow


def requisition_page(query: ListQuery) -> Page[RequisitionRow]:
    """Requisitions at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        RequisitionRow,
        REQUISITION_ROW
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, r.site_id) AND 'purchasing.view' = ANY(role.permissions)
        )
        """,
        [query.actor_id],
        search=("number", "reason", "requested_by"),
        totals={"units": "sum(units)", "open_units": "sum(open_units)", "total": "sum(total)"},
        site_column="site_id",
    )


_LOOK_UP = """
SELECT r.id, r.number, r.reason || ', ' || r.state, r.number = ANY(%(exact)s::text[])
FROM purchasing_requisition r
WHERE (r.number = ANY(%(exact)s::text[]) OR r.number LIKE %(starts_upper)s OR r.reason ILIKE %(inside)s)
  AND (0 = ANY(%(sites)s::bigint[]) OR r.site_id = ANY(%(sites)s::bigint[]))
ORDER BY 4 DESC, r.id DESC LIMIT %(limit)s
"""


def look_up(text: str, sites: frozenset[int]) -> list[Found]:
    """Requisitions by number, or by what they are for. One query."""
    return _look_up(_LOOK_UP, text, sites=sites)
