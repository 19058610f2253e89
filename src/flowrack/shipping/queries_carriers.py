"""What the choice of carriers is made from: orders with their places and promised days, and the parcels they make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from flowrack.carriers.rules_rates import Hazard, Parcel
from flowrack.platform import sql

WALL_MM = 4  # of a carton, on each side


class OrderTo(NamedTuple):
    """An open order, whither it goes and the first day that was promised of a line with goods in the house."""

    order_id: int
    number: str
    site_id: int
    site_country: str
    customer_id: int
    tier: str
    address_id: int
    country: str
    region: str
    postcode: str
    is_residential: bool
    ships_on: date | None
    arrives_on: date
    lines: int
    is_packed: bool


_ORDERS = """
    SELECT o.id, o.number, o.site_id, s.country, o.customer_id, o.tier, coalesce(a.id, 0),
           coalesce(nullif(a.country, ''), nullif(p.country, ''), s.country), coalesce(a.region, ''),
           coalesce(a.postcode, ''), coalesce(a.is_residential, false), n.ships_on,
           coalesce(n.arrives_on, o.requested_on), n.lines,
           EXISTS (SELECT FROM fulfilment_carton k WHERE k.order_id = o.id AND k.state = 'packed')
           AND NOT EXISTS (SELECT FROM fulfilment_pickline l WHERE l.order_id = o.id AND l.state = 'open')
           AND coalesce((SELECT sum(l.units) FROM fulfilment_pickline l
                         WHERE l.order_id = o.id AND l.state = 'picked'), 0)
             <= coalesce((SELECT sum(c.units) FROM fulfilment_carton k
                          JOIN fulfilment_cartonline c ON c.carton_id = k.id
                          WHERE k.order_id = o.id AND k.state <> 'unpacked'), 0)
    FROM sales_order o JOIN locations_site s ON s.id = o.site_id JOIN parties_party p ON p.id = o.customer_id
    LEFT JOIN LATERAL (
        SELECT * FROM parties_address a WHERE a.id = o.ship_to_id OR (o.ship_to_id IS NULL AND a.party_id = p.id)
        ORDER BY a.is_default DESC, a.id LIMIT 1
    ) AS a ON true
    CROSS JOIN LATERAL (
        SELECT min(lp.ships_on) AS ships_on, min(lp.arrives_on) AS arrives_on, count(*)::int AS lines
        FROM sales_orderline l LEFT JOIN promise_linepromise lp ON lp.line_id = l.id
        WHERE l.order_id = o.id AND l.allocated_units + l.picked_units > 0
    ) AS n
    WHERE o.id = ANY(%s::bigint[]) AND o.state IN ('confirmed', 'released') ORDER BY o.id
"""


def orders_to(order_ids: Sequence[int]) -> list[OrderTo]:
    """Open orders as the choice sees them. One query."""
    return [OrderTo(*row) for row in sql.fetch_all(_ORDERS, (sorted(set(order_ids)),))]


# What is packed counts as it is; of what is left to pack the planned cartons; where nothing is planned, the units.
_CARTONS = """
        SELECT k.id, k.order_id, k.weight_g, t.length_mm, t.width_mm, t.height_mm, t.tare_g, n.kind
        FROM fulfilment_carton k LEFT JOIN fulfilment_cartontype t ON t.id = k.carton_type_id
        JOIN locations_lpn n ON n.id = k.lpn_id
"""
_OF_CARTONS = """
    SELECT k.order_id, CASE WHEN k.weight_g > 0 THEN k.weight_g ELSE coalesce(k.tare_g, 0) + c.weight_g END,
           k.length_mm + 2 * %(wall)s, k.width_mm + 2 * %(wall)s, k.height_mm + 2 * %(wall)s, c.hazards,
           k.kind = 'pallet', k.id AS place
    FROM packed k CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.units * coalesce(e.weight_g, 0)), 0) AS weight_g, {hazards} AS hazards
        FROM fulfilment_cartonline l JOIN catalog_item i ON i.id = l.item_id
        LEFT JOIN catalog_packlevel e ON e.item_id = i.id AND e.level = 'each' WHERE l.carton_id = k.id
    ) AS c
"""
_HAZARDS = (
    "coalesce(array_agg(DISTINCT coalesce(nullif(i.hazard_division, ''), i.hazard_class)"
    " || CASE WHEN i.is_limited_quantity THEN ' LQ' ELSE '' END) FILTER (WHERE i.hazard_class <> ''), '{}')"
)
_PARCELS = """
    WITH asked AS (SELECT unnest(%(orders)s::bigint[]) AS id),
    packed AS ({cartons} JOIN asked ON asked.id = k.order_id WHERE k.state = 'packed'),
    loose AS (
        SELECT l.order_id, l.item_id, sum(l.units) - coalesce((
            SELECT sum(c.units) FROM fulfilment_cartonline c JOIN fulfilment_carton k ON k.id = c.carton_id
            WHERE k.order_id = l.order_id AND c.item_id = l.item_id AND k.state <> 'unpacked'), 0) AS units
        FROM fulfilment_pickline l JOIN asked ON asked.id = l.order_id
        WHERE l.state IN ('open', 'picked') GROUP BY l.order_id, l.item_id
    ),
    planned AS (
        SELECT p.*, t.length_mm, t.width_mm, t.height_mm,
               row_number() OVER (PARTITION BY p.order_id ORDER BY p.wave_id, p.number) AS place
        FROM fulfilment_plannedcarton p JOIN asked ON asked.id = p.order_id
        LEFT JOIN fulfilment_cartontype t ON t.id = p.carton_type_id
        WHERE EXISTS (SELECT FROM loose WHERE loose.order_id = p.order_id AND loose.units > 0)
    ),
    to_pack AS (
        SELECT * FROM planned p WHERE p.place > (
            SELECT count(*) FROM fulfilment_carton k WHERE k.order_id = p.order_id AND k.state <> 'unpacked')
    )
    {of_cartons}
    UNION ALL
    SELECT p.order_id, p.weight_g, coalesce(p.length_mm + 2 * %(wall)s, c.l), coalesce(p.width_mm + 2 * %(wall)s, c.w),
           coalesce(p.height_mm + 2 * %(wall)s, c.h), c.hazards, false, p.place
    FROM to_pack p CROSS JOIN LATERAL (
        SELECT max(coalesce(b.length_mm, e.length_mm)) AS l, max(coalesce(b.width_mm, e.width_mm)) AS w,
               max(coalesce(b.height_mm, e.height_mm)) AS h, {hazards} AS hazards
        FROM fulfilment_plannedcartonline l JOIN catalog_item i ON i.id = l.item_id
        LEFT JOIN catalog_packlevel e ON e.item_id = i.id AND e.level = 'each'
        LEFT JOIN catalog_packlevel b ON b.item_id = i.id AND b.level = 'case' AND b.factor = l.units
        WHERE l.carton_id = p.id
    ) AS c
    UNION ALL
    SELECT x.order_id, sum(x.units * coalesce(e.weight_g, 0)), NULL, NULL, NULL, {hazards}, false, 0
    FROM loose x JOIN catalog_item i ON i.id = x.item_id
    LEFT JOIN catalog_packlevel e ON e.item_id = i.id AND e.level = 'each'
    WHERE x.units > 0 AND NOT EXISTS (SELECT FROM to_pack p WHERE p.order_id = x.order_id) GROUP BY x.order_id
    ORDER BY 1, 8, 2
"""
# The cartons that left with a shipment, as they were packed.
_LEFT = """
    WITH packed AS ({cartons} WHERE k.state = 'shipped'
        AND k.lpn_id IN (SELECT l.lpn_id FROM shipping_shipmentline l WHERE l.shipment_id = %(shipment)s))
    {of_cartons} ORDER BY 1, 8, 2
"""


def _parcels(statement: str, asked: dict[str, object]) -> dict[int, list[Parcel]]:
    text = statement.replace("{cartons}", _CARTONS).replace("{of_cartons}", _OF_CARTONS)
    found: dict[int, list[Parcel]] = {}
    for order_id, weight_g, long, wide, high, hazards, is_pallet, _ in sql.fetch_all(
        text.replace("{hazards}", _HAZARDS), {**asked, "wall": WALL_MM}
    ):
        sides = (int(long), int(wide), int(high)) if long and wide and high else None
        dangers = tuple(Hazard(text.removesuffix(" LQ"), text.endswith(" LQ")) for text in sorted(hazards))
        found.setdefault(order_id, []).append(Parcel(int(weight_g), sides, dangers, is_pallet))
    return found


def parcels_of(order_ids: Sequence[int]) -> dict[int, list[Parcel]]:
    """The parcels of each order: packed ones with their weights, then what is planned. One query."""
    return _parcels(_PARCELS, {"orders": sorted(set(order_ids))})


def parcels_left(shipment_id: int) -> list[Parcel]:
    """The cartons and pallets that left with a shipment, order by order. One query."""
    return [parcel for of in _parcels(_LEFT, {"shipment": shipment_id}).values() for parcel in of]


def carrier_of_service(service_id: int) -> int:
    """The carrier of a service; 0 = there is no such service. One query."""
    return int(sql.fetch_value("SELECT carrier_id FROM parties_carrierservice WHERE id = %s", (service_id,)) or 0)


def site_codes() -> dict[int, str]:
    """Our sites' codes by id. One query."""
    return dict(sql.fetch_all("SELECT id, code FROM locations_site ORDER BY id"))


def orders_of_wave(wave_id: int) -> list[int]:
    """The orders of a wave that have not left. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT l.order_id FROM fulfilment_pickline l JOIN sales_order o ON o.id = l.order_id
        WHERE l.wave_id = %s AND l.state IN ('open', 'picked') AND o.state IN ('confirmed', 'released') ORDER BY 1
        """,
        (wave_id,),
    )
    return [row[0] for row in rows]


def left_since(choice_id: int) -> str:
    """The shipment with which goods of a choice's orders left after it was made; "" when none did. One query."""
    return str(
        sql.fetch_value(
            """
            SELECT h.number FROM carriers_choice c JOIN carriers_choiceorder o ON o.choice_id = c.id
            JOIN shipping_shipmentorder x ON x.order_id = o.order_id JOIN shipping_shipment h ON h.id = x.shipment_id
            WHERE c.id = %s AND h.shipped_at >= c.made_at ORDER BY h.id DESC LIMIT 1
            """,
            (choice_id,),
        )
        or ""
    )


class OpenLine(NamedTuple):
    """A line that has not left: its units and the day for which it is promised."""

    line_id: int
    order_id: int
    units: int
    promised_on: date
    arrives_on: date


def promised_lines(order_ids: Sequence[int]) -> list[OpenLine]:
    """Lines of orders with units that have not left, and a promise. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.order_id, l.allocated_units + l.picked_units, lp.ships_on,
               lp.arrives_on
        FROM sales_orderline l
        JOIN promise_linepromise lp ON lp.line_id = l.id
        WHERE l.order_id = ANY(%s::bigint[]) AND l.allocated_units + l.picked_units > 0 ORDER BY l.id
        """,
        (sorted(set(order_ids)),),
    )
    return [OpenLine(*row) for row in rows]


def picked_at_risk(order_ids: Sequence[int]) -> list[OpenLine]:
    """Those lines with a promise at risk by the calendar of which all that has not left is picked. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.order_id, l.picked_units, lp.ships_on, lp.arrives_on
        FROM sales_orderline l JOIN promise_linepromise lp ON lp.line_id = l.id
        JOIN allocation_promiseexception e ON e.order_line_id = l.id AND e.closed_at IS NULL AND e.by_calendar
        WHERE l.order_id = ANY(%s::bigint[]) AND l.picked_units > 0 AND l.open_units + l.allocated_units = 0
        ORDER BY l.id
        """,
        (list(order_ids),),
    )
    return [OpenLine(*row) for row in rows]


def choices_over(order_ids: Sequence[int]) -> dict[int, int]:
    """Those of the orders for which a choice is in effect though they are cancelled, or ship from another site than it
    was made for, with the sites of the orders. One query."""
    return dict(
        sql.fetch_all(
            """
            SELECT o.id, o.site_id FROM sales_order o
            JOIN carriers_choiceorder x ON x.order_id = o.id AND x.is_latest
            JOIN carriers_choice c ON c.id = x.choice_id
            WHERE o.id = ANY(%s::bigint[]) AND (o.state = 'cancelled' OR c.site_id <> o.site_id)
            """,
            (list(order_ids),),
        )
    )


def overdue(now: datetime, *, limit: int, order_ids: Sequence[int] | None = None) -> dict[int, str]:
    """Open orders with goods in the house whose chosen departure is over, with what left without them; of some orders
    alone, if asked. What is on a truck that has not left yet leaves with that. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id, trim(p.name || ' ' || v.name) || ' left at '
                     || to_char(c.leaves_on + c.leaves_time, 'HH24:MI "on" Dy FMDD Mon') || ' without it'
        FROM sales_order o JOIN locations_site s ON s.id = o.site_id
        JOIN carriers_choiceorder x ON x.order_id = o.id AND x.is_latest
        JOIN carriers_choiceoption c ON c.choice_id = x.choice_id AND c.is_chosen
        JOIN parties_carrierservice v ON v.id = c.service_id JOIN parties_party p ON p.id = v.carrier_id
        WHERE o.state IN ('confirmed', 'released')
          AND (%(orders)s::bigint[] IS NULL OR o.id = ANY(%(orders)s::bigint[]))
          AND (c.leaves_on + c.leaves_time) AT TIME ZONE s.timezone < %(now)s::timestamptz
          AND EXISTS (SELECT FROM sales_orderline l WHERE l.order_id = o.id AND l.allocated_units + l.picked_units > 0)
          AND NOT EXISTS (SELECT FROM shipping_loadorder y JOIN shipping_load d ON d.id = y.load_id
                          WHERE y.order_id = o.id AND y.is_live
                            AND (d.cut_off_at IS NULL OR d.cut_off_at > %(now)s::timestamptz))
        ORDER BY o.id LIMIT %(limit)s
        """,
        {"now": now, "limit": limit, "orders": None if order_ids is None else list(order_ids)},
    )
    return dict(rows)
