"""Pages of a site's calendar: the days on which it does not work, typed, pasted or taken from a CSV file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import queries as locations
from flowrack.platform.http import now
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.render import context_of, perform, render_form
from flowrack.promise import commands_days, pages_holidays, queries_days, queries_pages
from flowrack.promise.forms_days import CLOSED_GRID, ClosedListForm, read_closed
from flowrack.promise.types import BadSetup
from flowrack.promise.types_days import ClosedOn, SetClosedDays
from flowrack.shared.errors import BadLine, FlowrackError

SETUP = "promise.setup"


@page(SETUP)
def closed(request: HttpRequest, site_id: int) -> HttpResponse:
    """The days on which a site does not work. A day that is taken out of the list is worked on; a pasted list is added,
    for other sites too."""
    site = locations.site(site_id)
    ctx = context_of(request)
    ctx.require(SETUP, site_id)
    known = queries_pages.closed_days(site_id, queries_days.today_at(site.timezone, now()))
    others = [(s.site_id, s.name) for s in locations.sites() if s.site_id != site_id and ctx.may(SETUP, s.site_id)]
    data = request.POST if request.method == "POST" else None
    grid = GridForm(CLOSED_GRID, data, initial=[{"on": on.isoformat(), "reason": why} for on, why in known], blank=4)
    form = ClosedListForm(data, sites=others)

    def drawn(refusal: FlowrackError | None = None, breaks: int = 0) -> HttpResponse:
        shown = ClosedListForm(data, sites=others, breaks=breaks) if breaks else form
        return render_form(
            request, shown, title=f"Closed days of {site.name}", verb="Save", refusal=refusal,
            back=("Promise set-up", reverse("promise_setup")),
            sub="Nothing leaves on them, and orders are to leave the day before. Clear a row to work on its day.",
            template="promise/closed.html", site_id=site_id, grid=grid.with_refusal(refusal),
        )  # fmt: skip

    if data is None:
        return drawn()
    days, bad = read_closed(grid.rows)
    if not bad and not form.is_valid():
        return drawn()
    added: list[ClosedOn] = [] if bad else form.cleaned_data["paste"]
    if bad := [*bad, *_twice(added)]:
        return drawn(BadSetup("This cannot be kept.", lines=bad))
    req = SetClosedDays([site_id], _all(known, days, added))
    if not req.days:
        return drawn(BadSetup("Nothing is different.", fix="Write a day and why nobody works then."))
    also = form.cleaned_data.get("others", "")
    chosen = [key for key, _ in others if also in ("all", str(key))]
    broken = _broken({site_id: req.days, **(dict.fromkeys(chosen, added) if added else {})})
    if broken and str(broken.total()) != data.get("seen"):
        return drawn(_would_break(broken), broken.total())
    if chosen and added:
        commands_days.set_closed_days(ctx.keyed("others"), SetClosedDays(chosen, added))
    return perform(
        request, commands_days.set_closed_days, req, to=reverse("promise_closed", args=[site_id]),
        toast="Closed days saved", again=drawn,
    )  # fmt: skip


def _twice(added: list[ClosedOn]) -> list[BadLine]:
    """Which days stand twice in a pasted list."""
    days = sorted(on for on, times in Counter(day.on for day in added).items() if times > 1)
    said = f"{', '.join(f'{on:%d %b %Y}' for on in days[:5])} stands twice in the list."
    return [BadLine(0, "paste", said, "Keep one of them.")] if days else []


def _would_break(broken: Counter[date]) -> BadSetup:
    days = ", ".join(f"{on:%a} {on.day} {on:%b}: {lines:,}" for on, lines in sorted(broken.items())[:10])
    return BadSetup(
        f"Order lines are promised to leave on days that this closes ({days}). They would be at risk.",
        fix="Tick the box below to close the days all the same; the lines then stand under Promises at risk.",
    )


def _broken(closing: Mapping[int, Sequence[ClosedOn]]) -> Counter[date]:
    """How many lines of sites are promised to leave on days that are closed by this and were not before, by day."""
    found = Counter[date]()
    zones = {site.site_id: site.timezone for site in locations.sites(include_archived=True)}
    for site_id, days in sorted(closing.items()):
        today = queries_days.today_at(zones[site_id], now())
        known = {on for on, _ in queries_pages.closed_days(site_id, today)}
        new = [day.on for day in days if day.reason.strip() and day.on not in known and day.on >= today]
        found.update(line.on for line in queries_days.promised_on(site_id, new))
    return found


def _all(known: list[tuple[date, str]], days: list[ClosedOn], added: list[ClosedOn]) -> list[ClosedOn]:
    """What is to be kept: the grid's days, those of the list in front of them, and days that were taken out."""
    wanted = {day.on: day for day in [*days, *added]} if _once(days) else {}
    if not wanted and days:
        return days  # a day stands twice: the command says which
    gone = [ClosedOn(on, "") for on, _ in known if on not in wanted]
    return [*wanted.values(), *gone]


def _once(days: list[ClosedOn]) -> bool:
    return len({day.on for day in days}) == len(days)


urlpatterns = [
    path("promise/setup/<int:site_id>/closed-days", closed, name="promise_closed"),
    *pages_holidays.urlpatterns,
]
