"""Pages of inspection: the queue, one inspection with its checklist, photos and verdict, plans."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.inspection import commands, pages_holds, queries, rules
from flowrack.inspection.forms import PlanForm, read_results, read_verdict
from flowrack.inspection.queries import InspectionRow, holds, inspections
from flowrack.inspection.states import WAITING, InspectionState
from flowrack.inspection.types import INSPECTION, AddPhoto, BadPhoto, DefectClass, StartInspection
from flowrack.inspection.types_holds import Cause
from flowrack.platform import photos
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import words
from flowrack.platform.web.listing import Button, Choice, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Do, Fact, Record, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import Viewer, viewer_of
from flowrack.shared.errors import FlowrackError, NotFound
from flowrack.shared.refs import ref

MARKS = {"open": "wait", "started": "run", "sorting": "warn", "decided": "ok", "skipped": "ok"}

INSPECTIONS = ListPage(
    name="inspection.inspections",
    title="Inspections",
    noun=("inspection", "inspections"),
    permission="inspection.view",
    rows=queries.inspection_list,
    columns=[
        Column("number", "Inspection", kind="code", sort="id", link=lambda r: reverse("inspection", args=[r.id])),
        Column("sku", "Item", kind="code", sort=True),
        Column("name", "Name", wide=True),
        Column("lot", "Lot", kind="code"),
        Column("supplier", "Supplier", sort=True),
        Column("state", "State", kind="state", marks=MARKS),
        Column("lot_units", "Lot, units", kind="number", sort=True, total=True),
        Column("sample_units", "Sample", kind="number"),
        Column("severity", "Severity", kind="chip", sort=True,
               tone=lambda r: "warn" if r.severity in ("tightened", "discontinued") else ""),
        Column("places", "Where", kind="code"),
        Column("opened_at", "Since", kind="datetime", sort=True),
        Column("verdict", "Verdict", value=lambda r: words(r.verdict)),
        Column("receipt", "Receipt", kind="code", hidden=True,
               link=lambda r: reverse("inbound_receipt", args=[r.receipt_id])),
        Column("decided_by", "Decided by", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, words(s)) for s in InspectionState], promoted=True),
        Choice("severity", "Severity", [(s, s) for s in ("normal", "tightened", "reduced", "discontinued")],
               promoted=True),
        DateRange("opened_at", "Since"),
    ],
    tabs=[Tab("Waiting", "state=open,started,sorting"), Tab("Decided", "state=decided,skipped"), Tab("All", "")],
    sort="opened_at",
    search="Inspection, item, lot, supplier or receipt",
    actions=[Button("Plans", "inspection_plans", permission="inspection.view", key="p")],
    empty=Empty("Nothing to inspect", "Received goods that a plan covers, or that were booked for inspection."),
)  # fmt: skip

PLANS = ListPage(
    name="inspection.plans",
    title="Inspection plans",
    noun=("plan", "plans"),
    permission="inspection.view",
    rows=queries.plan_list,
    columns=[
        Column("scope", "For", sort=True, wide=True),
        Column("version", "Version", kind="number", sort=True),
        Column("level", "Level"),
        Column("aql", "AQL", value=lambda r: f"{r.aql.normalize():f}"),
        Column("aql_minor", "Minor", value=lambda r: f"{r.aql_minor.normalize():f}" if r.aql_minor else None),
        Column("tighten_after", "Tighten after", kind="number"),
        Column("skip_one_in", "Skip lots",
               value=lambda r: f"1 in {r.skip_one_in} after {r.skip_after}" if r.skip_one_in else None),
        Column("checks", "Checks", kind="number"),
        Column("valid_from", "From", kind="date", sort=True),
        Column("valid_until", "Until", kind="date", sort=True),
        Column("set_by", "Set by"),
    ],
    sort="scope",
    search="Item, family, supplier or site",
    actions=[Button("New plan", "inspection_plan_new", permission="inspection.plan", primary=True, key="n")],
    empty=Empty("No plans", "Without one, goods booked for inspection are inspected unit by unit.", "New plan",
                "inspection_plan_new", "inspection.plan"),
)  # fmt: skip


@page("inspection.plan")
def new_plan(request: HttpRequest) -> HttpResponse:
    """Write a plan; the one of the same goods ends where it begins."""
    form = PlanForm(request.POST or None)
    look: dict[str, Any] = {
        "title": "Inspection plan",
        "verb": "Save plan",
        "sub": "Item counts before family, family before supplier, supplier before site.",
        "back": ("Inspection plans", reverse("inspection_plans")),
    }
    if request.method == "POST" and form.is_valid():
        return perform(
            request, commands.set_plan, form.to_request(), to=reverse("inspection_plans"), toast="Plan saved",
            again=lambda refusal: render_form(request, form, refusal=refusal, **look),
        )  # fmt: skip
    return render_form(request, form, **look)


def _seen(request: HttpRequest, inspection_id: int, permission: str = "inspection.view") -> InspectionRow:
    """The inspection, if it is at a site where the person holds the permission."""
    row, caller = queries.inspection_row(inspection_id), caller_of(request)
    if row is None or caller is None or not caller.may(permission, row.site_id):
        raise NotFound(f"There is no inspection with id {inspection_id}.")
    return row


@page("inspection.view")
def inspection(request: HttpRequest, inspection_id: int) -> HttpResponse:
    """One inspection: what to look at, what was found, photos, and the verdict."""
    return _record(request, _seen(request, inspection_id))


def _record(request: HttpRequest, row: InspectionRow, refusal: FlowrackError | None = None) -> HttpResponse:
    viewer = viewer_of(request)
    is_sorting = row.state == InspectionState.SORTING
    sample, found = queries.defects_of(row.id, is_sorting=False), queries.defects_of(row.id, is_sorting=True)
    look = rules.sample_in(row)
    missing = queries.unmeasured(row.id)
    word = row.sample_result or rules.outlook(
        sample=look, tested=row.tested_units, found=sample, unmeasured=len(missing)
    )
    results, result_count = queries.results_of(row.id)
    typed = queries.found_by_check(row.id, is_sorting=is_sorting)
    may_look = row.state in ("started", "sorting") and viewer.may("inspection.inspect", row.site_id)
    received = viewer.user.pk in queries.receivers_of(row.id)
    record = Record(
        title=row.number,
        subtitle=f"{row.sku} {row.name}{f', lot {row.lot}' if row.lot else ''}",
        state=row.state,
        marks=MARKS,
        subject=ref(INSPECTION, row.id),
        site_id=row.site_id,
        back=("Inspections", f"{reverse('inspections')}?state=open,started,sorting"),
        facts=_facts(row, word, found if is_sorting or row.sorted_units else sample),
        actions=[
            *([Do("Start", reverse("inspection_start", args=[row.id]), "inspection.inspect", primary=True, key="s")]
              if row.state == InspectionState.OPEN else []),
        ],
    )  # fmt: skip
    context = {
        "row": row,
        "is_sorting": is_sorting,
        "kinds": [str(kind) for kind in DefectClass],
        "word": word,
        "missing": [one.words for one in missing] if row.tested_units >= row.sample_units else [],
        "to_test": row.lot_units if is_sorting else row.sample_units,
        "tested": row.sorted_units if is_sorting else row.tested_units,
        "checks": [(check, _typed(check, typed)) for check in queries.checks_of(row.id)],
        "results": results,
        "result_count": result_count,
        "photos": queries.photos_of(row.id),
        "may_look": may_look,
        "may_photo": viewer.may("inspection.inspect", row.site_id) and row.state != InspectionState.CANCELLED,
        "may_decide": may_look and viewer.may("inspection.decide", row.site_id) and not received,
        "received": received and row.state in WAITING,
        "past": queries.past_lots(row.supplier_id, row.item_id, but=row.id),
        "severity": queries.severity_of(row.supplier_id, row.item_id),
        "changes": queries.severity_changes(row.supplier_id, row.item_id)[:5],
        "holds": queries.open_holds_of(row.id),
        "causes": [(cause.value, words(cause)) for cause in Cause],
        "lines": queries.lines_of(row.id),
    }
    return render_record(
        request, record, template="inspection/inspection.html", refusal=refusal,
        status=refusal.status if refusal else 200, **context,
    )  # fmt: skip


def _facts(row: InspectionRow, word: str, found: rules.Defects) -> list[Fact]:
    defects = found.critical + found.major + found.minor
    outcome = {"passes": "passes", "fails": "fails", "open": "not tested in full"}[word]
    return [
        Fact("Lot", row.lot_units, "number", note=row.base_uom),
        Fact("Sample", row.sample_units, "number", note=f"letter {row.letter}" if row.letter else words(row.mode)),
        Fact("Accept, reject", f"{row.accept}, {row.reject}"),
        Fact("Severity", words(row.severity), tone="warn" if row.severity in ("tightened", "discontinued") else ""),
        Fact("Tested", row.sorted_units or row.tested_units, "number", note=f"{defects} defective"),
        Fact("Result", outcome, tone="bad" if word == "fails" else ""),
        Fact("Supplier", row.supplier),
        Fact("Receipt", row.receipt, "code", url=reverse("inbound_receipt", args=[row.receipt_id])),
    ]


def _typed(check: queries.CheckRow, found: Mapping[int, tuple[int, list[Decimal]]]) -> str:
    """What was recorded for a check, as it is typed."""
    if check.id not in found:
        return ""
    defective, measured = found[check.id]
    return " ".join(f"{one.normalize():f}" for one in measured) if check.kind == "measure" else str(defective)


@page("inspection.inspect", methods=("POST",))
def start(request: HttpRequest, inspection_id: int) -> HttpResponse:
    """Begin to look."""
    row = _seen(request, inspection_id)
    return perform(
        request, commands.start_inspection, StartInspection(inspection_id),
        to=reverse("inspection", args=[inspection_id]), toast="Inspection started",
        again=lambda refusal: _record(request, row, refusal),
    )  # fmt: skip


@page("inspection.inspect", methods=("POST",))
def results(request: HttpRequest, inspection_id: int) -> HttpResponse:
    """Keep what was found."""
    row = _seen(request, inspection_id)
    try:
        req = read_results(inspection_id, request.POST.dict(), queries.checks_of(inspection_id))
    except FlowrackError as refusal:
        return _record(request, row, refusal)
    return perform(
        request, commands.record_results, req, to=reverse("inspection", args=[inspection_id]), toast="Results kept",
        again=lambda refusal: _record(request, row, refusal),
    )  # fmt: skip


@page("inspection.decide", methods=("POST",))
def verdict(request: HttpRequest, inspection_id: int) -> HttpResponse:
    """Give the verdict."""
    row = _seen(request, inspection_id)
    try:
        req = read_verdict(inspection_id, request.POST.dict(), now=now())
    except FlowrackError as refusal:
        return _record(request, row, refusal)
    return perform(
        request, commands.decide, req, to=reverse("inspection", args=[inspection_id]),
        toast=lambda done: "Sort every unit" if done.state == "sorting" else "Verdict given",
        again=lambda refusal: _record(request, row, refusal),
    )  # fmt: skip


@page("inspection.inspect", methods=("POST",))
def add_photo(request: HttpRequest, inspection_id: int) -> HttpResponse:
    """Keep a photo."""
    row, sent = _seen(request, inspection_id), request.FILES.get("photo")
    name = (sent.name or "") if sent else ""
    try:
        kept = photos.save_upload(sent)
    except photos.PhotoRefused as refusal:
        said = f"“{name[:80]}”: {refusal.message}" if name else refusal.message
        return _record(request, row, BadPhoto(said, fix=refusal.fix))
    return perform(
        request, commands.add_photo, AddPhoto(inspection_id, kept.digest, name, request.POST.get("note", "")),
        to=reverse("inspection", args=[inspection_id]) + "#photos", toast="Photo kept",
        again=lambda refusal: _record(request, row, refusal),
    )  # fmt: skip


def waiting(viewer: Viewer) -> int:
    """Inspections without a verdict at the person's site."""
    return len(queries.waiting_list([viewer.site_id], limit=99)) if viewer.may("inspection.inspect") else 0


NAV = [
    NavItem("Inbound", "Inspections", "inspections", permission="inspection.view", order=40, count=waiting),
    NavItem("Data and setup", "Inspection plans", "inspection_plans", permission="inspection.view", order=72),
]

palette_records("Inspection", "inspection", "inspection.view", inspections.look_up_inspections)
palette_records("Hold", "inspection_hold", "inspection.view", holds.look_up_holds)

urlpatterns = [
    path("inspections", INSPECTIONS.view, name="inspections"),
    path("inspections/plans", PLANS.view, name="inspection_plans"),
    path("inspections/plans/new", new_plan, name="inspection_plan_new"),
    path("inspections/<int:inspection_id>", inspection, name="inspection"),
    path("inspections/<int:inspection_id>/start", start, name="inspection_start"),
    path("inspections/<int:inspection_id>/results", results, name="inspection_results"),
    path("inspections/<int:inspection_id>/verdict", verdict, name="inspection_verdict"),
    path("inspections/<int:inspection_id>/photos", add_photo, name="inspection_photos"),
    *pages_holds.urlpatterns,
]
