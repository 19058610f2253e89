"""Reads of days: when what leaves for a customer is at his door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.platform import sql


def arrivals(leaving: Sequence[tuple[int, date]]) -> dict[tuple[int, date], date]:
    """When what lines send on a day arrives, by the calendar of the site and the way to the customer. One query."""
    if not leaving:
        return {}
    rows = sql.fetch_all(
        """
        SELECT w.line, w.on, sales_arrives_from(
                   o.site_id, coalesce(a.region, ''), coalesce(a.transit_days, nullif(t.transit_days, 0)), w.on)
        FROM unnest(%s::bigint[], %s::date[]) AS w(line, "on")
        JOIN sales_orderline l ON l.id = w.line JOIN sales_order o ON o.id = l.order_id
        LEFT JOIN parties_address a ON a.id = o.ship_to_id
        LEFT JOIN parties_customerterms t ON t.party_id = o.customer_id
        """,
        ([line_id for line_id, _ in leaving], [on for _, on in leaving]),
    )
    return {(row[0], row[1]): row[2] for row in rows}
