"""Pages of safety stock: what is kept back where, changing it by the list, and who changed what when."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.catalog import queries as catalog
from flowrack.locations import queries as locations
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Batch, Button, Choice, Column, DateRange, Empty, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import context_of, go, perform, render_form
from flowrack.promise import commands_setup as commands
from flowrack.promise import queries_safety
from flowrack.promise.forms_days import SAFETY_GRID, SafetyListForm, read_safety
from flowrack.promise.types import BadSetup, SafetyOf, SetSafety
from flowrack.shared.errors import BadLine, FlowrackError, Invalid

SETUP = "promise.setup"
TITLE = "Safety stock"
MOST = 500


def _change(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """Put the chosen rows into the form."""
    return go(request, f"{reverse('promise_safety_change')}?ids={','.join(map(str, ids[:MOST]))}")


SAFETY = ListPage(
    name="promise.safety",
    title=TITLE,
    noun=("item at a site", "items at sites"),
    permission=SETUP,
    rows=queries_safety.safety_page,
    columns=[
        Column("sku", "Item", kind="code", sort=True, link=lambda r: reverse("analytics_item", args=[r.item_id])),
        Column("name", "Name", sort=True, wide=True),
        Column("site", "Site", kind="code", sort=True),
        Column("units", "Kept back", kind="number", sort=True, total=True),
        Column("on_hand", "In stock", kind="number", sort=True),
        Column("free", "Free above it", kind="number", sort=True),
        Column(
            "standing", "Stands", kind="state", sort=True, marks={"below": "bad", "promised into": "warn", "kept": "ok"}
        ),
        Column("changed_by", "Set by"),
        Column("changed_at", "Set", kind="datetime", sort=True),
        Column("reason", "Why", wide=True),
    ],
    filters=[
        Choice("standing", "Stands", [(word, word) for word in ("below", "promised into", "kept")], promoted=True),
    ],
    sort="sku,site",
    search="Item",
    actions=[
        Button("History", "promise_safety_history"),
        Button("Set safety stock", "promise_safety_change", primary=True, key="n"),
    ],
    batch=[Batch("change", "Change", SETUP, _change)],
    empty=Empty(
        "No safety stock",
        "Units that nobody is promised, so that a late delivery does not stop orders.",
        "Set safety stock",
        "promise_safety_change",
        SETUP,
    ),
)

HISTORY = ListPage(
    name="promise.safety_history",
    title="History of safety stock",
    noun=("change", "changes"),
    permission=SETUP,
    rows=queries_safety.change_page,
    columns=[
        Column("changed_at", "At", kind="datetime", sort="id"),
        Column("sku", "Item", kind="code", sort=True, link=lambda r: reverse("analytics_item", args=[r.item_id])),
        Column("name", "Name", wide=True),
        Column("site", "Site", kind="code", sort=True),
        Column("before", "Before", kind="number"),
        Column("after", "After", kind="number"),
        Column("changed_by", "By", sort=True),
        Column("reason", "Why", wide=True),
    ],
    filters=[DateRange("changed_at", "At", promoted=True)],
    sort="-id",
    search="Item or reason",
    actions=[Button(TITLE, "promise_safety")],
    empty=Empty("No changes yet", "Who set the safety stock of which item to how many units, and why."),
)


class SafetyForm(SafetyListForm):
    """Safety stock of items at a site."""

    site = forms.ChoiceField(label="Site")
    reason = forms.CharField(label="Why", max_length=200, required=False, help_text="Stands in the history.")
    field_order = ("site", "reason", "paste")


@page(SETUP)
def change(request: HttpRequest) -> HttpResponse:
    """Set the safety stock of many items at a site; all, or none when one row is wrong."""
    ctx = context_of(request)
    ids = [key for part in request.GET.get("ids", "").split(",")[:MOST] if (key := read_id(part))]
    rows = [row for row in queries_safety.kept_back(ids) if ctx.may(SETUP, row[0])]
    if len({site_id for site_id, _, _ in rows}) > 1:
        raise Invalid("These rows are of more than one site.", fix="Choose rows of one site.")
    data = request.POST if request.method == "POST" else None
    grid = GridForm(SAFETY_GRID, data, initial=[{"sku": sku, "units": str(units)} for _, sku, units in rows])
    form = SafetyForm(data, initial={"site": str(rows[0][0])} if rows else {})
    form.fields["site"].choices = [  # type: ignore[attr-defined]
        (str(s.site_id), s.name) for s in locations.sites() if ctx.may(SETUP, s.site_id)
    ]

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Set safety stock", verb="Save", refusal=refusal,
            back=(TITLE, reverse("promise_safety")),
            sub="Units that promises leave alone. Items that are not named stay as they are.",
            template="patterns/grid.html", grid=grid.with_refusal(refusal),
        )  # fmt: skip

    if data is None or not form.is_valid():
        return drawn()
    wanted, bad = read_safety(grid.rows, form.cleaned_data["paste"])
    known = catalog.item_ids([sku for _, sku, _ in wanted])
    bad += [
        BadLine(n, "sku", f"There is no item “{sku}”.", "Check the SKU.") for n, sku, _ in wanted if sku not in known
    ]
    if bad or not wanted:
        fix = "" if bad else "Write an item and its units, or paste a list."
        return drawn(BadSetup("This cannot be kept." if bad else "Nothing is named.", lines=bad, fix=fix))
    items = [SafetyOf(known[sku], units) for _, sku, units in wanted]
    req = SetSafety(int(form.cleaned_data["site"]), items, form.cleaned_data["reason"])
    return perform(
        request, commands.set_safety, req, to=reverse("promise_safety"),
        toast=lambda done: f"{done.count} saved", again=drawn,
    )  # fmt: skip


NAV = [NavItem("Data and setup", TITLE, "promise_safety", permission=SETUP, order=63)]

urlpatterns = [
    path("promise/safety", SAFETY.view, name="promise_safety"),
    path("promise/safety/history", HISTORY.view, name="promise_safety_history"),
    path("promise/safety/set", change, name="promise_safety_change"),
]
