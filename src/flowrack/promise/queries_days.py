"""Reads of the days on which sites send goods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flowrack.platform import sql
from flowrack.promise import queries
from flowrack.promise.rules_days import rows_of


def any_stale(now: datetime) -> bool:
    """Whether a site sends goods on other days than are written. Three queries."""
    site_ids = queries.selling_sites()
    known: dict[int, set[object]] = {site_id: set() for site_id in site_ids}
    for site_id, *row, off in sql.fetch_all(
        'SELECT site_id, region, "on", days, until, off FROM sales_sendday WHERE site_id = ANY(%s::bigint[])',
        (site_ids,),
    ):
        known[site_id].add((*row, tuple(off)))
    return any(set(rows_of(site)) != known[site_id] for site_id, site in queries.sites(site_ids, now).items())


def send_days(site_ids: Sequence[int]) -> dict[int, list[tuple[str, date]]]:
    """Region and day on which sites send goods, as it is written. One query."""
    found: dict[int, list[tuple[str, date]]] = {site_id: [] for site_id in site_ids}
    for site_id, region, on in sql.fetch_all(
        'SELECT site_id, region, "on" FROM sales_sendday WHERE site_id = ANY(%s::bigint[])', (list(site_ids),)
    ):
        found[site_id].append((region, on))
    return found


def today_at(timezone: str, now: datetime) -> date:
    """The day that it is at a site, by its clock."""
    return now.astimezone(ZoneInfo(timezone)).date()


def closed_at(site_ids: Sequence[int], first: date) -> dict[int, dict[date, str]]:
    """The closed days of sites from a day on, with their reasons. One query."""
    found: dict[int, dict[date, str]] = {site_id: {} for site_id in site_ids}
    for site_id, on, reason in sql.fetch_all(
        """
        SELECT c.site_id, c.on, c.reason FROM promise_closedday c
        WHERE c.site_id = ANY(%s::bigint[]) AND c.on >= %s ORDER BY c.site_id, c.on
        """,
        (list(site_ids), first),
    ):
        found[site_id][on] = reason
    return found


@dataclass(frozen=True, slots=True)
class WorkedOn:
    """A holiday on which a site works all the same, who said so and when."""

    on: date
    name: str
    decided_by: str
    decided_at: datetime


def worked_on(site_id: int, first: date) -> dict[date, WorkedOn]:
    """The holidays from a day on that a site works on all the same. One query."""
    rows = sql.fetch_all(
        """
        SELECT d.on, d.name, coalesce(nullif(u.full_name, ''), u.username), d.decided_at
        FROM promise_openday d JOIN platform_user u ON u.id = d.decided_by_id
        WHERE d.site_id = %s AND d.on >= %s ORDER BY d.on
        """,
        (site_id, first),
    )
    return {row[0]: WorkedOn(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class PromisedOn:
    """A line with units that have not been picked, the day for which it is promised, and whither it goes."""

    line_id: int
    units: int
    on: date
    region: str
    site: str


def promised_on(site_id: int, days: Sequence[date]) -> list[PromisedOn]:
    """Lines of a site that are promised for one of some days. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.open_units + l.allocated_units, l.promised_on, coalesce(a.region, ''), s.code
        FROM sales_order o JOIN locations_site s ON s.id = o.site_id
        JOIN sales_orderline l ON l.order_id = o.id AND l.open_units + l.allocated_units > 0
                              AND l.promised_on = ANY(%s::date[])
        LEFT JOIN parties_address a ON a.id = o.ship_to_id
        WHERE o.site_id = %s AND o.state IN ('confirmed', 'released') ORDER BY l.id
        """,
        (list(days), site_id),
    )
    return [PromisedOn(*row) for row in rows]


def at_risk_on(site_id: int, days: Sequence[tuple[str, date]]) -> list[int]:
    """Lines of a site that are at risk by the calendar and promised for a day, each of a region ('' = every region
    without days of its own). One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id FROM allocation_promiseexception e
        JOIN sales_orderline l ON l.id = e.order_line_id JOIN sales_order o ON o.id = l.order_id AND o.site_id = %s
        LEFT JOIN parties_address a ON a.id = o.ship_to_id
        WHERE e.closed_at IS NULL AND e.by_calendar AND EXISTS (
            SELECT FROM sales_sendday d WHERE d.site_id = o.site_id AND d.on = l.promised_on AND d.region = CASE
                WHEN EXISTS (SELECT FROM sales_sendday x WHERE x.site_id = o.site_id AND x.region = a.region)
                THEN a.region ELSE '' END
            UNION ALL
            SELECT WHERE NOT EXISTS (SELECT FROM sales_sendday x WHERE x.site_id = o.site_id)
                     AND extract(isodow FROM l.promised_on) <= 5)
          AND l.promised_on = ANY(%s::date[])
        ORDER BY l.id
        """,
        (site_id, sorted({day for _, day in days})),
    )
    return [row[0] for row in rows]
