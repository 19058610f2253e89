"""Reads of orders that a truck or a prepared shipment waits for before anything of them is in picking."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql
from flowrack.promise.queries_sites import register_keeper


def planned(order_ids: Sequence[int]) -> dict[int, str]:
    """Orders of which nothing is in picking, picked or gone and that a truck or a shipment waits for, with the reason
    why they stay at their site. What waits of an order in picking may go: the truck takes what is picked. One query."""
    return dict(
        sql.fetch_all(
            """
            SELECT w.id, CASE WHEN t.number <> '' THEN 'it is planned on ' || t.number
                              ELSE 'it waits on ' || s.number || ', which is prepared' END
            FROM unnest(%s::bigint[]) AS w(id)
            LEFT JOIN LATERAL (
                SELECT d.number FROM shipping_loadorder x JOIN shipping_load d ON d.id = x.load_id
                WHERE x.order_id = w.id AND x.is_live
            ) AS t ON true
            LEFT JOIN LATERAL (
                SELECT h.number FROM shipping_shipmentorder x JOIN shipping_shipment h ON h.id = x.shipment_id
                WHERE x.order_id = w.id AND x.is_waiting
            ) AS s ON true
            WHERE (t.number <> '' OR s.number <> '')
              AND NOT EXISTS (SELECT FROM sales_orderline l WHERE l.order_id = w.id
                              AND (l.released_units > 0 OR l.picked_units > 0 OR l.shipped_units > 0))
            """,
            (list(order_ids),),
        )
    )


register_keeper(planned)
