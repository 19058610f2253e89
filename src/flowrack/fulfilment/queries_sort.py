"""Reads for sorting: what a tote of several orders still holds, and in which tote each order's goods stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class UnsortedRow:
    """Units of one order line and lot in a tote."""

    line_id: int
    order_id: int
    order: str
    customer: str
    item_id: int
    sku: str
    name: str
    base_uom: str
    lot_id: int
    lot: str
    units: int
    site_id: int


def unsorted(tote_id: int) -> list[UnsortedRow]:
    """What a tote holds for orders, the first to leave first. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, o.id, o.number, p.name, i.id, i.sku, i.name, i.base_uom, t.id, t.code, r.units, e.site_id
        FROM ledger_cell e JOIN ledger_reservation r ON r.cell_id = e.id AND r.ref LIKE 'sales.line:%%'
        JOIN sales_orderline l ON l.id = substr(r.ref, 12)::bigint JOIN sales_order o ON o.id = l.order_id
        JOIN parties_party p ON p.id = o.customer_id JOIN catalog_item i ON i.id = e.item_id
        JOIN catalog_lot t ON t.id = e.lot_id
        WHERE e.lpn_id = %s AND e.lpn_id <> 0 AND e.state = 'staged' AND r.units > 0
        ORDER BY o.ship_by_on, o.id, l.line_no, t.code, e.id
        """,
        (tote_id,),
    )
    return [UnsortedRow(*row) for row in rows]


def is_of_batch(tote_id: int) -> bool:
    """Whether the tote took the goods of a list that is sorted afterwards. One query."""
    return bool(
        sql.fetch_value(
            "SELECT EXISTS (SELECT FROM fulfilment_picklisttote WHERE tote_id = %s AND order_id IS NULL)", (tote_id,)
        )
    )


def wall(order_ids: Sequence[int], *, beside: int) -> dict[int, tuple[int, str]]:
    """The tote into which each order's goods are sorted, where one was begun: it stands beside the tote. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT ON (l.order_id) l.order_id, n.id, n.code
        FROM sales_orderline l JOIN ledger_reservation r ON r.ref = 'sales.line:' || l.id
        JOIN ledger_cell e ON e.id = r.cell_id AND e.state = 'staged' AND e.on_hand > 0
        JOIN locations_lpn n ON n.id = e.lpn_id AND n.id > 0 AND n.closed_at IS NULL
        WHERE l.order_id = ANY(%(orders)s::bigint[]) AND n.id <> %(tote)s
          AND e.location_id IN (SELECT s.location_id FROM ledger_cell s WHERE s.lpn_id = %(tote)s)
          AND NOT EXISTS (SELECT FROM fulfilment_carton k WHERE k.lpn_id = n.id AND k.state = 'packed')
          AND NOT EXISTS (SELECT FROM fulfilment_picklisttote x
                          WHERE x.tote_id = n.id AND (x.is_bound OR x.order_id IS NULL))
        ORDER BY l.order_id, e.id DESC
        """,
        {"orders": list(order_ids), "tote": beside},
    )
    return {row[0]: (row[1], row[2]) for row in rows}
