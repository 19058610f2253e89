"""Reads for choosing a bin: the bins with what fills them, shapes, empty bins, neighbours, and work in the aisles."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from flowrack.platform import sql
from flowrack.storage.rules import Load
from flowrack.storage.rules_house import EmptyBin
from flowrack.storage.rules_putaway import Bin
from flowrack.storage.rules_shapes import Shape

_FILLED = """
    filling AS (
        SELECT c.location_id, c.item_id, c.lot_id, c.owner_id, c.lpn_id, c.on_hand AS units, false AS coming
        FROM ledger_cell c WHERE c.location_id = ANY(@ids) AND NOT c.is_virtual AND c.on_hand > 0
        UNION ALL
        SELECT m.to_location_id, m.item_id, m.lot_id, m.owner_id, m.lpn_id, m.units - m.done_units, true
        FROM storage_plannedmove m
        WHERE m.to_location_id = ANY(@ids) AND m.state = 'open' AND NOT m.id = ANY(%(without)s::bigint[])
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
        SELECT location_id, array_agg(DISTINCT item_id) AS items, array_agg(DISTINCT lot_id) AS lots,
               array_agg(DISTINCT owner_id) AS owners, sum(units)::bigint AS units,
               coalesce(sum(ml) FILTER (WHERE NOT coming), 0)::bigint AS ml,
               coalesce(sum(grams) FILTER (WHERE NOT coming), 0)::bigint AS grams,
               count(DISTINCT lpn_id) FILTER (WHERE NOT coming AND lpn_id > 0) AS lpns,
               coalesce(sum(ml) FILTER (WHERE coming), 0)::bigint AS coming_ml,
               coalesce(sum(grams) FILTER (WHERE coming), 0)::bigint AS coming_grams,
               count(DISTINCT lpn_id) FILTER (WHERE coming AND lpn_id > 0) AS coming_lpns
        FROM sized GROUP BY location_id
    )
"""


def bins(location_ids: Sequence[int], *, without_moves: Sequence[int] = ()) -> list[Bin]:
    """Places with limits and what fills them; `without_moves` are planned moves that are not counted. One query."""
    return bins_of(sql.fetch_all(*ask_bins(location_ids, without_moves))) if location_ids else []


def ask_bins(location_ids: Sequence[int], without_moves: Sequence[int]) -> sql.Asked:
    """The question of `bins`."""
    ids = sql.listed("ids", location_ids)
    return (
        f"""
        WITH {_FILLED.replace("@ids", ids)}
        SELECT l.id, l.code, l.role, l.pick_sequence, l.temperature, l.hazard_classes, l.max_volume_ml,
               l.max_weight_g, l.max_lpns, NOT l.is_active OR l.blocked_reason <> '', coalesce(f.items, '{{}}'),
               coalesce(f.ml, 0), coalesce(f.grams, 0), coalesce(f.lpns, 0), coalesce(f.coming_ml, 0),
               coalesce(f.coming_grams, 0), coalesce(f.coming_lpns, 0), coalesce(p.item_id, 0), l.max_height_mm,
               l.max_beam_weight_g, l.storage_classes, coalesce(l.zone_id, 0), l.aisle, l.bay, l.level,
               coalesce(s.stop, 0), coalesce(f.lots, '{{}}'), coalesce(f.owners, '{{}}'), coalesce(f.units, 0),
               coalesce(p.max_units, 0), coalesce(s.shape_id, 0)
        FROM locations_location l
        LEFT JOIN filled f ON f.location_id = l.id
        LEFT JOIN storage_pickface p ON p.location_id = l.id
        LEFT JOIN storage_binstate s ON s.location_id = l.id
        WHERE l.id = ANY({ids})
        """,  # noqa: S608 - text of this module
        {"ids": list(location_ids), "without": list(without_moves)},
    )


def bins_of(rows: Sequence[Sequence[Any]]) -> list[Bin]:
    """The answer of `bins`."""
    return [_bin(row) for row in rows]


def _bin(row: Sequence[Any]) -> Bin:
    """A bin of the columns that `bins` selects."""
    cells = list(row)
    for sets in (5, 10, 20, 26, 27):
        cells[sets] = frozenset(cells[sets])
    cells[10:17] = [Load(*cells[11:14]), Load(*cells[14:17]), cells[10]]
    return Bin(*cells)


def shapes(site_id: int, roles: Sequence[str]) -> list[Shape]:
    """The shapes of a site's bins in these roles, each with its first bin and its first filled one. One query."""
    return stamped_shapes(site_id, roles)[1]


def stamped_shapes(site_id: int, roles: Sequence[str]) -> tuple[str, list[Shape]]:
    """The same with the stamp of the census that counted them; "" where nothing is known. One query."""
    rows = sql.fetch_all(
        """
        SELECT h.id, h.empty, h.filled, h.faces, coalesce(f.code, ''), coalesce(f.walk, 0), l.id, l.code, h.role,
               l.pick_sequence, h.temperature, h.hazard_classes, h.max_volume_ml, h.max_weight_g, h.max_lpns,
               h.is_blocked, h.max_height_mm, h.max_beam_weight_g, h.storage_classes, h.zone_id, l.aisle,
               (SELECT c.stamp::text FROM storage_bincensus c WHERE c.site_id = %s)
        FROM storage_binshape h
        JOIN locations_location l ON l.id = h.first_location_id
        LEFT JOIN LATERAL (
            SELECT s.walk, n.code FROM storage_binstate s JOIN locations_location n ON n.id = s.location_id
            WHERE s.shape_id = h.id AND s.filling = 1 ORDER BY s.walk, s.location_id LIMIT 1
        ) AS f ON true
        WHERE h.site_id = %s AND h.role = ANY(%s::text[]) ORDER BY l.pick_sequence, l.id
        """,
        (site_id, site_id, list(roles)),
    )
    found = [
        Shape(
            row[0],
            Bin(
                location_id=row[6],
                code=row[7],
                role=row[8],
                pick_sequence=row[9],
                temperature=row[10],
                hazard_classes=frozenset(row[11]),
                max_volume_ml=row[12],
                max_weight_g=row[13],
                max_lpns=row[14],
                is_blocked=row[15],
                max_height_mm=row[16],
                max_beam_weight_g=row[17],
                storage_classes=frozenset(row[18]),
                zone_id=row[19],
                aisle=row[20],
            ),
            *row[1:6],
        )
        for row in rows
    ]
    return (rows[0][21] or "" if rows else "", found)


def empty_bins(
    wanted: Sequence[tuple[int, int]], *, many: int, is_all_read: bool, without_moves: Sequence[int] = ()
) -> list[EmptyBin]:
    """Empty bins to which nothing is on its way: for each (shape, place in the walk) the nearest `many` both ways.

    One query. `is_all_read`: all empty bins are read once, which is cheaper than to look from many places anew.
    """
    if not wanted:
        return []
    if is_all_read:
        return _nearest(wanted, _all_empty_bins(sorted({shape for shape, _ in wanted}), without_moves), many)
    return sql.fetch_all(*ask_empty_bins(wanted, many, without_moves))


def ask_empty_bins(wanted: Sequence[tuple[int, int]], many: int, without_moves: Sequence[int]) -> sql.Asked:
    """The question of `empty_bins` where each is looked for; bins that lose their move by `without_moves` are among
    the answers wherever they are."""
    params = {
        "shapes": [shape for shape, _ in wanted],
        "walks": [walk for _, walk in wanted],
        "many": many,
        "without": list(without_moves),
    }
    return _EMPTY.format(more=_LEFT if without_moves else ""), params


_EMPTY = """
    SELECT DISTINCT s.location_id, s.shape_id, l.code, s.walk, s.stop, l.aisle, l.bay, l.level
    FROM (
        SELECT n.* FROM (SELECT unnest(%(shapes)s::bigint[]) AS shape_id, unnest(%(walks)s::bigint[]) AS walk) AS w
        CROSS JOIN LATERAL (
            (SELECT b.* FROM storage_binstate b
             WHERE b.shape_id = w.shape_id AND b.filling = 0 AND NOT b.is_coming AND b.walk >= w.walk
             ORDER BY b.walk, b.location_id LIMIT %(many)s)
            UNION ALL
            (SELECT b.* FROM storage_binstate b
             WHERE b.shape_id = w.shape_id AND b.filling = 0 AND NOT b.is_coming AND b.walk < w.walk
             ORDER BY b.walk DESC, b.location_id DESC LIMIT %(many)s)
        ) AS n
        {more}
    ) AS s
    JOIN locations_location l ON l.id = s.location_id
"""
_LEFT = """
        UNION ALL
        SELECT b.* FROM storage_plannedmove p JOIN storage_binstate b ON b.location_id = p.to_location_id
        WHERE p.id = ANY(%(without)s::bigint[]) AND b.shape_id = ANY(%(shapes)s::bigint[]) AND b.filling = 0
          AND b.is_coming AND NOT EXISTS (
              SELECT FROM storage_plannedmove m WHERE m.to_location_id = b.location_id AND m.state = 'open'
              AND NOT m.id = ANY(%(without)s::bigint[]))
"""


def _all_empty_bins(shape_ids: Sequence[int], without_moves: Sequence[int]) -> list[EmptyBin]:
    """Empty bins of these shapes to which nothing is on its way, as they come in the walk. One query."""
    return sql.fetch_all(
        """
        SELECT s.location_id, s.shape_id, l.code, s.walk, s.stop, l.aisle, l.bay, l.level
        FROM storage_binstate s JOIN locations_location l ON l.id = s.location_id
        LEFT JOIN (SELECT DISTINCT m.to_location_id AS id FROM storage_plannedmove m
                   WHERE m.state = 'open' AND NOT m.id = ANY(%s::bigint[])) AS coming ON coming.id = s.location_id
        WHERE s.shape_id = ANY(%s::bigint[]) AND s.filling = 0 AND coming.id IS NULL
        ORDER BY s.walk, s.location_id
        """,
        (list(without_moves), list(shape_ids)),
    )


def _nearest(wanted: Sequence[tuple[int, int]], empties: Sequence[EmptyBin], many: int) -> list[EmptyBin]:
    """The nearest `many` both ways of each (shape, place in the walk), each bin once."""
    of_shape: dict[int, list[EmptyBin]] = {}
    for row in empties:
        of_shape.setdefault(row[1], []).append(row)
    near: dict[int, EmptyBin] = {}
    for shape_id, walk in wanted:
        rows = of_shape.get(shape_id, [])
        at = bisect_left(rows, walk, key=lambda row: row[3])
        near.update((row[0], row) for row in rows[max(0, at - many) : at + many])
    return list(near.values())


def filled_bins(site_id: int, roles: Sequence[str], *, many: int) -> list[int]:
    """The nearest `many` places of each role that are not empty, for goods that may mix. One query."""
    rows = sql.fetch_all(
        """
        SELECT n.location_id FROM unnest(%(roles)s::text[]) AS r(role) CROSS JOIN LATERAL (
            SELECT s.location_id FROM storage_binshape h JOIN storage_binstate s ON s.shape_id = h.id
            WHERE h.site_id = %(site)s AND h.role = r.role AND s.filling > 0
            ORDER BY s.walk, s.location_id LIMIT %(many)s
        ) AS n
        UNION
        SELECT m.to_location_id FROM storage_plannedmove m JOIN locations_location l ON l.id = m.to_location_id
        WHERE m.site_id = %(site)s AND m.state = 'open' AND l.role = ANY(%(roles)s::text[])
        """,
        {"site": site_id, "roles": list(roles), "many": many},
    )
    return [row[0] for row in rows]


BEAMS = """
    beams AS MATERIALIZED (
        SELECT DISTINCT zone_id, aisle, bay, level FROM locations_location
        WHERE id = ANY((SELECT %(on)s::bigint[])::bigint[]) AND max_beam_weight_g IS NOT NULL AND bay <> ''
    ), mates AS MATERIALIZED (
        SELECT l.id, l.zone_id, l.aisle, l.bay, l.level FROM beams b CROSS JOIN LATERAL (
            SELECT * FROM locations_location l
            WHERE (l.zone_id, l.aisle, l.bay, l.level) = (b.zone_id, b.aisle, b.bay, b.level)
              AND l.max_beam_weight_g IS NOT NULL AND l.bay <> ''
        ) AS l
    )
"""


def beam_loads(location_ids: Sequence[int], without_moves: Sequence[int] = ()) -> dict[tuple[object, ...], int]:
    """Grams that hang on the beams of these places or are on their way, where beams have limits. One query."""
    return loads_of(sql.fetch_all(*ask_beam_loads(location_ids, without_moves)))


def loads_of(rows: Sequence[Sequence[Any]]) -> dict[tuple[object, ...], int]:
    """The answer of `beam_loads`."""
    return {tuple(row[:4]): row[4] for row in rows}


def ask_beam_loads(location_ids: Sequence[int], without_moves: Sequence[int]) -> sql.Asked:
    """The question of `beam_loads`."""
    return (
        f"""
        WITH {BEAMS}, filling AS (
            SELECT b.*, c.item_id, c.on_hand AS units FROM mates b JOIN ledger_cell c ON c.location_id = b.id
            WHERE NOT c.is_virtual AND c.on_hand > 0
            UNION ALL
            SELECT b.*, m.item_id, m.units - m.done_units
            FROM mates b JOIN storage_plannedmove m ON m.to_location_id = b.id
            WHERE m.state = 'open' AND NOT m.id = ANY(%(without)s::bigint[])
        )
        SELECT f.zone_id, f.aisle, f.bay, f.level, sum(ceil(f.units::numeric * w.weight_g / w.factor))::bigint
        FROM filling f
        CROSS JOIN LATERAL (
            SELECT weight_g, factor FROM catalog_packlevel WHERE item_id = f.item_id AND weight_g IS NOT NULL
            ORDER BY factor LIMIT 1
        ) AS w
        GROUP BY 1, 2, 3, 4
        """,  # noqa: S608 - text of this module
        {"on": list(location_ids), "without": list(without_moves)},
    )


def site_of_zone(zone_id: int) -> int:
    """The site of a zone. One query."""
    return int(sql.fetch_value("SELECT site_id FROM locations_zone WHERE id = %s", (zone_id,)))


HazardAt = tuple[int, str, int, int, str, str]  # zone, aisle, stop, item, hazard, place


def hazards(site_id: int, without_moves: Sequence[int] = ()) -> list[HazardAt]:
    """Hazardous goods that lie in bins of a site, or are on their way there. One query."""
    rows = sql.fetch_all(
        """
        WITH risky AS MATERIALIZED (
            SELECT id, coalesce(nullif(hazard_division, ''), hazard_class) AS hazard FROM catalog_item
            WHERE hazard_class <> ''
        ), there AS (
            SELECT c.location_id, c.item_id, r.hazard FROM risky r JOIN ledger_cell c ON c.item_id = r.id
            WHERE c.site_id = %(site)s AND NOT c.is_virtual AND c.on_hand > 0
            UNION
            SELECT m.to_location_id, m.item_id, r.hazard FROM storage_plannedmove m JOIN risky r ON r.id = m.item_id
            WHERE m.site_id = %(site)s AND m.state = 'open' AND NOT m.id = ANY(%(without)s::bigint[])
        )
        SELECT l.zone_id, l.aisle, s.stop, t.item_id, t.hazard, l.code FROM there t
        JOIN storage_binstate s ON s.location_id = t.location_id JOIN locations_location l ON l.id = t.location_id
        """,
        {"site": site_id, "without": list(without_moves)},
    )
    return rows
