"""Reads of shipping: the list, one shipment, what left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.lookup import Found, numbered
from flowrack.platform.lookup import look_up as _look_up
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.sales.queries_sites import THEIR_NUMBER
from flowrack.shipping.types import ShipmentNotFound


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """One shipment in a list."""

    id: int
    number: str
    state: str
    customers: str
    orders: str
    carrier: str
    tracking: str
    site: str
    site_id: int
    prepared_at: datetime
    shipped_at: datetime | None
    units: int
    cartons: int
    cost: Decimal


_SHIPMENTS = """
    SELECT h.id, h.number, h.state, t.customers, t.orders, h.carrier, h.tracking, s.name AS site, h.site_id,
           h.prepared_at, h.shipped_at, l.units, l.cartons, l.cost
    FROM shipping_shipment h JOIN locations_site s ON s.id = h.site_id
    CROSS JOIN LATERAL (
        SELECT coalesce(string_agg(DISTINCT p.name, ', '), '') AS customers,
               coalesce(string_agg(DISTINCT o.number, ', '), '') AS orders
        FROM shipping_shipmentorder x JOIN sales_order o ON o.id = x.order_id
        JOIN parties_party p ON p.id = o.customer_id WHERE x.shipment_id = h.id
    ) AS t
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.units), 0)::bigint AS units,
               count(DISTINCT l.lpn_id) FILTER (WHERE l.lpn_id > 0) AS cartons, coalesce(sum(l.cost), 0) AS cost
        FROM shipping_shipmentline l WHERE l.shipment_id = h.id
    ) AS l
"""


def shipment_list(query: ListQuery) -> Page[ShipmentRow]:
    """Shipments with what is in them. Two queries."""
    return sql_page(
        query,
        ShipmentRow,
        _SHIPMENTS,
        search=("number", "customers", "orders", "tracking", "carrier"),
        totals={"units": "sum(units)", "cost": "sum(cost)"},
        site_column="site_id",
    )


def shipments(site_ids: frozenset[int], *, after_id: int = 0, limit: int) -> list[ShipmentRow]:
    """Shipments with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        _SHIPMENTS
        + """ WHERE h.id > %(after)s AND (0 = ANY(%(sites)s::bigint[]) OR h.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY h.id LIMIT %(limit)s""",
        {"sites": sorted(site_ids), "after": after_id, "limit": limit},
    )
    return [ShipmentRow(*row) for row in rows]


def access_shipment(shipment_id: int, site_ids: frozenset[int]) -> ShipmentRow:
    """The shipment, if it is at a site that the person may see. One query."""
    row = sql.fetch_one(_SHIPMENTS + " WHERE h.id = %s", (shipment_id,))
    if row is None or not (0 in site_ids or row[8] in site_ids):
        raise ShipmentNotFound("There is no such shipment.", fix="Open the list of shipments.")
    return ShipmentRow(*row)


@dataclass(frozen=True, slots=True)
class LeftRow:
    """One line of what left: proof with lot, plate and cost."""

    id: int
    order_id: int
    order: str
    line_no: int
    item_id: int
    sku: str
    name: str
    base_uom: str
    lot: str
    expires_on: date | None
    lpn: str
    units: int
    cost: Decimal
    move_id: int
    instead_of: str


def lines_of(shipment_id: int, *, limit: int = 2_000) -> list[LeftRow]:
    """What left with a shipment. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, o.id, o.number, ol.line_no, l.item_id, i.sku, i.name, i.base_uom, t.code, t.expires_on, n.code,
               l.units, l.cost, l.move_id, coalesce(was.sku, '')
        FROM shipping_shipmentline l JOIN sales_orderline ol ON ol.id = l.order_line_id
        LEFT JOIN sales_substitution sub ON sub.line_id = ol.id
        LEFT JOIN sales_orderline original ON original.id = sub.original_id
        LEFT JOIN catalog_item was ON was.id = original.item_id
        JOIN sales_order o ON o.id = ol.order_id JOIN catalog_item i ON i.id = l.item_id
        JOIN catalog_lot t ON t.id = l.lot_id JOIN locations_lpn n ON n.id = l.lpn_id
        WHERE l.shipment_id = %s ORDER BY o.id, ol.line_no, l.id LIMIT %s
        """,
        (shipment_id, limit),
    )
    return [LeftRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class OrderOn:
    """An order on a shipment, with what a packing slip says of it."""

    order_id: int
    number: str
    reference: str
    customer: str
    address: tuple[str, ...]
    requested_on: date


def order_ids_of(shipment_id: int) -> list[int]:
    """The orders of a shipment. One query."""
    sought = "SELECT order_id FROM shipping_shipmentorder WHERE shipment_id = %s ORDER BY order_id"
    return [row[0] for row in sql.fetch_all(sought, (shipment_id,))]


def orders_on(shipment_id: int) -> list[OrderOn]:
    """The orders of a shipment. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT o.id, o.number, {THEIR_NUMBER}, p.name, a.name, a.lines, a.postcode, a.city, a.country, o.requested_on
        FROM shipping_shipmentorder x JOIN sales_order o ON o.id = x.order_id
        JOIN parties_party p ON p.id = o.customer_id
        LEFT JOIN LATERAL (
            SELECT * FROM parties_address a WHERE a.id = o.ship_to_id OR (o.ship_to_id IS NULL AND a.party_id = p.id)
            ORDER BY a.is_default DESC, a.id LIMIT 1
        ) AS a ON true
        WHERE x.shipment_id = %s ORDER BY o.id
        """,  # noqa: S608 - our own text
        (shipment_id,),
    )
    return [OrderOn(row[0], row[1], row[2], row[3], _address(row[4:9]), row[9]) for row in rows]


def _address(parts: Sequence[str | None]) -> tuple[str, ...]:
    name, lines, postcode, city, country = (part or "" for part in parts)
    rows = [name, *lines.splitlines(), f"{postcode} {city}".strip(), country]
    return tuple(row for row in rows if row)


@dataclass(frozen=True, slots=True)
class ShippedWith:
    """A shipment of an order."""

    id: int
    number: str
    state: str
    carrier: str
    tracking: str
    shipped_at: datetime | None
    units: int


def of_order(order_id: int) -> list[ShippedWith]:
    """The shipments of an order, called-off ones left out. One query."""
    rows = sql.fetch_all(
        """
        SELECT h.id, h.number, h.state, h.carrier, h.tracking, h.shipped_at,
               coalesce((SELECT sum(l.units) FROM shipping_shipmentline l JOIN sales_orderline o
                         ON o.id = l.order_line_id WHERE l.shipment_id = h.id AND o.order_id = x.order_id), 0)::bigint
        FROM shipping_shipmentorder x JOIN shipping_shipment h ON h.id = x.shipment_id AND h.state <> 'cancelled'
        WHERE x.order_id = %s ORDER BY h.id
        """,
        (order_id,),
    )
    return [ShippedWith(*row) for row in rows]


_LOOK_UP = numbered("shipping_shipment", "s.name || ', ' || d.state", joins="JOIN locations_site s ON s.id = d.site_id")


def look_up(text: str, sites: frozenset[int]) -> list[Found]:
    """Shipments by number. One query."""
    return _look_up(_LOOK_UP, text, sites=sites)
