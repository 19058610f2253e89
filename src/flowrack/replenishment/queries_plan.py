"""What a plan of refills reads: faces, demand, stock in reserve, refills under way, hands. Each is one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from flowrack.platform import sql
from flowrack.replenishment.rules import Cause, Face, Source, Standing, Trigger
from flowrack.replenishment.rules_level import Told


@dataclass(frozen=True, slots=True)
class Clock:
    """A site's policy and its day: when today's orders are picked at the latest, and whether these are quiet hours."""

    site_id: int
    task_seconds: int
    spare_seconds: int
    people: int
    top_off_percent: int
    waits_for_refill: bool
    today: date
    draws_until: datetime
    is_quiet: bool
    local: time
    timezone: str


_CLOCK = """
    SELECT s.id, coalesce(p.task_seconds, 120), coalesce(p.spare_seconds, 300),
           coalesce((SELECT max(n) FROM (SELECT sum(c.people) AS n FROM tasks_capacity c
                                         WHERE c.site_id = s.id AND c.kind = 'refill'
                                           AND c.weekday = extract(isodow FROM t.here) - 1 GROUP BY c.shift) AS shifts),
                    p.people, 1)::int,
           coalesce(p.top_off_percent, 0), coalesce(p.waits_for_refill, false), t.here::date,
           (t.here::date + coalesce(p.draws_until, '17:00'::time)) AT TIME ZONE s.timezone,
           CASE WHEN p.quiet_from IS NULL THEN false
                WHEN p.quiet_from <= p.quiet_until THEN t.here::time >= p.quiet_from AND t.here::time < p.quiet_until
                ELSE t.here::time >= p.quiet_from OR t.here::time < p.quiet_until END,
           t.here::time, s.timezone
    FROM locations_site s LEFT JOIN replenishment_refillpolicy p ON p.site_id = s.id
    CROSS JOIN LATERAL (SELECT %(now)s::timestamptz AT TIME ZONE s.timezone AS here) AS t
    WHERE s.id = %(site)s
"""


def clock(site_id: int, *, now: datetime) -> Clock:
    """The policy of a site (or what holds without one) and its day."""
    row = sql.fetch_one(_CLOCK, {"site": site_id, "now": now})
    assert row is not None, "the command has checked the site"
    return Clock(*row)


@dataclass(frozen=True, slots=True)
class FaceSeen:
    """A face with what orders will draw from it: reserved there by waves, and promised today without a wave."""

    face: Face
    code: str
    sku: str
    reserved: int
    waiting: int


def faces(site_id: int, item_ids: Sequence[int] = (), location_ids: Sequence[int] = ()) -> list[FaceSeen]:
    """The pick faces of a site, in walking order."""
    rows = sql.fetch_all(
        """
        SELECT f.id, f.location_id, f.item_id, f.min_units, f.max_units, s.there, coalesce(k.factor, 1), f.trigger,
               l.pick_sequence, l.code, i.sku, s.reserved,
               coalesce((SELECT sum(w.units) FROM replenishment_wait w
                         WHERE w.location_id = f.location_id AND w.item_id = f.item_id AND w.ended_at IS NULL), 0)
        FROM storage_pickface f
        JOIN locations_location l ON l.id = f.location_id
        JOIN catalog_item i ON i.id = f.item_id
        LEFT JOIN catalog_packlevel k ON k.item_id = f.item_id AND k.level = 'case'
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(c.on_hand), 0) AS there,
                   coalesce(sum((SELECT sum(r.units) FROM ledger_reservation r
                                 WHERE r.cell_id = c.id AND r.ref LIKE 'sales.line:%%')), 0) AS reserved
            FROM ledger_cell c WHERE c.location_id = f.location_id AND c.item_id = f.item_id
              AND c.quality = 'available' AND NOT c.is_virtual
        ) AS s
        WHERE l.site_id = %s AND (%s::bigint[] = '{}' OR f.item_id = ANY(%s::bigint[]))
          AND (%s::bigint[] = '{}' OR f.location_id = ANY(%s::bigint[]))
          AND l.is_active AND l.blocked_reason = ''
        ORDER BY l.pick_sequence, f.id
        """,
        (site_id, list(item_ids), list(item_ids), list(location_ids), list(location_ids)),
    )
    return [
        FaceSeen(
            Face(row[0], row[1], row[2], row[3], row[4], int(row[5]), row[6], Trigger(row[7]), row[8]),
            row[9], row[10], int(row[11]), int(row[12]),
        )
        for row in rows
    ]  # fmt: skip


def promised_today(site_id: int, item_ids: Sequence[int], *, today: date) -> dict[int, list[int]]:
    """Units of order lines that should leave by today, are promised and have no picker: item -> units of each line."""
    rows = sql.fetch_all(
        """
        SELECT l.item_id, array_agg(l.allocated_units - l.released_units ORDER BY l.id)
        FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        WHERE o.site_id = %s AND o.state IN ('confirmed', 'released') AND o.ship_by_on <= %s
          AND l.item_id = ANY(%s::bigint[]) AND l.allocated_units > l.released_units AND l.held_at_units IS NULL
        GROUP BY l.item_id
        """,
        (site_id, today, list(item_ids)),
    )
    return {row[0]: list(row[1]) for row in rows}


def told(location_ids: Sequence[int], *, now: datetime) -> dict[tuple[int, int], list[Told]]:
    """What was told of the faces and is not over: (location, item) -> draws."""
    rows = sql.fetch_all(
        """
        SELECT location_id, item_id, units, from_at, until_at, is_of_orders FROM replenishment_draw
        WHERE location_id = ANY(%s::bigint[]) AND until_at > %s ORDER BY from_at, id
        """,
        (list(location_ids), now),
    )
    found: dict[tuple[int, int], list[Told]] = {}
    for row in rows:
        found.setdefault((row[0], row[1]), []).append(Told(*row[2:]))
    return found


@dataclass(frozen=True, slots=True)
class StandingSeen:
    """An open refill as a plan finds it."""

    standing: Standing
    location_id: int
    item_id: int
    place: int
    planned_move_id: int
    task_id: int
    not_before: datetime
    land_by: datetime | None
    start_by: datetime | None
    is_move_open: bool


def standing(site_id: int) -> list[StandingSeen]:
    """All open refills of a site, with whether their stock is still free where it is to be taken."""
    rows = sql.fetch_all(
        """
        SELECT r.id, r.units - r.landed_units, r.cause, r.state, r.location_id, r.item_id, r.place, r.planned_move_id,
               coalesce(m.task_id, 0), r.not_before, r.land_by, r.start_by, coalesce(m.state = 'open', false),
               coalesce(c.on_hand - c.reserved, 0)
               + coalesce((SELECT v.units FROM ledger_reservation v
                           WHERE v.cell_id = c.id AND v.ref = 'replenishment.refill:' || r.id), 0)
               >= m.units - m.done_units,
               CASE WHEN r.hand_over_id IS NULL OR r.is_handed_over THEN 1 ELSE 2 END, r.missing_units
        FROM replenishment_refill r
        LEFT JOIN storage_plannedmove m ON m.id = r.planned_move_id
        LEFT JOIN ledger_cell c ON c.item_id = m.item_id AND c.location_id = m.from_location_id AND c.lot_id = m.lot_id
             AND c.lpn_id = m.lpn_id AND c.owner_id = m.owner_id AND c.quality = m.quality
        WHERE r.site_id = %s AND r.ended_at IS NULL ORDER BY r.id
        """,
        (site_id,),
    )
    return [
        StandingSeen(
            Standing(
                row[0], int(row[1]), Cause(row[2]), is_lifted=row[3] in ("lifted", "going_back"),
                is_going_back=row[3] == "going_back", is_sound=bool(row[12] and row[13]), legs=row[14],
                land_by=row[10], missing=int(row[15]),
            ),
            *row[4:13],
        )
        for row in rows
    ]  # fmt: skip


def sources(site_id: int, item_ids: Sequence[int], *, today: date) -> dict[int, list[Source]]:
    """Free stock of items: what an accepted suggestion left in the face of before, then reserve, first expiring first,
    then in walking order; planned carries are taken off."""
    rows = sql.fetch_all(
        """
        SELECT c.id, c.location_id, c.item_id, c.lot_id, c.lpn_id, c.owner_id,
               (c.on_hand - c.reserved - coalesce(planned.units, 0))::bigint,
               CASE WHEN c.lpn_id = 0 THEN 0 ELSE
                   (SELECT sum(o.on_hand) FROM ledger_cell o WHERE o.lpn_id = c.lpn_id AND NOT o.is_virtual)
               END::bigint,
               l.pick_sequence, coalesce(h.location_id, 0), c.state = 'forward_pick'
        FROM ledger_cell c
        JOIN catalog_lot lot ON lot.id = c.lot_id
        JOIN catalog_item i ON i.id = c.item_id
        JOIN locations_location l ON l.id = c.location_id
        LEFT JOIN replenishment_handover h ON h.zone_id = l.zone_id AND h.location_id <> l.id
        LEFT JOIN LATERAL (
            SELECT sum(m.units - m.done_units) AS units FROM storage_plannedmove m
            WHERE m.from_location_id = c.location_id AND m.state = 'open' AND m.item_id = c.item_id
              AND m.lot_id = c.lot_id AND m.lpn_id = c.lpn_id AND m.owner_id = c.owner_id AND m.quality = c.quality
        ) AS planned ON true
        WHERE c.item_id = ANY(%s::bigint[]) AND c.site_id = %s
          AND ((c.state = 'reserve' AND c.owner_id = 1) OR (c.state = 'forward_pick' AND EXISTS (
                SELECT FROM replenishment_slotsuggestion s
                WHERE s.site_id = c.site_id AND s.state = 'accepted'
                  AND ((s.item_id = c.item_id AND s.from_location_id = c.location_id)
                       OR (s.swaps_item_id = c.item_id AND s.to_location_id = c.location_id))
              ) AND NOT EXISTS (
                SELECT FROM storage_pickface f WHERE f.location_id = c.location_id AND f.item_id = c.item_id)))
          AND c.on_hand - c.reserved - coalesce(planned.units, 0) > 0
          AND (lot.expires_on IS NULL OR lot.expires_on - coalesce(i.removal_days, 0) >= %s)
          AND l.is_active AND l.blocked_reason = ''
        ORDER BY c.item_id, c.state = 'reserve', lot.expires_on NULLS LAST, l.pick_sequence, c.id
        """,
        (list(item_ids), site_id, today),
    )
    found: dict[int, list[Source]] = {}
    for row in rows:
        found.setdefault(row[2], []).append(Source(*row))
    return found


def stale_waits(site_id: int, item_ids: Sequence[int]) -> int:
    """Lines that are said to wait for a face and want nothing from stock any more."""
    return int(
        sql.fetch_value(
            """
            SELECT count(*) FROM replenishment_wait w JOIN sales_orderline l ON l.id = w.order_line_id
            WHERE w.site_id = %s AND w.ended_at IS NULL AND (%s::bigint[] = '{}' OR w.item_id = ANY(%s::bigint[]))
              AND l.allocated_units <= l.released_units
            """,
            (site_id, list(item_ids), list(item_ids)),
        )
    )
