"""The calendar of sites: closed days by the list, and by when orders must leave as time goes on."""

from __future__ import annotations

from flowrack.platform import sql
from flowrack.platform.runner import Context, command
from flowrack.promise import queries, steps_days
from flowrack.promise.types import BadSetup, Learned, RenewDays, Saved
from flowrack.promise.types_days import SetClosedDays
from flowrack.shared.errors import BadLine

SETUP = "promise.setup"
MOST_DAYS = 1_000
REASON = 80  # characters


@command(permission="promise.setup", result=Saved)
def set_closed_days(ctx: Context, req: SetClosedDays) -> Saved:
    """Close sites on many days at once, as on public holidays; a day without a reason is worked on after all. A
    holiday that is kept open is not proposed again; what is closed for another reason stays so.

    Refuses with BadSetup, naming every day that stands twice; then nothing is changed.
    """
    for site_id in req.site_ids:
        ctx.require(SETUP, site_id)
    bad = [] if req.site_ids else [BadLine(0, "sites", "No site is chosen.", "Choose one or more.")]
    bad += (
        []
        if req.days or req.kept_open
        else [BadLine(0, "days", "There is no day in the list.", "Write one day in each row.")]
    )
    count = len(req.days) + len(req.kept_open)
    if count > MOST_DAYS:
        said = f"{count:,} days are too many."
        bad.append(BadLine(0, "days", said, f"At most {MOST_DAYS:,} at a time."))
    first: dict[object, int] = {}
    for n, day in enumerate([*req.days, *req.kept_open], 1):
        if first.setdefault(day.on, n) != n:
            said = f"{day.on:%d %b %Y} stands in row {first[day.on]} already."
            bad.append(BadLine(n, "on", said, "Keep one of them."))
        if len(day.reason.strip()) > REASON:
            bad.append(BadLine(n, "reason", "This is too long.", f"Use {REASON} letters at most."))
    if bad:
        raise BadSetup("This cannot be kept.", lines=bad)
    closed = [day for day in req.days if day.reason.strip()]
    sql.execute(
        """
        DELETE FROM promise_closedday WHERE site_id = ANY(%s::bigint[]) AND "on" = ANY(%s::date[])
        """,
        (req.site_ids, [day.on for day in req.days if not day.reason.strip()]),
    )
    sql.execute(
        """
        INSERT INTO promise_closedday (site_id, "on", reason)
        SELECT s.id, d.on, d.reason FROM unnest(%s::bigint[]) AS s(id)
        CROSS JOIN unnest(%s::date[], %s::text[]) AS d("on", reason) ORDER BY s.id, d.on
        ON CONFLICT (site_id, "on") DO UPDATE SET reason = excluded.reason
        """,
        (req.site_ids, [day.on for day in closed], [day.reason.strip() for day in closed]),
    )
    steps_days.close(req.site_ids, [day.on for day in closed])
    steps_days.keep_open(ctx, [at for at in req.site_ids if at in (req.kept_open_at or req.site_ids)], req.kept_open)
    steps_days.refresh(ctx, req.site_ids)
    return Saved(count)


@command(permission="promise.apply", result=Learned)
def renew_days(ctx: Context, req: RenewDays) -> Learned:
    """Work out anew on which days sites send goods, as time goes on or a service takes longer; open orders that are
    wanted on a day that this touches get the day by which they must leave anew."""
    sites = queries.selling_sites()
    steps_days.refresh(ctx, sites)
    return Learned(0, len(sites))
