"""Reads of storage: bins with what fills them, sizes, planned moves, pick faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.platform import sql
from flowrack.storage.rules import Bin, Face, Load, Size, Source

NEAREST = 12  # bins nearest to the start of the walk that are looked at for the explanation


@dataclass(frozen=True, slots=True)
class ItemNeeds:
    """What an item needs of a place, and its size."""

    sku: str
    name: str
    temperature: str
    hazard_class: str
    size: Size


def item_needs(item_ids: Sequence[int]) -> dict[int, ItemNeeds]:
    """Needs and size of items; the size is that of the smallest pack that was measured. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.id, i.sku, i.name, i.temperature, i.hazard_class, coalesce(v.mm3, 0), coalesce(v.factor, 1),
               coalesce(w.weight_g, 0), coalesce(w.factor, 1)
        FROM catalog_item i
        LEFT JOIN LATERAL (
            SELECT length_mm::bigint * width_mm * height_mm AS mm3, factor FROM catalog_packlevel
            WHERE item_id = i.id AND length_mm IS NOT NULL AND width_mm IS NOT NULL AND height_mm IS NOT NULL
            ORDER BY factor LIMIT 1
        ) AS v ON true
        LEFT JOIN LATERAL (
            SELECT weight_g, factor FROM catalog_packlevel WHERE item_id = i.id AND weight_g IS NOT NULL
            ORDER BY factor LIMIT 1
        ) AS w ON true
        WHERE i.id = ANY(%s::bigint[])
        """,
        (list(item_ids),),
    )
    return {row[0]: ItemNeeds(row[1], row[2], row[3], row[4], Size(*row[5:9])) for row in rows}


def candidate_bins(
    *, site_id: int, item_ids: Sequence[int], profiles: Sequence[tuple[str, str, str]], per_profile: int
) -> list[int]:
    """Ids of places worth looking at. One query.

    Those with these items or with some on the way, pick faces of the items, the nearest empty ones for each (role,
    temperature, hazard class), and the nearest of all for the explanation.
    """
    rows = sql.fetch_all(
        """
        WITH wanted AS MATERIALIZED (
            SELECT DISTINCT p.role, p.temperature, p.hazard
            FROM unnest(%(roles)s::text[], %(temperatures)s::text[], %(hazards)s::text[])
                 AS p(role, temperature, hazard)
        )
        SELECT c.location_id FROM ledger_cell c
        WHERE c.item_id = ANY(%(items)s::bigint[]) AND c.site_id = %(site)s AND NOT c.is_virtual AND c.on_hand > 0
          AND c.state IN (SELECT role FROM wanted)
        UNION
        SELECT m.to_location_id FROM storage_plannedmove m
        WHERE m.item_id = ANY(%(items)s::bigint[]) AND m.site_id = %(site)s AND m.state = 'open'
          AND m.to_location_id IS NOT NULL
        UNION
        SELECT f.location_id FROM storage_pickface f JOIN locations_location l ON l.id = f.location_id
        WHERE f.item_id = ANY(%(items)s::bigint[]) AND l.site_id = %(site)s
        UNION
        SELECT e.id FROM wanted w CROSS JOIN LATERAL (
            SELECT l.id FROM locations_location l
            WHERE l.site_id = %(site)s AND l.role = w.role AND l.is_active AND l.blocked_reason = ''
              AND l.kind <> 'virtual' AND l.temperature = w.temperature
              AND (w.hazard = '' OR w.hazard = ANY(l.hazard_classes))
              AND (w.role NOT IN ('reserve', 'forward_pick') OR (
                  NOT EXISTS (
                      SELECT FROM ledger_cell c WHERE c.location_id = l.id AND NOT c.is_virtual AND c.on_hand > 0)
                  AND NOT EXISTS (
                      SELECT FROM storage_plannedmove m WHERE m.to_location_id = l.id AND m.state = 'open')
                  AND NOT EXISTS (SELECT FROM storage_pickface f WHERE f.location_id = l.id)))
            ORDER BY l.pick_sequence, l.id LIMIT %(many)s
        ) AS e
        UNION
        SELECT n.id FROM (SELECT DISTINCT role FROM wanted) w CROSS JOIN LATERAL (
            SELECT l.id FROM locations_location l
            WHERE l.site_id = %(site)s AND l.role = w.role AND l.kind <> 'virtual'
            ORDER BY l.pick_sequence, l.id LIMIT %(nearest)s
        ) AS n
        """,
        {
            "roles": [p[0] for p in profiles],
            "temperatures": [p[1] for p in profiles],
            "hazards": [p[2] for p in profiles],
            "items": list(item_ids),
            "site": site_id,
            "many": per_profile,
            "nearest": NEAREST,
        },
    )
    return [row[0] for row in rows]


def bins(location_ids: Sequence[int], *, without_moves: Sequence[int] = ()) -> list[Bin]:
    """Places with limits and what fills them; `without_moves` are planned moves that are not counted. One query."""
    rows = sql.fetch_all(
        """
        WITH filling AS (
            SELECT c.location_id, c.item_id, c.lpn_id, c.on_hand AS units, false AS coming
            FROM ledger_cell c WHERE c.location_id = ANY(%(ids)s::bigint[]) AND NOT c.is_virtual AND c.on_hand > 0
            UNION ALL
            SELECT m.to_location_id, m.item_id, m.lpn_id, m.units - m.done_units, true
            FROM storage_plannedmove m
            WHERE m.to_location_id = ANY(%(ids)s::bigint[]) AND m.state = 'open'
              AND NOT m.id = ANY(%(without)s::bigint[])
        ), sized AS (
            SELECT f.*, coalesce(ceil(f.units::numeric * v.mm3 / (v.factor * 1000)), 0)::bigint AS ml,
                   coalesce(ceil(f.units::numeric * w.weight_g / w.factor), 0)::bigint AS grams
            FROM filling f
            LEFT JOIN LATERAL (
                SELECT length_mm::bigint * width_mm * height_mm AS mm3, factor FROM catalog_packlevel
                WHERE item_id = f.item_id AND length_mm IS NOT NULL AND width_mm IS NOT NULL AND height_mm IS NOT NULL
                ORDER BY factor LIMIT 1
            ) AS v ON true
            LEFT JOIN LATERAL (
                SELECT weight_g, factor FROM catalog_packlevel WHERE item_id = f.item_id AND weight_g IS NOT NULL
                ORDER BY factor LIMIT 1
            ) AS w ON true
        ), filled AS (
            SELECT location_id, array_agg(DISTINCT item_id) AS items,
                   coalesce(sum(ml) FILTER (WHERE NOT coming), 0)::bigint AS ml,
                   coalesce(sum(grams) FILTER (WHERE NOT coming), 0)::bigint AS grams,
                   count(DISTINCT lpn_id) FILTER (WHERE NOT coming AND lpn_id > 0) AS lpns,
                   coalesce(sum(ml) FILTER (WHERE coming), 0)::bigint AS coming_ml,
                   coalesce(sum(grams) FILTER (WHERE coming), 0)::bigint AS coming_grams,
                   count(DISTINCT lpn_id) FILTER (WHERE coming AND lpn_id > 0) AS coming_lpns
            FROM sized GROUP BY location_id
        )
        SELECT l.id, l.code, l.role, l.pick_sequence, l.temperature, l.hazard_classes, l.max_volume_ml,
               l.max_weight_g, l.max_lpns, NOT l.is_active OR l.blocked_reason <> '', coalesce(f.items, '{}'),
               coalesce(f.ml, 0), coalesce(f.grams, 0), coalesce(f.lpns, 0), coalesce(f.coming_ml, 0),
               coalesce(f.coming_grams, 0), coalesce(f.coming_lpns, 0), coalesce(p.item_id, 0)
        FROM locations_location l
        LEFT JOIN filled f ON f.location_id = l.id
        LEFT JOIN storage_pickface p ON p.location_id = l.id
        WHERE l.id = ANY(%(ids)s::bigint[])
        """,
        {"ids": list(location_ids), "without": list(without_moves)},
    )
    return [
        Bin(
            location_id=row[0],
            code=row[1],
            role=row[2],
            pick_sequence=row[3],
            temperature=row[4],
            hazard_classes=frozenset(row[5]),
            max_volume_ml=row[6],
            max_weight_g=row[7],
            max_lpns=row[8],
            is_blocked=row[9],
            item_ids=frozenset(row[10]),
            load=Load(row[11], row[12], row[13]),
            under_way=Load(row[14], row[15], row[16]),
            face_of=row[17],
        )
        for row in rows
    ]


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

    @property
    def left(self) -> int:
        """Units still to carry."""
        return self.units - self.done_units


PLANNED_MOVE = """
    SELECT m.id, m.kind, m.state, m.site_id, m.item_id, i.sku, i.name, lot.code AS lot, m.lpn_id, lpn.code AS lpn,
           m.quality, m.units, m.done_units, m.from_location_id, f.code AS from_code,
           coalesce(m.to_location_id, 0) AS to_location_id, coalesce(t.code, '') AS to_code, m.origin, m.planned_at,
           m.ended_at, coalesce(u.full_name, '') AS ended_by, coalesce(e.code, '') AS ended_in, m.reason
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
    after: int = 0,
    limit: int = 100,
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
          AND m.id > %(after)s
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
            "after": after,
            "limit": limit,
        },
    )
    return [PlannedMoveRow(*row) for row in rows]


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


def low_faces(site_id: int, item_ids: Sequence[int]) -> list[Face]:
    """The pick faces of a site that are under their minimum, refills under way counted. One query."""
    rows = sql.fetch_all(
        """
        SELECT f.id, f.location_id, f.item_id, f.min_units, f.max_units, s.there, s.coming
        FROM storage_pickface f
        JOIN locations_location l ON l.id = f.location_id
        CROSS JOIN LATERAL (
            SELECT coalesce((SELECT sum(c.on_hand) FROM ledger_cell c
                             WHERE c.location_id = f.location_id AND c.item_id = f.item_id
                               AND c.quality = 'available'), 0)::bigint AS there,
                   coalesce((SELECT sum(m.units - m.done_units) FROM storage_plannedmove m
                             WHERE m.to_location_id = f.location_id AND m.item_id = f.item_id
                               AND m.state = 'open'), 0)::bigint AS coming
        ) AS s
        WHERE l.site_id = %s AND (%s::bigint[] = '{}' OR f.item_id = ANY(%s::bigint[]))
          AND s.there + s.coming < f.min_units
        ORDER BY f.id
        """,
        (site_id, list(item_ids), list(item_ids)),
    )
    return [Face(*row) for row in rows]


def refill_sources(site_id: int, item_ids: Sequence[int], *, today: date) -> list[Source]:
    """Free reserve stock of items, first expiring first, then in walking order; planned carries are taken off.

    One query.
    """
    rows = sql.fetch_all(
        """
        SELECT c.id, c.location_id, c.item_id, c.lot_id, c.lpn_id, c.owner_id,
               c.on_hand - c.reserved - coalesce(planned.units, 0) AS free
        FROM ledger_cell c
        JOIN catalog_lot lot ON lot.id = c.lot_id
        JOIN locations_location l ON l.id = c.location_id
        LEFT JOIN LATERAL (
            SELECT sum(m.units - m.done_units)::bigint AS units FROM storage_plannedmove m
            WHERE m.from_location_id = c.location_id AND m.state = 'open' AND m.item_id = c.item_id
              AND m.lot_id = c.lot_id AND m.lpn_id = c.lpn_id AND m.owner_id = c.owner_id AND m.quality = c.quality
        ) AS planned ON true
        WHERE c.item_id = ANY(%s::bigint[]) AND c.site_id = %s AND c.state = 'reserve'
          AND c.on_hand - c.reserved - coalesce(planned.units, 0) > 0
          AND (lot.expires_on IS NULL OR lot.expires_on >= %s)
        ORDER BY c.item_id, lot.expires_on NULLS LAST, l.pick_sequence, c.id
        """,
        (list(item_ids), site_id, today),
    )
    return [Source(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class FaceRow:
    """A pick face in the list."""

    id: int
    location_id: int
    code: str
    item_id: int
    sku: str
    name: str
    min_units: int
    max_units: int
    there: int
    coming: int
    site_id: int


FACE = """
    SELECT f.id, f.location_id, l.code, f.item_id, i.sku, i.name, f.min_units, f.max_units,
           coalesce((SELECT sum(c.on_hand) FROM ledger_cell c
                     WHERE c.location_id = f.location_id AND c.item_id = f.item_id), 0)::bigint AS there,
           coalesce((SELECT sum(m.units - m.done_units) FROM storage_plannedmove m
                     WHERE m.to_location_id = f.location_id AND m.item_id = f.item_id AND m.state = 'open'), 0)::bigint
               AS coming,
           l.site_id
    FROM storage_pickface f
    JOIN locations_location l ON l.id = f.location_id
    JOIN catalog_item i ON i.id = f.item_id
"""
