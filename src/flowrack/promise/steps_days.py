"""Writes of the days on which sites send goods, worked out from their set-up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.allocation import steps_exceptions
from flowrack.allocation.steps_exceptions import NotSent
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.promise import queries, queries_days, queries_kept, reasons, rules_house, steps_kept
from flowrack.promise.rules_case import Site
from flowrack.promise.rules_days import days_by_region, other_days, rows_of
from flowrack.promise.types_days import ClosedOn
from flowrack.sales import steps_days


def refresh(ctx: Context, site_ids: Sequence[int]) -> int:
    """Work out anew when sites send goods, and with it the days of their open orders; how many of these. Promises for
    days on which nothing leaves any more are at risk at once; where a day is worked on after all, they are no more.
    Open quotes are looked at.

    Two queries, and at most eight statements for each site."""
    sites = queries.sites(site_ids, ctx.now)
    before = queries_days.send_days(sorted(sites))
    count = 0
    for site_id, site in sorted(sites.items()):
        today, rows = site.now.date(), rows_of(site)
        count += steps_days.write_send_days(
            site_id,
            [row[:3] for row in rows],
            today=today,
            until=[row[3] for row in rows],
            off=[row[4] for row in rows],
        )
        was, now = days_by_region(before[site_id], today), days_by_region([row[:2] for row in rows], today)
        gone, back = other_days(was, now)
        if gone:
            _not_sent(ctx, site, now, gone)
        if back:
            line_ids = queries_days.at_risk_on(site_id, back)
            steps_exceptions.settle(ctx, line_ids, f"{site.name} works on this day after all.", by_calendar=True)
    steps_kept.look(ctx, queries_kept.open_of(sorted(sites)), "The calendar was changed")
    return count


def close(site_ids: Sequence[int], days: Sequence[date]) -> None:
    """Forget that sites were to work on holidays on which they are closed now. One statement."""
    sql.execute(
        'DELETE FROM promise_openday WHERE site_id = ANY(%s::bigint[]) AND "on" = ANY(%s::date[])',
        (list(site_ids), list(days)),
    )


def keep_open(ctx: Context, site_ids: Sequence[int], days: Sequence[ClosedOn]) -> None:
    """Write down that sites work on holidays all the same, until somebody closes the day. A site that is closed for
    another reason stays so. Two statements."""
    asked = {"sites": list(site_ids), "days": [day.on for day in days], "names": [day.reason.strip() for day in days]}
    sql.execute(
        """
        DELETE FROM promise_closedday c USING unnest(%(days)s::date[], %(names)s::text[]) AS d("on", name)
        WHERE c.site_id = ANY(%(sites)s::bigint[]) AND c.on = d.on AND c.reason = d.name
        """,
        asked,
    )
    sql.execute(
        """
        INSERT INTO promise_openday (site_id, "on", name, decided_by_id, decided_at)
        SELECT s.id, d.on, d.name, %(by)s, %(now)s FROM unnest(%(sites)s::bigint[]) AS s(id)
        CROSS JOIN unnest(%(days)s::date[], %(names)s::text[]) AS d("on", name)
        WHERE NOT EXISTS (SELECT FROM promise_closedday c WHERE c.site_id = s.id AND c.on = d.on)
        ORDER BY s.id, d.on
        ON CONFLICT (site_id, "on") DO NOTHING
        """,
        {**asked, "by": ctx.actor_id, "now": ctx.now},
    )


def _not_sent(ctx: Context, site: Site, now: dict[str, set[date]], gone: Sequence[tuple[str, date]]) -> None:
    """Lines that are promised for days on which nothing leaves any more are at risk."""
    found = []
    for one in queries_days.promised_on(site.site_id, sorted({day for _, day in gone})):
        region = one.region if one.region in now else ""
        if one.on in now[region]:
            continue
        later = min((day for day in now[region] if day > one.on), default=None)
        holiday = rules_house.is_holiday(site.house, one.on)
        why = reasons.not_sent(one.site, one.on, site.house.closed.get(one.on), is_holiday=holiday)
        found.append(NotSent(one.line_id, one.units, one.on, later, why))
    steps_exceptions.raise_not_sent(ctx, found)


def warn(ctx: Context, days: Sequence[tuple[int, date]]) -> None:
    """Lines that were just promised for days (site, day) are at risk where nothing leaves then by now. Two queries, and
    at most three statements for each site."""
    sites = queries.sites(sorted({site_id for site_id, _ in days}), ctx.now)
    written = queries_days.send_days(sorted(sites))
    for site_id, site in sorted(sites.items()):
        now = days_by_region(written[site_id], site.now.date())
        _not_sent(ctx, site, now, [("", on) for at, on in days if at == site_id])
