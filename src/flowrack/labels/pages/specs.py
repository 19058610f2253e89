"""Label specs: list, one version with its picture, the editor with a live preview, and files."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from flowrack.labels import commands, drawing, queries, rules, rules_check, rules_file
from flowrack.labels.forms import GRID, KIND_WORDS, FileForm, SpecForm, read, rows_of
from flowrack.labels.pages.files import as_file
from flowrack.labels.queries import SpecRow
from flowrack.labels.rules import Made, Medium
from flowrack.labels.rules_fields import fields_of, samples_of
from flowrack.labels.states import SpecState
from flowrack.labels.types import (
    SPEC,
    ApproveLabelSpec,
    BadLabelSpec,
    DraftLabelSpec,
    EndLabelSpec,
    Kind,
)
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Button, Choice, Column, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.query import ListQuery, Page
from flowrack.platform.web.record import Do, Document, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.refs import ref

SPECS_TITLE = "Label specs"
MARKS = {"draft": "wait", "approved": "ok", "ended": "wait"}


def _rows(query: ListQuery) -> Page[SpecRow]:
    found = queries.spec_list(query)
    return replace(found, rows=queries.with_counts(found.rows, on=clock.today()))


SPECS = ListPage(
    name="labels.specs",
    title=SPECS_TITLE,
    noun=("version", "versions"),
    permission="labels.view",
    rows=_rows,
    columns=[
        Column("code", "Spec", kind="code", sort=True, link=lambda r: reverse("label_spec", args=[r.id])),
        Column("number", "Version", kind="number"),
        Column("state", "State", kind="state", marks=MARKS),
        Column("counts", "Printed by it"),
        Column("kind", "Kind", sort=True, value=lambda r: r.kind.capitalize()),
        Column("name", "Name", wide=True),
        Column("for_whom", "For", sort=True),
        Column("size", "Size, mm", value=lambda r: f"{r.width_mm} × {r.height_mm}"),
        Column("copies", "Copies", kind="number"),
        Column("is_scanned", "Scanned back", value=lambda r: "yes" if r.is_scanned else "no"),
        Column("valid_from", "From", kind="date"),
        Column("valid_until", "Until", kind="date"),
        Column("printed", "Printed", kind="number", sort=True),
        Column("approved_by", "Approved by", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(one.value, one.value.capitalize()) for one in SpecState], promoted=True),
        Choice("kind", "Kind", KIND_WORDS, promoted=True),
    ],
    tabs=[Tab("In use", "state=approved"), Tab("Drafts", "state=draft"), Tab("All", "view=all")],
    sort="code",
    search="Code, name or customer",
    row_id=lambda r: int(r.id),
    actions=[
        Button("New spec", "label_spec_new", permission="labels.edit", primary=True, key="n"),
        Button("New packing slip", "label_spec_new_slip", permission="labels.edit"),
        Button("From a file", "label_spec_file", permission="labels.edit"),
        Button("Print labels", "labels_print", permission="labels.print"),
    ],
    empty=Empty("No label specs here", "What stands on cartons, pallets, totes, places, items and received goods."),
)

ELEMENT_COLUMNS = [
    Column("name", "Element"),
    Column("shape", "Shape"),
    Column("content", "Says", kind="code", wide=True),
    Column("symbology", "Barcode"),
    Column("place", "Place, mm", value=lambda e: f"{e.x_mm}, {e.y_mm}"),
    Column("size", "Size, mm", value=lambda e: f"{e.width_mm} × {e.height_mm}"),
    Column("rotation", "Turned", value=lambda e: f"{e.rotation}°" if e.rotation else ""),
    Column("size_pt", "Letters", value=lambda e: f"{e.size_pt} pt" if e.shape == "text" else ""),
]
VERSION_COLUMNS = [
    Column("number", "Version", kind="number", link=lambda r: reverse("label_spec", args=[r.id])),
    Column("state", "State", kind="state", marks=MARKS),
    Column("counts", "Printed by it"),
    Column("drafted_by", "Written by"),
    Column("approved_by", "Approved by"),
    Column("approved_at", "Approved", kind="datetime"),
    Column("printed", "Printed", kind="number"),
]


def sample(spec: DraftLabelSpec) -> Made:
    """The label of a spec with sample values. Refuses with LabelNotPrintable."""
    return rules.make(spec.elements, samples_of(spec.kind), _medium(spec), copies=spec.copies)


def _medium(spec: DraftLabelSpec) -> Medium:
    return Medium(spec.width_mm, spec.height_mm, spec.dpi)


def _picture(spec: DraftLabelSpec) -> str:
    said = f"{spec.kind} label {spec.code} with sample values"
    return drawing.svg(sample(spec).drawn, _medium(spec), said=said)


@page("labels.view", methods=("GET", "HEAD"))
def spec(request: HttpRequest, version_id: int) -> HttpResponse:
    """One version with its picture."""
    draft = queries.draft_of(version_id)
    [row] = queries.with_counts([queries.version(version_id)], on=clock.today())
    versions = queries.with_counts(queries.versions_of(row.spec_id), on=clock.today())
    is_draft = row.state == SpecState.DRAFT
    actions = [Do("Change" if is_draft else "Next version", reverse("label_spec_change", args=[version_id]),
                  "labels.edit", post=False, key="e")]  # fmt: skip
    if row.state != SpecState.ENDED:
        sure = f"Print {row.code} version {row.number} no more?"
        actions.append(Do("End", reverse("label_spec_end", args=[version_id]), "labels.approve", confirm=sure))
    if is_draft and row.drafted_by_id != viewer_of(request).user.pk:
        actions.append(
            Do("Approve", reverse("label_spec_approve", args=[version_id]), "labels.approve", primary=True, key="a")
        )
    record = Record(
        title=f"{row.code} {row.number}",
        subtitle=row.name,
        subject=ref(SPEC, version_id),
        state=row.state,
        marks=MARKS,
        back=(SPECS_TITLE, reverse("label_specs")),
        facts=[*_facts(row), *_standing(row)],
        actions=actions,
        tables=[
            Table("Elements", ELEMENT_COLUMNS, draft.elements),
            Table("Versions", VERSION_COLUMNS, versions),
        ],
        documents=[
            Document("Test print", reverse("label_spec_test", args=[version_id, "pdf"]), "PDF, with sample values"),
            Document("Test print for the printer", reverse("label_spec_test", args=[version_id, "zpl"]), "ZPL"),
            Document("The spec as a file", reverse("label_spec_yaml", args=[version_id]), "YAML"),
        ],
    )
    return render_record(request, record, template="labels/spec.html", picture=_picture(draft), placement=row.placement)


def _facts(row: SpecRow) -> list[Fact]:
    return [
        Fact("For", row.for_whom),
        Fact("Kind", row.kind.capitalize()),
        Fact("Label", f"{row.width_mm} × {row.height_mm} mm", note=f"{row.dpi} dpi"),
        Fact("Copies", row.copies, "number"),
        Fact("Counts when", "scanned back" if row.is_scanned else "printed"),
        Fact("From", row.valid_from or "approval", "date" if row.valid_from else "text"),
        Fact("Until", row.valid_until or "without end", "date" if row.valid_until else "text"),
        Fact("Written by", row.drafted_by, note=row.drafted_at),
        *([Fact("Approved by", row.approved_by, note=row.approved_at)] if row.approved_at else []),
    ]


def _standing(row: SpecRow) -> list[Fact]:
    """Whether labels are printed by it; of a draft, who may approve it and what stands in the way."""
    if row.state == SpecState.APPROVED:
        return [Fact("Printed by it", row.counts, tone="" if row.counts == "yes" else "warn")]
    if row.state != SpecState.DRAFT:
        return []
    rivals = queries.rivals(row.id, on=clock.today())
    way = f"not while {rivals[0]} holds for the same labels" if rivals else ""
    return [
        Fact("To approve", "somebody else than its writer"),
        *(
            [Fact("Can be approved", way, note="Write it as the next version of that, or end that.", tone="warn")]
            if way
            else []
        ),
    ]


@page("labels.edit")
def new(request: HttpRequest, kind: str = "") -> HttpResponse:
    """A new spec, which begins as that of the house for its kind; a slip has a shape of its own, so its own address."""
    kind = kind or request.GET.get("kind", "")
    kind = kind if kind in list(Kind) else Kind.CARTON
    [house] = queries.chosen([(kind, 0, 0)], on=clock.today())
    begin = replace(queries.draft_of(house.version_id), code="", name="") if house else None
    return _editor(
        request,
        begin,
        title="New packing slip" if kind == Kind.SLIP else "New label spec",
        back=(SPECS_TITLE, reverse("label_specs")),
    )


@page("labels.edit")
def change(request: HttpRequest, version_id: int) -> HttpResponse:
    """The next version of a spec, or its draft."""
    row = queries.version(version_id)
    title = f"{'Draft' if row.state == SpecState.DRAFT else 'Next version'} of {row.code}"
    return _editor(
        request, queries.draft_of(version_id), title=title, back=(row.code, reverse("label_spec", args=[row.id]))
    )


def _editor(request: HttpRequest, begin: DraftLabelSpec | None, *, title: str, back: tuple[str, str]) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = SpecForm(posted, initial=SpecForm.initial_of(begin) if begin else None)
    grid = GridForm(GRID, posted, initial=rows_of(begin.elements) if begin else [], blank=4)
    elements, bad = read(grid.rows)
    draft = begin
    if posted is not None:
        draft = form.to_request(elements) if form.is_valid() else None
    if posted is not None and "preview" in posted:
        return render(request, "labels/_preview.html", _preview(draft, bad))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        seen = _preview(draft, bad)
        return render_form(
            request, form, title=title, verb="Save draft", refusal=refusal, back=back, grid=grid.with_refusal(refusal),
            template="labels/edit.html", fields=fields_of(draft.kind if draft else Kind.CARTON),
            picture=seen["picture"], faults=seen["faults"],
        )  # fmt: skip

    if posted is None or draft is None:
        return drawn()
    if bad:
        return drawn(BadLabelSpec(bad[0].message, lines=bad))
    return perform(
        request, commands.draft_label_spec, draft, to=lambda done: reverse("label_spec", args=[done.version_id]),
        toast=lambda done: f"Draft of {done.code} saved", again=drawn,
    )  # fmt: skip


def _preview(draft: DraftLabelSpec | None, bad: list[BadLine]) -> dict[str, object]:
    """The label as far as it can be drawn, and what is wrong with it."""
    if draft is None:
        return {"picture": "", "faults": []}
    undrawable = [*bad, *rules_check.undrawable(draft)]
    faults = undrawable or rules_check.check(draft)  # what only lacks room is drawn, so that one sees it
    wrong = {line.line for line in undrawable}
    is_head_good = not any(
        line.field in ("kind", "width_mm", "height_mm", "dpi") for line in undrawable if not line.line
    )
    good = [one for n, one in enumerate(draft.elements, 1) if n not in wrong]
    picture = _picture(replace(draft, elements=good)) if is_head_good else ""
    return {"picture": picture, "faults": faults}


@page("labels.edit")
def from_file(request: HttpRequest) -> HttpResponse:
    """A spec from a YAML file: a draft like any other."""
    form = FileForm(request.POST or None, request.FILES or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        sub = "Save a spec as a file from its page, change it, and read it back here as a draft."
        return render_form(
            request, form, title="Label spec from a file", verb="Read file", refusal=refusal, sub=sub,
            back=(SPECS_TITLE, reverse("label_specs")),
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    try:
        draft = rules_file.read(form.said())
    except BadLabelSpec as refusal:
        return drawn(refusal)
    return perform(
        request, commands.draft_label_spec, draft, to=lambda done: reverse("label_spec", args=[done.version_id]),
        toast=lambda done: f"Draft of {done.code} read", again=drawn,
    )  # fmt: skip


@page("labels.approve", methods=("POST",))
def approve(request: HttpRequest, version_id: int) -> HttpResponse:
    """Let a draft be printed."""
    to = reverse("label_spec", args=[version_id])
    return perform(request, commands.approve_label_spec, ApproveLabelSpec(version_id), to=to, toast="Approved")


@page("labels.approve", methods=("POST",))
def end(request: HttpRequest, version_id: int) -> HttpResponse:
    """Print a version no more."""
    to = reverse("label_spec", args=[version_id])
    return perform(request, commands.end_label_spec, EndLabelSpec(version_id), to=to, toast="Ended")


@page("labels.view", methods=("GET", "HEAD"))
def test_print(request: HttpRequest, version_id: int, form: str) -> HttpResponse:
    """The label with sample values, marked as a test, as PDF or ZPL."""
    draft = queries.draft_of(version_id)
    made = sample(draft)
    if form == "zpl":
        return as_file(made.zpl.encode(), "text/plain; charset=us-ascii", f"{draft.code}-test.zpl")
    pdf = drawing.pages(made.pages, _medium(draft), title=draft.code, mark="TEST")
    return as_file(pdf, "application/pdf", f"{draft.code}-test.pdf")


@page("labels.view", methods=("GET", "HEAD"))
def as_yaml(request: HttpRequest, version_id: int) -> HttpResponse:
    """A version as a file."""
    draft = queries.draft_of(version_id)
    return as_file(rules_file.written(draft).encode(), "text/plain; charset=utf-8", f"{draft.code}.yaml")


NAV = [NavItem("Data and setup", SPECS_TITLE, "label_specs", permission="labels.view", order=64)]

urlpatterns = [
    path("label-specs", SPECS.view, name="label_specs"),
    path("label-specs/new", new, name="label_spec_new"),
    path("label-specs/new/slip", new, {"kind": Kind.SLIP.value}, name="label_spec_new_slip"),
    path("label-specs/file", from_file, name="label_spec_file"),
    path("label-specs/<int:version_id>", spec, name="label_spec"),
    path("label-specs/<int:version_id>/change", change, name="label_spec_change"),
    path("label-specs/<int:version_id>/approve", approve, name="label_spec_approve"),
    path("label-specs/<int:version_id>/end", end, name="label_spec_end"),
    path("label-specs/<int:version_id>/test.<str:form>", test_print, name="label_spec_test"),
    path("label-specs/<int:version_id>/spec.yaml", as_yaml, name="label_spec_yaml"),
]
