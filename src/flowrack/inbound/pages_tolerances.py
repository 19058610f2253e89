"""Pages of tolerances: all versions, and a new one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.inbound import commands_discrepancies as commands
from flowrack.inbound import queries_tolerance
from flowrack.inbound.forms import ToleranceForm
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Button, Choice, Column, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import perform_form, render_form
from flowrack.shared.errors import FlowrackError

TOLERANCES = ListPage(
    name="inbound.tolerances",
    title="Tolerances",
    noun=("tolerance", "tolerances"),
    permission="inbound.view",
    rows=queries_tolerance.tolerance_page,
    columns=[
        Column("supplier", "Supplier", sort=True, value=lambda r: r.supplier or "all"),
        Column("family", "Item family", sort=True, value=lambda r: r.family or "all"),
        Column("over_pct", "Over %", kind="number"),
        Column("over_units", "Over units", kind="number"),
        Column("on_over", "Beyond"),
        Column("under_pct", "Short %", kind="number"),
        Column("under_units", "Short units", kind="number"),
        Column("on_under", "Beyond"),
        Column("early_days", "Days early", kind="number"),
        Column("on_early", "Beyond"),
        Column("late_days", "Days late", kind="number"),
        Column("on_late", "Beyond"),
        Column("min_life_days", "Life left", kind="number"),
        Column("on_short_dated", "Less"),
        Column("version", "Version", kind="number"),
        Column("set_by", "Set by"),
        Column("set_at", "Set", kind="datetime", sort=True),
        Column("ended_at", "Ended", kind="datetime", hidden=True),
        Column("reason", "Why", hidden=True),
    ],
    tabs=[Tab("In force", "is_in_force=yes"), Tab("All versions", "")],
    filters=[Choice("is_in_force", "In force", [("yes", "in force"), ("no", "ended")])],
    sort="-set_at",
    search="Supplier or family",
    actions=[Button("Set a tolerance", "inbound_tolerance_new", permission="inbound.tolerance", primary=True, key="n")],
    empty=Empty(
        "The house rule counts",
        "What an order agreed is taken, a unit more is refused, any day is taken.",
        "Set a tolerance",
        "inbound_tolerance_new",
        "inbound.tolerance",
    ),
)


@page("inbound.tolerance")
def new_tolerance(request: HttpRequest) -> HttpResponse:
    """A new version of what is tolerated."""
    form = ToleranceForm(request.POST or None)

    def draw(refusal: FlowrackError | None = None) -> HttpResponse:
        back = ("Tolerances", reverse("inbound_tolerances"))
        return render_form(request, form, title="Set a tolerance", verb="Set it", back=back, refusal=refusal)

    if request.method != "POST":
        return draw()
    return perform_form(
        request,
        commands.set_tolerance,
        form.to_request(),
        form=form,
        to=reverse("inbound_tolerances"),
        toast="Tolerance set",
        again=draw,
    )


urlpatterns = [
    path("tolerances", TOLERANCES.view, name="inbound_tolerances"),
    path("tolerances/new", new_tolerance, name="inbound_tolerance_new"),
]
NAV = [NavItem("Inbound", "Tolerances", "inbound_tolerances", permission="inbound.view", order=90)]
