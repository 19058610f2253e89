"""Reads of replenishment for commands and scanners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class CarrySeen:
    """A carry of storage that belongs to a refill: where it goes, and the face that it is for in the end."""

    planned_move_id: int
    site_id: int
    to_location_id: int
    left: int
    refill_id: int
    face_location_id: int
    hand_over_id: int


def carries(planned_move_ids: Sequence[int]) -> list[CarrySeen]:
    """Open refill carries, before they are locked. One query."""
    rows = sql.fetch_all(
        """
        SELECT m.id, m.site_id, coalesce(m.to_location_id, 0), m.units - m.done_units, coalesce(r.id, 0),
               coalesce(r.location_id, m.to_location_id, 0),
               CASE WHEN r.is_handed_over THEN 0 ELSE coalesce(r.hand_over_id, 0) END
        FROM storage_plannedmove m LEFT JOIN replenishment_refill r ON r.planned_move_id = m.id
        WHERE m.id = ANY(%s::bigint[]) AND m.kind = 'refill' AND m.state = 'open' ORDER BY m.id
        """,
        (list(planned_move_ids),),
    )
    return [CarrySeen(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Room:
    """What a pick face holds and may hold."""

    location_id: int
    code: str
    there: int
    max_units: int


def room(location_ids: Sequence[int]) -> dict[int, Room]:
    """Faces at places with what lies in them; places that are no face are left out. One query."""
    rows = sql.fetch_all(
        """
        SELECT f.location_id, l.code,
               coalesce((SELECT sum(c.on_hand) FROM ledger_cell c WHERE c.location_id = f.location_id
                         AND c.item_id = f.item_id AND NOT c.is_virtual), 0)::bigint, f.max_units
        FROM storage_pickface f JOIN locations_location l ON l.id = f.location_id
        WHERE f.location_id = ANY(%s::bigint[])
        """,
        (list(location_ids),),
    )
    return {row[0]: Room(*row) for row in rows}


def sites_with_faces() -> list[int]:
    """The sites that have pick faces. One query."""
    rows = sql.fetch_all(
        "SELECT DISTINCT l.site_id FROM storage_pickface f JOIN locations_location l ON l.id = f.location_id ORDER BY 1"
    )
    return [row[0] for row in rows]


def items_drawn(site_id: int, origin: str) -> list[int]:
    """The items that were told of under a name. One query."""
    rows = sql.fetch_all(
        "SELECT DISTINCT item_id FROM replenishment_draw WHERE site_id = %s AND origin = %s ORDER BY item_id",
        (site_id, origin),
    )
    return [row[0] for row in rows]


def face_items(site_id: int, location_ids: Sequence[int]) -> dict[int, int]:
    """Which item's face each of these places of the site is: location -> item. One query."""
    rows = sql.fetch_all(
        """
        SELECT f.location_id, f.item_id FROM storage_pickface f JOIN locations_location l ON l.id = f.location_id
        WHERE l.site_id = %s AND f.location_id = ANY(%s::bigint[])
        """,
        (site_id, list(location_ids)),
    )
    return dict(rows)


def zones_and_places(site_id: int, zone_ids: Sequence[int], location_ids: Sequence[int]) -> tuple[set[int], set[int]]:
    """Which of these zones and physical places in use belong to the site. Two queries."""
    zones = sql.fetch_all(
        "SELECT id FROM locations_zone WHERE site_id = %s AND id = ANY(%s::bigint[])", (site_id, list(zone_ids))
    )
    places = sql.fetch_all(
        """
        SELECT id FROM locations_location WHERE site_id = %s AND id = ANY(%s::bigint[]) AND NOT is_virtual
          AND is_active AND role IN ('reserve', 'forward_pick')
        """,
        (site_id, list(location_ids)),
    )
    return {row[0] for row in zones}, {row[0] for row in places}


def expected(site_id: int, origin: str) -> int:
    """The units that are expected under a name. One query."""
    return int(
        sql.fetch_value(
            "SELECT coalesce(sum(units), 0) FROM replenishment_draw WHERE site_id = %s AND origin = %s",
            (site_id, origin),
        )
    )


@dataclass(frozen=True, slots=True)
class RefillSeen:
    """A refill as drivers see it, the most urgent first."""

    id: int
    state: str
    cause: str
    item_id: int
    sku: str
    name: str
    lot: str
    lpn_id: int
    lpn: str
    units: int
    case_units: int
    move_id: int
    task_id: int
    from_location_id: int
    from_code: str
    to_location_id: int
    to_code: str
    face_code: str
    not_before: datetime
    land_by: datetime | None
    start_by: datetime | None
    lifted_by: int
    waiting_since: datetime | None
    waiting_lines: int
    source_units: int
    base_uom: str


_SEEN = """
    SELECT r.id, r.state, r.cause, r.item_id, i.sku, i.name, lot.code, m.lpn_id, lpn.code, m.units - m.done_units,
           coalesce(k.factor, 1), m.id, m.task_id, m.from_location_id, f.code, m.to_location_id, t.code, face.code,
           r.not_before, r.land_by, r.start_by, coalesce(r.lifted_by_id, 0), w.since, coalesce(w.lines, 0)::int,
           coalesce(c.on_hand, 0), i.base_uom
    FROM replenishment_refill r
    JOIN storage_plannedmove m ON m.id = r.planned_move_id AND m.state = 'open'
    JOIN catalog_item i ON i.id = r.item_id
    JOIN catalog_lot lot ON lot.id = m.lot_id
    JOIN locations_lpn lpn ON lpn.id = m.lpn_id
    JOIN locations_location f ON f.id = m.from_location_id
    JOIN locations_location t ON t.id = m.to_location_id
    JOIN locations_location face ON face.id = r.location_id
    LEFT JOIN catalog_packlevel k ON k.item_id = r.item_id AND k.level = 'case'
    LEFT JOIN ledger_cell c ON c.item_id = m.item_id AND c.location_id = m.from_location_id AND c.lot_id = m.lot_id
         AND c.lpn_id = m.lpn_id AND c.owner_id = m.owner_id AND c.quality = m.quality
    LEFT JOIN LATERAL (
        SELECT min(w.since) AS since, count(*) AS lines FROM replenishment_wait w
        WHERE w.location_id = r.location_id AND w.item_id = r.item_id AND w.ended_at IS NULL
    ) AS w ON true
    WHERE r.ended_at IS NULL
"""
_URGENT = """
    ORDER BY r.state = 'planned', w.since IS NULL, r.land_by NULLS LAST, r.cause = 'top_off', m.id LIMIT %(limit)s
"""


def refills_to_do(site_id: int, *, actor_id: int, limit: int = 50) -> list[RefillSeen]:
    """What a driver may do: what he carries, then what nobody carries, the first to run out first. One query."""
    rows = sql.fetch_all(
        _SEEN + " AND r.site_id = %(site)s AND (r.state = 'planned' OR r.lifted_by_id = %(actor)s)" + _URGENT,
        {"site": site_id, "actor": actor_id, "limit": limit},
    )
    return [RefillSeen(*row) for row in rows]


def refill(refill_id: int) -> RefillSeen | None:
    """One open refill. One query."""
    row = sql.fetch_one(_SEEN + " AND r.id = %s", (refill_id,))
    return RefillSeen(*row) if row else None


def refill_of_task(task_id: int) -> int:
    """The open refill of a task; 0 for none. One query."""
    found = sql.fetch_value(
        """
        SELECT r.id FROM replenishment_refill r JOIN storage_plannedmove m ON m.id = r.planned_move_id
        WHERE m.task_id = %s AND r.ended_at IS NULL AND m.state = 'open' LIMIT 1
        """,
        (task_id,),
    )
    return int(found or 0)


def waiting(site_id: int) -> int:
    """Refills that somebody may begin. One query."""
    return int(
        sql.fetch_value(
            "SELECT count(*) FROM replenishment_refill WHERE site_id = %s AND ended_at IS NULL AND state = 'planned'",
            (site_id,),
        )
    )


@dataclass(frozen=True, slots=True)
class SecondLeg:
    """What stands at a hand-over place after the first leg, and what the next carry needs."""

    planned_move_id: int
    origin: str
    item_id: int
    lot_id: int
    lpn_id: int
    owner_id: int
    units: int
    at_location_id: int
    at_code: str
    priority: int
    seconds: int
    walk: int
    face_walk: int


def second_legs(planned_move_ids: Sequence[int]) -> list[SecondLeg]:
    """The second legs of refills whose first leg was carried, in order; a whole LPN is still one. One query."""
    rows = sql.fetch_all(
        """
        SELECT m.id, m.origin, m.item_id, m.lot_id,
               CASE WHEN EXISTS (SELECT FROM ledger_cell c WHERE c.lpn_id = m.lpn_id AND c.location_id = h.id
                                 AND c.item_id = m.item_id AND c.on_hand > 0) THEN m.lpn_id ELSE 0 END,
               m.owner_id, m.units, h.id, h.code, coalesce(t.priority, 5), coalesce(t.standard_seconds, 120),
               h.pick_sequence, face.pick_sequence
        FROM unnest(%s::bigint[]) WITH ORDINALITY AS n(id, nth)
        JOIN storage_plannedmove m ON m.id = n.id
        JOIN replenishment_refill r ON r.planned_move_id = m.id
        JOIN locations_location h ON h.id = r.hand_over_id
        JOIN locations_location face ON face.id = r.location_id
        LEFT JOIN tasks_task t ON t.id = m.task_id ORDER BY n.nth
        """,
        (list(planned_move_ids),),
    )
    return [SecondLeg(*row) for row in rows]


def open_refills(site_id: int, *, limit: int) -> list[RefillSeen]:
    """All open refills of a site, those on a fork first, then the first to run out. One query."""
    rows = sql.fetch_all(_SEEN + " AND r.site_id = %(site)s" + _URGENT, {"site": site_id, "limit": limit})
    return [RefillSeen(*row) for row in rows]


def items_of_orders(order_ids: Sequence[int]) -> dict[int, list[int]]:
    """The items that orders want, by the site they leave from. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.site_id, array_agg(DISTINCT l.item_id) FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        WHERE o.id = ANY(%s::bigint[]) GROUP BY o.site_id ORDER BY o.site_id
        """,
        (list(order_ids),),
    )
    return {row[0]: list(row[1]) for row in rows}


def items_of_lines(line_ids: Sequence[int]) -> dict[int, list[int]]:
    """The items of order lines, by the site they leave from. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.site_id, array_agg(DISTINCT l.item_id) FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        WHERE l.id = ANY(%s::bigint[]) GROUP BY o.site_id ORDER BY o.site_id
        """,
        (list(line_ids),),
    )
    return {row[0]: list(row[1]) for row in rows}


def faces_that_wait(site_id: int, item_ids: Sequence[int]) -> dict[int, int]:
    """Items of which a release leaves parts of pallets for a refill: item -> the place of its first face. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT ON (f.item_id) f.item_id, f.location_id
        FROM replenishment_refillpolicy p
        JOIN locations_location l ON l.site_id = p.site_id AND l.is_active AND l.blocked_reason = ''
        JOIN storage_pickface f ON f.location_id = l.id
        WHERE p.site_id = %s AND p.waits_for_refill AND f.trigger <> 'by_hand' AND f.item_id = ANY(%s::bigint[])
        ORDER BY f.item_id, l.pick_sequence, l.id
        """,
        (site_id, list(item_ids)),
    )
    return dict(rows)


def lines_that_wait(location_ids: Sequence[int]) -> list[tuple[int, int, int]]:
    """Order lines that wait for these faces, the longest first: (site, order, line). One query."""
    rows = sql.fetch_all(
        """
        SELECT w.site_id, l.order_id, l.id FROM replenishment_wait w JOIN sales_orderline l ON l.id = w.order_line_id
        WHERE w.location_id = ANY(%s::bigint[]) AND w.ended_at IS NULL ORDER BY w.since, w.id
        """,
        (list(location_ids),),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def held_cells(refill_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """What is reserved for refills that are on a fork: refill -> (cell, units). One query."""
    rows = sql.fetch_all(
        """
        SELECT n.id, v.cell_id, v.units FROM unnest(%s::bigint[]) AS n(id)
        JOIN ledger_reservation v ON v.ref = 'replenishment.refill:' || n.id
        """,
        (list(refill_ids),),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def source_cell(refill_id: int) -> tuple[int, int, int]:
    """From which cell a refill is taken, how many units are left of it, and how many are free there. One query."""
    row = sql.fetch_one(
        """
        SELECT c.id, m.units - m.done_units, c.on_hand - c.reserved
        FROM replenishment_refill r JOIN storage_plannedmove m ON m.id = r.planned_move_id
        JOIN ledger_cell c ON c.item_id = m.item_id AND c.location_id = m.from_location_id AND c.lot_id = m.lot_id
             AND c.lpn_id = m.lpn_id AND c.owner_id = m.owner_id AND c.quality = m.quality
        WHERE r.id = %s
        """,
        (refill_id,),
    )
    return (row[0], row[1], row[2]) if row else (0, 0, 0)
