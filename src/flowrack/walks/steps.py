"""Writes of the floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowrack.platform import sql
from flowrack.shared.errors import Stale
from flowrack.walks.types import Aisle, Point, SetFloor


def take_floor(req: SetFloor) -> tuple[int, int]:
    """The floor's row with its new start and end, made where there was none: its id and new version.

    Of two who change it at once one is refused with Stale, as is who read an older one.
    """
    ends = (*req.start, *req.end)
    if req.version == 0:
        row = sql.fetch_one(
            """
            INSERT INTO walks_floor (site_id, start_x_mm, start_y_mm, end_x_mm, end_y_mm) VALUES (%s, %s, %s, %s, %s)
            ON CONFLICT (site_id) DO NOTHING RETURNING id, version
            """,
            (req.site_id, *ends),
        )
    else:
        row = sql.fetch_one(
            """
            UPDATE walks_floor SET start_x_mm = %s, start_y_mm = %s, end_x_mm = %s, end_y_mm = %s,
                   version = version + 1, updated_at = now() WHERE site_id = %s AND version = %s RETURNING id, version
            """,
            (*ends, req.site_id, req.version),
        )
    if row is None:
        raise Stale("Somebody else changed this floor meanwhile.", fix="Load it again and repeat the change.")
    return row[0], row[1]


def replace_floor(floor_id: int, aisles: Sequence[Aisle], points: Mapping[int, Point]) -> None:
    """Exactly these aisles and measured places. Four statements."""
    sql.execute("DELETE FROM walks_aisle WHERE floor_id = %s", (floor_id,))
    sql.execute("DELETE FROM walks_measuredplace WHERE floor_id = %s", (floor_id,))
    sql.execute(
        """
        INSERT INTO walks_aisle (floor_id, zone_id, code, is_cross, x_mm, y_mm, heading, length_mm, width_mm, bay_mm,
                                 first_bay_mm, one_way, most_people)
        SELECT %s, nullif(zone_id, 0), code, is_cross, x, y, heading, length, width, bay, first_bay, one_way, people
        FROM (SELECT unnest(%s::bigint[]) AS zone_id, unnest(%s::text[]) AS code, unnest(%s::boolean[]) AS is_cross,
                     unnest(%s::int[]) AS x, unnest(%s::int[]) AS y, unnest(%s::text[]) AS heading,
                     unnest(%s::int[]) AS length, unnest(%s::int[]) AS width, unnest(%s::int[]) AS bay,
                     unnest(%s::int[]) AS first_bay, unnest(%s::text[]) AS one_way, unnest(%s::int[]) AS people) AS a
        """,
        (
            floor_id, [a.zone_id for a in aisles], [a.code for a in aisles], [a.is_cross for a in aisles],
            [a.x_mm for a in aisles], [a.y_mm for a in aisles], [str(a.heading) for a in aisles],
            [a.length_mm for a in aisles], [a.width_mm for a in aisles], [a.bay_mm for a in aisles],
            [a.first_bay_mm for a in aisles], [str(a.one_way) for a in aisles], [a.most_people for a in aisles],
        ),
    )  # fmt: skip
    sql.execute(
        """
        INSERT INTO walks_measuredplace (floor_id, location_id, x_mm, y_mm)
        SELECT %s, unnest(%s::bigint[]), unnest(%s::int[]), unnest(%s::int[])
        """,
        (floor_id, list(points), [x for x, _ in points.values()], [y for _, y in points.values()]),
    )
