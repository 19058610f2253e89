"""Reads for trying a rule set on the past: all bins, what lay in them on the first day, what came and what left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flowrack.platform import sql
from flowrack.storage.rules_house import EmptyBin


def all_bins(site_id: int) -> list[EmptyBin]:
    """Every bin of a site, as if it were empty. One query."""
    return sql.fetch_all(
        """
        SELECT s.location_id, s.shape_id, l.code, s.walk, s.stop, l.aisle, l.bay, l.level
        FROM storage_binshape h JOIN storage_binstate s ON s.shape_id = h.id
        JOIN locations_location l ON l.id = s.location_id
        WHERE h.site_id = %s AND NOT h.is_blocked ORDER BY s.walk, s.location_id
        """,
        (site_id,),
    )


def all_faces(site_id: int) -> dict[int, tuple[int, int]]:
    """Pick faces of a site: location -> item and the most units. One query."""
    rows = sql.fetch_all(
        """
        SELECT f.location_id, f.item_id, f.max_units FROM storage_pickface f
        JOIN locations_location l ON l.id = f.location_id WHERE l.site_id = %s
        """,
        (site_id,),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


@dataclass(frozen=True, slots=True)
class PastStock:
    """Units of an item that lay in a bin on the morning of the first day."""

    location_id: int
    item_id: int
    lot_id: int
    owner_id: int
    lpn_id: int
    units: int


def stock_on(site_id: int, on: date) -> list[PastStock]:
    """What lay in a site's bins before anything was booked on a day: today's stock less the moves since. One query."""
    rows = sql.fetch_all(
        """
        WITH since AS (
            SELECT m.from_cell_id, m.to_cell_id, m.units FROM ledger_posting p JOIN ledger_move m ON m.posting_id = p.id
            WHERE p.booked_on >= %(on)s
        ), net AS (
            SELECT cell_id, sum(units) AS units FROM (
                SELECT to_cell_id AS cell_id, units FROM since
                UNION ALL SELECT from_cell_id, -units FROM since
            ) AS both_ways GROUP BY cell_id
        )
        SELECT c.location_id, c.item_id, c.lot_id, c.owner_id, c.lpn_id, (c.on_hand - coalesce(n.units, 0))::bigint
        FROM ledger_cell c JOIN storage_binstate s ON s.location_id = c.location_id
        LEFT JOIN net n ON n.cell_id = c.id
        WHERE c.site_id = %(site)s AND NOT c.is_virtual AND c.on_hand - coalesce(n.units, 0) > 0
        ORDER BY s.walk, c.location_id, c.id
        """,
        {"site": site_id, "on": on},
    )
    return [PastStock(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PastPutaway:
    """A putaway as it was planned, and where it ended. What shares a task stood on one LPN."""

    id: int
    on: date
    task_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    quality: str
    units: int
    went_to: int
    stop: int


def putaways_between(site_id: int, from_on: date, to_on: date) -> list[PastPutaway]:
    """The putaways planned in these days at the site's time, cancelled ones left out, oldest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT m.id, (m.planned_at AT TIME ZONE t.timezone)::date, m.task_id, m.item_id, m.lot_id, m.lpn_id, m.quality,
               m.units, coalesce(m.ended_in_id, 0), coalesce(s.stop, 0)
        FROM storage_plannedmove m JOIN locations_site t ON t.id = m.site_id
        LEFT JOIN storage_binstate s ON s.location_id = m.ended_in_id
        WHERE m.site_id = %s AND m.kind = 'putaway' AND m.state <> 'cancelled'
          AND m.planned_at >= (%s::date)::timestamp AT TIME ZONE t.timezone
          AND m.planned_at < (%s::date + 1)::timestamp AT TIME ZONE t.timezone
        ORDER BY m.id
        """,
        (site_id, from_on, to_on),
    )
    return [PastPutaway(*row) for row in rows]


def count_between(site_id: int, from_on: date, to_on: date) -> int:
    """How many putaways `putaways_between` finds. One query."""
    return int(
        sql.fetch_value(
            """
            SELECT count(*) FROM storage_plannedmove m JOIN locations_site t ON t.id = m.site_id
            WHERE m.site_id = %s AND m.kind = 'putaway' AND m.state <> 'cancelled'
              AND m.planned_at >= (%s::date)::timestamp AT TIME ZONE t.timezone
              AND m.planned_at < (%s::date + 1)::timestamp AT TIME ZONE t.timezone
            """,
            (site_id, from_on, to_on),
        )
    )


def left_between(site_id: int, from_on: date, to_on: date) -> dict[date, list[tuple[int, int]]]:
    """Units of each item that left the bins, by business day: to packing, customers or scrap, not to other bins.

    One query.
    """
    found: dict[date, list[tuple[int, int]]] = {}
    for on, item_id, units in sql.fetch_all(
        """
        SELECT p.booked_on, f.item_id, sum(m.units)::bigint
        FROM ledger_posting p JOIN ledger_move m ON m.posting_id = p.id
        JOIN ledger_cell f ON f.id = m.from_cell_id AND f.site_id = %(site)s AND NOT f.is_virtual
        JOIN storage_binstate s ON s.location_id = f.location_id
        JOIN ledger_cell t ON t.id = m.to_cell_id
        WHERE p.booked_on BETWEEN %(from_on)s AND %(to_on)s
          AND NOT EXISTS (SELECT FROM storage_binstate x WHERE x.location_id = t.location_id)
        GROUP BY 1, 2 HAVING sum(m.units) > 0 ORDER BY 1, 2
        """,
        {"site": site_id, "from_on": from_on, "to_on": to_on},
    ):
        found.setdefault(on, []).append((item_id, units))
    return found
