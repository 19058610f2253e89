"""The codes of items and places, to print those that nobody has printed: all that match a filter, as one file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.labels import commands, queries_codes
from flowrack.labels.types import LabelsPrinted, PrintLabels
from flowrack.platform.web.access import refused
from flowrack.platform.web.listing import Batch, Button, Column, Empty, Flag, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import perform
from flowrack.platform.web.viewer import site_of, viewer_of
from flowrack.shared.errors import Invalid

TITLE = "Codes to print"


def _printed(done: LabelsPrinted) -> str:
    """The list of what was printed just now: there all of it is one file."""
    ids = [one.print_id for one in done.prints]
    return f"{reverse('label_prints')}?id={min(ids)}..{max(ids)}"


def _print(request: HttpRequest, kind: str, ids: list[int]) -> HttpResponse:
    found = queries_codes.codes_of(kind, ids)
    sites = {site_id for site_id, _ in found} - {0}
    if len(sites) > 1:
        refusal = Invalid("These places are of several sites.", fix="Choose one site above, then print its codes.")
        return refused(request, refusal)
    site_id = next(iter(sites), site_of(viewer_of(request)))
    req = PrintLabels(kind, [code for _, code in found], site_id)
    return perform(request, commands.print_labels, req, to=_printed, toast=_told)


def _told(done: LabelsPrinted) -> str:
    many = f"{len(done.prints):,} label{'' if len(done.prints) == 1 else 's'}"
    return f"{many} printed: select them for one PDF, or as ZPL for the label printer."


_OF_PRINTS = [
    Column("prints", "Printed, times", kind="number", sort=True, value=lambda r: r.prints or None),
    Column("printed_at", "Printed last", kind="datetime", sort=True),
]

ITEMS = ListPage(
    name="labels.item_codes",
    title=TITLE,
    noun=("item", "items"),
    permission="labels.view",
    rows=queries_codes.items,
    columns=[
        Column("sku", "Item", kind="code", sort=True, link=lambda r: reverse("catalog_item", args=[r.id])),
        Column("name", "Name", sort=True, wide=True),
        Column("family", "Family", sort=True),
        Column("gtin", "GTIN", kind="code"),
        *_OF_PRINTS,
    ],
    filters=[Flag("is_own", "Own code only", promoted=True), Flag("is_printed", "Printed", promoted=True)],
    tabs=[
        Tab("Own code, not printed", "is_own=yes&is_printed=no"), Tab("Own code", "is_own=yes"), Tab("All", "view=all")
    ],
    sort="sku",
    search="Number, name or GTIN",
    row_id=lambda r: int(r.id),
    actions=[Button("Codes of places", "label_place_codes", permission="labels.view")],
    batch=[Batch("print", "Print codes", "labels.print", lambda request, ids: _print(request, "item", ids))],
    empty=Empty(
        "No item here lacks a code",
        "Items without a GTIN stand here until a label with the house's own number was printed of them.",
    ),
)  # fmt: skip

PLACES = ListPage(
    name="labels.place_codes",
    title="Codes of places",
    noun=("place", "places"),
    permission="labels.view",
    rows=queries_codes.places,
    columns=[
        Column("code", "Place", kind="code", sort=True),
        Column("kind", "Kind", sort=True),
        Column("zone", "Zone", sort=True),
        Column("site", "Site", kind="code", sort=True, of_sites=True),
        *_OF_PRINTS,
    ],
    filters=[Flag("is_printed", "Printed", promoted=True)],
    tabs=[Tab("Not printed", "is_printed=no"), Tab("All", "view=all")],
    sort="code",
    search="Code or zone",
    row_id=lambda r: int(r.id),
    actions=[Button("Codes of items", "label_item_codes", permission="labels.view")],
    batch=[Batch("print", "Print codes", "labels.print", lambda request, ids: _print(request, "bin", ids))],
    empty=Empty("Every place has its label", "Places stand here until their label was printed."),
)  # fmt: skip

NAV = [NavItem("Data and setup", TITLE, "label_item_codes", permission="labels.view", order=66)]

urlpatterns = [
    path("label-codes/items", ITEMS.view, name="label_item_codes"),
    path("label-codes/places", PLACES.view, name="label_place_codes"),
]
