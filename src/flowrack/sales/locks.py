"""Row locks of sales, always in id order: lines before anything of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from flowrack.platform import sql
from flowrack.platform.sql import Asked
from flowrack.sales.types import FreePromise, LineCounts, LockedLine, OpenLine


def lines(line_ids: Sequence[int]) -> dict[int, tuple[int, LineCounts]]:
    """Order id and counts of the lines, locked. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id, order_id, units, allocated_units, released_units, picked_units, shipped_units, cancelled_units
        FROM sales_orderline WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
        """,
        (list(line_ids),),
    )
    return {row[0]: (row[1], LineCounts(*row[2:])) for row in rows}


def lines_of_order(order_id: int) -> dict[int, tuple[int, LineCounts]]:
    """Order id and counts of all lines of an order, locked. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id, order_id, units, allocated_units, released_units, picked_units, shipped_units, cancelled_units
        FROM sales_orderline WHERE order_id = %s ORDER BY id FOR NO KEY UPDATE
        """,
        (order_id,),
    )
    return {row[0]: (row[1], LineCounts(*row[2:])) for row in rows}


def orders(order_ids: Sequence[int]) -> list[LockedLine]:
    """The lines of orders with what later stages need to know of the order, lines locked. Two statements.

    Who waited here for somebody that adds a line would not see that line in the statement that waited: it is read once
    the lines are held.
    """
    sql.fetch_value(
        """
        SELECT count(*) FROM (
            SELECT FROM sales_orderline l WHERE l.order_id = ANY(%s::bigint[]) ORDER BY l.id FOR NO KEY UPDATE OF l
        ) AS held
        """,
        (list(order_ids),),
    )
    rows = sql.fetch_all(
        """
        SELECT o.id, o.number, o.site_id, o.state, o.policy, l.id, l.item_id, l.units, l.allocated_units,
               l.released_units, l.picked_units, l.shipped_units, l.cancelled_units, l.held_at_units IS NOT NULL,
               o.max_shipments IS NOT NULL OR o.min_shipment_value > 0 OR o.latest_on IS NOT NULL
        FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        WHERE o.id = ANY(%s::bigint[]) ORDER BY l.id FOR NO KEY UPDATE OF l
        """,
        (list(order_ids),),
    )
    return [_locked(row) for row in rows]


def _locked(row: tuple[Any, ...]) -> LockedLine:
    return LockedLine(row[0], row[1], row[2], row[3], row[4], row[5], row[6], LineCounts(*row[7:13]), row[13], row[14])


def promises(line_ids: Sequence[int]) -> list[FreePromise]:
    """What is promised to lines and reserved for no pick, newest first; its pools are locked. One statement.

    The ledger takes pools before cells, so whoever chooses cells for these units afterwards waits for nobody twice.
    """
    rows = sql.fetch_all(
        """
        SELECT w.id, p.item_id, p.lot_id, p.site_id, p.owner_id, c.units - coalesce(r.units, 0)::bigint, c.id
        FROM unnest(%s::bigint[]) AS w(id)
        JOIN ledger_commitment c ON c.ref = 'sales.line:' || w.id
        JOIN ledger_pool p ON p.id = c.pool_id
        LEFT JOIN LATERAL (
            SELECT sum(r.units) AS units FROM ledger_reservation r JOIN ledger_cell e ON e.id = r.cell_id
            WHERE r.ref = c.ref AND e.item_id = p.item_id AND e.lot_id = p.lot_id AND e.owner_id = p.owner_id
              AND e.site_id = p.site_id AND e.state IN ('reserve', 'forward_pick')
        ) AS r ON true
        ORDER BY p.id FOR NO KEY UPDATE OF p
        """,
        (list(line_ids),),
    )
    return [FreePromise(*row[:6]) for row in sorted(rows, key=lambda row: -row[6])]


_OPEN_LINES = """
    SELECT l.id, l.order_id, o.number, l.item_id, l.open_units, l.units, o.tier, o.ship_by_on, o.ordered_at,
           o.policy, o.min_life_days, l.lot_code, o.customer_id, l.line_no, 0::bigint, o.site_id, l.promised_on
    FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
    WHERE o.id = ANY(%s::bigint[]) AND o.site_id = %s AND o.state IN ('confirmed', 'released') AND l.open_units > 0
      AND l.held_at_units IS NULL
    ORDER BY l.id FOR NO KEY UPDATE OF l
"""
FEW_ORDERS = 200


def open_lines(site_id: int, order_ids: Sequence[int]) -> list[OpenLine]:
    """Lines that wait for stock, locked and in rank order; no order ids = all of the site. At most three statements.

    Held lines are left out. That a hold marks the line itself lets a run which waits for its lock see the hold.
    Many orders are read apart from their lines: on a database without statistics the planner would join them by
    looking at every order for every line.
    """
    if 0 < len(order_ids) <= FEW_ORDERS:
        return few_open_lines(site_id, order_ids, [])[0]
    rows = sql.fetch_all(
        """
        SELECT o.id FROM sales_order o
        WHERE o.site_id = %s AND o.state IN ('confirmed', 'released') AND (%s::boolean OR o.id = ANY(%s::bigint[]))
        """,
        (site_id, not order_ids, list(order_ids)),
    )
    lines = sql.fetch_all(
        """
        SELECT id, order_id, item_id, open_units, units, lot_code, line_no, 0::bigint, promised_on FROM sales_orderline
        WHERE order_id = ANY(%s::bigint[]) AND open_units > 0 AND held_at_units IS NULL ORDER BY id FOR NO KEY UPDATE
        """,
        ([row[0] for row in rows],),
    )
    return _with_orders(lines, [site_id])


def few_open_lines(
    site_id: int, order_ids: Sequence[int], beside: Sequence[Asked]
) -> tuple[list[OpenLine], list[list[tuple[Any, ...]]]]:
    """Those of few orders, and what else is asked behind their locks. One message.

    Who waits for a line reads that line again and not its order: one that moved whole to another site meanwhile would
    be seen where it was. So the sites of the orders are read once more.
    """
    rows, at, *others = sql.fetch_together(
        [
            (_OPEN_LINES, (list(order_ids), site_id)),
            ("SELECT id, site_id FROM sales_order WHERE id = ANY(%s::bigint[])", (list(order_ids),)),
            *beside,
        ]
    )
    return _ranked(_of_their_sites([OpenLine(*row) for row in rows], dict(at))), others


def _of_their_sites(lines: list[OpenLine], sites: dict[int, int]) -> list[OpenLine]:
    """The lines whose order is still of the site at which it was read."""
    return [line for line in lines if sites[line.order_id] == line.site_id]


_RANK = attrgetter("tier", "ship_by_on", "ordered_at", "order_id", "line_no")


def _ranked(lines: list[OpenLine]) -> list[OpenLine]:
    return sorted(lines, key=_RANK)


def _with_orders(lines: Sequence[tuple[Any, ...]], site_ids: Sequence[int]) -> list[OpenLine]:
    """Locked lines with their orders, which are read behind the locks, in rank order; those of no open order of the
    sites are left out. One statement.

    Who waits for a line reads that line again and nothing else: an order that was read before might have moved whole to
    another site meanwhile.
    """
    rows = sql.fetch_all(
        """
        SELECT o.id, o.number, o.tier, o.ship_by_on, o.ordered_at, o.policy, o.min_life_days, o.customer_id, o.site_id
        FROM sales_order o
        WHERE o.id = ANY(%s::bigint[]) AND o.site_id = ANY(%s::bigint[]) AND o.state IN ('confirmed', 'released')
        """,
        (sorted({line[1] for line in lines}), list(site_ids)),
    )
    heads = {row[0]: row for row in rows}
    found = []
    for line_id, order_id, item_id, open_units, units, lot, line_no, promised, promised_on in lines:
        head = heads.get(order_id)
        if head is not None:
            _, number, tier, ship_by_on, ordered_at, policy, life, customer, site_id = head
            found.append(
                OpenLine(line_id, order_id, number, item_id, open_units, units, tier, ship_by_on, ordered_at, policy,
                         life, lot, customer, line_no, promised, site_id, promised_on)
            )  # fmt: skip
    return _ranked(found)


def lines_of_items(site_ids: Sequence[int], item_ids: Sequence[int], *, with_promised: bool) -> list[OpenLine]:
    """Lines of sites that wait for items, locked and in rank order; `with_promised`, also those that are promised units
    which no picker has. Held lines are left out. Three statements.

    Each order is looked up by its id, and its site and state are looked at behind that: without statistics the planner
    would rather read all open orders of the site for each line.
    """
    promised = " OR l.allocated_units > l.released_units" if with_promised else ""
    rows = sql.fetch_all(
        f"""
        SELECT l.id
        FROM unnest(%s::bigint[]) AS w(item_id)
        CROSS JOIN LATERAL (
            SELECT l.id, l.order_id FROM sales_orderline l
            WHERE l.item_id = w.item_id AND (l.open_units > 0{promised}) OFFSET 0
        ) AS l
        CROSS JOIN LATERAL (SELECT o.site_id, o.state FROM sales_order o WHERE o.id = l.order_id OFFSET 0) AS o
        WHERE o.site_id = ANY(%s::bigint[]) AND o.state IN ('confirmed', 'released')
        """,  # noqa: S608 - our own text
        (list(item_ids), list(site_ids)),
    )
    lines = sql.fetch_all(
        """
        SELECT id, order_id, item_id, open_units, units, lot_code, line_no,
               CASE WHEN %s::boolean THEN allocated_units - released_units ELSE 0 END, promised_on
        FROM sales_orderline
        WHERE id = ANY(%s::bigint[]) AND held_at_units IS NULL
          AND (open_units > 0 OR (%s::boolean AND allocated_units > released_units))
        ORDER BY id FOR NO KEY UPDATE
        """,
        (with_promised, [row[0] for row in rows], with_promised),
    )
    return _with_orders(lines, site_ids)


def still_open(line_ids: Sequence[int]) -> dict[int, int]:
    """Units that lines wait for, locked; those that are held or wait for nothing are left out. One statement."""
    return dict(
        sql.fetch_all(
            """
            SELECT l.id, l.open_units FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
            WHERE l.id = ANY(%s::bigint[]) AND l.held_at_units IS NULL AND l.open_units > 0
              AND o.state IN ('confirmed', 'released')
            ORDER BY l.id FOR NO KEY UPDATE OF l
            """,
            (list(line_ids),),
        )
    )


def orders_wanted_from(site_id: int, day: date) -> list[int]:
    """Open orders of a site that are wanted from a day on, locked. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id FROM sales_order
        WHERE site_id = %s AND state IN ('confirmed', 'released') AND requested_on >= %s
        ORDER BY id FOR NO KEY UPDATE
        """,
        (site_id, day),
    )
    return [row[0] for row in rows]
