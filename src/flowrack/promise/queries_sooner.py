"""Lines that wait and were promised a later day than they should leave on: they could use what comes sooner."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.platform import sql

MOST = 300  # lines, the best rank first


@dataclass(frozen=True, slots=True)
class LateLine:
    """A line that waits for a promised day that is to come, and is after the one on which it should have left."""

    id: int
    order_id: int
    order: str
    site_id: int
    site: str
    tier: str
    customer: str
    sku: str
    units: int
    ship_by_on: date
    promised_on: date


@dataclass(frozen=True, slots=True)
class SoonerLine(LateLine):
    """The same with the day on which it can leave as things stand, and how many days sooner that is."""

    can_ship_on: date
    days: int


_LATE = """
    o.state IN ('confirmed', 'released') AND o.policy <> 'complete' AND l.open_units > 0
    AND l.held_at_units IS NULL AND l.promised_on > o.ship_by_on
    AND l.promised_on > (%(now)s::timestamptz AT TIME ZONE s.timezone)::date
"""


def late_beside(pairs: Sequence[tuple[int, int]], now: datetime) -> list[int]:
    """Those of them that wait for some items at some sites: at most 300, the best rank first. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT l.id FROM unnest(%(items)s::bigint[], %(sites)s::bigint[]) AS w(item, site)
        JOIN sales_orderline l ON l.item_id = w.item AND l.open_units > 0
        JOIN sales_order o ON o.id = l.order_id AND o.site_id = w.site JOIN locations_site s ON s.id = w.site
        WHERE {_LATE} ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id, l.line_no LIMIT %(most)s
        """,  # noqa: S608 - a constant
        {"now": now, "items": [pair[0] for pair in pairs], "sites": [pair[1] for pair in pairs], "most": MOST},
    )
    return [row[0] for row in rows]


def late_lines(site_ids: Collection[int], now: datetime) -> list[LateLine]:
    """At most 300 of these at sites (0 = all), the best rank first; but those of orders in one delivery, which leave
    together. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT l.id, o.id, o.number, o.site_id, s.code, o.tier, c.name, i.sku, l.open_units, o.ship_by_on, l.promised_on
        FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        JOIN locations_site s ON s.id = o.site_id JOIN parties_party c ON c.id = o.customer_id
        JOIN catalog_item i ON i.id = l.item_id
        WHERE {_LATE}
          AND (0 = ANY(%(sites)s::bigint[]) OR o.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id, l.line_no LIMIT %(most)s
        """,  # noqa: S608 - a constant
        {"now": now, "sites": sorted(site_ids), "most": MOST},
    )
    return [LateLine(*row) for row in rows]
