"""What was printed, drawn anew from what was kept; and labels of places, totes and items to print."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.labels import commands, documents, queries_prints
from flowrack.labels.forms import KIND_WORDS, PrintForm
from flowrack.labels.pages.files import as_file
from flowrack.platform.http import caller_of
from flowrack.platform.web.access import page, refused
from flowrack.platform.web.filters import NumberRange
from flowrack.platform.web.listing import Batch, Button, Choice, Column, DateRange, Empty, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import site_of, viewer_of
from flowrack.shared.errors import FlowrackError, Invalid

PRINTS_TITLE = "Printed labels"

MOST_TOGETHER = 2_000


def _together(request: HttpRequest, ids: list[int], form: str) -> HttpResponse:
    """The chosen labels as one file, drawn anew from the values that were kept."""
    caller = caller_of(request)
    rows = queries_prints.prints_by_id(ids, caller.sites("labels.view") if caller else frozenset())
    try:
        if not 1 <= len(rows) <= MOST_TOGETHER:
            raise Invalid(f"1 to {MOST_TOGETHER:,} labels are one file.", fix="Choose fewer.")
        if form == "zpl":
            return as_file(documents.together_zpl(rows).encode(), "text/plain; charset=us-ascii", "labels.zpl")
        return as_file(documents.together_pdf(rows), "application/pdf", "labels.pdf")
    except FlowrackError as refusal:
        return refused(request, refusal)


PRINTS = ListPage(
    name="labels.prints",
    title=PRINTS_TITLE,
    noun=("label", "labels"),
    permission="labels.view",
    rows=queries_prints.print_list,
    columns=[
        Column("printed_at", "Printed", kind="datetime", sort="id"),
        Column("kind", "Kind", value=lambda r: r.kind.capitalize()),
        Column("code", "Code", kind="code", link=lambda r: reverse("label_print_pdf", args=[r.id])),
        Column("spec", "Spec", kind="code", link=lambda r: reverse("label_spec", args=[r.version_id])),
        Column("version", "Version", kind="number"),
        Column("copies", "Copies", kind="number"),
        Column("copy_of", "Print", kind="number"),
        Column("printed_by", "By"),
        Column("scanned_at", "Scanned back", kind="datetime", sort=True),
        Column("scanned_by", "Scanned by", hidden=True),
        Column("site", "Site"),
        Column("sha256", "Hash", kind="code", hidden=True),
    ],
    filters=[
        Choice("kind", "Kind", KIND_WORDS, promoted=True),
        DateRange("printed_at", "Printed", promoted=True),
        NumberRange("id", "Print no."),
    ],
    sort="-id",
    search="Code, spec or person",
    row_id=lambda r: int(r.id),
    actions=[
        Button("Codes to print", "label_item_codes", permission="labels.view"),
        Button("Print labels", "labels_print", permission="labels.print", primary=True, key="n"),
    ],
    batch=[
        Batch("pdf", "As one PDF", "labels.view", lambda request, ids: _together(request, ids, "pdf")),
        Batch("zpl", "As ZPL", "labels.view", lambda request, ids: _together(request, ids, "zpl")),
    ],
    empty=Empty("Nothing was printed yet", "Every label that is printed stands here, with what it was made of."),
)


@page("labels.view", methods=("GET", "HEAD"))
def drawn_anew(request: HttpRequest, print_id: int, form: str) -> HttpResponse:
    """One printed label as PDF or ZPL, from the values that were kept: the same bytes each time."""
    caller = caller_of(request)
    row = queries_prints.access_print(print_id, caller.sites("labels.view") if caller else frozenset())
    if form == "zpl":
        made, _ = documents.made_again(row)
        return as_file(made.zpl.encode(), "text/plain; charset=us-ascii", f"{row.code}.zpl")
    return as_file(documents.printed_pdf(row), "application/pdf", f"{row.code}.pdf")


@page("labels.view", methods=("GET", "HEAD"))
def pdf(request: HttpRequest, print_id: int) -> HttpResponse:
    """One printed label as PDF, one page for each copy."""
    return drawn_anew(request, print_id, "pdf")


@page("labels.print")
def print_page(request: HttpRequest) -> HttpResponse:
    """Print labels of places, totes or items."""
    form = PrintForm(request.POST or None, initial={"kind": request.GET.get("kind", "bin")})

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Print labels", verb="Print", refusal=refusal,
            sub="Each is printed by the spec of the house that holds today.",
            back=(PRINTS_TITLE, reverse("label_prints")),
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request, commands.print_labels, form.to_request(site_of(viewer_of(request))), to=reverse("label_prints"),
        toast=lambda done: f"{len(done.prints):,} label{'' if len(done.prints) == 1 else 's'} printed", again=drawn,
    )  # fmt: skip


NAV = [NavItem("Data and setup", PRINTS_TITLE, "label_prints", permission="labels.view", order=65)]

urlpatterns = [
    path("label-prints", PRINTS.view, name="label_prints"),
    path("label-prints/new", print_page, name="labels_print"),
    path("label-prints/<int:print_id>.pdf", pdf, name="label_print_pdf"),
    path("label-prints/<int:print_id>/label.<str:form>", drawn_anew, name="label_print_file"),
]
