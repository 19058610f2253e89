"""Reads of purchasing for its pages: what a person may see."""

from __future__ import annotations

from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.purchasing.queries import PO_ROW, PoRecord, PoRow, po
from flowrack.shared.errors import NotFound


def po_page(query: ListQuery) -> Page[PoRow]:
    """POs at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        PoRow,
        PO_ROW
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, po.site_id) AND 'purchasing.view' = ANY(r.permissions)
        )
        """,
        [query.actor_id],
        search=("number", "supplier"),
        totals={
            "ordered_units": "sum(ordered_units)",
            "received_units": "sum(received_units)",
            "owed_units": "sum(owed_units)",
            "total": "sum(total)",
        },
        site_column="site_id",
    )


def access_po(po_id: int, site_ids: frozenset[int]) -> PoRecord:
    """The PO, if it exists at a site that the person may see (0 = all). Three queries."""
    found = po(po_id)
    if 0 not in site_ids and found.head.site_id not in site_ids:
        raise NotFound(f"There is no PO with id {po_id}.")
    return found
