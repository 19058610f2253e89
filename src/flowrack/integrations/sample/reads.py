"""What the people of the sample's last day look at before they act. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class Pack:
    """A pallet of an ASN with the one line that stands on it."""

    sscc: str
    asn_line_id: int
    units: int


def packs_of(asn_id: int) -> list[Pack]:
    """The pallets of an ASN, in the order of its lines."""
    rows = sql.fetch_all(
        """
        SELECT p.sscc, l.id, l.units FROM dock_asnline l JOIN dock_asnpack p ON p.id = l.pack_id
        WHERE l.asn_id = %s ORDER BY l.line_no
        """,
        (asn_id,),
    )
    return [Pack(*row) for row in rows]


def open_inspections(site_id: int) -> list[int]:
    """Inspections that nobody has started."""
    rows = sql.fetch_all(
        "SELECT id FROM inspection_inspection WHERE site_id = %s AND state = 'open' ORDER BY id", (site_id,)
    )
    return [row[0] for row in rows]


def free_bins(site_id: int, count: int) -> list[tuple[int, int, int, int]]:
    """Rack bins of which nothing is reserved, of items of which plenty is free: location, item, lot and units."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT ON (p.id) c.location_id, c.item_id, c.lot_id, c.on_hand
        FROM ledger_cell c
        JOIN ledger_pool p ON p.item_id = c.item_id AND p.lot_id = c.lot_id AND p.site_id = c.site_id
             AND p.owner_id = c.owner_id
        WHERE c.site_id = %s AND c.state = 'reserve' AND c.reserved = 0 AND c.lpn_id = 0 AND c.quality = 'available'
          AND c.on_hand BETWEEN 24 AND 400 AND p.reserve + p.forward_pick - p.committed >= c.on_hand
        ORDER BY p.id, c.id LIMIT %s
        """,
        (site_id, count),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def last_pick() -> tuple[int, int, str, str] | None:
    """The pick that was made last: id, units, SKU and bin."""
    row = sql.fetch_one(
        """
        SELECT p.id, p.units, i.sku, b.code FROM fulfilment_pickline p
        JOIN catalog_item i ON i.id = p.item_id JOIN locations_location b ON b.id = p.location_id
        WHERE p.state = 'picked' ORDER BY p.done_at DESC, p.id DESC LIMIT 1
        """
    )
    return (row[0], row[1], row[2], row[3]) if row else None


@dataclass(frozen=True, slots=True)
class Sent:
    """A shipment that may have reached its customer, with its first line."""

    shipment_id: int
    shipped_at: datetime
    line_id: int
    units: int
    lines: int


def shipments_to_prove(site_id: int, before: datetime, most: int) -> list[Sent]:
    """The newest shipments of a site that left before a time and are not proved. One query."""
    rows = sql.fetch_all(
        """
        SELECT h.id, h.shipped_at, min(l.id), (array_agg(l.units ORDER BY l.id))[1], count(*)
        FROM shipping_shipment h JOIN shipping_shipmentline l ON l.shipment_id = h.id
        WHERE h.site_id = %s AND h.state = 'shipped' AND h.shipped_at < %s
        GROUP BY h.id ORDER BY h.id DESC LIMIT %s
        """,
        (site_id, before, most),
    )
    return [Sent(*row) for row in rows]


def customers_of_orders(order_ids: Sequence[int]) -> list[int]:
    """The customers of orders, each once. One query."""
    rows = sql.fetch_all(
        "SELECT DISTINCT customer_id FROM sales_order WHERE id = ANY(%s::bigint[]) ORDER BY 1", (list(order_ids),)
    )
    return [row[0] for row in rows]


class FreightOf(NamedTuple):
    """A shipment that left with its chosen carrier, and what was expected of its freight."""

    number: str
    carrier: str
    cost: Decimal
    billable_g: int
    zone: str


def chosen_carrier(order_ids: Sequence[int]) -> int:
    """The carrier that was chosen for most of some orders; 0 = none was. One query."""
    row = sql.fetch_one(
        """
        SELECT v.carrier_id FROM carriers_choiceorder x JOIN carriers_choice c ON c.id = x.choice_id
        JOIN parties_carrierservice v ON v.id = c.service_id
        WHERE x.is_latest AND x.order_id = ANY(%s::bigint[]) GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1
        """,
        (list(order_ids),),
    )
    return int(row[0]) if row else 0


def freight_of_orders(order_ids: Sequence[int]) -> list[FreightOf]:
    """What left of some orders with the carrier that was chosen for them, and lately with him. Two queries."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT h.number, p.code, c.cost, o.billable_g, o.zone
        FROM shipping_shipmentorder s JOIN shipping_shipment h ON h.id = s.shipment_id AND h.shipped_at IS NOT NULL
        JOIN carriers_choiceorder x ON x.order_id = s.order_id AND x.is_latest
        JOIN carriers_choice c ON c.id = x.choice_id
        JOIN carriers_choiceoption o ON o.choice_id = c.id AND o.is_chosen
        JOIN parties_carrierservice v ON v.id = c.service_id JOIN parties_party p ON p.id = v.carrier_id
        WHERE (s.order_id = ANY(%s::bigint[]) OR h.id > (SELECT max(id) - 600 FROM shipping_shipment))
          AND (h.carrier = p.name OR starts_with(h.carrier, p.name || ' ')) AND v.carrier_id = %s
        ORDER BY h.number LIMIT 9
        """,
        (list(order_ids), chosen_carrier(order_ids)),
    )
    return [FreightOf(*row) for row in rows]


def charges_of_nobody(invoice_id: int) -> list[int]:
    """The charges of an invoice of which we know no shipment. One query."""
    rows = sql.fetch_all(
        "SELECT id FROM freight_charge WHERE invoice_id = %s AND cause = 'not_ours' ORDER BY id", (invoice_id,)
    )
    return [row[0] for row in rows]


def totes_on_carts(order_ids: Sequence[int]) -> list[tuple[int, int]]:
    """The totes of orders that stand on lists at work: (list, tote). One query."""
    return [
        (row[0], row[1])
        for row in sql.fetch_all(
            """
            SELECT pick_list_id, tote_id FROM fulfilment_picklisttote
            WHERE order_id = ANY(%s::bigint[]) AND is_bound ORDER BY id
            """,
            (list(order_ids),),
        )
    ]


def largest_customers(limit: int) -> list[str]:
    """The codes of the customers with most order lines that still wait or are picked. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.code FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        JOIN parties_party p ON p.id = o.customer_id
        WHERE o.state IN ('confirmed', 'released') AND p.code <> 'COUNTER'
        GROUP BY p.code ORDER BY count(*) DESC, p.code LIMIT %s
        """,
        (limit,),
    )
    return [row[0] for row in rows]
