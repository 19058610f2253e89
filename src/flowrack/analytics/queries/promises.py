"""Promises of order lines against what left: one row a line, from which the measures are counted.

A line is kept when all its units that the customer still wants left by the end of the day that was promised, by the
clock of its site. The first promise is the one told at entry, the latest the one told last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

PROMISES = """
    SELECT l.id, o.id AS order_id, o.number, c.name AS customer, o.tier, o.site_id, site.code AS site, i.sku,
           (l.units - l.cancelled_units)::bigint AS units, coalesce(s.sent, 0)::bigint AS sent, p.first_ships_on,
           p.ships_on AS latest_ships_on, CASE WHEN s.sent >= l.units - l.cancelled_units THEN s.on END AS left_on,
           coalesce(s.sent >= l.units - l.cancelled_units AND s.on <= p.first_ships_on, false) AS kept_first,
           coalesce(s.sent >= l.units - l.cancelled_units AND s.on <= p.ships_on, false) AS kept_latest,
           p.ships_on > p.first_ships_on AS has_moved
    FROM promise_linepromise p
    JOIN sales_orderline l ON l.id = p.line_id AND l.units > l.cancelled_units
    JOIN sales_order o ON o.id = l.order_id JOIN parties_party c ON c.id = o.customer_id
    JOIN locations_site site ON site.id = o.site_id JOIN catalog_item i ON i.id = l.item_id
    LEFT JOIN LATERAL (
        SELECT sum(x.units) AS sent, (max(h.shipped_at) AT TIME ZONE site.timezone)::date AS on
        FROM shipping_shipmentline x JOIN shipping_shipment h ON h.id = x.shipment_id AND h.shipped_at IS NOT NULL
        WHERE x.order_line_id = l.id
    ) AS s ON true
"""


def kept(site_id: int, periods: Sequence[tuple[date, date]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """(kept, promised) lines by their first promise, and by their latest, for days in each period. One query."""
    starts, ends = [start for start, _ in periods], [end for _, end in periods]
    rows = sql.fetch_all(
        f"""
        WITH period AS (
            SELECT * FROM unnest(%(starts)s::date[], %(ends)s::date[]) WITH ORDINALITY AS p(since, until, n)
        ), line AS MATERIALIZED (
            {PROMISES}
            WHERE (p.first_ships_on BETWEEN %(first)s AND %(last)s OR p.ships_on BETWEEN %(first)s AND %(last)s)
              AND (%(site)s = 0 OR o.site_id = %(site)s)
        )
        SELECT count(*) FILTER (WHERE x.kept_first AND x.first_ships_on BETWEEN p.since AND p.until),
               count(*) FILTER (WHERE x.first_ships_on BETWEEN p.since AND p.until),
               count(*) FILTER (WHERE x.kept_latest AND x.latest_ships_on BETWEEN p.since AND p.until),
               count(*) FILTER (WHERE x.latest_ships_on BETWEEN p.since AND p.until)
        FROM period p LEFT JOIN line x ON true GROUP BY p.n ORDER BY p.n
        """,  # noqa: S608 - our own text
        {"starts": starts, "ends": ends, "first": min(starts), "last": max(ends), "site": site_id},
    )
    return [((row[0], row[1]), (row[2], row[3])) for row in rows]


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A promised line in the list behind the measures."""

    id: int
    order_id: int
    number: str
    customer: str
    tier: str
    site_id: int
    site: str
    sku: str
    units: int
    sent: int
    first_ships_on: date
    latest_ships_on: date
    left_on: date | None
    verdict: str


def promise_page(query: ListQuery) -> Page[PromiseRow]:
    """The promised lines behind the measures. Two queries."""
    return sql_page(
        query,
        PromiseRow,
        f"""
        SELECT x.id, x.order_id, x.number, x.customer, x.tier, x.site_id, x.site, x.sku, x.units, x.sent,
               x.first_ships_on, x.latest_ships_on, x.left_on,
               CASE WHEN x.kept_first THEN 'kept' WHEN x.kept_latest THEN 'kept as moved'
                    WHEN x.left_on IS NOT NULL THEN 'broken' ELSE 'not left yet' END AS verdict
        FROM ({PROMISES}) AS x
        """,  # noqa: S608 - our own text
        [],
        search=("number", "customer", "sku"),
        totals={"units": "sum(units)", "sent": "sum(sent)"},
        site_column="site_id",
    )
