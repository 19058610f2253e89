"""What is known of a site's bins: alike ones counted together, empty ones in walking order.

It follows the ledger: bins named by moves since it was last brought up to date are looked at again. A move that was
written earlier but committed later is missed by that; bins are hints, the chosen one is read from the ledger, and
everything is counted anew when the layout changed, every hour, and when no bin was found.
"""

from __future__ import annotations

from datetime import timedelta

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.storage import locks

MOST_MOVES = 20_000  # more than these, and counting everything is cheaper
COUNT_AGAIN = timedelta(hours=1)
COUNT_IN_NEED = timedelta(minutes=1)


def follow(ctx: Context, site_id: int) -> bool:
    """Bring what is known of a site's bins up to date; whether all were counted. Two statements when nothing happened.

    While somebody else does it, what they found last is good enough.
    """
    row = sql.fetch_one(
        """
        SELECT s.layout_version, c.layout_version, c.move_id, c.counted_at,
               coalesce((SELECT id FROM ledger_move ORDER BY id DESC LIMIT 1), 0)
        FROM locations_site s LEFT JOIN storage_bincensus c ON c.site_id = s.id WHERE s.id = %s
        """,
        (site_id,),
    )
    if row is None:
        return False
    layout, counted_layout, move_id, counted_at, last_move = row
    if counted_layout is None:
        sql.execute(
            """
            INSERT INTO storage_bincensus (site_id, layout_version, move_id, counted_at) VALUES (%s, -1, 0, %s)
            ON CONFLICT (site_id) DO NOTHING
            """,
            (site_id, ctx.now),
        )
    is_old = layout != counted_layout or last_move - move_id > MOST_MOVES or abs(ctx.now - counted_at) > COUNT_AGAIN
    if not is_old and last_move == move_id:
        return False
    if not locks.census(site_id):
        return False
    if layout != counted_layout:
        count_bins(ctx, site_id, layout, last_move)
    elif is_old:
        _count_fillings(ctx, site_id, layout, last_move)
    else:
        _look_again(site_id, move_id, last_move)
    return bool(is_old)


def count_all(ctx: Context, site_id: int) -> None:
    """Count everything, because no bin was found where there may be one; at most once a minute."""
    locks.census_waiting(site_id)
    row = sql.fetch_one(
        """
        SELECT s.layout_version, c.layout_version, c.counted_at,
               coalesce((SELECT id FROM ledger_move ORDER BY id DESC LIMIT 1), 0)
        FROM locations_site s JOIN storage_bincensus c ON c.site_id = s.id WHERE s.id = %s
        """,
        (site_id,),
    )
    if row is not None and row[0] != row[1]:
        count_bins(ctx, site_id, row[0], row[3])
    elif row is not None and abs(ctx.now - row[2]) > COUNT_IN_NEED:
        _count_fillings(ctx, site_id, row[0], row[3])


def count_bins(ctx: Context, site_id: int, layout: int, last_move: int) -> None:
    """Find the shapes of a site's bins, their places in the walk and what is empty. Seven statements.

    Tables that were just filled have no statistics: without nested loops the joins stay linear.
    """
    sql.execute("SET LOCAL enable_nestloop = off")
    sql.execute(
        "DELETE FROM storage_binstate WHERE shape_id IN (SELECT id FROM storage_binshape WHERE site_id = %s)",
        (site_id,),
    )
    sql.execute("DELETE FROM storage_binshape WHERE site_id = %s", (site_id,))
    sql.execute(_SHAPES, {"site": site_id})
    sql.execute(_STATES, {"site": site_id})
    _add_up(ctx, site_id, layout, last_move)
    sql.execute("SET LOCAL enable_nestloop = on")


def _count_fillings(ctx: Context, site_id: int, layout: int, last_move: int) -> None:
    """Find anew what is in every bin, while the layout is the one that was counted. Four statements."""
    sql.execute("SET LOCAL enable_nestloop = off")
    sql.execute(
        f"""
        UPDATE storage_binstate s SET filling = n.filling
        FROM (
            SELECT l.location_id, {_FILLING} AS filling
            FROM storage_binstate l JOIN storage_binshape h ON h.id = l.shape_id AND h.site_id = %(site)s
            {_HELD.replace("l.id", "l.location_id")}
        ) AS n
        WHERE s.location_id = n.location_id AND s.filling <> n.filling
        """,  # noqa: S608 - text of this module
        {"site": site_id},
    )
    _add_up(ctx, site_id, layout, last_move)
    sql.execute("SET LOCAL enable_nestloop = on")


def _add_up(ctx: Context, site_id: int, layout: int, last_move: int) -> None:
    """Count the bins of each shape, and note what was seen. One statement."""
    sql.execute(
        """
        WITH counted AS (
            SELECT s.shape_id, count(*) FILTER (WHERE s.filling = 0) AS empty,
                   count(*) FILTER (WHERE s.filling = 1) AS filled, count(*) FILTER (WHERE s.filling = 2) AS faces
            FROM storage_binstate s JOIN storage_binshape h ON h.id = s.shape_id WHERE h.site_id = %s GROUP BY 1
        ), told AS (
            UPDATE storage_bincensus SET layout_version = %s, move_id = %s, counted_at = %s WHERE site_id = %s
        )
        UPDATE storage_binshape h SET empty = c.empty, filled = c.filled, faces = c.faces
        FROM counted c WHERE h.id = c.shape_id
        """,
        (site_id, layout, last_move, ctx.now, site_id),
    )


_FILLING = "CASE WHEN f.location_id IS NOT NULL THEN 2 WHEN c.location_id IS NOT NULL THEN 1 ELSE 0 END"
_HELD = """
    LEFT JOIN (SELECT DISTINCT location_id FROM storage_pickface) AS f ON f.location_id = l.id
    LEFT JOIN (SELECT DISTINCT c.location_id FROM ledger_cell c JOIN locations_location o ON o.id = c.location_id
               WHERE o.site_id = %(site)s AND NOT c.is_virtual AND c.on_hand > 0) AS c ON c.location_id = l.id
"""
_BINS = """
    FROM locations_location l
    WHERE l.site_id = %(site)s AND l.kind <> 'virtual'
      AND l.role IN ('reserve', 'forward_pick', 'inspection', 'quarantine', 'damaged', 'hold', 'expired')
"""
_SHAPES = f"""
    INSERT INTO storage_binshape (site_id, zone_id, role, temperature, hazard_classes, storage_classes, max_volume_ml,
                                  max_weight_g, max_lpns, max_height_mm, max_beam_weight_g, is_blocked,
                                  first_location_id, empty, filled, faces)
    SELECT l.site_id, l.zone_id, l.role, l.temperature, l.hazard_classes, l.storage_classes, l.max_volume_ml,
           l.max_weight_g, l.max_lpns, l.max_height_mm, l.max_beam_weight_g,
           NOT l.is_active OR l.blocked_reason <> '', (array_agg(l.id ORDER BY l.pick_sequence, l.id))[1], 0, 0, 0
    {_BINS}
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
"""

# A bay is passed when aisle and bay change in the walk; a place without a bay is one of its own. Zones that are walked
# one behind the other are counted on; zones that are numbered from the start begin there.
_STATES = f"""
    WITH walked AS (
        SELECT l.*, CASE
            WHEN l.bay <> '' THEN (lag(l.aisle) OVER w, lag(l.bay) OVER w) IS DISTINCT FROM (l.aisle, l.bay)
            ELSE lag(l.pick_sequence) OVER w IS DISTINCT FROM l.pick_sequence END AS is_next
        {_BINS} WINDOW w AS (PARTITION BY l.zone_id ORDER BY l.pick_sequence, l.id)
    ), zones AS MATERIALIZED (
        SELECT zone_id, role, min(pick_sequence) AS first, max(pick_sequence) AS last,
               count(*) FILTER (WHERE is_next) AS bays
        FROM walked GROUP BY zone_id, role
    ), starts AS MATERIALIZED (
        SELECT z.zone_id, coalesce((
            SELECT sum(b.bays) FROM zones b WHERE b.last < z.first AND b.role IN ('reserve', 'forward_pick')
        ), 0)::int AS passed
        FROM zones z
    )
    INSERT INTO storage_binstate (location_id, shape_id, filling, walk, stop)
    SELECT l.id, h.id, {_FILLING},
           l.pick_sequence,
           b.passed + count(*) FILTER (WHERE l.is_next) OVER (PARTITION BY l.zone_id ORDER BY l.pick_sequence, l.id)
    FROM walked l
    JOIN starts b ON b.zone_id = l.zone_id
    {_HELD}
    JOIN storage_binshape h
      ON h.site_id = l.site_id AND h.zone_id = l.zone_id AND h.role = l.role AND h.temperature = l.temperature
     AND h.hazard_classes = l.hazard_classes AND h.storage_classes = l.storage_classes
     AND h.is_blocked = (NOT l.is_active OR l.blocked_reason <> '')
     AND coalesce(h.max_volume_ml, 0) = coalesce(l.max_volume_ml, 0)
     AND coalesce(h.max_weight_g, 0) = coalesce(l.max_weight_g, 0)
     AND coalesce(h.max_lpns, 0) = coalesce(l.max_lpns, 0)
     AND coalesce(h.max_height_mm, 0) = coalesce(l.max_height_mm, 0)
     AND coalesce(h.max_beam_weight_g, 0) = coalesce(l.max_beam_weight_g, 0)
"""  # noqa: S608 - text of this module


def _look_again(site_id: int, after: int, upto: int) -> None:
    """Look at the bins that moves named since. One statement."""
    sql.execute(
        f"""
        WITH fresh AS MATERIALIZED (
            SELECT m.from_cell_id, m.to_cell_id FROM ledger_move m WHERE m.id > %(after)s AND m.id <= %(upto)s
        ), touched AS MATERIALIZED (
            SELECT c.location_id FROM fresh m JOIN ledger_cell c ON c.id = m.from_cell_id
            WHERE c.site_id = %(site)s AND NOT c.is_virtual
            UNION
            SELECT c.location_id FROM fresh m JOIN ledger_cell c ON c.id = m.to_cell_id
            WHERE c.site_id = %(site)s AND NOT c.is_virtual
        ), {_CHANGES},
        told AS (UPDATE storage_bincensus SET move_id = %(upto)s WHERE site_id = %(site)s)
        {_COUNT_CHANGES}
        """,  # noqa: S608 - text of this module
        {"after": after, "upto": upto, "site": site_id},
    )


# From the places in `touched` to their filling now, and the difference to the counts of their shapes.
_CHANGES = """
    seen AS MATERIALIZED (
        SELECT s.location_id, s.shape_id, s.filling AS was, CASE
            WHEN EXISTS (SELECT FROM storage_pickface f WHERE f.location_id = s.location_id) THEN 2
            WHEN EXISTS (SELECT FROM ledger_cell c
                         WHERE c.location_id = s.location_id AND NOT c.is_virtual AND c.on_hand > 0) THEN 1
            ELSE 0 END AS is_now
        FROM touched t JOIN storage_binstate s ON s.location_id = t.location_id
    ), changed AS (
        UPDATE storage_binstate s SET filling = n.is_now FROM seen n
        WHERE s.location_id = n.location_id AND n.was <> n.is_now RETURNING n.shape_id, n.was, n.is_now
    )
"""
_COUNT_CHANGES = """
    UPDATE storage_binshape h SET empty = h.empty + d.empty, filled = h.filled + d.filled, faces = h.faces + d.faces
    FROM (SELECT shape_id, sum((is_now = 0)::int - (was = 0)::int) AS empty,
                 sum((is_now = 1)::int - (was = 1)::int) AS filled, sum((is_now = 2)::int - (was = 2)::int) AS faces
          FROM changed GROUP BY shape_id) d
    WHERE h.id = d.shape_id
"""


def mend(site_id: int, location_ids: list[int]) -> None:
    """Look at bins again that were not as they were known, unless somebody else is at it. Two statements."""
    if locks.census(site_id):
        _look_at(location_ids)


def look_at(site_id: int, location_ids: list[int]) -> None:
    """Look at these bins again, because their pick faces changed. Two statements."""
    locks.census_waiting(site_id)
    _look_at(location_ids)


def _look_at(location_ids: list[int]) -> None:
    sql.execute(
        f"WITH touched AS (SELECT DISTINCT unnest(%s::bigint[]) AS location_id), {_CHANGES} {_COUNT_CHANGES}",
        (location_ids,),
    )
