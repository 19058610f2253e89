"""What a device takes along to put goods away without the network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.platform import sql

_OPEN = """
    SELECT m.id, m.lpn_id, m.task_id, t.priority, t.leased_by_id, t.device, t.lease_until,
           coalesce(l.zone_id, 0) AS zone_id
    FROM storage_plannedmove m JOIN tasks_task t ON t.id = m.task_id AND t.state IN ('open', 'leased')
    LEFT JOIN locations_location l ON l.id = m.to_location_id
    WHERE m.site_id = %(site)s AND m.kind = 'putaway' AND m.state = 'open'
"""


def takeable(
    actor_id: int, device: str, now: datetime, *, site_id: int, zone_ids: Sequence[int], limit: int
) -> list[int]:
    """The tasks of the first pallets, and loose goods, that a person may take along: urgent first, then the oldest.

    A pallet goes along with all that is on it or not at all: none of it is with somebody else. Zones are those of the
    bins; what has no bin yet fits all. One query.
    """
    rows = sql.fetch_all(
        f"""
        WITH open AS ({_OPEN})
        SELECT array_agg(DISTINCT task_id) FROM open
        GROUP BY CASE WHEN lpn_id = 0 THEN -id ELSE lpn_id END
        HAVING bool_and(lease_until IS NULL OR lease_until < %(now)s
                        OR (leased_by_id = %(actor)s AND device <> %(device)s))
           AND (%(zones)s::bigint[] = '{{}}' OR bool_or(zone_id = 0 OR zone_id = ANY(%(zones)s::bigint[])))
        ORDER BY min(priority), min(id) LIMIT %(limit)s
        """,  # noqa: S608 - text of this module
        {
            "site": site_id,
            "actor": actor_id,
            "device": device[:80],
            "now": now,
            "zones": list(zone_ids),
            "limit": limit,
        },
    )
    return [task_id for (task_ids,) in rows for task_id in task_ids]


def tasks_along(actor_id: int, device: str, now: datetime, *, site_id: int) -> list[int]:
    """The putaway tasks that a person has along on a device. One query.

    A lease that was over for less than half a day goes on, as long as nobody else took the goods.
    """
    rows = sql.fetch_all(
        f"""
        WITH open AS ({_OPEN})
        SELECT DISTINCT task_id FROM open WHERE leased_by_id = %(actor)s AND device = %(device)s
          AND lease_until >= %(now)s::timestamptz - interval '12 hours' ORDER BY 1 LIMIT 200
        """,  # noqa: S608 - text of this module
        {"site": site_id, "actor": actor_id, "device": device[:80], "now": now},
    )
    return [task_id for (task_id,) in rows]


def lease_ends(actor_id: int, device: str, now: datetime, *, site_id: int) -> datetime | None:
    """When the first lease of what a person has along on a device is over, or was; None without any. One query."""
    found: datetime | None = sql.fetch_value(
        f"""
        WITH open AS ({_OPEN})
        SELECT min(lease_until) FROM open WHERE leased_by_id = %(actor)s AND device = %(device)s
          AND lease_until >= %(now)s::timestamptz - interval '12 hours'
        """,  # noqa: S608 - text of this module
        {"site": site_id, "actor": actor_id, "device": device[:80], "now": now},
    )
    return found


def moves_of(task_ids: Sequence[int]) -> list[int]:
    """The open planned moves of tasks, in order. One query."""
    rows = sql.fetch_all(
        "SELECT id FROM storage_plannedmove WHERE task_id = ANY(%s::bigint[]) AND state = 'open' ORDER BY id",
        (list(task_ids),),
    )
    return [move_id for (move_id,) in rows]


def has_along(move_ids: Sequence[int], actor_id: int, now: datetime) -> str:
    """Who else has one of these planned moves along on a device; empty when nobody has. One query."""
    return str(
        sql.fetch_value(
            """
            SELECT u.full_name FROM storage_plannedmove m JOIN tasks_task t ON t.id = m.task_id
            JOIN platform_user u ON u.id = t.leased_by_id
            WHERE m.id = ANY(%s::bigint[]) AND t.state = 'leased' AND t.leased_by_id <> %s AND t.lease_until >= %s
            LIMIT 1
            """,
            (list(move_ids), actor_id, now),
        )
        or ""
    )


def codes_of(item_ids: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    """All codes of items with the units of each: SKU, GTINs of their packs, other barcodes. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.id, i.sku, 1::bigint FROM catalog_item i WHERE i.id = ANY(%(ids)s::bigint[])
        UNION ALL
        SELECT p.item_id, p.gtin, p.factor FROM catalog_packlevel p
        WHERE p.item_id = ANY(%(ids)s::bigint[]) AND p.gtin IS NOT NULL
        UNION ALL
        SELECT b.item_id, b.code, b.factor FROM catalog_barcode b WHERE b.item_id = ANY(%(ids)s::bigint[])
        """,
        {"ids": sorted(set(item_ids))},
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for item_id, code, units in rows:
        found.setdefault(item_id, []).append((code, units))
    return found


def bins_near(site_id: int, location_ids: Sequence[int], *, limit: int) -> list[tuple[str, str, bool]]:
    """(code, role, is blocked) of the places of a site, those in the zones of these bins first. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.code, l.role, NOT l.is_active OR l.blocked_reason <> '' FROM locations_location l
        WHERE l.site_id = %s AND l.kind <> 'virtual'
        ORDER BY l.zone_id IN (SELECT z.zone_id FROM locations_location z WHERE z.id = ANY(%s::bigint[])) IS TRUE DESC,
                 l.id
        LIMIT %s
        """,
        (site_id, list(location_ids), limit),
    )
    return [(row[0], row[1], row[2]) for row in rows]
