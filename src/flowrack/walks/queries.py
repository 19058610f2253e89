"""Reads of the floor for pages, API and later stages."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from flowrack.locations import queries as locations
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.walks import rules_layout
from flowrack.walks.rules_floor import Floor
from flowrack.walks.types import Aisle, Ends, Heading, Layout, OneWay, PlaceRow

MOST_PLACES = 200_000
KEPT = 16  # floors; a floor is thrown away when a place or an aisle of its site changed
_floors: OrderedDict[tuple[int, int, int, int, int], Floor] = OrderedDict()


def floor_of(site_id: int) -> Floor:
    """The floor of a site, ready for `rules_routes.route`. One statement while nothing changed, then four.

    Kept in the process by the database and the versions of the site's places and of its floor: neither an old one is
    used nor one of another company with the same numbers.
    """
    versions = sql.fetch_one(
        """
        SELECT (SELECT d.oid::bigint FROM pg_database d WHERE d.datname = current_database()), s.layout_version,
               coalesce(f.id, 0), coalesce(f.version, 0) FROM locations_site s
        LEFT JOIN walks_floor f ON f.site_id = s.id WHERE s.id = %s
        """,
        (site_id,),
    )
    key = (site_id, *(versions or (0, 0, 0, 0)))
    found = _floors.get(key)
    if found is None:
        found = _floors[key] = Floor(layout_of(site_id))
        while len(_floors) > KEPT:
            _floors.popitem(last=False)
    return found


def layout_of(site_id: int) -> Layout:
    """The floor plan of a site: measured, or drawn from the codes of its places. Refuses with UnknownSite."""
    locations.site(site_id)
    return rules_layout.layout(site_id, places_of(site_id), aisles_of(site_id), ends_of(site_id))


def places_of(site_id: int) -> list[PlaceRow]:
    """The bins, doors and staging places of a site in walking order. One statement."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.zone_id, z.code, l.kind, l.role, l.aisle, l.bay, l.code, l.pick_sequence, p.x_mm, p.y_mm
        FROM locations_location l JOIN locations_zone z ON z.id = l.zone_id
        LEFT JOIN walks_measuredplace p ON p.location_id = l.id
        WHERE l.site_id = %s AND l.kind <> 'virtual' ORDER BY l.pick_sequence, l.id LIMIT %s
        """,
        (site_id, MOST_PLACES),
    )
    return [_place(row) for row in rows]


def _place(row: tuple[Any, ...]) -> PlaceRow:
    *codes, x_mm, y_mm = row
    return PlaceRow(*codes, point=None if x_mm is None else (x_mm, y_mm))  # type: ignore[misc]


def aisles_of(site_id: int) -> list[Aisle]:
    """The measured aisles of a site, cross aisles first. One statement."""
    rows = sql.fetch_all(
        """
        SELECT a.code, a.x_mm, a.y_mm, a.heading, a.length_mm, coalesce(a.zone_id, 0), a.bay_mm, a.first_bay_mm,
               a.width_mm, a.is_cross, a.one_way, a.most_people
        FROM walks_aisle a JOIN walks_floor f ON f.id = a.floor_id WHERE f.site_id = %s
        ORDER BY NOT a.is_cross, a.zone_id, a.code, a.id
        """,
        (site_id,),
    )
    return [_aisle(row) for row in rows]


def _aisle(row: tuple[Any, ...]) -> Aisle:
    code, x_mm, y_mm, heading, length_mm, zone_id, bay_mm, first_bay_mm, width_mm, is_cross, one_way, people = row
    return Aisle(code, x_mm, y_mm, Heading(heading), length_mm, zone_id, bay_mm, first_bay_mm, width_mm, is_cross,
                 OneWay(one_way), people)  # fmt: skip


def ends_of(site_id: int) -> Ends | None:
    """Where walks of a site begin and end, when somebody entered it. One statement."""
    row = sql.fetch_one(
        "SELECT start_x_mm, start_y_mm, end_x_mm, end_y_mm FROM walks_floor WHERE site_id = %s", (site_id,)
    )
    return None if row is None else Ends((row[0], row[1]), (row[2], row[3]))


def version_of(site_id: int) -> int:
    """The version of a site's floor; 0 where nobody entered one. One statement."""
    return int(sql.fetch_value("SELECT version FROM walks_floor WHERE site_id = %s", (site_id,)) or 0)


def floor_list(query: ListQuery) -> Page[Any]:
    """The floors of the sites in use, for the list page, of the viewer's site. Two statements."""
    return sql_page(
        query,
        None,
        """
        SELECT s.id, s.id AS site_id, s.code, s.name,
               CASE WHEN a.metres IS NOT NULL THEN 'measured' ELSE 'drawn from codes' END AS plan,
               CASE WHEN a.metres IS NOT NULL THEN a.aisles END AS aisles, a.metres,
               (SELECT count(*) FROM locations_location l WHERE l.site_id = s.id AND l.kind <> 'virtual') AS places,
               CASE WHEN a.metres IS NOT NULL THEN f.updated_at END AS updated_at
        FROM locations_site s LEFT JOIN walks_floor f ON f.site_id = s.id
        LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE NOT is_cross) AS aisles, sum(length_mm) / 1000 AS metres
            FROM walks_aisle WHERE floor_id = f.id
        ) a ON true WHERE s.is_active
        """,
        search=("code", "name"),
        site_column="site_id",
    )
