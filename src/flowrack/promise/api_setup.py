"""What sites can do and how they promise, for other systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from flowrack.catalog import queries as catalog
from flowrack.locations import queries as locations
from flowrack.parties import rules_holidays
from flowrack.platform.apipages import BigId
from flowrack.platform.http import context_from, now, requires
from flowrack.promise import commands_days, queries_days
from flowrack.promise import commands_setup as commands
from flowrack.promise.api_shapes_setup import (
    ClosedDaysIn,
    ClosedIn,
    CutOffsIn,
    HolidaysOut,
    HoursOfSiteIn,
    LimitsIn,
    PolicyIn,
    SafetyIn,
    SavedOut,
)
from flowrack.promise.types import (
    BadSetup,
    CutOffOf,
    HoursOf,
    SafetyOf,
    Saved,
    SetClosed,
    SetCutOffs,
    SetHours,
    SetPolicy,
    SetQuoteLimits,
    SetSafety,
)
from flowrack.promise.types_days import ClosedOn, SetClosedDays
from flowrack.shared.errors import BadLine

router = Router(tags=["promise"])


@router.put("/promises/sites/{int:site_id}/hours", response=SavedOut)
@requires("promise.setup")
def hours(request: HttpRequest, site_id: BigId, body: HoursOfSiteIn) -> Saved:
    """The working week of a site, in place of the one before."""
    wanted = [HoursOf(one.weekday, one.opens_at, one.closes_at) for one in body.hours]
    return commands.set_hours(context_from(request), SetHours(site_id, wanted))


@router.put("/promises/sites/{int:site_id}/closed-days", response=SavedOut)
@requires("promise.setup")
def closed(request: HttpRequest, site_id: BigId, body: ClosedIn) -> Saved:
    """A day on which the site does not work."""
    return commands.set_closed(context_from(request), SetClosed(site_id, body.on, body.reason))


@router.put("/promises/closed-days", response=SavedOut)
@requires("promise.setup")
def closed_days(request: HttpRequest, body: ClosedDaysIn) -> Saved:
    """Close sites on many days at once, as on public holidays: all, or none when one row is wrong."""
    days = [ClosedOn(one.on, one.reason) for one in body.days]
    kept_open = [ClosedOn(one.on, one.reason) for one in body.kept_open]
    return commands_days.set_closed_days(context_from(request), SetClosedDays(body.sites, days, kept_open))


@router.get("/promises/sites/{int:site_id}/holidays", response=HolidaysOut)
@requires("promise.setup")
def holidays(request: HttpRequest, site_id: BigId, country: str = "", region: str = "", years: int = 1) -> Any:
    """Public holidays that a site may keep, from today on: a proposal, of which nothing is kept until it is sent to
    `PUT /promises/closed-days`. `country` by its two letters, else the site's; `region` is a subdivision's code."""
    context_from(request, "read").require("promise.setup", site_id)
    site = locations.site(site_id)
    code = (country or site.country).upper()
    today = queries_days.today_at(site.timezone, now())
    closed = queries_days.closed_at([site_id], today)[site_id]
    worked_on = queries_days.worked_on(site_id, today)
    found = rules_holidays.holidays_of(code, region, today, years)
    return {
        "country": code,
        "region": region,
        "regions": [name for name, _ in rules_holidays.regions(code)],
        "days": [
            {"on": one.on, "name": one.name, "is_closed": one.on in closed, "is_worked_on": one.on in worked_on}
            for one in found
        ],
    }


@router.put("/promises/sites/{int:site_id}/cut-offs", response=SavedOut)
@requires("promise.setup")
def cut_offs(request: HttpRequest, site_id: BigId, body: CutOffsIn) -> Saved:
    """All cut-offs of a site, in place of those before."""
    rows = [CutOffOf(one.service_id, one.at, one.weekdays, one.region, one.transit_days) for one in body.cut_offs]
    return commands.set_cut_offs(context_from(request), SetCutOffs(site_id, rows))


@router.put("/promises/sites/{int:site_id}/policy", response=SavedOut)
@requires("promise.setup")
def policy(request: HttpRequest, site_id: BigId, body: PolicyIn) -> Saved:
    """How a site promises."""
    return commands.set_policy(context_from(request), SetPolicy(site_id, **body.dict()))


@router.put("/promises/sites/{int:site_id}/safety-stock", response=SavedOut)
@requires("promise.setup")
def safety(request: HttpRequest, site_id: BigId, body: SafetyIn) -> Saved:
    """Units of items that are kept back at a site."""
    ids = catalog.item_ids([one.sku for one in body.items])
    bad = [
        BadLine(n, "sku", f"There is no item “{one.sku}”.", "Check the SKU.")
        for n, one in enumerate(body.items, 1)
        if one.sku not in ids
    ]
    if bad:
        raise BadSetup("This cannot be kept.", lines=bad)
    rows = [SafetyOf(ids[one.sku], one.units) for one in body.items]
    return commands.set_safety(context_from(request), SetSafety(site_id, rows))


@router.put("/promises/quote-limits", response=SavedOut)
@requires("promise.setup")
def quote_limits(request: HttpRequest, body: LimitsIn) -> Saved:
    """What customers of a tier may hold at a time."""
    return commands.set_quote_limits(context_from(request), SetQuoteLimits(**body.dict()))
