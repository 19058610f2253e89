"""Reads of runs: open lines by item, the pools with what may be moved, what was stored, and lists for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.allocation.rules import Pool
from flowrack.allocation.rules_decide import Holding
from flowrack.platform import sql
from flowrack.sales import queries_open as open_lines
from flowrack.sales.types import OpenLine

MOST_LINES = 4_000  # of a part: a scanner that wants one of its rows waits a fraction of a second


def open_items(site_ids: Sequence[int]) -> list[tuple[int, int]]:
    """(Item, open lines) for every item that lines of sites wait for. One query."""
    return [
        (row[0], row[1])
        for row in sql.fetch_all(
            """
            SELECT l.item_id, count(*) FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
            WHERE l.open_units > 0 AND l.held_at_units IS NULL AND o.state IN ('confirmed', 'released')
              AND o.site_id = ANY(%s::bigint[])
            GROUP BY 1 ORDER BY 1
            """,
            (list(site_ids),),
        )
    ]


def claimed_items(site_id: int) -> list[tuple[int, int]]:
    """(Item, lines) for every item that lines of a site wait for or hold unpicked promises of. One query."""
    return [
        (row[0], row[1])
        for row in sql.fetch_all(
            """
            SELECT l.item_id, count(*) FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
            WHERE o.site_id = %s AND o.state IN ('confirmed', 'released') AND l.held_at_units IS NULL
              AND (l.open_units > 0 OR l.allocated_units > l.released_units)
            GROUP BY 1 ORDER BY 1
            """,
            (site_id,),
        )
    ]


def tied_items(site_ids: Sequence[int]) -> list[list[int]]:
    """The items of each complete order of sites that waits for several. One query."""
    return [
        row[0]
        for row in sql.fetch_all(
            """
            SELECT array_agg(l.item_id ORDER BY l.item_id)
            FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
            WHERE l.open_units > 0 AND l.held_at_units IS NULL AND o.state IN ('confirmed', 'released')
              AND o.policy = 'complete' AND o.site_id = ANY(%s::bigint[])
            GROUP BY o.id HAVING count(DISTINCT l.item_id) > 1 ORDER BY o.id
            """,
            (list(site_ids),),
        )
    ]


def all_pools(item_ids: Sequence[int], site_id: int) -> list[Pool]:
    """Our own pools of items with units that can be promised or are. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.id, p.item_id, p.lot_id, CASE WHEN p.lot_id = 0 THEN '' ELSE t.code END, t.expires_on,
               (extract(epoch FROM p.arrived_at) * 1000000)::bigint, p.reserve + p.forward_pick - p.committed,
               greatest(p.forward_pick - p.committed, 0)
        FROM unnest(%s::bigint[]) AS w(item_id)
        JOIN ledger_pool p ON p.item_id = w.item_id AND p.site_id = %s AND p.owner_id = 1
        JOIN catalog_lot t ON t.id = p.lot_id
        WHERE p.reserve + p.forward_pick > 0
        """,
        (list(item_ids), site_id),
    )
    return [Pool(*row) for row in rows]


def holdings_of(line_ids: Sequence[int], site_id: int) -> list[Holding]:
    """What lines are promised of our own pools at the site and no picker has, without what a person gave them by hand
    until a day that has not come: no run moves that. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.id, p.id, (c.units - coalesce(r.units, 0) - g.units)::bigint
        FROM unnest(%s::bigint[]) AS w(id)
        JOIN ledger_commitment c ON c.ref = 'sales.line:' || w.id
        JOIN ledger_pool p ON p.id = c.pool_id AND p.site_id = %s AND p.owner_id = 1
        LEFT JOIN LATERAL (
            SELECT sum(r.units) AS units FROM ledger_reservation r JOIN ledger_cell e ON e.id = r.cell_id
            WHERE r.ref = c.ref AND e.item_id = p.item_id AND e.lot_id = p.lot_id AND e.owner_id = p.owner_id
              AND e.site_id = p.site_id AND e.state IN ('reserve', 'forward_pick')
        ) AS r ON true
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(x.units), 0) AS units FROM allocation_overrideline x
            JOIN allocation_override v ON v.id = x.override_id AND v.ended_at IS NULL AND v.kind = 'given'
            WHERE x.order_line_id = w.id AND x.lot_id = p.lot_id AND x.units > 0
        ) AS g
        WHERE c.units > coalesce(r.units, 0) + g.units ORDER BY w.id, p.id
        """,
        (list(line_ids), site_id),
    )
    return [Holding(*row) for row in rows]


def site_of(run_id: int) -> int | None:
    """The site of a run, 0 = every site; None when there is no such run. One query."""
    found: int | None = sql.fetch_value("SELECT coalesce(site_id, 0) FROM allocation_run WHERE id = %s", (run_id,))
    return found


def sites_of_run(run_id: int) -> list[int]:
    """The site of a run, or every site. One query."""
    return [
        row[0]
        for row in sql.fetch_all(
            """
            SELECT s.id FROM allocation_run r JOIN locations_site s ON s.id = r.site_id OR r.site_id IS NULL
            WHERE r.id = %s ORDER BY s.id
            """,
            (run_id,),
        )
    ]


def open_lines_of(order_ids: Sequence[int]) -> dict[int, int]:
    """How many lines of each order wait for stock and are not held. One query."""
    return dict(
        sql.fetch_all(
            """
            SELECT order_id, count(*) FROM sales_orderline
            WHERE order_id = ANY(%s::bigint[]) AND open_units > 0 AND held_at_units IS NULL GROUP BY 1
            """,
            (list(order_ids),),
        )
    )


def whole_orders(lines: Sequence[OpenLine]) -> tuple[list[OpenLine], list[OpenLine]]:
    """The lines without those of complete orders of which other lines wait, too: they are decided all together or not
    at all; and these. One query where there are complete orders."""
    of_order: dict[int, int] = {}
    for line in lines:
        if line.policy == "complete" and line.units:
            of_order[line.order_id] = of_order.get(line.order_id, 0) + 1
    if not of_order:
        return list(lines), []
    in_all = open_lines_of(sorted(of_order))
    torn = {order_id for order_id, count in of_order.items() if in_all.get(order_id, 0) != count}
    whole: list[OpenLine] = []
    others: list[OpenLine] = []
    for line in lines:
        (others if line.order_id in torn else whole).append(line)
    return whole, others


def waiting_for(
    site_id: int, item_ids: Sequence[int], *, with_promised: bool = False
) -> tuple[list[OpenLine], list[OpenLine]]:
    """Who waits for items, and for the other items of their complete orders; and who waits, but is not decided. Three
    queries at most."""
    lines = open_lines.lines_waiting(site_id, item_ids, with_promised=with_promised)
    complete = sorted({line.order_id for line in lines if line.policy == "complete" and line.units})
    if complete:
        others = open_lines.items_waited_for(complete)
        if not others <= set(item_ids):
            wanted = sorted({*item_ids, *others})
            lines = open_lines.lines_waiting(site_id, wanted, with_promised=with_promised)
    return whole_orders(lines)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A full run in a list."""

    id: int
    site: str
    state: str
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    parts: int
    lines: int
    job_id: int


def runs(site_ids: frozenset[int], *, limit: int = 200) -> list[RunRow]:
    """Full runs at sites (0 = all), the newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT r.id, coalesce(s.code, 'every site'),
               CASE WHEN r.finished_at IS NOT NULL THEN 'done' ELSE coalesce(j.state, 'queued') END,
               coalesce(nullif(u.full_name, ''), u.username), r.started_at, r.finished_at,
               coalesce(c.parts, 0), coalesce(c.lines, 0), r.job_id
        FROM allocation_run r JOIN platform_user u ON u.id = r.started_by_id
        LEFT JOIN locations_site s ON s.id = r.site_id LEFT JOIN platform_job j ON j.id = r.job_id
        LEFT JOIN LATERAL (
            SELECT count(*) AS parts, sum(lines)::bigint AS lines FROM allocation_certificate WHERE run_id = r.id
        ) AS c ON true
        WHERE r.site_id IS NULL OR 0 = ANY(%(sites)s::bigint[]) OR r.site_id = ANY(%(sites)s::bigint[])
        ORDER BY r.id DESC LIMIT %(limit)s
        """,
        {"sites": sorted(site_ids), "limit": limit},
    )
    return [RunRow(*row) for row in rows]
