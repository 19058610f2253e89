"""Reads of a replay about pick lists: those on the floor, and what was walked by which method."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class OpenPick:
    """A pick to make: `word` is the same in every run; `stands_in` for one of its line and wave that was short."""

    pick_id: int
    word: str
    units: int
    stands_in: bool


@dataclass(frozen=True, slots=True)
class OpenList:
    """A list with its open picks in walking order; 0 mm where its walk was not measured."""

    list_id: int
    walk_mm: int
    picks: list[OpenPick]


_OPEN = """
    SELECT l.id, coalesce(l.walk_mm, 0), p.id, o.reference || '/' || x.line_no || '/' || b.code || '/' || t.code,
           p.units,
           EXISTS (SELECT FROM fulfilment_pickline s WHERE s.wave_id = p.wave_id AND s.order_id = p.order_id
                   AND s.order_line_id = p.order_line_id AND s.state = 'short')
    FROM fulfilment_picklist l
    JOIN fulfilment_pickline p ON p.pick_list_id = l.id AND p.state = 'open'
    JOIN sales_order o ON o.id = p.order_id JOIN sales_orderline x ON x.id = p.order_line_id
    JOIN locations_location b ON b.id = p.location_id JOIN catalog_lot t ON t.id = p.lot_id
"""


def open_lists(site_id: int) -> list[OpenList]:
    """Lists that wait at a site, the most urgent first. One query."""
    rows = sql.fetch_all(
        _OPEN
        + "WHERE l.site_id = %s AND l.state IN ('open', 'taken', 'parked') "
        + "ORDER BY l.due_on, l.first_sequence, l.id, p.place, p.id",
        (site_id,),
    )
    return list(_lists(rows))


def open_picks_of(list_id: int) -> list[OpenPick]:
    """What is left to pick of a list. One query."""
    rows = sql.fetch_all(_OPEN + "WHERE l.id = %s ORDER BY p.place, p.id", (list_id,))
    return [OpenPick(*row[2:]) for row in rows]


def _lists(rows: Sequence[Sequence[Any]]) -> Iterator[OpenList]:
    for (list_id, walk_mm), of in groupby(rows, key=lambda row: (row[0], row[1])):
        yield OpenList(list_id, walk_mm, [OpenPick(*row[2:]) for row in of])


def ready_refills(site_id: int, at: datetime) -> list[int]:
    """The planned moves of refills that may land at a time and fit into their faces as they are, the first to run out
    first. One query."""
    rows = sql.fetch_all(
        """
        SELECT m.id, r.location_id, m.units - m.done_units, f.max_units,
               coalesce((SELECT sum(c.on_hand) FROM ledger_cell c WHERE c.location_id = r.location_id
                         AND c.item_id = r.item_id AND NOT c.is_virtual), 0)::bigint
        FROM replenishment_refill r
        JOIN storage_plannedmove m ON m.id = r.planned_move_id AND m.state = 'open'
        JOIN storage_pickface f ON f.location_id = r.location_id
        WHERE r.site_id = %s AND r.state = 'planned' AND r.not_before <= %s ORDER BY r.land_by NULLS LAST, r.id
        """,
        (site_id, at),
    )
    chosen: list[int] = []
    level: dict[int, int] = {}
    for move_id, place, units, most, there in rows:
        level.setdefault(place, there)
        if level[place] + units <= most:
            level[place] += units
            chosen.append(move_id)
    return chosen


@dataclass(frozen=True, slots=True)
class ServiceTaken:
    """A service that took goods: orders that left by it, its freight by the rate card as text, and the orders that no
    service could bring by their day."""

    service: str
    orders: int
    freight: str
    late: int


def services(site_ids: Sequence[int], until: date) -> list[ServiceTaken]:
    """The services by which orders left up to a day, the most used first. One query."""
    rows = sql.fetch_all(
        """
        WITH taken AS (
            SELECT c.id, p.name || ', ' || v.name AS service, c.cost, o.days_late > 0 AS is_late,
                   count(DISTINCT so.order_id) AS orders
            FROM shipping_shipment s JOIN locations_site site ON site.id = s.site_id
            JOIN shipping_shipmentorder so ON so.shipment_id = s.id
            JOIN carriers_choiceorder x ON x.order_id = so.order_id AND x.is_latest
            JOIN carriers_choice c ON c.id = x.choice_id
            JOIN carriers_choiceoption o ON o.choice_id = c.id AND o.is_chosen
            JOIN parties_carrierservice v ON v.id = c.service_id
            JOIN parties_party p ON p.id = v.carrier_id AND p.name = s.carrier
            WHERE s.site_id = ANY(%s::bigint[]) AND (s.shipped_at AT TIME ZONE site.timezone)::date <= %s
            GROUP BY c.id, p.name, v.name, o.days_late
        )
        SELECT service, sum(orders)::bigint, round(sum(cost), 2)::text,
               coalesce(sum(orders) FILTER (WHERE is_late), 0)::bigint
        FROM taken GROUP BY service ORDER BY 2 DESC, 1
        """,
        (list(site_ids), until),
    )
    return [ServiceTaken(*row) for row in rows]
