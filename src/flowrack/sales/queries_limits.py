"""Reads of what customers ask of shipments, and of orders of which the rest is not wanted any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from flowrack.platform import sql
from flowrack.sales.rules_limits import Age, judge_departure
from flowrack.sales.types_limits import Departure, Limits

# A condition on sales_order o: some limit may keep a shipment of it back. LockedLine.has_limits is the same.
HAS_LIMITS = "(o.max_shipments IS NOT NULL OR o.min_shipment_value > 0 OR o.latest_on IS NOT NULL)"


def limits_of(order_ids: Sequence[int], *, now: datetime) -> dict[int, Limits]:
    """The limits of those of the orders that have some. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT o.id, o.number, o.max_shipments, o.last_shipment, o.min_shipment_value, o.latest_on, o.latest_ship_on,
               o.shipments, (%s::timestamptz AT TIME ZONE s.timezone)::date
        FROM sales_order o JOIN locations_site s ON s.id = o.site_id
        WHERE o.id = ANY(%s::bigint[]) AND {HAS_LIMITS}
        """,  # noqa: S608 - a constant
        (now, list(order_ids)),
    )
    return {row[0]: Limits(*row) for row in rows}


def prices(order_ids: Sequence[int]) -> dict[int, Decimal]:
    """The price of a unit of each line of orders. One query."""
    return dict(
        sql.fetch_all(
            "SELECT id, unit_price FROM sales_orderline WHERE order_id = ANY(%s::bigint[])", (list(order_ids),)
        )
    )


def kept_back(order_ids: Sequence[int], now: datetime) -> dict[int, str]:
    """Why a customer would not take what is reserved and picked of an order. Two queries where one has limits."""
    limits = limits_of(order_ids, now=now) if order_ids else {}
    if not limits:
        return {}
    rows = sql.fetch_all(
        """
        SELECT order_id, sum(round(unit_price * (allocated_units + picked_units), 2)), sum(open_units)::bigint
        FROM sales_orderline WHERE order_id = ANY(%s::bigint[]) GROUP BY 1
        """,
        (sorted(limits),),
    )
    found = {order_id: judge_departure(limits[order_id], Departure(value, waits)) for order_id, value, waits in rows}
    return {order_id: verdict.why for order_id, verdict in found.items() if verdict.why}


def sites_with_overdue(now: datetime) -> list[int]:
    """Sites with orders of which the rest is not wanted any more. One query."""
    return sorted({row[1] for row in _overdue(now, 0, 1_000)})


def overdue(site_id: int, *, now: datetime, most: int) -> dict[int, Age]:
    """Orders of a site with such a rest, the oldest first. One query."""
    return {row[0]: Age(*row[2:]) for row in _overdue(now, site_id, most)}


def _overdue(now: datetime, site_id: int, most: int) -> list[tuple[Any, ...]]:
    return sql.fetch_all(
        """
        SELECT o.id, o.site_id, o.requested_on, o.latest_on, o.latest_ship_on, o.cancel_after_days, d.today, o.policy
        FROM sales_order o JOIN locations_site s ON s.id = o.site_id
        CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE s.timezone)::date AS today) AS d
        WHERE o.state IN ('confirmed', 'released') AND (o.cancel_after_days IS NOT NULL OR o.latest_on IS NOT NULL)
          AND (%(site)s = 0 OR o.site_id = %(site)s) AND least(o.requested_on, o.latest_ship_on) < d.today
          AND EXISTS (
              SELECT FROM sales_orderline l WHERE l.order_id = o.id AND (
                  (o.latest_ship_on < d.today AND l.open_units + l.allocated_units - l.released_units > 0)
                  OR (o.requested_on + o.cancel_after_days < d.today AND (l.open_units > 0
                      OR (o.policy = 'complete' AND l.allocated_units > l.released_units AND o.state = 'confirmed'
                          AND EXISTS (SELECT FROM sales_orderline w WHERE w.order_id = o.id AND w.open_units > 0))))))
        ORDER BY o.requested_on, o.id LIMIT %(most)s
        """,
        {"now": now, "site": site_id, "most": most},
    )
