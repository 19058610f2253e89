"""Pages of purchasing: the list of POs, one PO, a new one, and how it ends; budgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import caller_of
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import (
    Batch,
    Button,
    Choice,
    Column,
    DateRange,
    Empty,
    ListPage,
    Tab,
)
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import ask, perform
from flowrack.purchasing import (
    commands,
    pages_agreements,
    pages_budgets,
    pages_confirmations,
    pages_documents,
    pages_drafts,
    pages_po_terms,
    pages_requisitions,
    pages_requisitions_verdict,
    pages_versions,
)
from flowrack.purchasing import queries_pages as queries
from flowrack.purchasing.forms import ReasonForm
from flowrack.purchasing.pages_cover import approval_fact, draft_columns, draft_facts, order_tables
from flowrack.purchasing.queries_approvals import approvals_of
from flowrack.purchasing.states import TRANSITIONS, PoState
from flowrack.purchasing.types import ApprovePo, CancelPo, ClosePo, SubmitPo
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

LIST = "Purchase orders"


def _submit_many(request: HttpRequest, po_ids: list[int]) -> HttpResponse:
    """Ask approval for the chosen drafts together."""
    return perform(
        request,
        commands.submit_po,
        SubmitPo(po_ids),
        to=reverse("purchasing_pos") + "?state=draft",
        toast=lambda done: f"{len(done.po_ids)} submitted",
    )


def _approve_many(request: HttpRequest, po_ids: list[int]) -> HttpResponse:
    """Approve the chosen drafts together."""
    return perform(
        request,
        commands.approve_po,
        ApprovePo(po_ids),
        to=reverse("purchasing_pos"),
        toast=lambda done: (
            f"{len(done.po_ids) - len(done.waiting_ids)} approved, {len(done.waiting_ids)} wait for others"
            if done.waiting_ids
            else f"{len(done.po_ids)} approved"
        ),
    )


POS = ListPage(
    name="purchasing.pos",
    title=LIST,
    noun=("order", "orders"),
    permission="purchasing.view",
    rows=queries.po_page,
    columns=[
        Column("number", "Order", kind="code", sort="id", link=lambda r: reverse("purchasing_po", args=[r.id])),
        Column("supplier", "Supplier", sort=True, wide=True),
        Column("state", "State", kind="state", sort=True),
        Column("due_on", "Due", kind="date", sort=True),
        Column("site", "Site", kind="code", sort=True),
        Column("line_count", "Lines", kind="number", sort=True),
        Column("ordered_units", "Ordered", kind="number", sort=True, total=True),
        Column("received_units", "Received", kind="number", sort=True, total=True),
        Column("owed_units", "Owed", kind="number", sort=True, total=True),
        Column("total", "Value", kind="money", sort=True, total=True),
        Column("ordered_on", "Ordered on", kind="date", sort=True, hidden=True),
        Column("created_by", "By", sort=True, hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, s.value) for s in PoState], promoted=True),
        DateRange("due_on", "Due", promoted=True),
        DateRange("ordered_on", "Ordered on"),
    ],
    tabs=[
        Tab("Open", "state=approved,receiving"),
        Tab("To approve", "state=draft"),
        Tab("Received", "state=received"),
        Tab("All", ""),
    ],
    sort="-number",
    search="Order, supplier",
    actions=[Button("New order", "purchasing_po_new", permission="purchasing.create", primary=True, key="n")],
    batch=[
        Batch("submit", "Submit for approval", "purchasing.create", _submit_many),
        Batch("approve", "Approve", "purchasing.approve", _approve_many),
    ],
    empty=Empty(
        "No purchase orders", "What we ordered from suppliers.", "New order", "purchasing_po_new", "purchasing.create"
    ),
)

LINE_COLUMNS = [
    Column("line_no", "Line", kind="number"),
    Column("sku", "Item", kind="code"),
    Column("name", "Name", wide=True),
    Column("units", "Ordered", kind="number"),
    Column("received_units", "Received", kind="number"),
    Column("owed_units", "Owed", kind="number"),
    Column("short_units", "Given up", kind="number", value=lambda r: r.short_units or None),
    Column("expected_on", "Expected", kind="date"),
    Column("over_units", "Over allowed", kind="number", value=lambda r: r.over_units or None),
    Column("unit_cost", "Unit cost", kind="number", places=4),
    Column("total", "Value", kind="money"),
]


@page("purchasing.view")
def po(request: HttpRequest, po_id: int) -> HttpResponse:
    """One PO with its lines, why they were proposed, and what happened to it."""
    return _record(request, po_id)


def _record(request: HttpRequest, po_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    found = queries.access_po(po_id, _sites(request))
    head, state = found.head, PoState(found.head.state)
    approved = [Fact("Approved by", found.approved_by, note=found.approved_at)] if found.approved_at else []
    asked = approvals_of([po_id]).get(po_id)
    today = clock.today()
    actions = [
        Do(words, reverse(f"purchasing_po_{step}", args=[po_id]), permission, primary=first, post=first, key=key)
        for action, step, words, permission, first, key in (
            ("approve", "submit", "Submit for approval", "purchasing.create", True, "s"),
            ("approve", "approve", "Approve", "purchasing.approve", True, "a"),
            ("change", "change", "Change", "purchasing.create", False, "c"),
            ("close", "close", "Close", "purchasing.create", False, ""),
            ("cancel", "cancel", "Cancel order", "purchasing.create", False, ""),
        )
        if (state, action) in TRANSITIONS and not (step == "submit" and asked is not None and asked.state == "waiting")
    ]
    budget_facts, budget_tables = pages_budgets.of_po(po_id, head.site_id, head.ordered_on)
    record = Record(
        title=head.number,
        subtitle=head.supplier,
        state=head.state,
        subject=ref("purchasing.po", po_id),
        site_id=head.site_id,
        back=(LIST, reverse("purchasing_pos")),
        facts=[
            Fact("Due", head.due_on, "date"),
            Fact("Site", head.site, "code"),
            Fact("Value", head.total, "money"),
            Fact("Owed", head.owed_units, "number", note="units"),
            *pages_po_terms.minimum_facts(po_id),
            *budget_facts,
            Fact("Written by", head.created_by),
            *draft_facts(found, asked, today),
            *([approval_fact(asked)] if asked is not None and state == PoState.DRAFT else []),
            *approved,
            *pages_versions.facts_of(found),
            *([Fact("Ended because", found.end_reason)] if found.end_reason else []),
        ],
        actions=[
            *actions,
            *pages_versions.actions_of(found),
            *pages_confirmations.actions_of(found),
            *pages_documents.actions_of(found),
        ],
        tables=[
            Table(
                "Lines",
                [*LINE_COLUMNS, *draft_columns(found, today), *pages_po_terms.price_columns(po_id)],
                [line for line in found.lines if line.units],
                totals={
                    "units": head.ordered_units,
                    "received_units": head.received_units,
                    "owed_units": head.owed_units,
                    "total": head.total,
                },
            ),
            *order_tables(found, today),
            *pages_confirmations.tables_of(found),
            *budget_tables,
        ],
        documents=pages_documents.documents_of(found),
        why={ref("purchasing.po", po_id): head.number}
        | {ref("purchasing.po_line", line.po_line_id): f"Line {line.line_no}, {line.sku}" for line in found.lines},
    )
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


def _sites(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("purchasing.view") if caller else frozenset()


@page("purchasing.create")
def new_po(request: HttpRequest) -> HttpResponse:
    """Write a PO as a draft."""
    return pages_drafts.write(request, commands.create_po)


@page("purchasing.create")
def change(request: HttpRequest, po_id: int) -> HttpResponse:
    """Change a draft."""
    return pages_drafts.change(request, po_id, commands.change_po)


@page("purchasing.create", methods=("POST",))
def submit(request: HttpRequest, po_id: int) -> HttpResponse:
    """Ask approval for a draft."""
    return perform(
        request,
        commands.submit_po,
        SubmitPo([po_id]),
        to=reverse("purchasing_po", args=[po_id]),
        toast=lambda done: "Waits for approval" if done.waiting_ids else "Order approved",
        again=lambda refusal: _record(request, po_id, refusal),
    )


@page("purchasing.approve", methods=("POST",))
def approve(request: HttpRequest, po_id: int) -> HttpResponse:
    """Give one's approval to a draft."""
    return perform(
        request,
        commands.approve_po,
        ApprovePo([po_id]),
        to=reverse("purchasing_po", args=[po_id]),
        toast=lambda done: "Approved, others follow" if done.waiting_ids else "Order approved",
        again=lambda refusal: _record(request, po_id, refusal),
    )


def _end(
    request: HttpRequest,
    po_id: int,
    command: Callable[[Any, Any], Any],
    make: type[ClosePo] | type[CancelPo],
    verb: str,
) -> HttpResponse:
    head = queries.access_po(po_id, _sites(request)).head
    return ask(
        request,
        ReasonForm(request.POST or None),
        command,
        lambda said: make([po_id], said["reason"]),
        title=f"{verb} {head.number}",
        back=(head.number, reverse("purchasing_po", args=[po_id])),
        sub=f"{head.supplier}, {head.owed_units} units are still owed.",
        toast=lambda done: f"Order {done.state}",
    )


@page("purchasing.create")
def close(request: HttpRequest, po_id: int) -> HttpResponse:
    """Expect nothing more of a PO."""
    return _end(request, po_id, commands.close_po, ClosePo, "Close")


@page("purchasing.create")
def cancel(request: HttpRequest, po_id: int) -> HttpResponse:
    """Withdraw a PO of which nothing came."""
    return _end(request, po_id, commands.cancel_po, CancelPo, "Cancel")


palette_records("Purchase order", "purchasing_po", "purchasing.view", queries.look_up)

urlpatterns = [
    *pages_requisitions.urlpatterns,
    *pages_requisitions_verdict.urlpatterns,
    path("purchase-orders", POS.view, name="purchasing_pos"),
    path("purchase-orders/new", new_po, name="purchasing_po_new"),
    path("purchase-orders/<int:po_id>", po, name="purchasing_po"),
    path("purchase-orders/<int:po_id>/change", change, name="purchasing_po_change"),
    path("purchase-orders/<int:po_id>/submit", submit, name="purchasing_po_submit"),
    path("purchase-orders/<int:po_id>/approve", approve, name="purchasing_po_approve"),
    path("purchase-orders/<int:po_id>/close", close, name="purchasing_po_close"),
    path("purchase-orders/<int:po_id>/cancel", cancel, name="purchasing_po_cancel"),
    *pages_versions.urlpatterns,
    *pages_confirmations.urlpatterns,
    *pages_documents.urlpatterns,
    *pages_agreements.urlpatterns,
    *pages_budgets.urlpatterns,
]
NAV = [
    *pages_requisitions.NAV,
    NavItem("Inbound", LIST, "purchasing_pos", permission="purchasing.view", order=20, keys="p"),
    *pages_confirmations.NAV,
    *pages_agreements.NAV,
    *pages_budgets.NAV,
]
