"""Reads of storage: bins with what fills them, sizes, planned moves, pick faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flowrack.platform import sql
from flowrack.storage.rules import Size


@dataclass(frozen=True, slots=True)
class ItemNeeds:
    """What an item needs of a place, and its size."""

    sku: str
    name: str
    temperature: str
    hazard: str
    size: Size
    storage_class: str = "general"
    velocity: str = "C"


def item_needs(item_ids: Sequence[int]) -> dict[int, ItemNeeds]:
    """Needs and size of items; the size is that of the smallest pack that was measured. The hazard is the division
    where it is known, else the class. One query.
    """
    return item_needs_of(sql.fetch_all(*ask_item_needs(item_ids)))


def ask_item_needs(item_ids: Sequence[int]) -> sql.Asked:
    """The question of `item_needs`."""
    return f"{_ITEM_NEEDS} WHERE i.id = ANY({sql.listed('ids', item_ids)})", {"ids": list(item_ids)}


_ITEM_NEEDS = """
        SELECT i.id, i.sku, i.name, i.temperature, coalesce(nullif(i.hazard_division, ''), i.hazard_class),
               i.storage_class, i.velocity, coalesce(v.mm3, 0), coalesce(v.factor, 1), coalesce(w.weight_g, 0),
               coalesce(w.factor, 1), coalesce(v.height_mm, 0), coalesce(k.height_mm, 0), coalesce(k.factor, 1),
               coalesce(k.tie, 0), coalesce(p.height_mm, 0)
        FROM catalog_item i
        LEFT JOIN catalog_packlevel k ON k.item_id = i.id AND k.level = 'case'
        LEFT JOIN catalog_packlevel p ON p.item_id = i.id AND p.level = 'pallet'
        LEFT JOIN LATERAL (
            SELECT length_mm::bigint * width_mm * height_mm AS mm3, factor, height_mm FROM catalog_packlevel
            WHERE item_id = i.id AND length_mm IS NOT NULL AND width_mm IS NOT NULL AND height_mm IS NOT NULL
            ORDER BY factor LIMIT 1
        ) AS v ON true
        LEFT JOIN LATERAL (
            SELECT weight_g, factor FROM catalog_packlevel WHERE item_id = i.id AND weight_g IS NOT NULL
            ORDER BY factor LIMIT 1
        ) AS w ON true
"""


def active_item_needs() -> dict[int, ItemNeeds]:
    """Needs and size of all items in use. One query."""
    return item_needs_of(sql.fetch_all(_ITEM_NEEDS + " WHERE i.is_active"))


def item_needs_of(rows: Sequence[Any]) -> dict[int, ItemNeeds]:
    return {row[0]: ItemNeeds(row[1], row[2], row[3], row[4], Size(*row[7:]), row[5], row[6]) for row in rows}


@dataclass(frozen=True, slots=True)
class PlannedMoveRow:
    """A planned move as people see it."""

    id: int
    kind: str
    state: str
    site_id: int
    item_id: int
    sku: str
    name: str
    lot: str
    lpn_id: int
    lpn: str
    quality: str
    units: int
    done_units: int
    from_location_id: int
    from_code: str
    to_location_id: int
    to_code: str
    origin: str
    planned_at: datetime
    ended_at: datetime | None
    ended_by: str
    ended_in: str
    reason: str
    expires_on: date | None = None

    @property
    def left(self) -> int:
        """Units still to carry."""
        return self.units - self.done_units


PLANNED_MOVE = """
    SELECT m.id, m.kind, m.state, m.site_id, m.item_id, i.sku, i.name, lot.code AS lot, m.lpn_id, lpn.code AS lpn,
           m.quality, m.units, m.done_units, m.from_location_id, f.code AS from_code,
           coalesce(m.to_location_id, 0) AS to_location_id, coalesce(t.code, '') AS to_code, m.origin, m.planned_at,
           m.ended_at, coalesce(u.full_name, '') AS ended_by, coalesce(e.code, '') AS ended_in, m.reason,
           lot.expires_on
    FROM storage_plannedmove m
    JOIN catalog_item i ON i.id = m.item_id
    JOIN catalog_lot lot ON lot.id = m.lot_id
    JOIN locations_lpn lpn ON lpn.id = m.lpn_id
    JOIN locations_location f ON f.id = m.from_location_id
    LEFT JOIN locations_location t ON t.id = m.to_location_id
    LEFT JOIN locations_location e ON e.id = m.ended_in_id
    LEFT JOIN platform_user u ON u.id = m.ended_by_id
"""


def planned_moves(
    *,
    site_ids: Sequence[int],
    kind: str = "",
    state: str = "open",
    lpn_id: int = 0,
    item_id: int = 0,
    ids: Sequence[int] = (),
    origins: Sequence[str] = (),
    task_id: int = 0,
    after: int = 0,
    limit: int | None = 100,
) -> list[PlannedMoveRow]:
    """Planned moves at sites (0 = all), oldest first, after the id `after`. One query."""
    rows = sql.fetch_all(
        PLANNED_MOVE
        + """
        WHERE (0 = ANY(%(sites)s::bigint[]) OR m.site_id = ANY(%(sites)s::bigint[]))
          AND (%(kind)s = '' OR m.kind = %(kind)s) AND (%(state)s = '' OR m.state = %(state)s)
          AND (%(lpn)s = 0 OR m.lpn_id = %(lpn)s) AND (%(item)s = 0 OR m.item_id = %(item)s)
          AND (%(ids)s::bigint[] = '{}' OR m.id = ANY(%(ids)s::bigint[]))
          AND (%(origins)s::text[] = '{}' OR m.origin = ANY(%(origins)s::text[]))
          AND (%(task)s = 0 OR m.task_id = %(task)s) AND m.id > %(after)s
        ORDER BY m.id LIMIT %(limit)s
        """,
        {
            "sites": list(site_ids),
            "kind": kind,
            "state": state,
            "lpn": lpn_id,
            "item": item_id,
            "ids": list(ids),
            "origins": list(origins),
            "task": task_id,
            "after": after,
            "limit": limit,
        },
    )
    return [PlannedMoveRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class CarriedRow:
    """Units of a planned putaway that one posting carried."""

    planned_move_id: int
    site_id: int
    origin: str
    from_location_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    quality: str
    units: int


def carried_by(posting_id: int) -> list[CarriedRow]:
    """What a posting put away, by planned move. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.id, p.site_id, p.origin, p.from_location_id, p.item_id, p.lot_id, p.lpn_id, p.quality,
               sum(m.units)::bigint
        FROM ledger_move m
        JOIN storage_plannedmove p ON p.id = substring(m.origin FROM '^storage\\.planned_move:([0-9]+)$')::bigint
        WHERE m.posting_id = %s AND m.reason = 'PUTAWAY' AND p.kind = 'putaway' GROUP BY p.id ORDER BY p.id
        """,
        (posting_id,),
    )
    return [CarriedRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class MovedRow:
    """What a posting moved by hand: the site, from and to where, the item, units."""

    site_id: int
    from_location_id: int
    from_role: str
    to_location_id: int
    item_id: int
    units: int


def moved_by(posting_id: int) -> list[MovedRow]:
    """What a posting moved by hand, in its order. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.site_id, l.id, l.role, t.location_id, f.item_id, m.units
        FROM ledger_move m JOIN ledger_cell f ON f.id = m.from_cell_id JOIN ledger_cell t ON t.id = m.to_cell_id
        JOIN locations_location l ON l.id = f.location_id
        WHERE m.posting_id = %s AND m.reason = 'MOVE' AND m.of_move_id = 0 ORDER BY m.id
        """,
        (posting_id,),
    )
    return [MovedRow(*row) for row in rows]


def open_without_bin(site_id: int) -> list[int]:
    """Open putaways of a site for which no bin was found. One query."""
    rows = sql.fetch_all(
        """
        SELECT id FROM storage_plannedmove
        WHERE site_id = %s AND kind = 'putaway' AND state = 'open' AND to_location_id IS NULL ORDER BY id
        """,
        (site_id,),
    )
    return [row[0] for row in rows]
