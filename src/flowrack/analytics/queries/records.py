"""What people call the records behind moves: order, pick, receipt, putaway, count, return, transfer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flowrack.platform import sql


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
