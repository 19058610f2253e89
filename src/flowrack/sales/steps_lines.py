"""Adding lines to an order that stands already."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql
from flowrack.sales import rules_limits
from flowrack.sales.rules_changes import day
from flowrack.sales.rules_limits import Age
from flowrack.sales.steps_changes import Head
from flowrack.sales.steps_entry import EntryLine
from flowrack.sales.types_changes import AddedLine
from flowrack.shared.errors import BadLine


def too_old(head: Head) -> list[BadLine]:
    """Why nothing can be added to an order any more: by its days, what is new would be cancelled at once."""
    age = Age(head.requested_on, head.latest_on, head.latest_ship_on, head.cancel_after_days, head.today, head.policy)
    found = rules_limits.judge_age(age)
    if found is None:
        return []
    fix = "Change the days of the order first, or enter a new order."
    if head.latest_ship_on is None or head.today <= head.latest_ship_on:
        fix = f"Ask for a wanted day after {day(head.requested_on)} first, or enter a new order."
    return [BadLine(0, "lines", f"{found.sentence} What is added would be cancelled at once.", fix)]


def insert(order_id: int, lines: Sequence[EntryLine]) -> list[AddedLine]:
    """New lines behind the last of an order, whose lines the caller has locked. One statement."""
    rows = sql.fetch_all(
        """
        WITH made AS (
            INSERT INTO sales_orderline (order_id, line_no, item_id, units, allocated_units, released_units,
                                         picked_units, shipped_units, cancelled_units, unit_price, unit_cost, lot_code)
            SELECT %(order)s, t.line_no + n.place, n.item_id, n.units, 0, 0, 0, 0, 0, n.unit_price, n.unit_cost, n.lot
            FROM (SELECT max(line_no) AS line_no FROM sales_orderline WHERE order_id = %(order)s) AS t
            CROSS JOIN unnest(%(items)s::bigint[], %(units)s::bigint[], %(prices)s::numeric[], %(costs)s::numeric[],
                              %(lots)s::text[]) WITH ORDINALITY
                 AS n(item_id, units, unit_price, unit_cost, lot, place)
            ORDER BY n.place RETURNING id, line_no, item_id, units, unit_price
        )
        SELECT m.id, m.line_no, i.sku, m.units, m.unit_price
        FROM made m JOIN catalog_item i ON i.id = m.item_id ORDER BY m.line_no
        """,
        {
            "order": order_id,
            "items": [line.item_id for line in lines],
            "units": [line.units for line in lines],
            "prices": [line.unit_price for line in lines],
            "costs": [line.unit_cost for line in lines],
            "lots": [line.lot for line in lines],
        },
    )
    return [AddedLine(*row) for row in rows]
