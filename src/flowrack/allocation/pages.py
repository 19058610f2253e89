"""Pages of allocation: what waits for stock and why, and the buttons that run it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import (
    commands,
    commands_runs,
    pages_cross_docks,
    pages_displacement,
    pages_exceptions,
    pages_modes,
    pages_overrides,
    pages_rules,
    pages_runs,
    pages_substitutes,
    pages_why,
    queries,
    queries_at_hand,
    queries_runs,
)
from flowrack.allocation.queries import WaitingLine
from flowrack.allocation.types import Allocate, Allocated
from flowrack.allocation.types_runs import StartRun
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.format import currency_symbol, money, number
from flowrack.platform.web.listing import Choice, Column, Empty, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import perform
from flowrack.platform.web.viewer import Viewer, sites_for, viewer_of
from flowrack.sales import queries as orders


def _sub(viewer: Viewer) -> str:
    waiting = queries.waiting_totals(frozenset({viewer.site_id}))
    held = ""
    if waiting.held_lines:
        are = "lines are" if waiting.held_lines > 1 else "line is"
        held = f"; {number(waiting.held_lines)} more {are} on hold with {number(waiting.held_units)} units"
    if not waiting.lines:
        return f"Nothing waits for stock{held}."
    worth = f"{currency_symbol()}{money(waiting.value)}"
    lines, orders, units = number(waiting.lines), number(waiting.orders), number(waiting.units)
    return f"{lines} lines of {orders} orders wait for {units} units, {worth}{held}"


def _to_ladder(row: WaitingLine) -> str:
    return f"{reverse('sales_order', args=[row.order_id])}?line={row.id}#ladder"


WAITING = ListPage(
    name="allocation.waiting",
    title="Waiting for stock",
    noun=("line", "lines"),
    permission="allocation.view",
    rows=queries_at_hand.waiting_list,
    is_cards=True,
    columns=[
        Column("number", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("tier", "Tier", kind="tier", sort=True),
        Column("customer", "Customer", sort=True),
        Column("ship_by_on", "Ship by", kind="date", sort=True),
        Column("requested_on", "Wanted", kind="date", sort=True, hidden=True),
        Column("sku", "Item", kind="code", sort=True),
        Column("name", "Name", minor=True),
        Column("units", "Ordered", kind="number", minor=True),
        Column("waiting", "Waits", kind="number", sort=True, total=True),
        Column("value", "Value", kind="money", sort=True, total=True),
        Column("sentence", "Why", wide=True),
        Column("ask", "", value=lambda r: "Why?", link=_to_ladder),
    ],
    filters=[Choice("tier", "Tier", [(tier, tier) for tier in "ABC"], promoted=True)],
    sort="tier,ship_by_on",
    search="Order, customer or item",
    sub=_sub,
    empty=Empty("Nothing waits for stock", "Lines appear here when an order wants more than is free."),
    template="allocation/waiting.html",
    extra=lambda request: {
        "may_run": viewer_of(request).may("allocation.run"),
        "run_sites": [s for s in sites_for(viewer_of(request)) if viewer_of(request).site_id in (0, s.id)],
    },
)


def _said(done: Allocated) -> str:
    return f"{done.units} reserved" if not done.waiting_units else f"{done.units} reserved, {done.waiting_units} wait"


@page("allocation.run", methods=("POST",))
def run(request: HttpRequest) -> HttpResponse:
    """Run the allocation over every open line of a site; where many are open, as a job in parts."""
    asked = request.POST.get("site_id", "")
    site_id = read_id(asked) or viewer_of(request).site_id
    if sum(lines for _, lines in queries_runs.open_items([site_id])) > queries_runs.MOST_LINES:
        return perform(
            request,
            commands_runs.start_run,
            StartRun(site_id),
            to=reverse("allocation_runs"),
            toast=lambda started: f"Run {started.run_id} over {started.lines:,} lines has begun",
        )
    return perform(request, commands.allocate, Allocate(site_id), to=reverse("allocation_waiting"), toast=_said)


@page("allocation.run", methods=("POST",))
def run_order(request: HttpRequest, order_id: int) -> HttpResponse:
    """Run the allocation for one order."""
    head = orders.access_order(order_id, frozenset({0}))
    return perform(
        request,
        commands.allocate,
        Allocate(head.site_id, [order_id]),
        to=reverse("sales_order", args=[order_id]),
        toast=_said,
    )


NAV = [
    NavItem(
        "Outbound",
        "Waiting for stock",
        "allocation_waiting",
        permission="allocation.view",
        order=20,
        section="Allocation",
    ),
    *pages_cross_docks.NAV,
    *pages_exceptions.NAV,
    *pages_displacement.NAV,
    *pages_substitutes.NAV,
    *pages_rules.NAV,
    *pages_modes.NAV,
    *pages_overrides.NAV,
    *pages_runs.NAV,
]

urlpatterns = [
    *pages_cross_docks.urlpatterns,
    *pages_exceptions.urlpatterns,
    *pages_displacement.urlpatterns,
    *pages_substitutes.urlpatterns,
    *pages_rules.urlpatterns,
    *pages_modes.urlpatterns,
    *pages_overrides.urlpatterns,
    *pages_runs.urlpatterns,
    *pages_why.urlpatterns,
    path("allocation/waiting", WAITING.view, name="allocation_waiting"),
    path("allocation/run", run, name="allocation_run"),
    path("orders/<int:order_id>/allocate", run_order, name="allocation_run_order"),
]
