"""Row locks of shipping: the shipment before order lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class LockedShipment:
    """A shipment with its orders."""

    shipment_id: int
    number: str
    site_id: int
    state: str
    carrier: str
    tracking: str
    order_ids: list[int]


def shipments(shipment_ids: Sequence[int]) -> dict[int, LockedShipment]:
    """Shipments by id, locked. One statement."""
    rows = sql.fetch_all(
        """
        WITH held AS MATERIALIZED (
            SELECT id, number, site_id, state, carrier, tracking FROM shipping_shipment
            WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
        )
        SELECT held.*, ARRAY(SELECT o.order_id FROM shipping_shipmentorder o WHERE o.shipment_id = held.id
                             ORDER BY o.order_id)
        FROM held
        """,
        (list(shipment_ids),),
    )
    return {row[0]: LockedShipment(*row) for row in rows}


def bookings(booking_ids: Sequence[int]) -> None:
    """Bookings with carriers' systems, in order of id. One statement."""
    sql.fetch_all(
        "SELECT id FROM carriers_booking WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        (sorted(set(booking_ids)),),
    )
