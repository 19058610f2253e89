"""Reads of the dock for its pages: what a person may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flowrack.dock import queries, queries_calendar
from flowrack.dock.queries import ASN_ROW, AsnRow
from flowrack.dock.queries_calendar import AppointmentRow, DoorRow
from flowrack.dock.types_appointments import Policy
from flowrack.locations import queries as locations
from flowrack.locations.types import SiteRow
from flowrack.platform import sql
from flowrack.platform.lookup import Found, label_of, look_up, numbered
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import NotFound


def asn_page(query: ListQuery) -> Page[AsnRow]:
    """ASNs for the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        AsnRow,
        ASN_ROW
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, a.site_id) AND 'dock.view' = ANY(r.permissions)
        )
        """,
        [query.actor_id],
        search=("number", "reference", "supplier", "appointment"),
        totals={"units": "sum(units)", "received_units": "sum(received_units)"},
        site_column="site_id",
    )


def access_asn(asn_id: int, site_ids: frozenset[int]) -> AsnRow:
    """The ASN, if it is for a site that the person may see (0 = all). One query."""
    found = queries.asn(asn_id)
    if 0 not in site_ids and found.site_id not in site_ids:
        raise NotFound(f"There is no ASN with id {asn_id}.")
    return found


def access_appointment(appointment_id: int, site_ids: frozenset[int]) -> AppointmentRow:
    """The appointment, if it is at a site that the person may see (0 = all). One query."""
    found = queries_calendar.appointment(appointment_id)
    if 0 not in site_ids and found.site_id not in site_ids:
        raise NotFound(f"There is no appointment with id {appointment_id}.")
    return found


@dataclass(frozen=True, slots=True)
class PackLine:
    """A pack in its tree, for the table of an ASN."""

    depth: int
    sscc: str
    kind: str
    skus: list[str]
    units: int
    received_units: int
    is_here: bool


def pack_tree(asn_id: int, *, limit: int) -> list[PackLine]:
    """The first packs of an ASN, each pallet followed by what stands on it. One query."""
    rows = sql.fetch_all(
        """
        WITH RECURSIVE tree AS (
            SELECT p.id, p.sscc, p.kind, p.taken, 0 AS depth, ARRAY[p.id] AS way
            FROM dock_asnpack p WHERE p.asn_id = %s AND p.parent_id IS NULL
            UNION ALL
            SELECT c.id, c.sscc, c.kind, c.taken, t.depth + 1, t.way || c.id
            FROM dock_asnpack c JOIN tree t ON c.parent_id = t.id
        )
        SELECT t.depth, t.sscc, t.kind, coalesce(l.skus, '{}'), coalesce(l.units, 0), coalesce(l.received, 0),
               NOT upper_inf(t.taken) AND NOT isempty(t.taken)
        FROM tree t LEFT JOIN LATERAL (
            SELECT array_agg(DISTINCT i.sku) AS skus, sum(l.units)::bigint AS units,
                   sum(l.received_units)::bigint AS received
            FROM dock_asnline l JOIN catalog_item i ON i.id = l.item_id WHERE l.pack_id = t.id
        ) AS l ON true
        ORDER BY t.way LIMIT %s
        """,
        (asn_id, limit),
    )
    return [PackLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class DayOfDoors:
    """The door calendar of one day at one site."""

    site: SiteRow
    day: date
    day_start: datetime
    doors: list[DoorRow]
    policy: Policy
    rows: list[AppointmentRow]


def day_of_doors(site: SiteRow, day: date, now: datetime) -> DayOfDoors:
    """Doors and trucks of one day by the site's clock; trucks that are here belong to today. Four queries."""
    zone = ZoneInfo(site.timezone)
    start = datetime.combine(day, time(0), zone)
    end = datetime.combine(day + timedelta(days=1), time(0), zone)
    found = queries_calendar.appointments(site_ids=[site.site_id], since=start, until=end)
    is_today = start <= now < end
    rows = [row for row in found if is_today or (row.starts_at < end and row.ends_at > start)]
    return DayOfDoors(
        site, day, start, queries_calendar.doors(site.site_id), queries_calendar.policy(site.site_id), rows
    )


def site_for(held: frozenset[int], chosen: int) -> SiteRow | None:
    """The chosen site if its dock may be seen, else the first one that may."""
    sites: Sequence[SiteRow] = [site for site in locations.sites() if 0 in held or site.site_id in held]
    return next((site for site in sites if site.site_id == chosen), sites[0] if sites else None)


_LOOK_UP_ASNS = numbered(
    "dock_asn",
    "p.name || ', ' || d.reference || ', ' || d.state",
    joins="JOIN parties_party p ON p.id = d.supplier_id",
    also="SELECT id FROM dock_asn WHERE reference = ANY(%(exact)s::text[])"
    " UNION ALL SELECT asn_id FROM dock_asnpack WHERE sscc = %(code)s",
)


def look_up_asns(text: str, sites: frozenset[int]) -> list[Found]:
    """ASNs by number, the supplier's reference or the SSCC of a pack, also inside a GS1 label. One query."""
    return look_up(_LOOK_UP_ASNS, label_of(text).sscc or text, sites=sites)


_LOOK_UP_APPOINTMENTS = numbered(
    "dock_appointment",
    "coalesce(nullif(d.reference, ''), 'truck') || ', ' || replace(d.state, '_', ' ')",
)


def look_up_appointments(text: str, sites: frozenset[int]) -> list[Found]:
    """Appointments by number. One query."""
    return look_up(_LOOK_UP_APPOINTMENTS, text, sites=sites)
