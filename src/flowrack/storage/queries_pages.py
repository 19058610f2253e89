"""Reads of storage for its pages: what a person may see."""

from __future__ import annotations

from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import NotFound
from flowrack.storage.queries import PLANNED_MOVE, PlannedMoveRow, planned_moves


def move_page(query: ListQuery) -> Page[PlannedMoveRow]:
    """Planned moves at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        PlannedMoveRow,
        PLANNED_MOVE
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, m.site_id) AND 'storage.view' = ANY(role.permissions)
        )
        """,
        [query.actor_id],
        search=("sku", "name", "lpn", "from_code", "to_code"),
        totals={"units": "sum(units)"},
        conditions={"without_bin": "(r.to_location_id = 0) = %s"},
        site_column="site_id",
    )


def access_move(move_id: int, site_ids: frozenset[int]) -> PlannedMoveRow:
    """The planned move, if it exists at a site that the person may see (0 = all). One query."""
    found = planned_moves(site_ids=sorted(site_ids) or [-1], state="", ids=[move_id], limit=1)
    if not found:
        raise NotFound(f"There is no planned move with id {move_id}.")
    return found[0]
