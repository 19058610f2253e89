"""Reads of storage for its pages: what a person may see."""

from __future__ import annotations

import re

from flowrack.platform import sql
from flowrack.platform.lookup import FEW, Found, label_of
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import NotFound
from flowrack.shared.refs import ref
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


def opening_page(query: ListQuery) -> Page[object]:
    """Opening stock that was loaded at the sites where the viewer may see it. Two queries."""
    return sql_page(
        query,
        None,
        """
        SELECT o.id, o.site_id, s.code AS site, p.code AS location, o.item_id, i.sku, i.name, o.lot_code AS lot,
               o.lpn_code AS lpn, o.quality, o.units, o.unit_cost, o.value, c.occurred_at AS loaded_at,
               u.full_name AS loaded_by
        FROM storage_openingline o JOIN locations_site s ON s.id = o.site_id
        JOIN locations_location p ON p.id = o.location_id JOIN catalog_item i ON i.id = o.item_id
        LEFT JOIN platform_commandrecord c ON c.id = o.command_id LEFT JOIN platform_user u ON u.id = c.actor_id
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, o.site_id) AND 'storage.open' = ANY(role.permissions)
        )
        """,
        [query.actor_id],
        search=("sku", "name", "lpn", "lot", "location"),
        totals={"units": "sum(units)", "value": "sum(value)"},
        site_column="site_id",
    )


def access_move(move_id: int, site_ids: frozenset[int]) -> PlannedMoveRow:
    """The planned move, if it exists at a site that the person may see (0 = all). One query."""
    found = planned_moves(site_ids=sorted(site_ids) or [-1], state="", ids=[move_id], limit=1)
    if not found:
        raise NotFound(f"There is no planned move with id {move_id}.")
    return found[0]


def standing_posting(move_id: int) -> int:
    """The last posting that carried the planned move and was not taken back; 0 for none. One query."""
    found = sql.fetch_value(
        """
        SELECT max(m.posting_id) FROM ledger_move m
        WHERE m.origin = %s AND m.reason = 'PUTAWAY'
          AND NOT EXISTS (SELECT FROM ledger_posting r WHERE r.reverses_id = m.posting_id)
        """,
        (ref("storage.planned_move", move_id),),
    )
    return int(found or 0)


_LOOK_UP_MOVES = """
SELECT m.id, initcap(m.kind) || ' ' || m.id, i.sku || ' ' || i.name || ', ' || m.state, m.id = %(id)s::bigint
FROM storage_plannedmove m JOIN catalog_item i ON i.id = m.item_id
WHERE m.id = ANY (ARRAY(
    SELECT id FROM storage_plannedmove WHERE id = %(id)s::bigint AND (%(kind)s = '' OR kind = %(kind)s)
    UNION ALL
    (SELECT n.id FROM locations_lpn p JOIN storage_plannedmove n ON n.lpn_id = p.id AND n.state = 'open'
     WHERE p.id > 0 AND p.code = %(lpn)s ORDER BY n.id DESC LIMIT %(limit)s)
)) AND (0 = ANY(%(sites)s::bigint[]) OR m.site_id = ANY(%(sites)s::bigint[]))
ORDER BY 4 DESC, m.id DESC LIMIT %(limit)s
"""
MOVE_NUMBER = re.compile(r"(putaway|refill)\s+(\d{1,18})", re.IGNORECASE)


def look_up_moves(text: str, sites: frozenset[int]) -> list[Found]:
    """Putaways and refills as "putaway 17", and the open ones of an LPN, also inside a GS1 label. One query."""
    named = MOVE_NUMBER.fullmatch(text.strip())
    params = {
        "id": int(named[2]) if named else 0,
        "kind": named[1].lower() if named else "",
        "lpn": label_of(text).sscc or text.strip().upper(),
        "sites": sorted(sites),
        "limit": FEW,
    }
    return [Found(*row) for row in sql.fetch_all(_LOOK_UP_MOVES, params)]
