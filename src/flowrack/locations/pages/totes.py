"""Totes: their list, a form for new ones, and their labels."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import commands, queries
from flowrack.locations.forms import TotesForm
from flowrack.locations.labels import MOST_LABELS, tote_sheet
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.listing import Button, Empty, Flag, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import sites_for, viewer_of
from flowrack.shared.errors import FlowrackError

TOTES = ListPage(
    name="locations.totes",
    title="Totes",
    noun=("tote", "totes"),
    permission="locations.view",
    rows=queries.tote_list,
    columns=[
        Column("code", "Tote", kind="code", sort=True, link=lambda r: reverse("compliance_lpn", args=[r.id])),
        Column("site", "Site", sort=True, wide=True),
        Column("created_at", "Since", kind="date", sort=True),
        Column(
            "labels",
            "Labels",
            value=lambda r: "from here on",
            link=lambda r: f"{reverse('locations_tote_labels')}?from={r.code}",
        ),
    ],
    tabs=[Tab("In use", "is_active=yes"), Tab("All", "")],
    filters=[Flag("is_active", "In use")],
    sort="code",
    search="Tote",
    actions=[
        Button("Labels", "locations_tote_labels", permission="locations.view", needs_rows=True),
        Button("New totes", "locations_totes_new", permission="locations.edit", primary=True, key="n"),
    ],
    empty=Empty(
        "No totes yet",
        "A box on the pick cart that holds the goods of one order.",
        "New totes",
        "locations_totes_new",
        "locations.edit",
    ),
)


@page(permission="locations.edit")
def make_totes(request: HttpRequest) -> HttpResponse:
    """A form for new totes; their labels are printed from the list."""
    viewer = viewer_of(request)
    sites = [s for s in sites_for(viewer) if viewer.may("locations.edit", s.id)]
    form = TotesForm(request.POST or None, sites=sites, initial={"site": viewer.site_id or None})
    to = reverse("locations_totes")

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="New totes", verb="Make totes", refusal=refusal, back=("Totes", to)
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        return perform(
            request, commands.make_totes, form.to_request(), to=to, again=again,
            toast=lambda made: f"{made.first} to {made.last} made",
        )  # fmt: skip
    return again()


@page(permission="locations.view", methods=("GET", "HEAD"))
def tote_labels(request: HttpRequest) -> HttpResponse:
    """The label sheet of the totes of the viewer's site, from a code on (`from`), as PDF."""
    viewer = viewer_of(request)
    first = request.GET.get("from", "").strip().upper()
    found = queries.totes(viewer.site_for("locations.view"), limit=MOST_LABELS + 1)
    response = HttpResponse(tote_sheet([t for t in found if t.code >= first]), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="tote-labels.pdf"'
    return response


NAV = [NavItem("Data and setup", "Totes", "locations_totes", permission="locations.view", order=72)]

urlpatterns = [
    path("totes", TOTES.view, name="locations_totes"),
    path("totes/new", make_totes, name="locations_totes_new"),
    path("totes/labels", tote_labels, name="locations_tote_labels"),
]
