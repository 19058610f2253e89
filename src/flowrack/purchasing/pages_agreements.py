"""Pages of supplier agreements: the list, one version, its form; and what a PO's page says of its prices."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.approvals.queries import standing
from flowrack.parties import queries as parties
from flowrack.platform.http import caller_of
from flowrack.platform.importing.web import import_view
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Button, Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Record, Table, render_record
from flowrack.platform.web.render import perform, perform_form, render_form
from flowrack.purchasing import commands_agreements as commands
from flowrack.purchasing import queries_agreements as queries
from flowrack.purchasing import queries_families
from flowrack.purchasing.forms_agreements import (
    PRICE_GRID,
    AgreementForm,
    EndAgreementForm,
    ReviseForm,
    grid_of,
    read_prices,
)
from flowrack.purchasing.pages_agreements_facts import facts
from flowrack.purchasing.pages_cover import approval_fact
from flowrack.purchasing.steps_agreement_import import AGREEMENT_LINES
from flowrack.purchasing.types_agreements import (
    AGREEMENT_KIND,
    AgreementContent,
    AgreementSaved,
    ApproveAgreement,
    ChangeAgreement,
    CreateAgreement,
    EndAgreement,
    ReviseAgreement,
)
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.refs import ref

LIST = "Supplier agreements"
MARKS = {"in_force": "ok", "to_come": "wait", "draft": "wait", "ended": "void", "replaced": "void", "withdrawn": "void"}

AGREEMENTS = ListPage(
    name="purchasing.agreements",
    title=LIST,
    noun=("agreement", "agreements"),
    permission="purchasing.view",
    rows=queries.agreement_page,
    columns=[
        Column("number", "Agreement", kind="code", sort="id", link=lambda r: _url(r.id)),
        Column("version", "Version", kind="number", sort=True),
        Column("supplier", "Supplier", sort=True, wide=True),
        Column("site", "Site", kind="code", sort=True, value=lambda r: r.site or "all"),
        Column("phase", "State", kind="state", marks=MARKS, sort=True),
        Column("valid_from", "First day", kind="date", sort=True),
        Column("valid_to", "Last day", kind="date", sort=True),
        Column("lines", "Lines", kind="number", sort=True),
        Column("min_value", "Least order", kind="money", sort=True),
        Column("reference", "Their reference", sort=True, hidden=True),
        Column("created_by", "Written by", sort=True, hidden=True),
        Column("approved_by", "Approved by", sort=True),
    ],
    filters=[
        Choice("phase", "State", [(phase, phase.replace("_", " ")) for phase in MARKS], promoted=True),
        DateRange("valid_from", "First day"),
        DateRange("valid_to", "Last day"),
    ],
    tabs=[Tab("In force", "phase=in_force"), Tab("To approve", "phase=draft"), Tab("All versions", "")],
    sort="-number",
    search="Agreement, supplier",
    actions=[
        Button("Import prices", "purchasing_agreements_import", permission="purchasing.agree"),
        Button("New agreement", "purchasing_agreement_new", permission="purchasing.agree", primary=True, key="n"),
    ],
    empty=Empty(
        "No supplier agreements",
        "Prices by quantity and date, least orders and days agreed with a supplier. Without one his list counts.",
        "New agreement",
        "purchasing_agreement_new",
        "purchasing.agree",
    ),
)
PRICE_COLUMNS = [
    Column("code", "Item or family", kind="code"),
    Column("name", "Name", wide=True),
    Column("starts_on", "Since", kind="date"),
    Column("from_units", "From units", kind="number"),
    Column("unit_cost", "Unit cost", kind="number", places=4),
    Column("list_cost", "List", kind="number", places=4),
    Column("moq", "MOQ", kind="number"),
    Column("multiple", "Multiple", kind="number"),
    Column("lead_time_days", "Lead days", kind="number"),
    Column("over_pct", "Over %", kind="number"),
]


def _url(agreement_id: int, step: str = "") -> str:
    return reverse(f"purchasing_agreement{step}", args=[agreement_id])


def _sites(request: HttpRequest) -> list[int]:
    caller = caller_of(request)
    return sorted(caller.sites("purchasing.view")) if caller else []


@page("purchasing.view", methods=("GET", "HEAD"))
def agreement(request: HttpRequest, agreement_id: int) -> HttpResponse:
    """One version of an agreement with its prices."""
    return _record(request, agreement_id)


def _record(request: HttpRequest, agreement_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    found = queries.agreement(agreement_id, _sites(request))
    head = found.head
    subject = ref("purchasing.agreement", agreement_id)
    asked = standing([subject], AGREEMENT_KIND).get(subject)
    actions = []
    if head.state == "draft":
        actions = [
            Do("Withdraw", _url(agreement_id, "_end"), "purchasing.agree", post=False),
            Do("Change", _url(agreement_id, "_change"), "purchasing.agree", post=False, key="e"),
            *([] if asked and asked.state == "waiting" else [
                Do("Submit for approval", _url(agreement_id, "_submit"), "purchasing.agree", key="s",
                   fields={"revision": head.revision})
            ]),
            Do(
                "Approve", _url(agreement_id, "_approve"), "purchasing.approve", primary=True, key="a",
                fields={"revision": head.revision},
            ),
        ]  # fmt: skip
    elif head.phase in ("in_force", "to_come"):
        actions = [
            Do("End", _url(agreement_id, "_end"), "purchasing.approve", post=False),
            Do("New version", _url(agreement_id, "_revise"), "purchasing.agree", primary=True, post=False, key="e"),
        ]
    record = Record(
        title=head.number,
        subtitle=f"version {head.version}, {head.supplier}",
        state=head.phase,
        marks=MARKS,
        subject=subject,
        back=(LIST, reverse("purchasing_agreements")),
        facts=[*facts(found), *([approval_fact(asked)] if asked and head.state == "draft" else [])],
        actions=actions,
        tables=[
            Table(
                "Prices",
                PRICE_COLUMNS,
                found.prices,
                empty="No prices: those of the supplier's list count. Change the draft, or import them.",
                note="List is what the supplier asks without this agreement.",
            )
        ],
    )
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


@page("purchasing.agree")
def new_agreement(request: HttpRequest) -> HttpResponse:
    """Write an agreement as a draft."""
    form, grid = AgreementForm(request.POST or None), GridForm(PRICE_GRID, request.POST or None)

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return _draw(request, form, grid, "New agreement", refusal, (LIST, reverse("purchasing_agreements")))

    if request.method != "POST":
        return again()
    content, rows, bad = _content(form, grid)
    return perform_form(
        request,
        commands.create_agreement,
        CreateAgreement(content),
        form=form,
        bad=bad,
        rows=rows,
        to=lambda done: _url(done.agreement_id),
        toast="Draft saved",
        again=again,
    )


@page("purchasing.agree")
def change_agreement(request: HttpRequest, agreement_id: int) -> HttpResponse:
    """Change a draft; the revision that was read comes along."""
    found = queries.agreement(agreement_id, _sites(request))
    code = parties.parties([found.head.supplier_id])[found.head.supplier_id].code
    form = AgreementForm(request.POST or None, initial=AgreementForm.initial_of(found, code))
    grid = GridForm(PRICE_GRID, request.POST or None, initial=grid_of(found.prices))
    revision = read_id(request.POST.get("revision", "")) or found.head.revision

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        title = f"Change {found.head.number} version {found.head.version}"
        back = (found.head.number, _url(agreement_id))
        return _draw(request, form, grid, title, refusal, back, revision=revision)

    if request.method != "POST":
        return again()
    content, rows, bad = _content(form, grid)
    return perform_form(
        request,
        commands.change_agreement,
        ChangeAgreement(agreement_id, revision, content),
        form=form,
        bad=bad,
        rows=rows,
        to=_url(agreement_id),
        toast="Draft saved",
        again=again,
    )


def _content(form: AgreementForm, grid: GridForm) -> tuple[AgreementContent, list[int], list[BadLine]]:
    """What of the form and the grid could be read, the row of each line, and what is wrong with the other rows."""
    lines, rows, bad = read_prices(grid.rows, queries_families.family_ids(row["family"] for row in grid.rows))
    return form.to_content(lines), rows, bad


def _draw(
    request: HttpRequest,
    form: AgreementForm,
    grid: GridForm,
    title: str,
    refusal: FlowrackError | None,
    back: tuple[str, str],
    **more: Any,
) -> HttpResponse:
    return render_form(
        request,
        form,
        title=title,
        verb="Save draft",
        refusal=refusal,
        back=back,
        template="purchasing/agreement_form.html",
        grid=grid.with_refusal(refusal),
        sub="One row for each price; rows of the same item belong together. A row without a price says only the rest.",
        **more,
    )


def _read(request: HttpRequest, agreement_id: int) -> ApproveAgreement:
    return ApproveAgreement(agreement_id, read_id(request.POST.get("revision", "")))


def _told(done: AgreementSaved) -> str:
    return "Agreement in force" if done.state == "active" else f"Waits for approval, {done.approval}"


@page("purchasing.agree", methods=("POST",))
def submit_agreement(request: HttpRequest, agreement_id: int) -> HttpResponse:
    """Ask approval for a draft."""
    return perform(
        request,
        commands.submit_agreement,
        _read(request, agreement_id),
        to=_url(agreement_id),
        toast=_told,
        again=lambda refusal: _record(request, agreement_id, refusal),
    )


@page("purchasing.approve", methods=("POST",))
def approve_agreement(request: HttpRequest, agreement_id: int) -> HttpResponse:
    """Give one's approval to a draft."""
    return perform(
        request,
        commands.approve_agreement,
        _read(request, agreement_id),
        to=_url(agreement_id),
        toast=_told,
        again=lambda refusal: _record(request, agreement_id, refusal),
    )


@page("purchasing.agree")
def revise_agreement(request: HttpRequest, agreement_id: int) -> HttpResponse:
    """Begin the next version."""
    found = queries.agreement(agreement_id, _sites(request))
    form = ReviseForm(request.POST or None)

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Next version of {found.head.number}", verb="Write version", refusal=refusal,
            back=(found.head.number, _url(agreement_id)),
            sub="It begins with the same content, as a draft. The old version counts until it is approved.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return again()
    return perform(
        request,
        commands.revise_agreement,
        ReviseAgreement(agreement_id, form.cleaned_data["valid_from"]),
        to=lambda done: _url(done.agreement_id, "_change"),
        toast="Draft written",
        again=again,
    )


@page("purchasing.agree")
def end_agreement(request: HttpRequest, agreement_id: int) -> HttpResponse:
    """Withdraw a draft, or let an agreement end."""
    found = queries.agreement(agreement_id, _sites(request))
    form = EndAgreementForm(request.POST or None)
    verb = "Withdraw" if found.head.state == "draft" else "End"

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"{verb} {found.head.number}", verb=f"{verb} {found.head.number}", refusal=refusal,
            back=(found.head.number, _url(agreement_id)),
            sub="Orders written before keep their prices; new ones are priced by the supplier's list.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return again()
    return perform(
        request,
        commands.end_agreement,
        EndAgreement(agreement_id, form.cleaned_data["reason"], form.cleaned_data["last_day"]),
        to=_url(agreement_id),
        toast="Withdrawn" if verb == "Withdraw" else "Agreement ended",
        again=again,
    )


urlpatterns = [
    path("supplier-agreements", AGREEMENTS.view, name="purchasing_agreements"),
    path("supplier-agreements/new", new_agreement, name="purchasing_agreement_new"),
    path(
        "supplier-agreements/import",
        import_view(AGREEMENT_LINES, commands.import_agreement_lines, back="purchasing_agreements"),
        name="purchasing_agreements_import",
    ),
    path("supplier-agreements/<int:agreement_id>", agreement, name="purchasing_agreement"),
    path("supplier-agreements/<int:agreement_id>/change", change_agreement, name="purchasing_agreement_change"),
    path("supplier-agreements/<int:agreement_id>/submit", submit_agreement, name="purchasing_agreement_submit"),
    path("supplier-agreements/<int:agreement_id>/approve", approve_agreement, name="purchasing_agreement_approve"),
    path("supplier-agreements/<int:agreement_id>/revise", revise_agreement, name="purchasing_agreement_revise"),
    path("supplier-agreements/<int:agreement_id>/end", end_agreement, name="purchasing_agreement_end"),
]
NAV = [NavItem("Inbound", LIST, "purchasing_agreements", permission="purchasing.view", order=85)]
