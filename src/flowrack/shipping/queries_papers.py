"""What the papers of a truck say: goods by stop and plate, SSCCs, weights, hazards; all that left with a carrier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flowrack.fulfilment.queries_labels import NO_ADDRESS
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.sales.queries_sites import THEIR_NUMBER


@dataclass(frozen=True, slots=True)
class PaperStop:
    """One stop as papers tell it; that of a site of ours has transfers in place of orders and shipment."""

    stop_no: int
    shipment_id: int
    shipment: str
    customer: str
    address: tuple[str, ...]
    orders: str
    references: str


def paper_stops(load_id: int) -> list[PaperStop]:
    """The stops of a load with address, orders and, once it is closed, the shipment of each. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT s.stop_no, coalesce(h.id, 0), coalesce(h.number, m.gone, ''), coalesce(p.name, w.name), a.name, a.lines,
               concat_ws(' ', nullif(a.postcode, ''), nullif(a.city, '')), coalesce(a.country, w.country),
               coalesce(t.orders, m.numbers, ''), coalesce(t.refs, ''), s.to_site_id IS NOT NULL
        FROM shipping_loadstop s LEFT JOIN parties_party p ON p.id = s.customer_id
        LEFT JOIN locations_site w ON w.id = s.to_site_id
        LEFT JOIN LATERAL (
            SELECT * FROM parties_address a WHERE a.id = s.ship_to_id OR (s.ship_to_id IS NULL AND a.party_id = p.id)
            ORDER BY a.is_default DESC, a.id LIMIT 1
        ) AS a ON true
        LEFT JOIN shipping_shipment h ON h.load_id = s.load_id AND h.stop_no = s.stop_no
        CROSS JOIN LATERAL (
            SELECT string_agg(o.number, ', ' ORDER BY o.id) AS orders,
                   string_agg(DISTINCT nullif({THEIR_NUMBER}, ''), ', ') AS refs
            FROM shipping_loadorder x JOIN sales_order o ON o.id = x.order_id
            WHERE x.load_id = s.load_id AND x.stop_no = s.stop_no
              AND (h.id IS NULL OR EXISTS (SELECT FROM shipping_shipmentorder y
                                           WHERE y.shipment_id = h.id AND y.order_id = o.id))
        ) AS t
        CROSS JOIN LATERAL (
            SELECT string_agg(r.number, ', ' ORDER BY r.id) AS numbers,
                   string_agg(r.number, ', ' ORDER BY r.id) FILTER (
                       WHERE r.sent_at IS NOT NULL AND split_part(r.truck, ',', 1) = d.number) AS gone
            FROM shipping_loadtransfer x JOIN storage_transfer r ON r.id = x.transfer_id
            JOIN shipping_load d ON d.id = x.load_id WHERE x.load_id = s.load_id AND x.stop_no = s.stop_no
        ) AS m
        WHERE s.load_id = %s ORDER BY s.stop_no, h.id
        """,  # noqa: S608 - our own text
        (load_id,),
    )
    found = []
    for row in rows:
        name, lines, place, country = (part or "" for part in row[4:8])
        nowhere = [] if row[10] else [NO_ADDRESS]
        where = [*lines.splitlines(), place] if lines.strip() or place else nowhere
        address = tuple(part for part in (name, *where, country) if part)
        found.append(PaperStop(row[0], row[1], row[2], row[3], address, row[8], row[9]))
    return found


@dataclass(frozen=True, slots=True)
class PaperUnit:
    """A plate on the truck: what a paper lists as one handling unit."""

    stop_no: int
    code: str
    kind: str
    units: int
    weight_g: int
    separation: str


def paper_units(load_id: int) -> list[PaperUnit]:
    """The plates that are on the truck or went with it, by stop. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.stop_no, coalesce(nullif(n.code, ''), 'loose, ' || coalesce(o.number, t.number)),
               CASE WHEN p.lpn_id = 0 THEN 'loose' ELSE n.kind END, p.units, p.weight_g, p.separation
        FROM shipping_loadedplate p JOIN locations_lpn n ON n.id = p.lpn_id LEFT JOIN sales_order o ON o.id = p.order_id
        LEFT JOIN storage_transfer t ON t.id = p.transfer_id
        WHERE p.load_id = %s AND p.state <> 'off' ORDER BY p.stop_no, n.code, p.id
        """,
        (load_id,),
    )
    return [PaperUnit(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class HazardLine:
    """Hazardous goods of a shipment (0 = of the transfers) at a stop, added up by item."""

    shipment_id: int
    stop_no: int
    hazard: str
    sku: str
    name: str
    units: int
    base_uom: str
    weight_g: int


def hazard_lines(load_id: int) -> list[HazardLine]:
    """The hazardous goods that left with a load. One query."""
    rows = sql.fetch_all(
        """
        SELECT g.shipment_id, g.stop_no, coalesce(nullif(i.hazard_division, ''), i.hazard_class)
               || CASE WHEN i.is_limited_quantity THEN ' LQ' ELSE '' END, i.sku, i.name, sum(g.units)::bigint,
               i.base_uom, coalesce(sum(g.units * w.weight_g), 0)::bigint
        FROM (
            SELECT h.id AS shipment_id, h.stop_no, l.item_id, l.units
            FROM shipping_shipment h JOIN shipping_shipmentline l ON l.shipment_id = h.id WHERE h.load_id = %(load)s
            UNION ALL
            SELECT 0, x.stop_no, l.item_id, l.units
            FROM shipping_loadtransfer x JOIN storage_transfer t ON t.id = x.transfer_id AND t.sent_at IS NOT NULL
            JOIN shipping_load d ON d.id = x.load_id AND d.number = split_part(t.truck, ',', 1)
            JOIN storage_transferline l ON l.transfer_id = t.id WHERE x.load_id = %(load)s
        ) AS g JOIN catalog_item i ON i.id = g.item_id AND i.hazard_class <> ''
        LEFT JOIN catalog_packlevel w ON w.item_id = i.id AND w.level = 'each'
        GROUP BY g.shipment_id, g.stop_no, i.id ORDER BY 1, 2, 3, i.sku
        """,
        {"load": load_id},
    )
    return [HazardLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """What left a site with a carrier on a day; `shipments` counts transfers on trucks too."""

    id: str
    site_id: int
    site: str
    carrier: str
    day: date
    shipments: int
    orders: int
    cartons: int
    units: int
    proved: int
    printed: int


_MANIFESTS = """
    SELECT h.site_id || '.' || t.day || '.' || h.carrier AS id, h.site_id, s.name AS site, h.carrier, t.day,
           count(*) AS shipments, sum(h.orders)::bigint AS orders, sum(h.cartons)::bigint AS cartons,
           sum(h.units)::bigint AS units, count(*) FILTER (WHERE h.is_there) AS proved,
           (SELECT count(*) FROM shipping_paper p
            WHERE p.site_id = h.site_id AND p.day = t.day AND p.carrier = h.carrier) AS printed
    FROM (
        SELECT g.site_id, g.carrier, g.shipped_at AS left_at, g.state <> 'shipped' AS is_there, l.orders, l.cartons,
               l.units
        FROM shipping_shipment g
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT x.lpn_id) FILTER (WHERE x.lpn_id > 0) AS cartons, coalesce(sum(x.units), 0) AS units,
                   (SELECT count(*) FROM shipping_shipmentorder y WHERE y.shipment_id = g.id) AS orders
            FROM shipping_shipmentline x WHERE x.shipment_id = g.id
        ) AS l
        WHERE g.shipped_at IS NOT NULL AND g.shipped_at > %s
        UNION ALL
        SELECT r.site_id, coalesce(p.name, ''), r.sent_at, r.state = 'received', 0, 0,
               (SELECT sum(x.units) FROM storage_transferline x WHERE x.transfer_id = r.id)
        FROM storage_transfer r LEFT JOIN parties_party p ON p.id = r.carrier_id
        WHERE r.truck <> '' AND r.sent_at > %s
    ) AS h JOIN locations_site s ON s.id = h.site_id
    CROSS JOIN LATERAL (SELECT (h.left_at AT TIME ZONE s.timezone)::date AS day) AS t
    GROUP BY h.site_id, s.name, h.carrier, t.day
"""


def manifest_list(query: ListQuery, since: datetime) -> Page[ManifestRow]:
    """Carriers by day since a time, the newest first. Two queries."""
    return sql_page(
        query,
        ManifestRow,
        _MANIFESTS,
        [since, since],
        search=("carrier", "site"),
        totals={"shipments": "sum(shipments)", "cartons": "sum(cartons)", "units": "sum(units)"},
        site_column="site_id",
    )


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """A shipment on a manifest, or (id 0) a transfer to a site of ours."""

    id: int
    number: str
    state: str
    customer: str
    city: str
    orders: str
    load: str
    tracking: str
    shipped_at: datetime
    plates: int
    units: int
    weight_g: int


def manifest_lines(site_id: int, carrier: str, day: date, *, limit: int = 2_000) -> list[ManifestLine]:
    """The shipments that left a site with a carrier on a day, by the site's clock. One query."""
    rows = sql.fetch_all(
        """
        SELECT h.id, h.number, h.state, t.customer, t.city, t.orders, coalesce(d.number, ''), h.tracking, h.shipped_at,
               l.plates, l.units, l.weight_g
        FROM shipping_shipment h JOIN locations_site s ON s.id = h.site_id LEFT JOIN shipping_load d ON d.id = h.load_id
        CROSS JOIN LATERAL (
            SELECT coalesce(string_agg(DISTINCT p.name, ', '), '') AS customer,
                   coalesce(string_agg(DISTINCT nullif(a.city, ''), ', '), '') AS city,
                   coalesce(string_agg(DISTINCT o.number, ', '), '') AS orders
            FROM shipping_shipmentorder x JOIN sales_order o ON o.id = x.order_id
            JOIN parties_party p ON p.id = o.customer_id LEFT JOIN parties_address a ON a.id = o.ship_to_id
            WHERE x.shipment_id = h.id
        ) AS t
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT x.lpn_id) FILTER (WHERE x.lpn_id > 0) AS plates,
                   coalesce(sum(x.units), 0)::bigint AS units,
                   coalesce(sum(x.units * w.weight_g), 0)::bigint AS weight_g
            FROM shipping_shipmentline x
            LEFT JOIN catalog_packlevel w ON w.item_id = x.item_id AND w.level = 'each' WHERE x.shipment_id = h.id
        ) AS l
        WHERE h.site_id = %s AND h.carrier = %s
          AND h.shipped_at >= (%s::date::timestamp AT TIME ZONE s.timezone)
          AND h.shipped_at < ((%s::date + 1)::timestamp AT TIME ZONE s.timezone)
        UNION ALL
        SELECT 0, r.number, r.state, w.name, '', r.number, split_part(r.truck, ',', 1), '', r.sent_at, 0,
               l.units, l.weight_g
        FROM storage_transfer r JOIN locations_site s ON s.id = r.site_id JOIN locations_site w ON w.id = r.to_site_id
        LEFT JOIN parties_party p ON p.id = r.carrier_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(x.units), 0)::bigint AS units,
                   coalesce(sum(x.units * k.weight_g), 0)::bigint AS weight_g
            FROM storage_transferline x LEFT JOIN catalog_packlevel k ON k.item_id = x.item_id AND k.level = 'each'
            WHERE x.transfer_id = r.id
        ) AS l
        WHERE r.site_id = %s AND r.truck <> '' AND coalesce(p.name, '') = %s
          AND r.sent_at >= (%s::date::timestamp AT TIME ZONE s.timezone)
          AND r.sent_at < ((%s::date + 1)::timestamp AT TIME ZONE s.timezone)
        ORDER BY 9, 1, 2 LIMIT %s
        """,
        (site_id, carrier, day, day, site_id, carrier, day, day, limit),
    )
    return [ManifestLine(*row) for row in rows]
