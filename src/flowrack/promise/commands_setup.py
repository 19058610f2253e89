"""What a site can do and how it promises: hours, closed days, cut-offs, policy, safety stock, limits of quotes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import time

from flowrack.platform import sql
from flowrack.platform.runner import Context, command
from flowrack.promise import locks, queries_lines, steps, steps_days
from flowrack.promise.types import (
    TIERS,
    BadSetup,
    Learn,
    Learned,
    Saved,
    SetClosed,
    SetCutOffs,
    SetHours,
    SetPolicy,
    SetQuoteLimits,
    SetSafety,
)
from flowrack.shared.errors import BadLine

SETUP = "promise.setup"
RECORD_DAYS = 730
ALL = 0


def _refuse(bad: Sequence[BadLine]) -> None:
    if bad:
        raise BadSetup("This cannot be kept.", lines=list(bad))


def _weekday(n: int, weekday: int) -> list[BadLine]:
    return [] if 1 <= weekday <= 7 else [BadLine(n, "weekday", f"{weekday} is no weekday.", "1 is Monday, 7 Sunday.")]


@command(permission="promise.setup", result=Saved)
def set_hours(ctx: Context, req: SetHours) -> Saved:
    """The working week of a site, in place of the one before."""
    ctx.require(SETUP, req.site_id)
    bad: list[BadLine] = []
    seen: dict[int, list[tuple[time, time]]] = defaultdict(list)
    for n, one in enumerate(req.hours, 1):
        bad += _weekday(n, one.weekday)
        if one.opens_at >= one.closes_at:
            bad.append(BadLine(n, "closes_at", "A day opens before it closes.", "Enter a later time."))
        if any(one.opens_at < end and start < one.closes_at for start, end in seen[one.weekday]):
            bad.append(BadLine(n, "opens_at", "These hours overlap others of the day.", "Make them one."))
        seen[one.weekday].append((one.opens_at, one.closes_at))
    _refuse(bad)
    sql.execute("DELETE FROM promise_sitehours WHERE site_id = %s", (req.site_id,))
    sql.execute(
        """
        INSERT INTO promise_sitehours (site_id, weekday, opens_at, closes_at)
        SELECT %s, h.* FROM unnest(%s::int[], %s::time[], %s::time[]) AS h
        """,
        (
            req.site_id,
            [h.weekday for h in req.hours],
            [h.opens_at for h in req.hours],
            [h.closes_at for h in req.hours],
        ),
    )
    steps_days.refresh(ctx, [req.site_id])
    return Saved(len(req.hours))


@command(permission="promise.setup", result=Saved)
def set_closed(ctx: Context, req: SetClosed) -> Saved:
    """A day on which the site does not work; without a reason it works after all."""
    ctx.require(SETUP, req.site_id)
    if not req.reason.strip():
        gone = sql.execute('DELETE FROM promise_closedday WHERE site_id = %s AND "on" = %s', (req.site_id, req.on))
        steps_days.refresh(ctx, [req.site_id])
        return Saved(gone)
    sql.execute(
        """
        INSERT INTO promise_closedday (site_id, "on", reason) VALUES (%s, %s, left(%s, 80))
        ON CONFLICT (site_id, "on") DO UPDATE SET reason = excluded.reason
        """,
        (req.site_id, req.on, req.reason.strip()),
    )
    steps_days.refresh(ctx, [req.site_id])
    return Saved(1)


@command(permission="promise.setup", result=Saved)
def set_cut_offs(ctx: Context, req: SetCutOffs) -> Saved:
    """All cut-offs of a site, in place of those before. Refuses with BadSetup, naming every bad row."""
    ctx.require(SETUP, req.site_id)
    services = {row[0] for row in sql.fetch_all("SELECT id FROM parties_carrierservice")}
    bad: list[BadLine] = []
    rows: dict[tuple[int, str, int], tuple[object, int | None]] = {}
    for n, one in enumerate(req.cut_offs, 1):
        if one.service_id and one.service_id not in services:
            bad.append(BadLine(n, "service", "There is no such carrier service.", "Choose one of the list."))
        if one.transit_days is not None and one.transit_days < 0:
            bad.append(BadLine(n, "transit_days", "Days on the way cannot be negative.", "Enter 0 or more."))
        if not one.weekdays:
            bad.append(BadLine(n, "weekdays", "A cut-off needs a day.", "Name the weekdays, 1 is Monday."))
        for weekday in one.weekdays:
            bad += _weekday(n, weekday)
            key = (one.service_id, one.region.strip(), weekday)
            if key in rows:
                bad.append(BadLine(n, "at", "This service has a cut-off on that day already.", "Keep one of them."))
            rows[key] = (one.at, one.transit_days)
    _refuse(bad)
    keys = sorted(rows)
    sql.execute("DELETE FROM promise_cutoffrow WHERE site_id = %s", (req.site_id,))
    sql.execute(
        """
        INSERT INTO promise_cutoffrow (site_id, service_id, region, weekday, at, transit_days)
        SELECT %s, nullif(c.service, 0), c.region, c.weekday, c.at, c.transit
        FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::time[], %s::int[])
             AS c(service, region, weekday, at, transit)
        """,
        (
            req.site_id,
            [k[0] for k in keys],
            [k[1] for k in keys],
            [k[2] for k in keys],
            [rows[k][0] for k in keys],
            [rows[k][1] for k in keys],
        ),
    )
    steps_days.refresh(ctx, [req.site_id])
    return Saved(len(keys))


@command(permission="promise.setup", result=Saved)
def set_policy(ctx: Context, req: SetPolicy) -> Saved:
    """How a site promises, in place of what was said before."""
    ctx.require(SETUP, req.site_id)
    names = (
        "counts_at_percent", "unknown_days", "shelf_days", "inspection_days", "line_seconds", "hundred_seconds",
        "prepare_minutes", "refill_minutes", "transit_days",
    )  # fmt: skip
    bad = [BadLine(0, name, "This cannot be negative.", "Enter 0 or more.") for name in names if getattr(req, name) < 0]
    if not 1 <= req.counts_at_percent <= 100:
        bad = [line for line in bad if line.field != "counts_at_percent"]
        bad.append(BadLine(0, "counts_at_percent", "A share is from 1 to 100 percent.", "80 is usual."))
    _refuse(bad)
    columns = ", ".join([*names, "kinds"])
    sql.execute(
        f"""
        INSERT INTO promise_sitepolicy (site_id, {columns}) VALUES (%s{", %s" * len(names)}, %s::text[])
        ON CONFLICT (site_id) DO UPDATE SET ({columns}) = ({", ".join(f"excluded.{c}" for c in [*names, "kinds"])})
        """,  # noqa: S608 - names of this module
        (req.site_id, *(getattr(req, name) for name in names), sorted(set(req.kinds))),
    )
    steps_days.refresh(ctx, [req.site_id])
    return Saved(1)


@command(permission="promise.setup", result=Saved)
def set_safety(ctx: Context, req: SetSafety) -> Saved:
    """Units of items that are kept back at a site; 0 = none. What becomes another is on record, with who and why."""
    ctx.require(SETUP, req.site_id)
    _refuse(
        [
            BadLine(n, "units", "Safety stock cannot be negative.", "Enter 0 or more.")
            for n, one in enumerate(req.items, 1)
            if one.units < 0
        ]
    )
    wanted = {one.item_id: one.units for one in req.items}
    locks.safety(req.site_id)
    steps.write_safety(ctx, req.site_id, wanted, req.reason.strip())
    return Saved(len(wanted))


@command(permission="promise.setup", result=Saved)
def set_quote_limits(ctx: Context, req: SetQuoteLimits) -> Saved:
    """What customers of a tier may hold at a time, and for how many minutes."""
    bad = [] if req.tier in TIERS else [BadLine(0, "tier", f"There is no tier {req.tier}.", "A, B or C.")]
    if req.minutes < 1:
        bad.append(BadLine(0, "minutes", "A quote lasts a minute at least.", "Enter 1 or more."))
    for name in ("most_quotes", "most_units"):
        if getattr(req, name) < 0:
            bad.append(BadLine(0, name, "This cannot be negative.", "0 = no quotes for this tier."))
    if req.extensions < 0:
        bad.append(BadLine(0, "extensions", "This cannot be negative.", "0 = quotes of this tier are not extended."))
    _refuse(bad)
    sql.execute(
        """
        INSERT INTO promise_quotelimits (tier, minutes, most_quotes, most_units, extensions)
        VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (tier) DO UPDATE SET minutes = excluded.minutes, most_quotes = excluded.most_quotes,
            most_units = excluded.most_units, extensions = excluded.extensions
        """,
        (req.tier, req.minutes, req.most_quotes, req.most_units, req.extensions),
    )
    return Saved(1)


@command(permission="promise.apply", result=Learned)
def learn_lateness(ctx: Context, req: Learn) -> Learned:
    """Read anew how late suppliers deliver, over the last two years."""
    rows: dict[tuple[int, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for supplier, item, late, lines in queries_lines.deliveries(ctx.now.date(), RECORD_DAYS):
        for key in ((supplier, item), (supplier, ALL), (ALL, ALL)):
            rows[key][late] += lines
    steps.write_lateness(rows)
    return Learned(len({supplier for supplier, _ in rows if supplier}), 0)


@command(permission="promise.apply", result=Learned)
def sum_work(ctx: Context, req: Learn) -> Learned:
    """Sum the promised work of each site and day anew, so that reading it stays short."""
    return Learned(0, steps.write_loads())
