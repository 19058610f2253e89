"""Reads of replenishment for its pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flowrack.platform import sql
from flowrack.platform.lookup import FEW, Found
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.replenishment.types import SetRefillPolicy
from flowrack.shared.errors import NotFound


def site_of_refill(refill_id: int) -> int:
    """The site of a refill; 0 when there is none. One query."""
    return int(sql.fetch_value("SELECT site_id FROM replenishment_refill WHERE id = %s", (refill_id,)) or 0)


@dataclass(frozen=True, slots=True)
class RefillLine:
    """A refill on the board."""

    id: int
    site_id: int
    face: str
    face_id: int
    location_id: int
    item_id: int
    sku: str
    name: str
    state: str
    cause: str
    units: int
    landed_units: int
    there: int
    max_units: int
    lot: str
    lpn: str
    from_code: str
    to_code: str
    move_id: int
    not_before: datetime
    land_by: datetime | None
    start_by: datetime | None
    minutes_left: int | None
    waiting_lines: int
    driver: str
    planned_at: datetime
    lifted_at: datetime | None
    ended_at: datetime | None
    reason: str
    is_open: bool
    is_late: bool
    urgency: int | None
    site: str


_BOARD = """
    SELECT r.*, CASE WHEN r.is_open AND r.there = 0 AND r.land_by IS NOT NULL THEN r.minutes_left - 10000000
                     ELSE r.minutes_left END AS urgency, si.code AS site FROM (
    SELECT r.id, r.site_id, l.code AS face, coalesce(f.id, 0) AS face_id, r.location_id, r.item_id, i.sku, i.name,
           r.state, r.cause, r.units, r.landed_units,
           coalesce((SELECT sum(c.on_hand) FROM ledger_cell c WHERE c.location_id = r.location_id
                     AND c.item_id = r.item_id AND NOT c.is_virtual), 0)::bigint AS there,
           coalesce(f.max_units, 0) AS max_units, lot.code AS lot, lpn.code AS lpn, s.code AS from_code,
           coalesce(t.code, '') AS to_code, m.id AS move_id, r.not_before, r.land_by, r.start_by,
           CASE WHEN r.ended_at IS NULL THEN floor(extract(epoch FROM r.land_by - now()) / 60)::int END
               AS minutes_left,
           coalesce((SELECT count(*) FROM replenishment_wait w WHERE w.location_id = r.location_id
                     AND w.item_id = r.item_id AND w.ended_at IS NULL), 0)::int AS waiting_lines,
           coalesce(u.full_name, '') AS driver, r.planned_at, r.lifted_at, r.ended_at, r.reason,
           r.ended_at IS NULL AS is_open,
           coalesce(r.ended_at IS NULL AND r.state <> 'going_back' AND r.land_by < now(), false) AS is_late
    FROM replenishment_refill r
    JOIN locations_location l ON l.id = r.location_id
    JOIN catalog_item i ON i.id = r.item_id
    JOIN storage_plannedmove m ON m.id = r.planned_move_id
    JOIN catalog_lot lot ON lot.id = m.lot_id
    JOIN locations_lpn lpn ON lpn.id = m.lpn_id
    JOIN locations_location s ON s.id = m.from_location_id
    LEFT JOIN locations_location t ON t.id = m.to_location_id
    LEFT JOIN storage_pickface f ON f.location_id = r.location_id
    LEFT JOIN platform_user u ON u.id = coalesce(r.ended_by_id, r.lifted_by_id)
    ) AS r JOIN locations_site si ON si.id = r.site_id
"""
_MAY = """
    EXISTS (
        SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
        WHERE held.user_id = %s AND held.site_id IN (0, {site}) AND 'replenishment.view' = ANY(role.permissions)
    )
"""


def board(query: ListQuery) -> Page[RefillLine]:
    """Refills at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        RefillLine,
        f"{_BOARD} WHERE {_MAY.format(site='r.site_id')}",
        [query.actor_id],
        search=("sku", "name", "face", "lpn", "from_code", "driver"),
        totals={"units": "sum(units)"},
        site_column="site_id",
    )


def refill_line(refill_id: int, site_ids: frozenset[int]) -> RefillLine:
    """One refill, if it is at a site that the person may see (0 = all). One query."""
    row = sql.fetch_one(f"{_BOARD} WHERE r.id = %s", (refill_id,))
    if row is None or (0 not in site_ids and row[1] not in site_ids):
        raise NotFound(f"There is no refill with id {refill_id}.")
    return RefillLine(*row)


def of_face(location_id: int, *, limit: int = 50) -> list[RefillLine]:
    """The refills of a face, the open ones first, then the latest. One query."""
    rows = sql.fetch_all(
        f"{_BOARD} WHERE r.location_id = %s ORDER BY r.ended_at IS NOT NULL, r.ended_at DESC, r.id LIMIT %s",
        (location_id, limit),
    )
    return [RefillLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class FaceLine:
    """A pick face in the list."""

    id: int
    site_id: int
    location_id: int
    code: str
    item_id: int
    sku: str
    name: str
    there: int
    reserved: int
    coming: int
    min_units: int
    max_units: int
    trigger: str
    waiting_lines: int
    is_low: bool
    site: str


_FACES = """
    SELECT f.id, l.site_id, f.location_id, l.code, f.item_id, i.sku, i.name, s.there, s.reserved, s.coming, f.min_units,
           f.max_units, f.trigger,
           coalesce((SELECT count(*) FROM replenishment_wait w WHERE w.location_id = f.location_id
                     AND w.item_id = f.item_id AND w.ended_at IS NULL), 0)::int AS waiting_lines,
           s.there + s.coming < f.min_units AS is_low, si.code AS site
    FROM storage_pickface f
    JOIN locations_location l ON l.id = f.location_id
    JOIN locations_site si ON si.id = l.site_id
    JOIN catalog_item i ON i.id = f.item_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(c.on_hand), 0)::bigint AS there, coalesce(sum(c.reserved), 0)::bigint AS reserved,
               coalesce((SELECT sum(r.units - r.landed_units) FROM replenishment_refill r
                         WHERE r.location_id = f.location_id AND r.ended_at IS NULL AND r.state <> 'going_back'),
                        0)::bigint AS coming
        FROM ledger_cell c WHERE c.location_id = f.location_id AND c.item_id = f.item_id AND NOT c.is_virtual
    ) AS s
"""


def face_page(query: ListQuery) -> Page[FaceLine]:
    """Pick faces at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        FaceLine,
        f"{_FACES} WHERE {_MAY.format(site='l.site_id')}",
        [query.actor_id],
        search=("sku", "name", "code"),
        totals={"there": "sum(there)", "coming": "sum(coming)"},
        site_column="site_id",
    )


def face_line(face_id: int, site_ids: frozenset[int]) -> FaceLine:
    """One face, if it is at a site that the person may see (0 = all). One query."""
    row = sql.fetch_one(f"{_FACES} WHERE f.id = %s", (face_id,))
    if row is None or (0 not in site_ids and row[1] not in site_ids):
        raise NotFound(f"There is no pick face with id {face_id}.")
    return FaceLine(*row)


def faces_of(site_id: int, *, after: int = 0, limit: int) -> list[FaceLine]:
    """The faces of a site by id, for the API and the grid. One query."""
    rows = sql.fetch_all(
        f"{_FACES} WHERE l.site_id = %s AND f.id > %s ORDER BY f.id LIMIT %s",
        (site_id, after, limit),
    )
    return [FaceLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Urgency:
    """How well a site was refilled: lines that waited for a face, for how long, and picks in all."""

    waited_lines: int
    waited_minutes: int
    waiting_now: int
    oldest_since: datetime | None
    landed: int
    landed_late: int
    late_now: int


def urgency(site_id: int, *, now: datetime, days: int = 1) -> Urgency:
    """The waits and refills of the last days at a site (0 = all). One query."""
    row = sql.fetch_one(
        """
        SELECT w.lines, w.minutes, w.open, w.oldest, r.landed, r.late, o.late
        FROM (
            SELECT count(*)::int AS lines,
                   coalesce(sum(extract(epoch FROM coalesce(ended_at, %(now)s) - since)) / 60, 0)::int AS minutes,
                   count(*) FILTER (WHERE ended_at IS NULL)::int AS open,
                   min(since) FILTER (WHERE ended_at IS NULL) AS oldest
            FROM replenishment_wait WHERE (%(site)s = 0 OR site_id = %(site)s) AND since > %(from)s
        ) AS w
        CROSS JOIN (
            SELECT count(*)::int AS landed, count(*) FILTER (WHERE ended_at > land_by)::int AS late
            FROM replenishment_refill
            WHERE (%(site)s = 0 OR site_id = %(site)s) AND state = 'landed' AND ended_at > %(from)s
        ) AS r
        CROSS JOIN (
            SELECT count(*)::int AS late FROM replenishment_refill
            WHERE (%(site)s = 0 OR site_id = %(site)s) AND ended_at IS NULL AND state <> 'going_back'
              AND land_by < %(now)s
        ) AS o
        """,
        {"site": site_id, "now": now, "from": now - timedelta(days=days)},
    )
    assert row is not None, "an aggregate without GROUP BY has one row"
    return Urgency(*row)


def policy(site_id: int) -> SetRefillPolicy:
    """How a site refills, or what holds where nobody said so. Two queries."""
    row = sql.fetch_one(
        """
        SELECT task_seconds, spare_seconds, people, draws_until, quiet_from, quiet_until, top_off_percent,
               waits_for_refill
        FROM replenishment_refillpolicy WHERE site_id = %s
        """,
        (site_id,),
    )
    overs = sql.fetch_all(
        """
        SELECT h.zone_id, h.location_id FROM replenishment_handover h JOIN locations_zone z ON z.id = h.zone_id
        WHERE z.site_id = %s ORDER BY h.zone_id
        """,
        (site_id,),
    )
    found = SetRefillPolicy(site_id, *row) if row else SetRefillPolicy(site_id, draws_until=time(17, 0))
    found.hand_overs.extend((zone, place) for zone, place in overs)
    return found


@dataclass(frozen=True, slots=True)
class HandOverLine:
    """Where a zone hands over, by their codes."""

    zone: str
    place: str


def hand_overs(site_id: int) -> list[HandOverLine]:
    """Where the zones of a site hand over. One query."""
    rows = sql.fetch_all(
        """
        SELECT z.code, l.code FROM replenishment_handover h JOIN locations_zone z ON z.id = h.zone_id
        JOIN locations_location l ON l.id = h.location_id WHERE z.site_id = %s ORDER BY z.code
        """,
        (site_id,),
    )
    return [HandOverLine(*row) for row in rows]


def zone_ids(site_id: int, codes: list[str]) -> dict[str, int]:
    """Zones of a site by code. One query."""
    rows = sql.fetch_all(
        "SELECT code, id FROM locations_zone WHERE site_id = %s AND upper(code) = ANY(%s::text[])",
        (site_id, [code.upper() for code in codes]),
    )
    return {row[0].upper(): row[1] for row in rows}


def look_up_refills(text: str, sites: frozenset[int]) -> list[Found]:
    """Refills as "refill 17", and open ones of a face or LPN. One query."""
    word, _, number = text.strip().partition(" ")
    named = int(number) if word.lower() == "refill" and number.isdecimal() and len(number) < 19 else 0
    rows = sql.fetch_all(
        """
        SELECT r.id, 'Refill ' || r.id, l.code || ', ' || i.sku || ', ' || replace(r.state, '_', ' '), r.id = %(id)s
        FROM replenishment_refill r JOIN locations_location l ON l.id = r.location_id
        JOIN catalog_item i ON i.id = r.item_id
        WHERE (r.id = %(id)s OR (r.ended_at IS NULL AND l.code = %(code)s))
          AND (0 = ANY(%(sites)s::bigint[]) OR r.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY 4 DESC, r.id DESC LIMIT %(limit)s
        """,
        {"id": named, "code": text.strip().upper(), "sites": sorted(sites), "limit": FEW},
    )
    return [Found(*row) for row in rows]
