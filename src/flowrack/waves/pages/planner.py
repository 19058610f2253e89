"""The wave planner: what is due with what a plan of now would do with it, and how full each cut-off is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import now
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Button, Choice, Column, Empty, ListPage, ListQuery, Page, Tab, Text
from flowrack.platform.web.listing import memory_page as in_memory
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import perform, render_page
from flowrack.platform.web.viewer import viewer_of
from flowrack.waves import commands, queries, queries_planner
from flowrack.waves.drawing import day_word, glass, legend
from flowrack.waves.pages.common import MARKS, PLAN, PLANNER, VIEW, glasses_of, site_here
from flowrack.waves.queries_planner import DryRun, Need, PoolRow
from flowrack.waves.rules_grouping import told_apart
from flowrack.waves.rules_overdue import overdue
from flowrack.waves.types import MakePlan, PlanNotFound

FATES = [("waits", "waits"), ("part", "waits in part"), ("goes", "goes"), ("out", "cannot go")]
MOST_NAMED = 8
MOST_AHEAD = 14


def _pool(query: ListQuery) -> Page[PoolRow]:
    """The orders of the pool at the site of the page."""
    run = queries_planner.dry_run(query.site_id, now()) if query.site_id else None
    return in_memory(query, queries_planner.pool_rows(run) if run else [], search=("number", "customer"))


POOL_COLUMNS = [
    Column("number", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.id])),
    Column("fate", "Would", kind="state", sort=True, marks=MARKS),
    Column("why", "Why", wide=True),
    Column("cut_off_at", "Cut-off", kind="datetime", sort=True),
    Column("points", "Penalty", kind="number", sort=True),
    Column("minutes", "Work, min", kind="number", sort=True),
    Column("tier", "Tier", kind="tier", sort=True),
    Column("due_on", "Due", kind="date", sort=True),
    Column("lines", "Lines", kind="number", sort=True),
    Column("template", "Template", sort=True),
    Column("units", "Units", kind="number", sort=True, hidden=True),
    Column("customer", "Customer", sort=True),
    Column("service", "Service", hidden=True),
    Column("region", "Region", sort=True, hidden=True),
    Column("hazards", "Dangerous goods", hidden=True),
    Column("temperatures", "Temperature", hidden=True),
    Column("missed", "Overdue for", tone=lambda r: "bad"),
    Column("missed_at", "Was to leave", kind="datetime", sort=True, hidden=True),
]


def _planner_extra(request: HttpRequest) -> dict[str, Any]:
    site = site_here(request, VIEW)
    return {"site": site, "draft": queries.newest_draft(site.id) if site else 0, "legend": legend()}


POOL = ListPage(
    name="waves.pool",
    title=PLANNER,
    noun=("order", "orders"),
    permission=VIEW,
    rows=_pool,
    columns=POOL_COLUMNS,
    filters=[
        Choice("fate", "Would", FATES, promoted=True),
        Choice("tier", "Tier", [("A", "A"), ("B", "B"), ("C", "C")], promoted=True),
        Text("template", "Template", promoted=True),
        Text("missed", "Overdue for"),
        Text("service", "Service"),
        Text("region", "Region"),
        Text("hazards", "Dangerous goods"),
        Text("temperatures", "Temperature"),
    ],
    tabs=[Tab("All that is due", ""), Tab("Waits", "fate=waits,part"), Tab("Cannot go", "fate=out")],
    sort="cut_off_at,points",
    search="Order or customer",
    row_id=lambda r: int(r.id),
    template="waves/planner.html",
    is_cards=True,
    extra=_planner_extra,
    actions=[
        Button("Change people", "waves_hands", permission="waves.people", key="p"),
        Button("Plans", "waves_plans", permission=VIEW),
    ],
    empty=Empty(
        "No order is due that is not with a picker",
        "Orders appear here when stock is reserved for them and they are due today. Choose one site to plan its waves.",
    ),
)


@page(VIEW)
def planner(request: HttpRequest) -> HttpResponse:
    """The planner of one site: the chosen one, or the first where none is chosen."""
    site, viewer = site_here(request, VIEW), viewer_of(request)
    viewer.site_id = site.id if site else viewer.site_id
    return POOL.view(request)


@page(VIEW)
def glasses(request: HttpRequest) -> HttpResponse:
    """The right side of the planner: cut-offs as glasses, needs, and who works; read anew every half minute."""
    site = site_here(request, VIEW)
    ahead = min(read_id(request.GET.get("ahead", "")) or 0, MOST_AHEAD)
    run = queries_planner.dry_run(site.id, now(), ahead_days=ahead) if site else None
    return render_page(request, "waves/_glasses.html", _glasses(run, ahead) if run else {"run": None})


def _glasses(run: DryRun, ahead: int) -> dict[str, Any]:
    plan = run.plan
    needed: list[Need] = queries_planner.needs(run.here.site_id, plan.lines, limit=12)
    return {
        "run": run,
        "ahead": ahead,
        "glasses": [(one, glass(one)) for one in glasses_of(plan, run.here.local)],
        "goes": len(plan.of("goes")),
        "waits": sorted(plan.of("waits"), key=lambda x: (x.penalty.points, x.order.order_id))[:12],
        "waiting": len(plan.of("waits")),
        "waves": _waves(run),
        "overdue": _overdue(run),
        "transfers": _transfers(run),
        "needs": needed,
        "changes": run.site.crew.changes,
        "legend": legend(),
    }


def _waves(run: DryRun) -> list[dict[str, Any]]:
    """The waves with their cut-offs as days and times, those of the same words counted."""
    waves, today = run.plan.waves, run.here.local
    apart = told_apart([(wave.cut_off_at, wave.template.name, wave.service, wave.label) for wave in waves])
    return [
        {
            "of": wave,
            "apart": apart[n],
            "cut_off": day_word(wave.cut_off_at, today),
            "until": day_word(wave.pick_until, today),
        }
        for n, wave in enumerate(waves)
    ]


def _transfers(run: DryRun) -> list[dict[str, Any]]:
    """Transfers that are to be staged, with their day and by when that must be done."""
    here = run.here
    return [
        {"of": one, "until": day_word(one.until, here.local) if one.until else "at once"}
        for one in run.site.transfers
        if one.seconds
    ]


def _overdue(run: DryRun) -> list[dict[str, Any]]:
    """Departures that can not be met any more, in words, with the orders that hang on each and what can be done."""
    here, found = run.here, overdue(run.plan.lines)
    loads = queries_planner.loads_named([one.missed.truck for one in found if one.missed.truck])
    return [
        {
            "name": f"Truck {one.missed.truck}" if one.missed.truck else one.missed.service or "Cut-off",
            "load_id": loads.get(one.missed.truck, 0),
            "at": day_word(one.missed.cut_off_at, here.local),
            "said": "has left, or should have" if one.is_gone(here.local) else (
                f"had to be picked until {one.missed.pick_until:%H:%M}"),
            "orders": one.orders[:MOST_NAMED],
            "more": max(0, len(one.orders) - MOST_NAMED),
            "lines": one.lines,
            "next": f"{day_word(one.next.cut_off_at, here.local)} {one.next.service}".strip() if one.next else "",
            "choices": f"{reverse('shipping_choices')}?" + urlencode(
                {"is_latest": "yes", "q": one.orders[0].number} if len(one.orders) == 1 or not one.missed.service
                else {"is_latest": "yes", "q": one.missed.service}),
        }
        for one in found
    ]  # fmt: skip


@page(PLAN, methods=("POST",))
def make(request: HttpRequest) -> HttpResponse:
    """Keep a plan of now."""
    site = site_here(request, PLAN)
    if site is None:
        raise PlanNotFound("There is no site for which you may plan.", fix="An administrator can grant it.")
    ahead = min(read_id(request.POST.get("ahead", "")) or 0, MOST_AHEAD)
    return perform(
        request,
        commands.make_plan,
        MakePlan(site.id, ahead),
        to=lambda done: reverse("waves_plan", args=[done.plan_id]),
        toast=lambda done: (
            f"{done.number}: {done.lines:,} lines go, {done.waiting:,} wait"
            + (f"; {', '.join(done.instead_of)} is dropped for it" if done.instead_of else "")
        ),
    )


NAV = [NavItem("Outbound", PLANNER, "waves_planner", permission=VIEW, order=31, section="Warehouse")]

urlpatterns = [
    path("waves/planner", planner, name="waves_planner"),
    path("waves/planner/glasses", glasses, name="waves_glasses"),
    path("waves/plans/make", make, name="waves_make"),
]
