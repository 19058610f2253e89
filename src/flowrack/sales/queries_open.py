"""Reads of lines that wait for stock, without locks: for what is served as it becomes free, and for trials."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.platform import sql
from flowrack.sales.types import OpenLine


def lines_waiting(site_id: int, item_ids: Sequence[int], *, with_promised: bool = False) -> list[OpenLine]:
    """Lines of a site that wait for items, in rank order; `with_promised`, also those that hold promises of them which
    no picker has. Held lines are left out. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT l.id, l.order_id, o.number, l.item_id, l.open_units, l.units, o.tier, o.ship_by_on, o.ordered_at,
               o.policy, o.min_life_days, l.lot_code, o.customer_id, l.line_no, l.promised, o.site_id, l.promised_on
        FROM unnest(%s::bigint[]) AS w(item_id)
        CROSS JOIN LATERAL (
            SELECT l.id, l.order_id, l.item_id, l.open_units, l.units, l.lot_code, l.line_no, l.promised_on,
                   {PROMISED if with_promised else "0::bigint"} AS promised
            FROM sales_orderline l
            WHERE l.item_id = w.item_id AND l.held_at_units IS NULL
              AND (l.open_units > 0{f" OR {PROMISED} > 0" if with_promised else ""}) OFFSET 0
        ) AS l
        CROSS JOIN LATERAL (
            SELECT o.number, o.tier, o.ship_by_on, o.ordered_at, o.policy, o.min_life_days, o.customer_id, o.site_id,
                   o.state
            FROM sales_order o WHERE o.id = l.order_id OFFSET 0
        ) AS o
        WHERE o.site_id = %s AND o.state IN ('confirmed', 'released')
        """,  # noqa: S608 - our own text
        (list(item_ids), site_id),
    )
    return sorted((OpenLine(*row) for row in rows), key=_rank)


PROMISED = "(l.allocated_units - l.released_units)"


def _rank(line: OpenLine) -> tuple[object, ...]:
    return (line.tier, line.ship_by_on, line.ordered_at, line.order_id, line.line_no)


def items_waited_for(order_ids: Sequence[int]) -> set[int]:
    """Items that lines of orders wait for. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT item_id FROM sales_orderline
        WHERE order_id = ANY(%s::bigint[]) AND open_units > 0 AND held_at_units IS NULL
        """,
        (list(order_ids),),
    )
    return {row[0] for row in rows}


def prices_of(line_ids: Sequence[int]) -> dict[int, Decimal]:
    """The unit price of each line. One query."""
    return dict(
        sql.fetch_all("SELECT id, unit_price FROM sales_orderline WHERE id = ANY(%s::bigint[])", (list(line_ids),))
    )
