"""What is known of a site's bins: alike ones counted together, empty ones in walking order.

It follows the ledger: bins named by moves since it was last brought up to date are looked at again. A move that was
written earlier but committed later is missed by that; bins are hints, the chosen one is read from the ledger, and
everything is counted anew when the layout changed, every hour, and when no bin was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.storage import locks

MOST_MOVES = 20_000  # more than these, and counting everything is cheaper
COUNT_AGAIN = timedelta(hours=1)
COUNT_IN_NEED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class State:
    """The layout of a site and its census, and the newest move: (None = there is no such site, or no census yet)."""

    layout: int | None = None
    counted_layout: int | None = None
    move_id: int | None = None
    counted_at: datetime | None = None
    last_move: int = 0


def ask_state(site_id: int) -> sql.Asked:
    """How far what is known of a site lies back. One query."""
    return (
        """
        SELECT s.layout_version, c.layout_version, c.move_id, c.counted_at,
               coalesce((SELECT id FROM ledger_move ORDER BY id DESC LIMIT 1), 0)
        FROM locations_site s LEFT JOIN storage_bincensus c ON c.site_id = s.id WHERE s.id = %s
        """,
        (site_id,),
    )


def state_of(rows: Sequence[Sequence[Any]]) -> State:
    """The answer of `ask_state`."""
    return State(*rows[0]) if rows else State()


def follow(ctx: Context, site_id: int) -> bool:
    """Bring what is known of a site's bins up to date; whether all were counted. Two statements at most when the layout
    is the same and it is not long ago."""
    return follow_and_read(ctx, site_id, state_of(sql.fetch_all(*ask_state(site_id))), [])[0]


def follow_and_read(
    ctx: Context, site_id: int, state: State, asked: Sequence[sql.Asked]
) -> tuple[bool, list[list[tuple[Any, ...]]]]:
    """The same, and the answers to questions that are asked after it, if it can be in the same message.

    While somebody else brings it up to date, what they found last is good enough.
    """
    if state.layout is None:
        return False, sql.fetch_together(asked)
    if state.counted_layout is None or state.move_id is None or state.counted_at is None:
        sql.execute(
            """
            INSERT INTO storage_bincensus (site_id, layout_version, move_id, counted_at) VALUES (%s, -1, 0, %s)
            ON CONFLICT (site_id) DO NOTHING
            """,
            (site_id, ctx.now),
        )
        is_old, is_new_layout = True, True
    else:
        behind = state.last_move - state.move_id
        is_new_layout = state.layout != state.counted_layout
        is_old = is_new_layout or behind > MOST_MOVES or abs(ctx.now - state.counted_at) > COUNT_AGAIN
        if not is_old:
            look = [_ask_look_again(site_id, state.move_id, state.last_move)] if behind else []
            return False, sql.fetch_together([*look, *asked])[len(look) :]
    is_ours = locks.census(site_id)
    if is_ours and is_new_layout:
        count_bins(ctx, site_id, state.layout, state.last_move)
    elif is_ours:
        _count_fillings(ctx, site_id, state.layout, state.last_move)
    return is_ours, sql.fetch_together(asked)


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
        UPDATE storage_binstate s SET filling = n.filling, is_coming = n.is_coming
        FROM (
            SELECT l.location_id, {_FILLING} AS filling, {_IS_COMING} AS is_coming
            FROM storage_binstate l JOIN storage_binshape h ON h.id = l.shape_id AND h.site_id = %(site)s
            {_HELD.replace("l.id", "l.location_id")}
        ) AS n
        WHERE s.location_id = n.location_id AND (s.filling, s.is_coming) <> (n.filling, n.is_coming)
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
            UPDATE storage_bincensus
            SET layout_version = %s, move_id = %s, counted_at = %s, stamp = gen_random_uuid() WHERE site_id = %s
        )
        UPDATE storage_binshape h SET empty = c.empty, filled = c.filled, faces = c.faces
        FROM counted c WHERE h.id = c.shape_id
        """,
        (site_id, layout, last_move, ctx.now, site_id),
    )


_FILLING = "CASE WHEN f.location_id IS NOT NULL THEN 2 WHEN c.location_id IS NOT NULL THEN 1 ELSE 0 END"
_IS_COMING = "f.location_id IS NULL AND c.location_id IS NULL AND m.location_id IS NOT NULL"
_HELD = """
    LEFT JOIN (SELECT DISTINCT location_id FROM storage_pickface) AS f ON f.location_id = l.id
    LEFT JOIN (SELECT DISTINCT c.location_id FROM ledger_cell c JOIN locations_location o ON o.id = c.location_id
               WHERE o.site_id = %(site)s AND NOT c.is_virtual AND c.on_hand > 0) AS c ON c.location_id = l.id
    LEFT JOIN (SELECT DISTINCT to_location_id AS location_id FROM storage_plannedmove
               WHERE site_id = %(site)s AND state = 'open') AS m ON m.location_id = l.id
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
    INSERT INTO storage_binstate (location_id, shape_id, filling, is_coming, walk, stop)
    SELECT l.id, h.id, {_FILLING}, {_IS_COMING},
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


def _ask_look_again(site_id: int, after: int, upto: int) -> sql.Asked:
    """Look at the bins that moves named since, unless somebody else has the census. One statement."""
    return (
        f"""
        WITH held AS MATERIALIZED (
            SELECT site_id FROM storage_bincensus WHERE site_id = %(site)s FOR UPDATE SKIP LOCKED
        ), fresh AS MATERIALIZED (
            SELECT m.from_cell_id, m.to_cell_id FROM ledger_move m
            WHERE m.id > %(after)s AND m.id <= %(upto)s AND EXISTS (SELECT FROM held)
        ), touched AS MATERIALIZED (
            SELECT c.location_id FROM fresh m JOIN ledger_cell c ON c.id = m.from_cell_id
            WHERE c.site_id = %(site)s AND NOT c.is_virtual
            UNION
            SELECT c.location_id FROM fresh m JOIN ledger_cell c ON c.id = m.to_cell_id
            WHERE c.site_id = %(site)s AND NOT c.is_virtual
        ), {_CHANGES},
        told AS (
            UPDATE storage_bincensus c SET move_id = %(upto)s, {_NEW_STAMP} FROM held WHERE c.site_id = held.site_id
        )
        {_COUNT_CHANGES}
        """,  # noqa: S608 - text of this module
        {"after": after, "upto": upto, "site": site_id},
    )


# From the places in `touched` to their filling now, and the difference to the counts of their shapes.
_CHANGES = """
    seen AS MATERIALIZED (
        SELECT n.*, n.is_now = 0 AND EXISTS (
            SELECT FROM storage_plannedmove m WHERE m.to_location_id = n.location_id AND m.state = 'open') AS is_coming
        FROM (
            SELECT s.location_id, s.shape_id, s.filling AS was, s.is_coming AS was_coming, CASE
                WHEN EXISTS (SELECT FROM storage_pickface f WHERE f.location_id = s.location_id) THEN 2
                WHEN EXISTS (SELECT FROM ledger_cell c
                             WHERE c.location_id = s.location_id AND NOT c.is_virtual AND c.on_hand > 0) THEN 1
                ELSE 0 END AS is_now
            FROM touched t JOIN storage_binstate s ON s.location_id = t.location_id
        ) n
    ), seen_otherwise AS (
        UPDATE storage_binstate s SET filling = n.is_now, is_coming = n.is_coming FROM seen n
        WHERE s.location_id = n.location_id AND (n.was, n.was_coming) <> (n.is_now, n.is_coming)
        RETURNING n.shape_id, n.was, n.is_now
    ), changed AS (
        SELECT * FROM seen_otherwise WHERE was <> is_now
    )
"""
_NEW_STAMP = "stamp = CASE WHEN EXISTS (SELECT FROM changed) THEN gen_random_uuid() ELSE c.stamp END"
_COUNT_CHANGES = """
    UPDATE storage_binshape h SET empty = h.empty + d.empty, filled = h.filled + d.filled, faces = h.faces + d.faces
    FROM (SELECT shape_id, sum((is_now = 0)::int - (was = 0)::int) AS empty,
                 sum((is_now = 1)::int - (was = 1)::int) AS filled, sum((is_now = 2)::int - (was = 2)::int) AS faces
          FROM changed GROUP BY shape_id) d
    WHERE h.id = d.shape_id
"""


def expect(location_ids: Iterable[int]) -> None:
    """Note whether planned moves go to these bins, if they are empty. One statement, with the COMMIT.

    What somebody else has at this moment stays as it is: it is a hint, and nobody may wait for it.
    """
    ids = sorted(set(location_ids))
    if ids:
        sql.execute_at_commit(
            """
            WITH free AS MATERIALIZED (
                SELECT location_id FROM storage_binstate WHERE location_id = ANY(%s::bigint[]) AND filling = 0
                ORDER BY location_id FOR NO KEY UPDATE SKIP LOCKED
            ), planned AS MATERIALIZED (
                SELECT f.location_id, EXISTS (SELECT FROM storage_plannedmove m
                                              WHERE m.to_location_id = f.location_id AND m.state = 'open') AS is_coming
                FROM free f
            )
            UPDATE storage_binstate s SET is_coming = p.is_coming FROM planned p
            WHERE s.location_id = p.location_id AND s.is_coming <> p.is_coming
            """,
            (ids,),
        )


def mend(site_id: int, location_ids: list[int]) -> None:
    """Look at bins again that were not as they were known, unless somebody else is at it. Two statements."""
    if locks.census(site_id):
        _look_at(site_id, location_ids)


def look_at(site_id: int, location_ids: list[int]) -> None:
    """Look at these bins again, because their pick faces changed. Two statements."""
    locks.census_waiting(site_id)
    _look_at(site_id, location_ids)


def _look_at(site_id: int, location_ids: list[int]) -> None:
    sql.execute(
        f"""
        WITH touched AS (SELECT DISTINCT unnest(%s::bigint[]) AS location_id), {_CHANGES},
        told AS (UPDATE storage_bincensus c SET {_NEW_STAMP} WHERE c.site_id = %s)
        {_COUNT_CHANGES}
        """,  # noqa: S608 - text of this module
        (location_ids, site_id),
    )
