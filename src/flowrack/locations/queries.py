"""Reads of places for pages, API and later stages. Each function is one statement whatever the batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flowrack.locations import rules
from flowrack.locations.types import (
    LocationRow,
    LpnRow,
    SiteRow,
    SsccOutlook,
    SsccRangeRow,
    UnknownLocation,
    UnknownSite,
    ZoneRow,
)
from flowrack.platform import sql
from flowrack.platform.lookup import Found
from flowrack.platform.lookup import look_up as _look_up
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import BadLine

LOCATION = """
SELECT l.id, l.site_id, l.zone_id, COALESCE(z.code, ''), l.code, l.kind, l.role, l.pick_sequence, l.max_volume_ml,
       l.max_weight_g, l.max_lpns, l.temperature, l.hazard_classes, l.is_active, l.blocked_reason,
       l.max_height_mm, l.max_beam_weight_g, l.storage_classes
FROM locations_location l LEFT JOIN locations_zone z ON z.id = l.zone_id
"""

ZONE = "SELECT id, site_id, code, name, role, is_active, version FROM locations_zone"
LPN = "SELECT id, code, kind, site_id, closed_at IS NOT NULL FROM locations_lpn WHERE id > 0"


def sites(*, include_archived: bool = False) -> list[SiteRow]:
    """All sites by code. One statement."""
    rows = sql.fetch_all(
        "SELECT id, code, name, timezone, country, is_active FROM locations_site WHERE is_active OR %s ORDER BY code",
        (include_archived,),
    )
    return [SiteRow(*row) for row in rows]


def site(code_or_id: str | int) -> SiteRow:
    """One site by code or id; refuses with UnknownSite."""
    column = "code" if isinstance(code_or_id, str) else "id"
    row = sql.fetch_one(
        f"SELECT id, code, name, timezone, country, is_active FROM locations_site WHERE {column} = %s",  # noqa: S608
        (code_or_id,),
    )
    if row is None:
        raise UnknownSite(f"There is no site {code_or_id}.", fix="See the list of sites.")
    return SiteRow(*row)


def zones(site_id: int) -> list[ZoneRow]:
    """The zones of a site by code (0 = of all sites)."""
    return [
        ZoneRow(*row) for row in sql.fetch_all(ZONE + " WHERE site_id = %s OR %s = 0 ORDER BY code", (site_id, site_id))
    ]


def zone(zone_id: int) -> ZoneRow:
    """One zone; refuses with UnknownLocation."""
    row = sql.fetch_one(ZONE + " WHERE id = %s", (zone_id,))
    if row is None:
        raise UnknownLocation(f"There is no zone {zone_id}.", fix="See the list of zones.")
    return ZoneRow(*row)


def holds_stock(location_ids: Iterable[int]) -> set[int]:
    """Which of these places hold stock."""
    rows = sql.fetch_all("SELECT locations_stocked(%s::bigint[])", (sorted(set(location_ids)),))
    return {row[0] for row in rows}


def virtual(site_id: int, kind: str) -> int:
    """The id of a site's virtual location: SUPPLIER, CUSTOMER, ADJUSTMENT, SCRAP, OPENING, TRANSIT and so on."""
    found = sql.fetch_value(
        "SELECT id FROM locations_location WHERE site_id = %s AND code = %s AND kind = 'virtual'", (site_id, kind)
    )
    if found is None:
        raise UnknownSite(f"Site {site_id} does not exist, or has no virtual location {kind}.")
    return int(found)


def virtuals(site_id: int) -> dict[str, int]:
    """All virtual locations of a site, code -> id."""
    return dict(
        sql.fetch_all("SELECT code, id FROM locations_location WHERE site_id = %s AND kind = 'virtual'", (site_id,))
    )


def locations(location_ids: Iterable[int]) -> dict[int, LocationRow]:
    """Locations by id; ids that do not exist are left out."""
    rows = sql.fetch_all(LOCATION + " WHERE l.id = ANY(%s::bigint[])", (sorted(set(location_ids)),))
    return {row[0]: LocationRow(*row) for row in rows}


def find_by_code(site_id: int, codes: Iterable[str]) -> dict[str, LocationRow]:
    """Physical locations of a site by code; unknown codes are left out. Scanners send upper case: it is tried too."""
    asked = sorted({code.strip() for code in codes})
    rows = sql.fetch_all(
        LOCATION + " WHERE l.site_id = %s AND l.code = ANY(%s::text[]) AND l.kind <> 'virtual'",
        (site_id, sorted({*asked, *(code.upper() for code in asked)})),
    )
    by_code = {row[4]: LocationRow(*row) for row in rows}
    found = {code: by_code.get(code) or by_code.get(code.upper()) for code in asked}
    return {code: place for code, place in found.items() if place is not None}


def by_code(site_id: int, codes: Sequence[str]) -> dict[str, LocationRow]:
    """Physical locations of a site by code; refuses with UnknownLocation, naming every bad line."""
    found = find_by_code(site_id, codes)
    lines = [
        BadLine(line, "location", f"This site has no location “{code}”.", "Scan the label of the place again.")
        for line, code in enumerate(codes, start=1)
        if code.strip() not in found
    ]
    if lines:
        raise UnknownLocation(lines[0].message, lines=lines, fix=lines[0].fix)
    return {code: found[code.strip()] for code in codes}


def of_role(site_id: int, roles: Iterable[str], *, limit: int) -> list[LocationRow]:
    """Locations in use of the given roles, in walking order."""
    rows = sql.fetch_all(
        LOCATION
        + """ WHERE l.site_id = %s AND l.role = ANY(%s::text[]) AND l.is_active AND l.kind <> 'virtual'
        AND l.blocked_reason = '' ORDER BY l.pick_sequence, l.id LIMIT %s""",
        (site_id, list(roles), limit),
    )
    return [LocationRow(*row) for row in rows]


def first_of_role(site_id: int, role: str) -> LocationRow:
    """The first location in use with this role in walking order; refuses with UnknownLocation when there is none."""
    found = of_role(site_id, [role], limit=1)
    if not found:
        raise UnknownLocation(
            f"This site has no {role.replace('_', ' ')} location in use.",
            fix=f"Add a zone with the role {role} and a place in it.",
        )
    return found[0]


def lpns_by_code(codes: Iterable[str]) -> dict[str, LpnRow]:
    """License plates by code; unknown codes are left out."""
    rows = sql.fetch_all(
        LPN + " AND code = ANY(%s::text[])",
        (sorted(set(codes)),),
    )
    return {row[1]: LpnRow(*row) for row in rows}


def lpns(lpn_ids: Iterable[int]) -> dict[int, LpnRow]:
    """License plates by id, without row 0."""
    rows = sql.fetch_all(
        LPN + " AND id = ANY(%s::bigint[])",
        (sorted(set(lpn_ids)),),
    )
    return {row[0]: LpnRow(*row) for row in rows}


def location(location_id: int) -> LocationRow:
    """One location; refuses with UnknownLocation."""
    found = locations([location_id])
    if location_id not in found:
        raise UnknownLocation(f"There is no location {location_id}.", fix="See the list of locations.")
    return found[location_id]


def of_zone(zone_id: int, *, aisle: str = "", limit: int) -> list[LocationRow]:
    """The locations of a zone (and aisle, unless that is empty) in walking order."""
    rows = sql.fetch_all(
        LOCATION + " WHERE l.zone_id = %s AND (%s = '' OR l.aisle = %s) ORDER BY l.pick_sequence, l.id LIMIT %s",
        (zone_id, aisle, aisle, limit),
    )
    return [LocationRow(*row) for row in rows]


def sscc_range() -> SsccRangeRow:
    """The GS1 prefix in use. One statement."""
    row = sql.fetch_one(
        """
        SELECT r.prefix, r.extension, CASE WHEN q.is_called THEN q.last_value ELSE 0 END
        FROM locations_ssccrange r CROSS JOIN locations_sscc_serial q WHERE r.is_active
        """
    )
    assert row is not None, "the migration makes a range and only replacing it is possible"
    return SsccRangeRow(*row)


def sscc_outlook(now: datetime) -> SsccOutlook:
    """For how long the SSCCs of the prefix in use last, by the pace of the latest 2,000. One statement."""
    row = sql.fetch_one(
        """
        SELECT n.count, n.first_at, r.prefix, r.extension, CASE WHEN q.is_called THEN q.last_value ELSE 0 END
        FROM locations_ssccrange r CROSS JOIN locations_sscc_serial q CROSS JOIN LATERAL (
            SELECT count(*) AS count, min(created_at) AS first_at FROM (
                SELECT created_at FROM locations_lpn
                WHERE kind IN ('carton', 'pallet') AND length(code) = 18
                  AND substr(code, 2, length(r.prefix)) = r.prefix
                ORDER BY id DESC LIMIT 2000
            ) AS latest
        ) AS n WHERE r.is_active
        """
    )
    assert row is not None, "the migration makes a range and only replacing it is possible"
    found = SsccRangeRow(*row[2:])
    left = max(10 * rules.sscc_room(found.prefix) - found.used, 0)
    days_seen = max((now - row[1]).days, 1) if row[1] else 1
    per_day = -(-row[0] // days_seen)
    return SsccOutlook(left, per_day, left // per_day if per_day else None)


def version_of(noun: str, place_id: int) -> int:
    """The version of a site, zone or location, for its ETag; 0 when there is none."""
    table = {"site": "locations_site", "zone": "locations_zone", "location": "locations_location"}[noun]
    return int(sql.fetch_value(f"SELECT version FROM {table} WHERE id = %s", (place_id,)) or 0)  # noqa: S608


def site_list(query: ListQuery) -> Page[Any]:
    """Sites for the list page. Two statements."""
    return sql_page(
        query,
        None,
        """
        SELECT s.id, s.code, s.name, s.timezone, s.country, s.is_active,
               (SELECT count(*) FROM locations_zone z WHERE z.site_id = s.id) AS zones,
               (SELECT count(*) FROM locations_location l WHERE l.site_id = s.id AND l.kind <> 'virtual') AS places
        FROM locations_site s
        """,
        search=("code", "name"),
    )


def location_list(query: ListQuery) -> Page[Any]:
    """Bins, doors and staging places for the list page, of the viewer's site. Two statements."""
    return sql_page(
        query,
        None,
        """
        SELECT l.id, l.code, s.code AS site, z.code AS zone, l.role, l.kind, l.pick_sequence, l.max_lpns,
               l.max_weight_g, l.max_volume_ml, l.temperature, l.blocked_reason, l.is_active, l.site_id
        FROM locations_location l JOIN locations_site s ON s.id = l.site_id
        JOIN locations_zone z ON z.id = l.zone_id
        """,
        search=("code", "zone"),
        site_column="site_id",
    )


def zone_rows(site_id: int) -> list[dict[str, Any]]:
    """The zones of a site with the number of their places, for the site's page."""
    rows = sql.fetch_all(
        """
        SELECT z.id, z.code, z.name, replace(z.role, '_', ' '),
               (SELECT count(*) FROM locations_location l WHERE l.zone_id = z.id)
        FROM locations_zone z WHERE z.site_id = %s ORDER BY z.code
        """,
        (site_id,),
    )
    names = ("id", "code", "name", "role", "places")
    return [{**dict(zip(names, row, strict=True)), "labels": "Labels" if row[4] else ""} for row in rows]


def locations_after(site_id: int, location_id: int, *, limit: int) -> list[LocationRow]:
    """The next bins, doors and staging places of a site by id, for cursor pages."""
    rows = sql.fetch_all(
        LOCATION + " WHERE l.site_id = %s AND l.id > %s AND l.kind <> 'virtual' ORDER BY l.id LIMIT %s",
        (site_id, location_id, limit),
    )
    return [LocationRow(*row) for row in rows]


def last_tote_number(prefix: str) -> int:
    """The highest number behind this prefix on a license plate of any site; 0 when there is none."""
    return int(
        sql.fetch_value(
            """
            SELECT coalesce(max(substr(code, length(%s) + 1)::bigint), 0) FROM locations_lpn
            WHERE starts_with(code, %s) AND substr(code, length(%s) + 1) ~ '^[0-9]{1,9}$'
            """,
            (prefix, prefix, prefix),
        )
    )


def totes(site_id: int, *, limit: int) -> list[LpnRow]:
    """The totes of a site (0 = all sites) in use, by code."""
    rows = sql.fetch_all(
        LPN + " AND kind = 'tote' AND closed_at IS NULL AND (site_id = %s OR %s = 0) ORDER BY code LIMIT %s",
        (site_id, site_id, limit),
    )
    return [LpnRow(*row) for row in rows]


def tote_list(query: ListQuery) -> Page[Any]:
    """Totes for the list page, of the viewer's site. Two statements."""
    return sql_page(
        query,
        None,
        """
        SELECT l.id, l.code, s.code AS site, l.site_id, l.created_at, l.closed_at IS NULL AS is_active
        FROM locations_lpn l JOIN locations_site s ON s.id = l.site_id WHERE l.kind = 'tote'
        """,
        search=("code",),
        site_column="site_id",
    )


_LOOK_UP = """
SELECT l.id, l.code, s.name || CASE WHEN l.is_active THEN '' ELSE ', archived' END, l.code = ANY(%(exact)s::text[])
FROM locations_site s CROSS JOIN LATERAL (
    (SELECT n.* FROM locations_location n WHERE n.site_id = s.id AND n.code = ANY(%(exact)s::text[])
     AND n.kind <> 'virtual')
    UNION
    (SELECT n.* FROM locations_location n WHERE n.site_id = s.id
     AND (n.code LIKE %(starts)s OR n.code LIKE %(starts_upper)s)
     AND n.kind <> 'virtual' ORDER BY n.code LIMIT %(limit)s)
) l
WHERE 0 = ANY(%(sites)s::bigint[]) OR s.id = ANY(%(sites)s::bigint[])
ORDER BY 4 DESC, l.code, s.id LIMIT %(limit)s
"""


def look_up(text: str, sites: frozenset[int]) -> list[Found]:
    """Physical places by code. One query."""
    return _look_up(_LOOK_UP, text, sites=sites)
