"""Notices of departure: the list with its deadlines, and what one tells: order, lines, lots, SSCCs pallet by pallet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.sales.queries_sites import THEIR_NUMBER


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice of a departure and the customer's answer."""

    id: int
    shipment_id: int
    shipment: str
    site_id: int
    site: str
    customer: str
    orders: str
    made_at: datetime
    due_at: datetime
    answer: str
    answered_at: datetime | None
    reference: str
    note: str
    edi: str
    edi_said: str

    def standing(self, now: datetime) -> str:
        """waiting, late, accepted, accepted late or rejected."""
        if self.answer == "waiting":
            return "late" if now > self.due_at else "waiting"
        if self.answer == "accepted" and self.answered_at is not None and self.answered_at > self.due_at:
            return "accepted late"
        return self.answer


_NOTICES = """
    SELECT n.id, n.shipment_id, h.number AS shipment, h.site_id, s.name AS site, p.name AS customer, t.orders,
           n.made_at, n.due_at, n.answer, n.answered_at, n.reference, n.note, coalesce(m.state, '') AS edi,
           coalesce(m.said, '') AS edi_said
    FROM shipping_departurenotice n LEFT JOIN shipping_noticemessage m ON m.notice_id = n.id
    JOIN shipping_shipment h ON h.id = n.shipment_id
    JOIN locations_site s ON s.id = h.site_id JOIN parties_party p ON p.id = n.customer_id
    CROSS JOIN LATERAL (
        SELECT coalesce(string_agg(o.number, ', ' ORDER BY o.id), '') AS orders
        FROM shipping_shipmentorder x JOIN sales_order o ON o.id = x.order_id WHERE x.shipment_id = h.id
    ) AS t
"""


def notice_list(query: ListQuery) -> Page[NoticeRow]:
    """Notices with what became of them. Two queries."""
    return sql_page(
        query,
        NoticeRow,
        _NOTICES,
        search=("shipment", "customer", "orders", "reference"),
        site_column="site_id",
    )


def notice_of(shipment_id: int) -> NoticeRow | None:
    """The notice of a shipment; None when its customer asked for none. One query."""
    row = sql.fetch_one(_NOTICES + " WHERE n.shipment_id = %s", (shipment_id,))
    return NoticeRow(*row) if row else None


def late_notices(site_ids: frozenset[int], now: datetime) -> int:
    """How many notices are rejected, or wait past their time. One query."""
    found: int = sql.fetch_value(
        """
        SELECT count(*) FROM shipping_departurenotice n JOIN shipping_shipment h ON h.id = n.shipment_id
        WHERE (n.answer = 'rejected' OR (n.answer = 'waiting' AND n.due_at < %s))
          AND (0 = ANY(%s::bigint[]) OR h.site_id = ANY(%s::bigint[]))
        """,
        (now, sorted(site_ids), sorted(site_ids)),
    )
    return found


@dataclass(frozen=True, slots=True)
class TermsRow:
    """A customer who is told of each departure."""

    customer_id: int
    code: str
    customer: str
    hours: int
    edi_sender: str


def notice_terms() -> list[TermsRow]:
    """Customers who are told, by code. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.id, p.code, p.name, t.hours, t.edi_sender
        FROM shipping_noticeterms t JOIN parties_party p ON p.id = t.customer_id
        ORDER BY p.code LIMIT 1000
        """
    )
    return [TermsRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class DepartureHead:
    """What left, for whom, how."""

    shipment_id: int
    shipment: str
    site: str
    shipped_at: datetime | None
    carrier: str
    tracking: str
    load: str
    trailer: str
    seal: str


@dataclass(frozen=True, slots=True)
class DepartureLine:
    """Units of an order line in a carton, with the pallet on which it stands. Loose goods have neither SSCC."""

    order: str
    reference: str
    line_no: int
    sku: str
    name: str
    customer_item: str
    gtin: str
    lot: str
    expires_on: date | None
    units: int
    base_uom: str
    carton_sscc: str
    pallet_sscc: str


def departure(shipment_id: int) -> DepartureHead | None:
    """The head of what a customer is told. One query."""
    row = sql.fetch_one(
        """
        SELECT h.id, h.number, s.name, h.shipped_at, h.carrier, h.tracking, coalesce(d.number, ''),
               coalesce(d.trailer, ''), coalesce(d.seal, '')
        FROM shipping_shipment h JOIN locations_site s ON s.id = h.site_id LEFT JOIN shipping_load d ON d.id = h.load_id
        WHERE h.id = %s AND h.shipped_at IS NOT NULL
        """,
        (shipment_id,),
    )
    return DepartureHead(*row) if row else None


def departure_lines(shipment_id: int, *, limit: int = 5_000) -> list[DepartureLine]:
    """What left, line by line, pallet by pallet. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT o.number, {THEIR_NUMBER}, ol.line_no, i.sku, i.name, coalesce(ci.code, ''), coalesce(g.gtin, ''), t.code,
               t.expires_on, l.units, i.base_uom, CASE WHEN n.kind = 'pallet' THEN '' ELSE n.code END,
               coalesce(m.code, CASE WHEN n.kind = 'pallet' THEN n.code END, '')
        FROM shipping_shipmentline l JOIN shipping_shipment h ON h.id = l.shipment_id
        JOIN sales_orderline ol ON ol.id = l.order_line_id JOIN sales_order o ON o.id = ol.order_id
        JOIN catalog_item i ON i.id = l.item_id JOIN catalog_lot t ON t.id = l.lot_id
        JOIN locations_lpn n ON n.id = l.lpn_id
        LEFT JOIN catalog_packlevel g ON g.item_id = i.id AND g.level = 'each'
        LEFT JOIN LATERAL (SELECT c.code FROM sales_customeritem c
                           WHERE c.customer_id = o.customer_id AND c.item_id = i.id ORDER BY c.id LIMIT 1) AS ci ON true
        LEFT JOIN shipping_stackedcarton k ON k.carton_id = n.id AND k.load_id = h.load_id AND n.id > 0
        LEFT JOIN locations_lpn m ON m.id = k.pallet_id
        WHERE l.shipment_id = %s ORDER BY 13, 12, o.id, ol.line_no, l.id LIMIT %s
        """,  # noqa: S608 - our own text
        (shipment_id, limit),
    )
    return [DepartureLine(*row) for row in rows]
