"""The rows behind the numbers of packing and sending: waves, waits for refills, cartons, shipments and wrong
picks, each with its verdict, so that whoever counts them gets the figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave whose time came: by when it had to be picked, and when its last pick was."""

    id: int
    number: str
    template: str
    service: str
    pick_until: datetime
    done_at: datetime | None
    picks: int
    open_picks: int
    standing: str
    minutes_late: int | None
    site: str
    site_id: int


def wave_page(query: ListQuery, now: datetime) -> Page[WaveRow]:
    """Waves whose time came, as "waves picked in time" counts them. Two queries."""
    return sql_page(
        query,
        WaveRow,
        """
        SELECT w.id, w.number, r.template, r.service, r.pick_until, p.done_at, p.picks, p.open_picks,
               CASE WHEN p.open_picks > 0 THEN 'not picked' WHEN p.done_at <= r.pick_until THEN 'in time'
                    ELSE 'late' END AS standing,
               CASE WHEN p.done_at > r.pick_until
                    THEN ceil(extract(epoch FROM p.done_at - r.pick_until) / 60)::int END AS minutes_late,
               site.code AS site, w.site_id
        FROM waves_run r JOIN fulfilment_wave w ON w.id = r.wave_id JOIN locations_site site ON site.id = w.site_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS picks, count(*) FILTER (WHERE x.state = 'open') AS open_picks, max(x.done_at) AS done_at
            FROM fulfilment_pickline x WHERE x.wave_id = w.id AND x.state <> 'cancelled'
        ) AS p
        WHERE r.pick_until <= %s AND p.picks > 0
        """,
        [now],
        search=("number", "template", "service"),
        site_column="site_id",
    )


@dataclass(frozen=True, slots=True)
class WaitRow:
    """An order line that waited until its face was refilled; `minutes` until now while it still waits."""

    id: int
    order_id: int
    order: str
    sku: str
    face: str
    units: int
    since: datetime
    ended_at: datetime | None
    minutes: int
    is_over: bool
    site: str
    site_id: int


def wait_page(query: ListQuery, now: datetime) -> Page[WaitRow]:
    """Order lines that waited for a refill, as "lines that waited" counts them. Two queries."""
    return sql_page(
        query,
        WaitRow,
        """
        SELECT w.id, o.id AS order_id, o.number AS order, i.sku, f.code AS face, w.units, w.since, w.ended_at,
               ceil(extract(epoch FROM coalesce(w.ended_at, %s) - w.since) / 60)::int AS minutes,
               w.ended_at IS NOT NULL AS is_over, site.code AS site, w.site_id
        FROM replenishment_wait w JOIN sales_orderline l ON l.id = w.order_line_id
        JOIN sales_order o ON o.id = l.order_id JOIN catalog_item i ON i.id = w.item_id
        JOIN locations_location f ON f.id = w.location_id JOIN locations_site site ON site.id = w.site_id
        """,
        [now],
        search=("order", "sku", "face"),
        totals={"units": "sum(units)"},
        site_column="site_id",
    )


@dataclass(frozen=True, slots=True)
class CartonRow:
    """A packed carton: its type beside the planned one, how full it is, its first weighing and how it was checked."""

    id: int
    sscc: str
    order_id: int
    order: str
    carton_type: str
    planned_type: str
    is_planned: bool | None
    filled: int | None
    first_weighing: str
    is_scanned: bool
    packed_at: datetime
    site: str
    site_id: int


def carton_page(query: ListQuery) -> Page[CartonRow]:
    """Cartons as the figures of packing count them. Two queries."""
    return sql_page(
        query,
        CartonRow,
        """
        SELECT c.id, c.sscc, o.id AS order_id, o.number AS order, coalesce(t.code, '') AS carton_type,
               coalesce(q.code, '') AS planned_type, c.carton_type_id = c.planned_type_id AS is_planned, c.filled,
               coalesce((SELECT w.state FROM fulfilment_cartonweighing w WHERE w.carton_id = c.id
                         ORDER BY w.id LIMIT 1), '') AS first_weighing,
               c.checked = 'scanned' AS is_scanned, c.packed_at, site.code AS site, c.site_id
        FROM fulfilment_carton c JOIN locations_site site ON site.id = c.site_id JOIN sales_order o ON o.id = c.order_id
        LEFT JOIN fulfilment_cartontype t ON t.id = c.carton_type_id
        LEFT JOIN fulfilment_cartontype q ON q.id = c.planned_type_id
        WHERE c.state <> 'unpacked'
        """,
        [],
        search=("sscc", "order"),
        site_column="site_id",
    )


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """A shipment that left: on which day, and by which it had to leave for the first of its orders."""

    id: int
    number: str
    orders: str
    carrier: str
    shipped_at: datetime
    left_on: date
    ship_by_on: date
    days_late: int
    is_in_time: bool
    site: str
    site_id: int


def shipment_page(query: ListQuery) -> Page[ShipmentRow]:
    """Shipments as "shipments by their day" counts them. Two queries."""
    return sql_page(
        query,
        ShipmentRow,
        """
        SELECT x.id, x.number, x.orders, x.carrier, x.shipped_at, x.left_on, x.ship_by_on,
               greatest(x.left_on - x.ship_by_on, 0) AS days_late, x.left_on <= x.ship_by_on AS is_in_time, x.site,
               x.site_id
        FROM (
            SELECT s.id, s.number, d.orders, s.carrier, s.shipped_at,
                   (s.shipped_at AT TIME ZONE site.timezone)::date AS left_on, d.ship_by_on, site.code AS site,
                   s.site_id
            FROM shipping_shipment s JOIN locations_site site ON site.id = s.site_id
            CROSS JOIN LATERAL (
                SELECT string_agg(o.number, ', ' ORDER BY o.id) AS orders, min(o.ship_by_on) AS ship_by_on
                FROM shipping_shipmentorder so JOIN sales_order o ON o.id = so.order_id WHERE so.shipment_id = s.id
            ) AS d
            WHERE s.state IN ('shipped', 'delivered', 'refused')
        ) AS x
        """,
        [],
        search=("number", "orders", "carrier"),
        site_column="site_id",
    )


@dataclass(frozen=True, slots=True)
class WrongRow:
    """What a customer sent back because it was the wrong item or too many: a pick that was not right."""

    id: int
    rma_id: int
    rma: str
    created_at: datetime
    order_id: int
    order: str
    customer: str
    sku: str
    units: int
    reason: str
    site: str
    site_id: int


def wrong_page(query: ListQuery) -> Page[WrongRow]:
    """Wrong picks as the accuracy of picks counts them. Two queries."""
    return sql_page(
        query,
        WrongRow,
        """
        SELECT l.id, r.id AS rma_id, r.number AS rma, r.created_at, o.id AS order_id, o.number AS order,
               p.name AS customer, i.sku, l.units, r.reason, site.code AS site, r.site_id
        FROM returns_rmaline l JOIN returns_rma r ON r.id = l.rma_id JOIN locations_site site ON site.id = r.site_id
        JOIN sales_orderline x ON x.id = l.order_line_id JOIN sales_order o ON o.id = x.order_id
        JOIN parties_party p ON p.id = r.customer_id JOIN catalog_item i ON i.id = l.item_id
        WHERE r.reason IN ('wrong_item', 'too_many') AND r.state <> 'cancelled'
        """,
        [],
        search=("rma", "order", "customer", "sku"),
        totals={"units": "sum(units)"},
        site_column="site_id",
    )
