"""Reads of bookings with carriers' own systems: the list, what was booked with whom a later choice replaced, where
goods go, and what was chosen for a shipment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flowrack.carriers import queries_choices
from flowrack.carriers.rules_bookings import Chosen, Consignee
from flowrack.carriers.rules_live import Source
from flowrack.carriers.rules_rates import Destination, Parcel
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shipping.types_bookings import BookingNotFound


@dataclass(frozen=True, slots=True)
class BookedRow:
    """A booking with its price beside the one by which it was chosen; `standing` is where goods are, or its end."""

    id: int
    shipment_id: int
    shipment: str
    site_id: int
    site: str
    account_id: int
    carrier: str
    service: str
    booking: str
    tracking: str
    standing: str
    booked: Decimal | None
    expected: Decimal | None
    difference: Decimal | None
    price_words: str
    end_why: str
    end_said: str
    end_tries: int
    end_at: datetime | None
    booked_by: str
    booked_at: datetime


# The reference of a booking is the number of its shipment.
_BOOKED = """
    SELECT b.id, h.id AS shipment_id, h.number AS shipment, h.site_id, s.name AS site, b.account_id,
           p.name AS carrier, v.name AS service, b.booking, b.tracking,
           coalesce(nullif(b.ends, ''), b.state) AS standing, b.total AS booked,
           b.expected, b.total - b.expected AS difference, b.price_words, b.end_why, b.end_said,
           b.end_tries, b.end_at, u.full_name AS booked_by, b.booked_at
    FROM carriers_booking b JOIN shipping_shipment h ON h.number = b.reference
    JOIN locations_site s ON s.id = h.site_id JOIN parties_carrierservice v ON v.id = b.service_id
    JOIN parties_party p ON p.id = v.carrier_id JOIN platform_user u ON u.id = b.booked_by_id
"""


def booked_list(query: ListQuery) -> Page[BookedRow]:
    """Bookings with their prices. Two queries."""
    return sql_page(
        query, BookedRow, _BOOKED, search=("shipment", "booking", "tracking", "carrier"),
        totals={name: f"sum({name})" for name in ("booked", "expected", "difference")}, site_column="site_id",
    )  # fmt: skip


def booked_after(site_ids: frozenset[int], *, after_id: int, limit: int) -> list[BookedRow]:
    """Bookings with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        _BOOKED
        + """ WHERE b.id > %(after)s AND (0 = ANY(%(sites)s::bigint[]) OR h.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY b.id LIMIT %(limit)s""",
        {"sites": sorted(site_ids), "after": after_id, "limit": limit},
    )
    return [BookedRow(*row) for row in rows]


def booked_of(number: str) -> list[BookedRow]:
    """All bookings of a shipment, the last one first. One query."""
    return [BookedRow(*row) for row in sql.fetch_all(_BOOKED + " WHERE b.reference = %s ORDER BY b.id DESC", (number,))]


def booked_on(load_id: int) -> list[BookedRow]:
    """The bookings of the shipments of a load: of those that left on it, or wait for it. One query."""
    rows = sql.fetch_all(
        _BOOKED
        + """ WHERE b.ends <> 'ended' AND (h.load_id = %(load)s OR EXISTS (
            SELECT FROM shipping_loadorder o JOIN shipping_shipmentorder x ON x.order_id = o.order_id AND x.is_waiting
            WHERE o.load_id = %(load)s AND o.is_live AND x.shipment_id = h.id))
        ORDER BY h.id, b.id""",
        {"load": load_id},
    )
    return [BookedRow(*row) for row in rows]


def access_booking(booking_id: int, site_ids: frozenset[int]) -> BookedRow:
    """A booking at a site that the person may see. Refuses with BookingNotFound. One query."""
    row = sql.fetch_one(_BOOKED + " WHERE b.id = %s", (booking_id,))
    if row is None or not (0 in site_ids or row[3] in site_ids):
        raise BookingNotFound("There is no such booking.", fix="Open the list of carrier bookings.")
    return BookedRow(*row)


def to_call_off(now: datetime, *, limit: int) -> list[BookedRow]:
    """Bookings whose carriers are to be told now that they count no more, the oldest first. One query."""
    rows = sql.fetch_all(
        _BOOKED + " WHERE b.ends = 'waiting' AND b.end_at <= %s ORDER BY b.end_at, b.id LIMIT %s", (now, limit)
    )
    return [BookedRow(*row) for row in rows]


def tries_of(booking_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Site, and how often their carriers were told, of bookings that wait for their end. One query."""
    rows = sql.fetch_all(
        """
        SELECT b.id, h.site_id, b.end_tries FROM carriers_booking b JOIN shipping_shipment h ON h.number = b.reference
        WHERE b.id = ANY(%s::bigint[]) AND b.ends IN ('waiting', 'refused')
        """,
        (sorted(set(booking_ids)),),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def booked_shipments(order_ids: Sequence[int]) -> list[int]:
    """The shipments that have not left, wait for orders, and are booked. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT h.id FROM shipping_shipmentorder x
        JOIN shipping_shipment h ON h.id = x.shipment_id AND h.state = 'open'
        JOIN carriers_booking b ON b.reference = h.number AND b.is_live
        WHERE x.order_id = ANY(%s::bigint[]) AND x.is_waiting ORDER BY 1
        """,
        (sorted(set(order_ids)),),
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class ReplacedRow:
    """A live booking of a shipment for which another service is chosen now."""

    shipment_id: int
    booking_id: int
    why: str


def replaced(shipment_ids: Sequence[int]) -> list[ReplacedRow]:
    """Live bookings of shipments of which an order has another service chosen than the booked one. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT ON (b.id) h.id, b.id, coalesce(p.name || ' ' || v.name, '')
        FROM shipping_shipment h JOIN carriers_booking b ON b.reference = h.number AND b.is_live
        JOIN shipping_shipmentorder x ON x.shipment_id = h.id
        JOIN carriers_choiceorder y ON y.order_id = x.order_id AND y.is_latest
        JOIN carriers_choice c ON c.id = y.choice_id AND c.service_id IS DISTINCT FROM b.service_id
        LEFT JOIN parties_carrierservice v ON v.id = c.service_id LEFT JOIN parties_party p ON p.id = v.carrier_id
        WHERE h.id = ANY(%s::bigint[]) AND h.state = 'open' ORDER BY b.id, x.order_id
        """,
        (sorted(set(shipment_ids)),),
    )
    return [
        ReplacedRow(row[0], row[1], f"{row[2]} takes it now" if row[2] else "no carrier takes it now") for row in rows
    ]


def consignee(order_id: int) -> Consignee:
    """Who gets an order, and where, as it stands now. One query."""
    row = sql.fetch_one(
        """
        SELECT coalesce(nullif(a.name, ''), p.name), coalesce(a.lines, ''), coalesce(a.city, ''),
               coalesce(nullif(a.country, ''), p.country), coalesce(a.postcode, ''), coalesce(a.region, ''),
               coalesce(a.is_residential, false)
        FROM sales_order o JOIN parties_party p ON p.id = o.customer_id
        LEFT JOIN LATERAL (
            SELECT * FROM parties_address a WHERE a.id = o.ship_to_id OR (o.ship_to_id IS NULL AND a.party_id = p.id)
            ORDER BY a.is_default DESC, a.id LIMIT 1
        ) AS a ON true
        WHERE o.id = %s
        """,
        (order_id,),
    )
    assert row is not None, "the order is on a shipment"
    lines = tuple(line.strip() for line in row[1].splitlines() if line.strip())
    return Consignee(row[0], lines, row[2].strip(), Destination(row[3], row[4], row[5], row[6]))


def chosen_for(order_ids: Sequence[int]) -> list[Chosen]:
    """What the choices of orders expected, each choice once. Two queries."""
    ids = sorted({one.choice_id for one in queries_choices.latest_of(order_ids).values()})
    rows = sql.fetch_all(
        """
        SELECT c.id, c.cost, coalesce(o.source, 'card'), coalesce(o.account, ''), c.country, c.postcode, c.region,
               c.is_residential,
               ARRAY (SELECT x.weight_g FROM carriers_choiceparcel x WHERE x.choice_id = c.id ORDER BY x.number)
        FROM carriers_choice c LEFT JOIN carriers_choiceoption o ON o.choice_id = c.id AND o.is_chosen
        WHERE c.id = ANY(%s::bigint[]) ORDER BY c.id
        """,
        (ids,),
    )
    return [
        Chosen(row[1], Source(row[2]), tuple(Parcel(weight_g) for weight_g in row[8]), Destination(*row[4:8]), row[3])
        for row in rows
    ]
