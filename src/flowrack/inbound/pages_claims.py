"""Pages of claims and debit notes: the list, one with its discrepancies and its paper, settling and cancelling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.inbound import commands_claims as commands
from flowrack.inbound import documents, queries_claims
from flowrack.inbound.forms_claims import CancelClaimForm, SettleClaimForm
from flowrack.inbound.queries_claims import ClaimRow
from flowrack.inbound.queries_discrepancies import DiscrepancyRow
from flowrack.inbound.queries_pages import OpenCounts, open_counts
from flowrack.inbound.states import ClaimState
from flowrack.inbound.types_claims import CLAIM, CancelClaim, ClaimKind, SendClaim, SettleClaim
from flowrack.platform.http import caller_of
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import words
from flowrack.platform.web.listing import Choice, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Document, Fact, Record, Table, render_record
from flowrack.platform.web.render import ask, perform
from flowrack.platform.web.viewer import Viewer
from flowrack.shared.errors import FlowrackError, NotPermitted
from flowrack.shared.refs import ref

COST = "purchasing.view"  # who may see what goods cost, and so what is asked for
MARKS = {"draft": "warn", "sent": "run", "settled": "ok", "cancelled": "void"}

CLAIMS = ListPage(
    name="inbound.claims",
    title="Claims and debit notes",
    noun=("claim", "claims"),
    permission="inbound.view",
    rows=queries_claims.claim_page,
    columns=[
        Column("number", "Number", kind="code", sort="id", link=lambda r: reverse("inbound_claim", args=[r.id])),
        Column("kind", "What", sort=True, value=lambda r: words(r.kind)),
        Column("state", "State", kind="state", sort=True, marks=MARKS),
        Column("asked_of", "Asked of", wide=True),
        Column("supplier", "Delivery of", sort=True, hidden=True),
        Column("lines", "Discrepancies", kind="number"),
        Column("amount", "Asked for", kind="money", sort=True, total=True, permission=COST),
        Column("settled_amount", "Agreed", kind="money", sort=True, total=True, permission=COST),
        Column("created_by", "Drafted by", hidden=True),
        Column("created_at", "Drafted", kind="datetime", sort=True),
        Column("sent_at", "Sent", kind="datetime", sort=True),
        Column("ended_at", "Ended", kind="datetime", sort=True, hidden=True),
    ],
    filters=[
        Choice("kind", "What", [(k.value, words(k)) for k in ClaimKind], promoted=True),
        Choice("state", "State", [(s.value, s.value) for s in ClaimState]),
        DateRange("created_at", "Drafted", promoted=True),
    ],
    tabs=[Tab("Drafts", "state=draft"), Tab("Sent", "state=sent"), Tab("All", "")],
    sort="-created_at",
    search="Number, supplier, carrier or note",
    empty=Empty("No claims", "A verdict on discrepancies that asks for money drafts one.", "Discrepancies",
                "inbound_discrepancies", "inbound.view"),
)  # fmt: skip
LINES = [
    Column("number", "Discrepancy", kind="code", link=lambda r: reverse("inbound_discrepancy", args=[r.id])),
    Column("kind", "What", value=lambda r: words(r.kind)),
    Column("sku", "Item", kind="code"),
    Column("units", "Units", kind="number"),
    Column("reason", "Why", wide=True),
    Column("po_number", "Order", kind="code"),
    Column("photo_count", "Photos", kind="number", value=lambda r: r.photo_count or None),
    Column("amount", "Asked for", kind="money", permission=COST),
]


def _held(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("inbound.view") if caller else frozenset()


def sees_cost(request: HttpRequest, site_id: int) -> bool:
    """Whether the person may see the money of discrepancies and claims of a site."""
    caller = caller_of(request)
    return caller is not None and caller.may(COST, site_id)


@page("inbound.view")
def claim(request: HttpRequest, claim_id: int) -> HttpResponse:
    """One claim or debit note."""
    return _record(request, claim_id)


def _record(request: HttpRequest, claim_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    row, lines = queries_claims.access(claim_id, _held(request))
    sees = sees_cost(request, row.site_id)
    paper = Document("As PDF", reverse("inbound_claim_pdf", args=[claim_id]), "PDF")
    facts = [
        Fact("Asked of", row.asked_of),
        Fact("Asked for", row.amount, "money") if sees else None,
        Fact("Agreed", row.settled_amount, "money") if sees and row.settled_amount is not None else None,
        Fact("Delivery of", row.supplier),
        Fact("Site", row.site, "code"),
        Fact("Drafted", row.created_at, "datetime", note=row.created_by),
        Fact("Sent", row.sent_at, "datetime", note=row.sent_by) if row.sent_at else None,
        Fact("Ended", row.ended_at, "datetime", note=row.end_reason or row.ended_by) if row.ended_at else None,
        Fact("Note", row.note) if row.note else None,
    ]
    record = Record(
        title=row.number,
        subtitle=f"{words(row.kind).capitalize()}, {row.asked_of}",
        state=row.state,
        marks=MARKS,
        subject=ref(CLAIM, claim_id),
        site_id=row.site_id,
        back=("Claims and debit notes", reverse("inbound_claims")),
        facts=[fact for fact in facts if fact is not None],
        actions=_actions(row),
        tables=[_lines(lines, sees_cost=sees)],
        documents=[paper] if sees else [],
        why={ref("inbound.discrepancy", line.id): line.number for line in lines},
    )
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


def _lines(lines: Sequence[DiscrepancyRow], *, sees_cost: bool) -> Table:
    columns = [column for column in LINES if sees_cost or column.permission != COST]
    totals = {"amount": sum(line.amount for line in lines)} if sees_cost else {}
    return Table("Discrepancies", columns, lines, totals=totals)


def _actions(row: ClaimRow) -> list[Do]:
    cancel = Do("Cancel", reverse("inbound_claim_cancel", args=[row.id]), "inbound.accept", post=False)
    if row.state == ClaimState.DRAFT:
        send = Do("It was sent", reverse("inbound_claim_send", args=[row.id]), "inbound.accept", primary=True, key="s")
        return [cancel, send]
    if row.state == ClaimState.SENT:
        settle = reverse("inbound_claim_settle", args=[row.id])
        return [cancel, Do("Settle", settle, "inbound.accept", post=False, primary=True, key="s")]
    return []


@page("inbound.accept", methods=("POST",))
def send(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The draft went out."""
    return perform(
        request,
        commands.send_claim,
        SendClaim(claim_id),
        to=reverse("inbound_claim", args=[claim_id]),
        toast=lambda done: f"{done.number} sent",
        again=lambda refusal: _record(request, claim_id, refusal),
    )


def _ask(
    request: HttpRequest,
    claim_id: int,
    form: Any,
    title: str,
    command: Callable[[Any, Any], Any],
    make: Callable[[dict[str, Any]], Any],
) -> HttpResponse:
    row, _ = queries_claims.access(claim_id, _held(request))
    sub = f"{row.asked_of}: {row.amount:,.2f} asked for" if sees_cost(request, row.site_id) else row.asked_of
    return ask(
        request,
        form,
        command,
        make,
        title=f"{title} {row.number}",
        back=(row.number, reverse("inbound_claim", args=[claim_id])),
        sub=sub,
        toast=lambda done: f"{done.number} {done.state}",
    )


@page("inbound.accept")
def settle(request: HttpRequest, claim_id: int) -> HttpResponse:
    """What was agreed."""
    form = SettleClaimForm(request.POST or None)
    return _ask(
        request,
        claim_id,
        form,
        "Settle",
        commands.settle_claim,
        lambda data: SettleClaim(claim_id, data["amount"], data["note"]),
    )


@page("inbound.accept")
def cancel(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Nothing is asked for any more."""
    form = CancelClaimForm(request.POST or None)
    return _ask(
        request,
        claim_id,
        form,
        "Cancel",
        commands.cancel_claim,
        lambda data: CancelClaim(claim_id, data["reason"]),
    )


@page(COST, methods=("GET", "HEAD"))
def claim_pdf(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The paper that goes out, with the money."""
    row, lines = queries_claims.access(claim_id, _held(request))
    if not sees_cost(request, row.site_id):
        raise NotPermitted("You may not see what goods of this site cost.", permission=COST)
    clock.at_own_site(row.site_id)
    return HttpResponse(
        documents.claim_paper(row, lines),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{row.number}.pdf"'},
    )


def menu_counts(viewer: Viewer) -> OpenCounts:
    """How much of inbound is open at the viewer's site; read once for a page, whichever menu entries ask."""
    return viewer.once("inbound.open", lambda: open_counts(viewer.site_id))


def _open_count(viewer: Viewer) -> int:
    return menu_counts(viewer).claims


urlpatterns = [
    path("claims", CLAIMS.view, name="inbound_claims"),
    path("claims/<int:claim_id>", claim, name="inbound_claim"),
    path("claims/<int:claim_id>/send", send, name="inbound_claim_send"),
    path("claims/<int:claim_id>/settle", settle, name="inbound_claim_settle"),
    path("claims/<int:claim_id>/cancel", cancel, name="inbound_claim_cancel"),
    path("claims/<int:claim_id>/paper.pdf", claim_pdf, name="inbound_claim_pdf"),
]
NAV = [
    NavItem(
        "Inbound", "Claims and debit notes", "inbound_claims", permission="inbound.view", order=45, count=_open_count
    ),
]
