"""Reads of lots that customers had before: what their lot rules look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flowrack.platform import sql


class LotWish(NamedTuple):
    """A line's lot rule with the lots that its customer had of the item, the last one first.

    `same`: the first of them goes before others; `new`: none of them will do.
    """

    rule: str
    lots: tuple[int, ...]


def lots_not_wanted(order_id: int, item_ids: Sequence[int]) -> frozenset[int]:
    """Lots of items that an order's customer had and does not take twice; none where he takes any. One query."""
    rows = sql.fetch_all(
        """
        SELECT d.lot_id FROM sales_order o
        JOIN sales_deliveredlot d ON d.customer_id = o.customer_id AND d.item_id = ANY(%s::bigint[])
        WHERE o.id = %s AND o.lot_rule = 'new'
        """,
        (list(item_ids), order_id),
    )
    return frozenset(row[0] for row in rows)


def lot_wishes(site_id: int, item_ids: Sequence[int]) -> dict[int, LotWish]:
    """By open line: only lines of customers who have a lot rule and had a lot of the item. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, o.lot_rule, d.lots
        FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id AND l.item_id = ANY(%s::bigint[])
        CROSS JOIN LATERAL (
            SELECT array_agg(d.lot_id ORDER BY d.last_at DESC, d.lot_id DESC) AS lots FROM sales_deliveredlot d
            WHERE d.customer_id = o.customer_id AND d.item_id = l.item_id
        ) AS d
        WHERE o.site_id = %s AND o.lot_rule <> 'any' AND o.state IN ('confirmed', 'released') AND d.lots IS NOT NULL
        """,
        (list(item_ids), site_id),
    )
    return {row[0]: LotWish(row[1], tuple(row[2])) for row in rows}
