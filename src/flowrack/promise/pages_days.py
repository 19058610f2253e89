"""Pages of a site's calendar: the days on which it does not work, typed, pasted or taken from a CSV file."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import queries as locations
from flowrack.platform.http import now
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.render import context_of, perform, render_form
from flowrack.promise import commands_days, queries_pages
from flowrack.promise.forms_days import CLOSED_GRID, ClosedListForm, read_closed
from flowrack.promise.types import BadSetup, ClosedOn, SetClosedDays
from flowrack.shared.errors import BadLine, FlowrackError

SETUP = "promise.setup"


@page(SETUP)
def closed(request: HttpRequest, site_id: int) -> HttpResponse:
    """The days on which a site does not work. A day that is taken out of the list is worked on; a pasted list is added,
    for other sites too."""
    name = locations.site(site_id).name
    ctx = context_of(request)
    ctx.require(SETUP, site_id)
    known = queries_pages.closed_days(site_id, now().date())
    others = [(s.site_id, s.name) for s in locations.sites() if s.site_id != site_id and ctx.may(SETUP, s.site_id)]
    data = request.POST if request.method == "POST" else None
    grid = GridForm(CLOSED_GRID, data, initial=[{"on": on.isoformat(), "reason": why} for on, why in known], blank=4)
    form = ClosedListForm(data, sites=others)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Closed days of {name}", verb="Save", refusal=refusal,
            back=("Promise set-up", reverse("promise_setup")),
            sub="Nothing leaves on them, and orders are to leave the day before. Clear a row to work on its day.",
            template="patterns/grid.html", grid=grid.with_refusal(refusal),
        )  # fmt: skip

    if data is None:
        return drawn()
    days, bad = read_closed(grid.rows)
    if bad:
        return drawn(BadSetup("This cannot be kept.", lines=bad))
    if not form.is_valid():
        return drawn()
    added: list[ClosedOn] = form.cleaned_data["paste"]
    twice = sorted({day.on for day in added if [one.on for one in added].count(day.on) > 1})
    if twice:
        said = f"{', '.join(f'{on:%d %b %Y}' for on in twice[:5])} stands twice in the list."
        return drawn(BadSetup("This cannot be kept.", lines=[BadLine(0, "paste", said, "Keep one of them.")]))
    req = SetClosedDays([site_id], _all(known, days, added))
    if not req.days:
        return drawn(BadSetup("Nothing is different.", fix="Write a day and why nobody works then."))
    also = form.cleaned_data.get("others", "")
    chosen = [key for key, _ in others if also in ("all", str(key))]
    if chosen and added:
        commands_days.set_closed_days(ctx.keyed("others"), SetClosedDays(chosen, added))
    return perform(
        request, commands_days.set_closed_days, req, to=reverse("promise_closed", args=[site_id]),
        toast="Closed days saved", again=drawn,
    )  # fmt: skip


def _all(known: list[tuple[date, str]], days: list[ClosedOn], added: list[ClosedOn]) -> list[ClosedOn]:
    """What is to be kept: the grid's days, those of the list in front of them, and days that were taken out."""
    wanted = {day.on: day for day in [*days, *added]} if _once(days) else {}
    if not wanted and days:
        return days  # a day stands twice: the command says which
    gone = [ClosedOn(on, "") for on, _ in known if on not in wanted]
    return [*wanted.values(), *gone]


def _once(days: list[ClosedOn]) -> bool:
    return len({day.on for day in days}) == len(days)


urlpatterns = [path("promise/setup/<int:site_id>/closed-days", closed, name="promise_closed")]
