"""Which lots customers have: kept as goods leave, for the lot rules of their later orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flowrack.platform import sql


def note_delivered(left: Iterable[tuple[int, int, int]], *, at: datetime) -> None:
    """Goods of (order line, item, lot) have left. One statement, and none where nothing had a lot."""
    rows = sorted({row for row in left if row[2]})
    if not rows:
        return
    sql.execute(
        """
        INSERT INTO sales_deliveredlot AS d (customer_id, item_id, lot_id, last_at)
        SELECT o.customer_id, w.item_id, w.lot_id, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS w(line_id, item_id, lot_id)
        JOIN sales_orderline l ON l.id = w.line_id JOIN sales_order o ON o.id = l.order_id
        GROUP BY o.customer_id, w.item_id, w.lot_id ORDER BY 1, 2, 3
        ON CONFLICT (customer_id, item_id, lot_id) DO UPDATE SET last_at = greatest(d.last_at, excluded.last_at)
        """,
        (at, *(list(column) for column in zip(*rows, strict=True))),
    )
