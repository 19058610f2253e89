"""Pages of what sites can do: working week, cut-offs, hands, policy, closed days."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import queries as locations
from flowrack.platform.http import now
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Button, Column, Empty, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import context_of, go, perform, render_form, toast
from flowrack.promise import commands_setup as commands
from flowrack.promise import pages_days, pages_safety, queries, queries_pages
from flowrack.promise.forms import (
    CUT_OFF_GRID,
    HANDS_GRID,
    HoursForm,
    PolicyForm,
    cut_off_rows,
    hands_rows,
    read_cut_offs,
    read_hands,
)
from flowrack.promise.queries_pages import HandsLine
from flowrack.promise.types import BadSetup, SetCutOffs, SetHours, SetPolicy
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.tasks import commands as tasks
from flowrack.tasks.types import SetCapacity

TITLE = "Promise set-up"
SETUP, HANDS = "promise.setup", "tasks.manage"

SITES = ListPage(
    name="promise.setup",
    title=TITLE,
    noun=("site", "sites"),
    permission=SETUP,
    rows=queries_pages.setup_page,
    columns=[
        Column("name", "Site", sort=True),
        Column("days", "Working days", value=lambda r: r.days or "Mon to Fri", link=lambda r: _at("hours", r.id)),
        Column("closed", "Closed days", value=lambda r: r.closed or "none", link=lambda r: _at("closed", r.id)),
        Column("cut_offs", "Cut-offs", value=lambda r: r.cut_offs or "the close", link=lambda r: _at("cut_offs", r.id)),
        Column("people", "People", value=lambda r: r.people or "not known", link=lambda r: _at("hands", r.id)),
        Column("percent", "POs count at, %", kind="number", link=lambda r: _at("policy", r.id)),
        Column("safety", "Items with safety stock", kind="number", link=lambda r: reverse("promise_safety")),
    ],
    sort="name",
    search="Site",
    actions=[Button("Limits of quotes", "promise_limits", permission=SETUP)],
    empty=Empty("No sites yet", "When a site works, until when carriers take goods, and how many hands there are."),
)


def _at(what: str, site_id: int) -> str:
    return reverse(f"promise_{what}", args=[site_id])


def _back() -> tuple[str, str]:
    return TITLE, reverse("promise_setup")


def _site(request: HttpRequest, site_id: int) -> str:
    site = locations.site(site_id)
    context_of(request).require(SETUP, site_id)
    return site.name


@page(SETUP)
def hours(request: HttpRequest, site_id: int) -> HttpResponse:
    """The working week of a site."""
    name = _site(request, site_id)
    form = HoursForm(request.POST or None, initial=HoursForm.initial_of(queries_pages.hours(site_id)))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(request, form, title=f"Hours of {name}", verb="Save", refusal=refusal, back=_back())

    if request.method != "POST" or not form.is_valid():
        return drawn()
    req = SetHours(site_id, form.to_hours())
    return perform(request, commands.set_hours, req, to=reverse("promise_setup"), toast="Hours saved", again=drawn)


@page(SETUP)
def policy(request: HttpRequest, site_id: int) -> HttpResponse:
    """How a site promises."""
    name = _site(request, site_id)
    known = queries.sites([site_id], now())[site_id].house.policy
    form = PolicyForm(request.POST or None, initial=PolicyForm.initial_of(known))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        title = f"How {name} promises"
        return render_form(request, form, title=title, verb="Save", refusal=refusal, back=_back())

    if request.method != "POST" or not form.is_valid():
        return drawn()
    req = SetPolicy(site_id, **form.to_fields())
    return perform(request, commands.set_policy, req, to=reverse("promise_setup"), toast="Saved", again=drawn)


@page(SETUP)
def cut_offs(request: HttpRequest, site_id: int) -> HttpResponse:
    """Until when carriers take goods at a site."""
    name = _site(request, site_id)
    initial = cut_off_rows(queries_pages.cut_offs(site_id))
    grid = GridForm(CUT_OFF_GRID, request.POST if request.method == "POST" else None, initial=initial)
    services = queries_pages.services()

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return _grid(request, grid, refusal, f"Cut-offs of {name}", f"Services: {', '.join(services) or 'none yet'}.")

    if request.method != "POST":
        return drawn()
    rows, bad = read_cut_offs(grid.rows, services)
    if bad:
        return drawn(BadSetup("This cannot be kept.", lines=bad))
    req = SetCutOffs(site_id, rows)
    return perform(
        request, commands.set_cut_offs, req, to=reverse("promise_setup"), toast="Cut-offs saved", again=drawn
    )


@page(HANDS)
def hands(request: HttpRequest, site_id: int) -> HttpResponse:
    """How many people work when at a site."""
    name = _site(request, site_id)
    before = queries_pages.hands(site_id)
    grid = GridForm(HANDS_GRID, request.POST if request.method == "POST" else None, initial=hands_rows(before))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        note = "People of a kind of work, by weekday and shift. A shift that is left out has no people."
        return _grid(request, grid, refusal, f"Hands of {name}", note)

    if request.method != "POST":
        return drawn()
    rows, bad = read_hands(grid.rows)
    twice = {(r.kind, r.weekday, r.shift) for r in rows}
    if len(twice) != len(rows):
        bad.append(BadLine(len(rows), "shift", "A shift stands twice.", "Give each its own name."))
    if bad:
        return drawn(BadSetup("This cannot be kept.", lines=bad))
    return _save_hands(request, site_id, rows, [b for b in before if (b.kind, b.weekday, b.shift) not in twice])


def _save_hands(
    request: HttpRequest, site_id: int, rows: Sequence[HandsLine], gone: Sequence[HandsLine]
) -> HttpResponse:
    """One command for each shift; those that are gone have no people any more."""
    ctx = context_of(request)
    wanted = [*rows, *(HandsLine(g.kind, g.weekday, g.shift, g.starts_at, 0, Decimal(0)) for g in gone)]
    for n, row in enumerate(wanted):
        req = SetCapacity(site_id, row.kind, row.weekday - 1, row.shift, row.people, row.hours, starts_at=row.starts_at)
        tasks.set_capacity(ctx.keyed(str(n)), req)
    toast(request, "Hands saved")
    return go(request, reverse("promise_setup"))


def _grid(request: HttpRequest, grid: GridForm, refusal: FlowrackError | None, title: str, sub: str) -> HttpResponse:
    return render_form(
        request, None, title=title, verb="Save", refusal=refusal, back=_back(), sub=sub,
        template="patterns/grid.html", grid=grid.with_refusal(refusal),
    )  # fmt: skip


NAV = [NavItem("Data and setup", TITLE, "promise_setup", permission=SETUP, order=62), *pages_safety.NAV]

urlpatterns = [
    path("promise/setup", SITES.view, name="promise_setup"),
    path("promise/setup/<int:site_id>/hours", hours, name="promise_hours"),
    *pages_days.urlpatterns,
    *pages_safety.urlpatterns,
    path("promise/setup/<int:site_id>/cut-offs", cut_offs, name="promise_cut_offs"),
    path("promise/setup/<int:site_id>/hands", hands, name="promise_hands"),
    path("promise/setup/<int:site_id>/policy", policy, name="promise_policy"),
]
