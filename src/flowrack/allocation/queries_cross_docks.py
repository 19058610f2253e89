"""Reads of cross-docking: the policy of a site, who waits, what is on its way, lists and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import NotFound

MOST_ORDERS = 200  # that wait for the items of one count; the best ranks are enough


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy in force at a site, with its places in words."""

    policy_id: int
    version: int
    families: frozenset[int]
    min_tier: str
    staging_id: int
    staging: str
    door_id: int
    door: str


def policy_of(site_id: int) -> Policy | None:
    """What is cross-docked at the site now; None where nothing is. One query."""
    row = sql.fetch_one(
        """
        SELECT p.id, p.version, p.family_ids, p.min_tier, s.id, s.code, coalesce(d.id, 0), coalesce(d.code, '')
        FROM allocation_crossdockpolicy p JOIN locations_location s ON s.id = p.staging_id
        LEFT JOIN locations_location d ON d.id = p.door_id
        WHERE p.site_id = %s AND p.ended_at IS NULL AND p.is_on
        """,
        (site_id,),
    )
    return None if row is None else Policy(row[0], row[1], frozenset(row[2]), *row[3:])


def orders_waiting(item_ids: Sequence[int], site_id: int, min_tier: str) -> list[int]:
    """Orders of this tier or better with units that wait for one of the items, best rank first. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id FROM sales_order o
        WHERE o.site_id = %s AND o.state IN ('confirmed', 'released') AND o.tier <= %s
          AND EXISTS (SELECT FROM sales_orderline l WHERE l.order_id = o.id AND l.open_units > 0
                      AND l.held_at_units IS NULL AND l.item_id = ANY(%s::bigint[]))
        ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id LIMIT %s
        """,
        (site_id, min_tier, list(item_ids), MOST_ORDERS),
    )
    return [row[0] for row in rows]


def families_of(item_ids: Sequence[int]) -> dict[int, int]:
    """The family of each item. One query."""
    rows = sql.fetch_all("SELECT id, family_id FROM catalog_item WHERE id = ANY(%s::bigint[])", (list(item_ids),))
    return {row[0]: row[1] or 0 for row in rows}


def parties_of(order_ids: Sequence[int]) -> dict[int, str]:
    """The customer of each order. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id, p.name FROM sales_order o JOIN parties_party p ON p.id = o.customer_id
        WHERE o.id = ANY(%s::bigint[])
        """,
        (list(order_ids),),
    )
    return dict(rows)


def cells_of(keys: Sequence[tuple[int, int, int, int]]) -> dict[tuple[int, int, int, int], int]:
    """The cell of our own available stock at each (location, LPN, item, lot). One query."""
    rows = sql.fetch_all(
        """
        SELECT c.location_id, c.lpn_id, c.item_id, c.lot_id, c.id
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS k(location, lpn, item, lot)
        JOIN ledger_cell c ON c.location_id = k.location AND c.lpn_id = k.lpn AND c.item_id = k.item
             AND c.lot_id = k.lot AND c.owner_id = 1 AND c.quality = 'available'
        """,
        tuple(list(column) for column in zip(*keys, strict=True)),
    )
    return {(row[0], row[1], row[2], row[3]): row[4] for row in rows}


def on_lpns(lpn_ids: Sequence[int]) -> dict[int, int]:
    """Units that stand on each LPN, of whatever kind. One query."""
    rows = sql.fetch_all(
        """
        SELECT lpn_id, sum(on_hand)::bigint FROM ledger_cell
        WHERE lpn_id = ANY(%s::bigint[]) AND on_hand > 0 AND NOT is_virtual GROUP BY 1
        """,
        (list(lpn_ids),),
    )
    return dict(rows)


def places_of(lpn_ids: Sequence[int]) -> dict[int, int]:
    """Where each LPN stands; those on which nothing stands are left out. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT lpn_id, location_id FROM ledger_cell
        WHERE lpn_id = ANY(%s::bigint[]) AND on_hand > 0 AND NOT is_virtual
        """,
        (list(lpn_ids),),
    )
    return dict(rows)


def staged_with(cross_dock_id: int) -> list[int]:
    """The cross-dock, and those that went to the door on the same LPN in the same posting. One query."""
    rows = sql.fetch_all(
        """
        SELECT y.id FROM allocation_crossdock x
        JOIN allocation_crossdock y ON y.lpn_id = x.staged_lpn_id AND y.staged_lpn_id = x.staged_lpn_id
             AND y.state = 'staged' AND y.posting_id = x.posting_id
        WHERE x.id = %s AND x.state = 'staged' AND x.staged_lpn_id <> 0 ORDER BY y.id
        """,
        (cross_dock_id,),
    )
    return [row[0] for row in rows] or [cross_dock_id]


def line_ids_of(cross_dock_ids: Sequence[int]) -> list[int]:
    """The order lines of cross-docks. One query."""
    rows = sql.fetch_all(
        "SELECT DISTINCT order_line_id FROM allocation_crossdock WHERE id = ANY(%s::bigint[]) ORDER BY 1",
        (list(cross_dock_ids),),
    )
    return [row[0] for row in rows]


def planned_of_lines(line_ids: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """The planned cross-docks of order lines: (id, units). One query."""
    found: dict[int, list[tuple[int, int]]] = {}
    for line_id, cross_dock_id, units in sql.fetch_all(
        """
        SELECT order_line_id, id, units FROM allocation_crossdock
        WHERE order_line_id = ANY(%s::bigint[]) AND state = 'planned' ORDER BY id
        """,
        (list(line_ids),),
    ):
        found.setdefault(line_id, []).append((cross_dock_id, units))
    return found


def planned_of_items(site_id: int, item_ids: Sequence[int]) -> list[int]:
    """The planned cross-docks of items at a site. One query."""
    rows = sql.fetch_all(
        """
        SELECT id FROM allocation_crossdock
        WHERE site_id = %s AND state = 'planned' AND item_id = ANY(%s::bigint[]) ORDER BY id
        """,
        (site_id, list(item_ids)),
    )
    return [row[0] for row in rows]


def standing(keys: Sequence[tuple[int, int, int, int]]) -> dict[tuple[int, int, int, int], tuple[int, int]]:
    """Our available units at each (location, LPN, item, lot), and for how many of them a putaway is open. One query.

    Where nothing stands the key is left out.
    """
    rows = sql.fetch_all(
        """
        SELECT c.location_id, c.lpn_id, c.item_id, c.lot_id, c.on_hand, coalesce((
                   SELECT sum(m.units - m.done_units) FROM storage_plannedmove m
                   WHERE m.state = 'open' AND m.from_location_id = c.location_id AND m.lpn_id = c.lpn_id
                     AND m.item_id = c.item_id AND m.lot_id = c.lot_id AND m.owner_id = c.owner_id
                     AND m.quality = c.quality), 0)::bigint
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS k(location, lpn, item, lot)
        JOIN ledger_cell c ON c.location_id = k.location AND c.lpn_id = k.lpn AND c.item_id = k.item
             AND c.lot_id = k.lot AND c.owner_id = 1 AND c.quality = 'available'
        WHERE c.on_hand > 0
        """,
        tuple([key[n] for key in keys] for n in range(4)),
    )
    return {(row[0], row[1], row[2], row[3]): (row[4], row[5]) for row in rows}


@dataclass(frozen=True, slots=True)
class CrossDockRow:
    """A cross-dock in a list, on its page and on its label."""

    id: int
    number: str
    state: str
    site_id: int
    site: str
    order_id: int
    order_number: str
    tier: str
    customer: str
    requested_on: object
    item_id: int
    sku: str
    name: str
    units: int
    lot: str
    expires_on: object
    lpn: str
    lpn_is_whole: bool
    from_code: str
    staging_id: int
    staging: str
    door: str
    receipt_id: int
    receipt_number: str
    receipt_line_id: int
    order_line_id: int
    planned_by: str
    planned_at: datetime
    ended_by: str
    ended_at: datetime | None
    end_reason: str
    ship_to: str
    task_id: int


CROSS_DOCK = """
    SELECT x.id, x.number, x.state, x.site_id, site.code AS site, o.id AS order_id, o.number AS order_number, o.tier,
           c.name AS customer, o.requested_on, x.item_id, i.sku, i.name, x.units,
           CASE WHEN x.lot_id = 0 THEN '' ELSE t.code END AS lot, t.expires_on,
           CASE WHEN x.lpn_id = 0 THEN '' ELSE n.code END AS lpn,
           x.lpn_id <> 0 AND x.units = coalesce((
               SELECT sum(e.on_hand) FROM ledger_cell e WHERE e.lpn_id = x.lpn_id AND NOT e.is_virtual), 0)
               AS lpn_is_whole,
           f.code AS from_code, x.staging_id, s.code AS staging, coalesce(d.code, '') AS door, r.id AS receipt_id,
           r.number AS receipt_number, x.receipt_line_id, x.order_line_id, pu.full_name AS planned_by, x.planned_at,
           coalesce(eu.full_name, '') AS ended_by, x.ended_at, x.end_reason,
           coalesce(concat_ws(', ', nullif(a.name, ''), nullif(a.city, '')), '') AS ship_to, x.task_id
    FROM allocation_crossdock x JOIN locations_site site ON site.id = x.site_id
    JOIN sales_orderline l ON l.id = x.order_line_id JOIN sales_order o ON o.id = l.order_id
    JOIN parties_party c ON c.id = o.customer_id LEFT JOIN parties_address a ON a.id = o.ship_to_id
    JOIN catalog_item i ON i.id = x.item_id JOIN catalog_lot t ON t.id = x.lot_id
    JOIN locations_lpn n ON n.id = x.lpn_id JOIN locations_location f ON f.id = x.from_location_id
    JOIN locations_location s ON s.id = x.staging_id LEFT JOIN locations_location d ON d.id = x.door_id
    JOIN inbound_receiptline rl ON rl.id = x.receipt_line_id JOIN inbound_receipt r ON r.id = rl.receipt_id
    JOIN platform_user pu ON pu.id = x.planned_by_id LEFT JOIN platform_user eu ON eu.id = x.ended_by_id
"""


def cross_dock_page(query: ListQuery) -> Page[CrossDockRow]:
    """Cross-docks at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        CrossDockRow,
        CROSS_DOCK
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, x.site_id) AND 'inbound.view' = ANY(role.permissions)
        )
        """,
        [query.actor_id],
        search=("number", "order_number", "customer", "sku", "lpn"),
        totals={"units": "sum(units)"},
        site_column="site_id",
    )


def cross_docks(
    site_ids: frozenset[int],
    *,
    ids: Sequence[int] = (),
    state: str = "",
    lpn_id: int = 0,
    item_id: int = 0,
    task_id: int = 0,
    before: int | None = None,
    limit: int = 200,
) -> list[CrossDockRow]:
    """Cross-docks at sites (0 = all), newest first; those named, of a state, on an LPN, of an item. One query."""
    rows = sql.fetch_all(
        CROSS_DOCK
        + """
        WHERE (0 = ANY(%(sites)s::bigint[]) OR x.site_id = ANY(%(sites)s::bigint[]))
          AND (%(ids)s::bigint[] = '{}' OR x.id = ANY(%(ids)s::bigint[]))
          AND (%(state)s = '' OR x.state = %(state)s) AND (%(lpn)s = 0 OR x.lpn_id = %(lpn)s)
          AND (%(item)s = 0 OR x.item_id = %(item)s) AND (%(task)s = 0 OR x.task_id = %(task)s)
          AND (%(before)s::bigint IS NULL OR x.id < %(before)s::bigint)
        ORDER BY x.id DESC LIMIT %(limit)s
        """,
        {
            "sites": sorted(site_ids),
            "ids": list(ids),
            "state": state,
            "lpn": lpn_id,
            "item": item_id,
            "task": task_id,
            "before": before,
            "limit": limit,
        },
    )
    return [CrossDockRow(*row) for row in rows]


def access(cross_dock_id: int, site_ids: frozenset[int]) -> CrossDockRow:
    """The cross-dock, if it is at a site that the person may see (0 = all). One query. Refuses with NotFound."""
    found = cross_docks(site_ids, ids=[cross_dock_id])
    if not found:
        raise NotFound(f"There is no cross-dock with id {cross_dock_id}.")
    return found[0]


def by_number(number: str, site_id: int) -> int:
    """The id of the cross-dock with this number at a site; 0 when there is none. One query."""
    return int(
        sql.fetch_value("SELECT id FROM allocation_crossdock WHERE number = %s AND site_id = %s", (number, site_id))
        or 0
    )


def open_count(site_id: int) -> int:
    """Planned cross-docks of a site (0 = all), counted up to 99. One query."""
    return int(
        sql.fetch_value(
            """
            SELECT count(*) FROM (SELECT FROM allocation_crossdock WHERE state = 'planned' AND (%s = 0 OR site_id = %s)
                                  LIMIT 99) AS x
            """,
            (site_id, site_id),
        )
    )


def family_ids(codes: Sequence[str]) -> dict[str, int]:
    """The ids of item families by code. One query."""
    return dict(sql.fetch_all("SELECT code, id FROM catalog_family WHERE code = ANY(%s::text[])", (list(codes),)))
