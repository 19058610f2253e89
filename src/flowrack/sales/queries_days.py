"""Reads of days: when what leaves for a customer is at his door, and the first day on which it can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

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


@dataclass(frozen=True, slots=True)
class AskedDay:
    """The days of an order that is entered, or is going to be."""

    site_id: int
    customer_id: int
    ship_to_id: int | None
    requested_on: date | None
    ship_on: date | None
    latest_on: date | None


@dataclass(frozen=True, slots=True)
class FirstDay:
    """By when an order must leave for its days, and the first day on which it can.

    `leaves_on` and `arrives_on` are those of its wish; `latest_leaves_on` is the last day to leave for its last day.
    It can leave on `first_leaves_on` at the earliest and be there on `first_arrives_on`; `cut_off` is the last one of
    today where it has passed.
    """

    leaves_on: date
    arrives_on: date
    latest_leaves_on: date | None
    first_leaves_on: date
    first_arrives_on: date
    cut_off: time | None
    today: date
    there_on: date  # when what leaves on `leaves_on` is at the door: before `arrives_on` where nothing arrives on that


def first_days(asked: Sequence[AskedDay], now: datetime) -> list[FirstDay]:
    """The days of orders as they will be when they are written, and the first possible ones. One query."""
    if not asked:
        return []
    rows = sql.fetch_all(
        """
        WITH w AS (
            SELECT u.*, coalesce(a.region, '') AS place, coalesce(a.transit_days, nullif(t.transit_days, 0)) AS way,
                   (%(now)s::timestamptz AT TIME ZONE s.timezone)::date AS today,
                   (%(now)s::timestamptz AT TIME ZONE s.timezone)::time AS at
            FROM unnest(%(sites)s::bigint[], %(customers)s::bigint[], %(addresses)s::bigint[], %(wanted)s::date[],
                        %(ships)s::date[], %(latest)s::date[]) WITH ORDINALITY
                 AS u(site_id, customer_id, ship_to_id, wanted_on, ship_on, latest_on, n)
            JOIN locations_site s ON s.id = u.site_id
            LEFT JOIN parties_address a ON a.id = u.ship_to_id
            LEFT JOIN parties_customerterms t ON t.party_id = u.customer_id
        ), b AS (
            SELECT w.*, d.until, CASE WHEN d.until IS NULL THEN w.today ELSE w.today + 1 END AS start
            FROM w LEFT JOIN sales_sendday d ON d.site_id = w.site_id AND d."on" = w.today AND d.until <= w.at
                AND d.region = CASE WHEN w.place <> '' AND EXISTS (
                        SELECT FROM sales_sendday r WHERE r.site_id = w.site_id AND r.region = w.place)
                    THEN w.place ELSE '' END
        ), f AS (
            SELECT b.*, sales_arrives_from(b.site_id, b.place, b.way, b.start) AS first_on FROM b
        ), x AS (
            SELECT f.*, CASE WHEN f.ship_on IS NOT NULL THEN sales_arrives_from(f.site_id, f.place, f.way, f.ship_on)
                ELSE coalesce(f.wanted_on, least(greatest(f.first_on, f.today + 1), f.latest_on)) END AS there_on
            FROM f
        ), y AS (
            SELECT x.*, coalesce(x.ship_on, sales_leaves_for(x.site_id, x.place, x.way, x.there_on)) AS leaves FROM x
        )
        SELECT x.leaves, x.there_on,
               CASE WHEN x.ship_on IS NOT NULL THEN x.latest_on
                    WHEN x.latest_on IS NOT NULL THEN sales_leaves_for(x.site_id, x.place, x.way, x.latest_on) END,
               greatest(sales_leaves_for(x.site_id, x.place, x.way, x.first_on), x.start), x.first_on, x.until, x.today,
               least(sales_arrives_from(x.site_id, x.place, x.way, x.leaves), x.there_on)
        FROM y AS x ORDER BY x.n
        """,
        {
            "now": now,
            "sites": [one.site_id for one in asked],
            "customers": [one.customer_id for one in asked],
            "addresses": [one.ship_to_id for one in asked],
            "wanted": [one.requested_on for one in asked],
            "ships": [one.ship_on for one in asked],
            "latest": [one.latest_on for one in asked],
        },
    )
    return [FirstDay(*row) for row in rows]
