"""What the EDI 856 of a departure is made of, and the one that was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql
from flowrack.shared.ship_notice import Goods, Place, ShipNotice
from flowrack.shared.x12 import Address
from flowrack.shipping import queries_notices
from flowrack.shipping.types_proofs import NoNotice

MOST_LINES = 100_000
GRAMS = 1000


@dataclass(frozen=True, slots=True)
class MessageRow:
    """The 856 that was written of a departure."""

    shipment_id: int
    shipment: str
    customer_id: int
    control: int
    made_at: datetime
    sha256: str
    content: str


def message_of(shipment_id: int) -> MessageRow | None:
    """The 856 of a shipment; None when none was written. One query."""
    row = sql.fetch_one(
        """
        SELECT n.shipment_id, h.number, n.customer_id, m.control, m.made_at, m.sha256, m.content
        FROM shipping_noticemessage m JOIN shipping_departurenotice n ON n.id = m.notice_id
        JOIN shipping_shipment h ON h.id = n.shipment_id WHERE n.shipment_id = %s
        """,
        (shipment_id,),
    )
    return MessageRow(*row) if row else None


@dataclass(frozen=True, slots=True)
class EdiAddress:
    """Who writes to whom."""

    customer_id: int
    sender: Address
    receiver: Address
    is_test: bool


def address_of(notice_id: int) -> EdiAddress | None:
    """Whom the 856 of a notice goes to; None when the customer's terms name no ids. One query."""
    row = sql.fetch_one(
        """
        SELECT n.customer_id, t.edi_qualifier, t.edi_sender, t.edi_receiver, t.is_edi_test
        FROM shipping_departurenotice n JOIN shipping_noticeterms t ON t.customer_id = n.customer_id
        WHERE n.id = %s AND t.edi_sender <> ''
        """,
        (notice_id,),
    )
    if row is None:
        return None
    customer_id, qualifier, sender, receiver, is_test = row
    return EdiAddress(customer_id, Address(sender, qualifier), Address(receiver, qualifier), is_test)


def may_be_written(shipment_id: int) -> bool:
    """Whether the customer's system has ids for an 856 that is not written yet. One query."""
    return bool(
        sql.fetch_value(
            """
            SELECT EXISTS (
                SELECT FROM shipping_departurenotice n JOIN shipping_noticeterms t ON t.customer_id = n.customer_id
                LEFT JOIN shipping_noticemessage m ON m.notice_id = n.id
                WHERE n.shipment_id = %s AND t.edi_sender <> '' AND m.id IS NULL)
            """,
            (shipment_id,),
        )
    )


def ship_notice(shipment_id: int) -> ShipNotice:
    """What left with a shipment, for whom, by the clock of its site. Four queries."""
    head = queries_notices.departure(shipment_id)
    if head is None:
        raise NoNotice("This shipment has not left.", fix="A notice tells what has left.")
    row = sql.fetch_one(
        """
        SELECT h.shipped_at AT TIME ZONE s.timezone, s.name, s.code, s.country, p.name, p.code,
               coalesce(nullif(a.name, ''), p.name), coalesce(nullif(a.gln, ''), p.gln),
               coalesce(a.lines, ''), coalesce(a.city, ''), coalesce(a.region, ''), coalesce(a.postcode, ''),
               coalesce(a.country, '')
        FROM shipping_shipment h JOIN locations_site s ON s.id = h.site_id
        JOIN LATERAL (SELECT x.order_id FROM shipping_shipmentorder x WHERE x.shipment_id = h.id
                      ORDER BY x.order_id LIMIT 1) AS first ON true
        JOIN sales_order o ON o.id = first.order_id JOIN parties_party p ON p.id = o.customer_id
        LEFT JOIN LATERAL (
            SELECT * FROM parties_address a WHERE a.id = o.ship_to_id OR (o.ship_to_id IS NULL AND a.party_id = p.id)
            ORDER BY a.is_default DESC, a.id LIMIT 1
        ) AS a ON true WHERE h.id = %s
        """,
        (shipment_id,),
    )
    assert row is not None, "what left has an order"
    cartons, weighed, weight = sql.fetch_one(
        """
        SELECT count(*)::int, count(*) FILTER (WHERE k.weight_g > 0)::int, coalesce(sum(k.weight_g), 0)::bigint
        FROM fulfilment_carton k WHERE k.state = 'shipped' AND k.lpn_id IN (
            SELECT l.lpn_id FROM shipping_shipmentline l WHERE l.shipment_id = %s AND l.lpn_id > 0)
        """,
        (shipment_id,),
    ) or (0, 0, 0)
    goods = [
        Goods(
            line.order, line.reference, line.sku, line.units, line.base_uom, line.name, line.customer_item, line.gtin,
            line.lot, line.expires_on, line.carton_sscc, line.pallet_sscc,
        )
        for line in queries_notices.departure_lines(shipment_id, limit=MOST_LINES)
    ]  # fmt: skip
    return ShipNotice(
        head.shipment, row[0], goods, head.carrier, head.tracking, head.load, head.trailer, head.seal, cartons,
        -(-weight // GRAMS) if cartons and weighed == cartons else 0,
        Place(row[1], code=row[2], country=row[3]),
        Place(row[6], row[7], row[5], tuple(row[8].splitlines()), row[9], row[10], row[11], row[12]),
    )  # fmt: skip
