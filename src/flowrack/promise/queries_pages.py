"""Reads for pages and the availability call: many items over time, the days ahead of a site, set-up of sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.promise import queries
from flowrack.promise.rules_case import Ask, Case, Source
from flowrack.promise.rules_house import DAY, Hours, capacity_seconds, hours_on

ITEMS_AT_ONCE = 1_000


def availability(codes: Sequence[str], site_id: int, allowed: frozenset[int], now: datetime) -> list[dict[str, Any]]:
    """Free units of items at sites over time, in the order of the codes. Five queries, whatever the number of items."""
    rows = sql.fetch_all(
        """
        SELECT 'item', id, sku FROM catalog_item WHERE sku = ANY(%(codes)s::text[])
        UNION ALL
        SELECT 'site', id, code FROM locations_site
        WHERE is_active AND (%(site)s = 0 OR id = %(site)s)
          AND (0 = ANY(%(allowed)s::bigint[]) OR id = ANY(%(allowed)s::bigint[]))
        ORDER BY 1, 3
        """,
        {"codes": list(codes), "site": site_id, "allowed": sorted(allowed)},
    )
    items = {sku: item_id for kind, item_id, sku in rows if kind == "item"}
    site_ids = [row[1] for row in rows if row[0] == "site"]
    if not items or not site_ids:
        return []
    found, records = queries.stocks(list(items.values()), site_ids)
    houses = queries.sites(site_ids, now)
    case = Case((), (), (), records)
    out = []
    for code in dict.fromkeys(codes):
        for site in (houses[i] for i in site_ids if code in items):
            stock = found.get((items[code], site.site_id))
            if stock is None:
                out.append({"sku": code, "site": site.code, "free_now": 0, "safety": 0, "steps": []})
                continue
            source = Source(case, site, stock, Ask(stock.item_id, code, 1, (site.site_id,)))
            steps, before = [], -1
            for step in source.steps(source.today):
                if step.free != before:
                    steps.append({"on": step.on, "free": step.free})
                    before = step.free
            out.append(
                {"sku": code, "site": site.code, "free_now": steps[0]["free"], "safety": stock.safety, "steps": steps}
            )
    return out


@dataclass(frozen=True, slots=True)
class DayAhead:
    """Work against hands at a site on one day, in seconds."""

    site_id: int
    site: str
    on: date
    work: int
    hands: int
    is_open: bool
    why_closed: str

    @property
    def percent(self) -> int | None:
        """How full the day is; None without hands."""
        return self.work * 100 // self.hands if self.hands else None

    @property
    def standing(self) -> str:
        """How the day stands in one word."""
        if not self.is_open:
            return "closed"
        if not self.hands:
            return "not known"
        return "full" if self.work >= self.hands else "nearly full" if self.work * 10 >= self.hands * 9 else "free"


def days_ahead(site_ids: Sequence[int], now: datetime, days: int) -> list[DayAhead]:
    """The days ahead of sites, by site and day. One query."""
    found = []
    for site in sorted(queries.sites(site_ids, now).values(), key=lambda one: one.code):
        house, today = site.house, site.now.date()
        for n in range(days):
            on = today + timedelta(days=n)
            work = house.load.get(on, 0) + (house.queue if n == 0 else 0)
            is_open = bool(hours_on(house, on))
            hands = capacity_seconds(house, on)
            found.append(DayAhead(site.site_id, site.name, on, work, hands, is_open, house.closed.get(on, "")))
    return found


@dataclass(frozen=True, slots=True)
class SetupRow:
    """How a site is set up, in a list."""

    id: int
    code: str
    name: str
    days: int
    closed: int
    cut_offs: int
    people: int
    percent: int
    safety: int


def setup_page(query: ListQuery) -> Page[SetupRow]:
    """How sites are set up. Two queries."""
    return sql_page(
        query,
        SetupRow,
        """
        SELECT s.id, s.code, s.name,
               (SELECT count(DISTINCT h.weekday) FROM promise_sitehours h WHERE h.site_id = s.id) AS days,
               (SELECT count(*) FROM promise_closedday c WHERE c.site_id = s.id) AS closed,
               (SELECT count(*) FROM promise_cutoffrow c WHERE c.site_id = s.id) AS cut_offs,
               (SELECT coalesce(max(x.people), 0) FROM (SELECT sum(c.people) AS people FROM tasks_capacity c
                 WHERE c.site_id = s.id GROUP BY c.weekday) AS x) AS people,
               coalesce((SELECT p.counts_at_percent FROM promise_sitepolicy p WHERE p.site_id = s.id), 80) AS percent,
               (SELECT count(*) FROM promise_safetystock f WHERE f.site_id = s.id) AS safety
        FROM locations_site s
        WHERE s.is_active AND EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, s.id) AND 'promise.setup' = ANY(r.permissions))
        """,
        [query.actor_id],
        search=("code", "name"),
    )


@dataclass(frozen=True, slots=True)
class CutOffLine:
    """A cut-off as the form shows it: one row for weekdays that are alike."""

    service_id: int
    service: str
    region: str
    at: time
    weekdays: list[int]
    transit_days: int | None


def cut_offs(site_id: int) -> list[CutOffLine]:
    """The cut-offs of a site. One query."""
    rows = sql.fetch_all(
        """
        SELECT coalesce(c.service_id, 0), coalesce(v.code, ''), c.region, c.at, array_agg(c.weekday ORDER BY c.weekday),
               c.transit_days
        FROM promise_cutoffrow c LEFT JOIN parties_carrierservice v ON v.id = c.service_id
        WHERE c.site_id = %s GROUP BY 1, 2, 3, 4, 6 ORDER BY 4, 2, 3
        """,
        (site_id,),
    )
    return [CutOffLine(*row) for row in rows]


def hours(site_id: int) -> list[Hours]:
    """The working week of a site. One query."""
    rows = sql.fetch_all(
        "SELECT weekday, opens_at, closes_at FROM promise_sitehours WHERE site_id = %s ORDER BY 1, 2", (site_id,)
    )
    return [Hours(*row) for row in rows]


def closed_days(site_id: int, today: date) -> list[tuple[date, str]]:
    """The closed days of a site from yesterday on. One query."""
    rows = sql.fetch_all(
        "SELECT c.on, c.reason FROM promise_closedday c WHERE c.site_id = %s AND c.on >= %s ORDER BY 1",
        (site_id, today - DAY),
    )
    return [(row[0], row[1]) for row in rows]


def services() -> dict[str, int]:
    """Carrier services in use, by code. One query."""
    rows = sql.fetch_all("SELECT code, id FROM parties_carrierservice WHERE is_active ORDER BY code, id")
    return dict(rows)


@dataclass(frozen=True, slots=True)
class HandsLine:
    """People of a shift as the form shows them."""

    kind: str
    weekday: int
    shift: str
    starts_at: time | None
    people: int
    hours: Any


def hands(site_id: int) -> list[HandsLine]:
    """The hands of a site, whatever the zone. One query."""
    rows = sql.fetch_all(
        """
        SELECT kind, weekday + 1, shift, starts_at, people, hours FROM tasks_capacity
        WHERE site_id = %s AND zone_id IS NULL ORDER BY kind, shift, weekday
        """,
        (site_id,),
    )
    return [HandsLine(*row) for row in rows]
