"""What people call the records behind moves: order, pick, receipt, putaway, count, return, transfer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flowrack.platform import sql

# The origins and demands of moves that belong to the document of a number: the way back from `named`. One value.
OF_NUMBER = """
    WITH asked AS MATERIALIZED (SELECT %s::text AS number), orders AS MATERIALIZED (
        SELECT o.id FROM asked JOIN sales_order o ON o.number = asked.number
    ), receipts AS MATERIALIZED (
        SELECT r.id FROM asked JOIN inbound_receipt r ON r.number = asked.number
        UNION
        SELECT l.receipt_id FROM asked JOIN purchasing_po p ON p.number = asked.number
        JOIN purchasing_poline pl ON pl.po_id = p.id JOIN inbound_receiptline l ON l.po_line_id = pl.id
    ), rmas AS MATERIALIZED (
        SELECT l.id FROM asked JOIN returns_rma r ON r.number = asked.number JOIN returns_rmaline l ON l.rma_id = r.id
    )
    SELECT 'sales.order:' || id AS origin FROM orders
    UNION ALL SELECT 'sales.line:' || l.id FROM orders JOIN sales_orderline l ON l.order_id = orders.id
    UNION ALL SELECT 'fulfilment.pick:' || p.id FROM orders JOIN fulfilment_pickline p ON p.order_id = orders.id
    UNION ALL SELECT 'inbound.receipt:' || id FROM receipts
    UNION ALL SELECT 'storage.planned_move:' || m.id
    FROM receipts JOIN inbound_receiptline l ON l.receipt_id = receipts.id
    JOIN storage_plannedmove m ON m.origin = 'inbound.line:' || l.id
    UNION ALL SELECT 'storage.transfer:' || t.id FROM asked JOIN storage_transfer t ON t.number = asked.number
    UNION ALL SELECT 'counting.variance:' || v.id
    FROM asked JOIN counting_counttask t ON t.number = asked.number JOIN counting_variance v ON v.task_id = t.id
    UNION ALL SELECT 'returns.line:' || id FROM rmas
    UNION ALL SELECT 'returns.lot:' || t.id FROM rmas JOIN returns_returnedlot t ON t.line_id = rmas.id
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A record in people's words, and the name and id of its page."""

    words: str
    page: str
    record_id: int


def named(origins: Iterable[str]) -> dict[str, Named]:
    """Words and pages of the records behind origins such as sales.order:991; unknown ones are left out. One query."""
    rows = sql.fetch_all(
        """
        WITH w AS MATERIALIZED (
            SELECT DISTINCT o AS origin, split_part(o, ':', 1) AS kind,
                   substring(o FROM ':([0-9]{1,18})$')::bigint AS id
            FROM unnest(%s::text[]) AS o
        )
        SELECT w.origin, o.number, 'sales_order', o.id FROM w JOIN sales_order o ON o.id = w.id
        WHERE w.kind = 'sales.order'
        UNION ALL
        SELECT w.origin, 'Pick for ' || o.number, 'sales_order', o.id
        FROM w JOIN fulfilment_pickline p ON p.id = w.id JOIN sales_order o ON o.id = p.order_id
        WHERE w.kind = 'fulfilment.pick'
        UNION ALL
        SELECT w.origin, r.number, 'inbound_receipt', r.id FROM w JOIN inbound_receipt r ON r.id = w.id
        WHERE w.kind = 'inbound.receipt'
        UNION ALL
        SELECT w.origin, initcap(m.kind) || ' ' || m.id, 'storage_putaway', m.id
        FROM w JOIN storage_plannedmove m ON m.id = w.id WHERE w.kind = 'storage.planned_move'
        UNION ALL
        SELECT w.origin, t.number, 'storage_transfer', t.id FROM w JOIN storage_transfer t ON t.id = w.id
        WHERE w.kind = 'storage.transfer'
        UNION ALL
        SELECT w.origin, t.number, 'counting_count', t.id
        FROM w JOIN counting_variance v ON v.id = w.id JOIN counting_counttask t ON t.id = v.task_id
        WHERE w.kind = 'counting.variance'
        UNION ALL
        SELECT w.origin, r.number, 'returns_rma', r.id
        FROM w JOIN returns_rmaline l ON l.id = w.id JOIN returns_rma r ON r.id = l.rma_id
        WHERE w.kind = 'returns.line'
        UNION ALL
        SELECT w.origin, r.number, 'returns_rma', r.id
        FROM w JOIN returns_returnedlot t ON t.id = w.id JOIN returns_rmaline l ON l.id = t.line_id
        JOIN returns_rma r ON r.id = l.rma_id WHERE w.kind = 'returns.lot'
        UNION ALL
        SELECT w.origin, 'At ' || l.code, '', l.id FROM w JOIN locations_location l ON l.id = w.id
        WHERE w.kind = 'locations.location'
        UNION ALL
        SELECT w.origin, s.number, 'shipment', s.id FROM w JOIN shipping_shipment s ON s.number = w.origin
        """,
        (sorted(set(origins)),),
    )
    return {row[0]: Named(*row[1:]) for row in rows}
