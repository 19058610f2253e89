"""The trace: scan or type a lot, serial, LPN or document and see where its units came from and went."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, path, reverse

from flowrack.compliance import queries, queries_documents
from flowrack.compliance.queries import LotTrace, LpnTrace
from flowrack.compliance.queries_documents import DocumentTrace
from flowrack.compliance.types import Step
from flowrack.platform.lookup import label_of
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.export import csv_response
from flowrack.platform.web.format import in_units, words
from flowrack.platform.web.listing import ListQuery, Page
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.render import render_page
from flowrack.shared.errors import FlowrackError

CSV = [
    Column("day", "Day"),
    Column("first_at", "First at"),
    Column("reason", "Reason"),
    Column("from_place", "From"),
    Column("from_state", "From state"),
    Column("to_place", "To"),
    Column("to_state", "To state"),
    Column("units", "Units"),
    Column("moves", "Moves"),
    Column("people", "People"),
]
PAGES = {
    "po": "purchasing_po", "receipt": "inbound_receipt", "order": "sales_order", "shipment": "shipment",
}  # fmt: skip
KIND_NAMES = {"po": "Purchase order", "receipt": "Receipt", "order": "Order", "shipment": "Shipment"}
PARTS = (
    ("received", "received"), ("opening", "opening stock"), ("returned", "returned"), ("found", "found"),
    ("on_hand", "on hand"), ("in_transit", "in transit"), ("shipped", "shipped"), ("sent_back", "sent back"),
    ("scrapped", "scrapped"), ("lost", "adjusted away"),
)  # fmt: skip


def link(name: str, *args: Any) -> str:
    """The address of another stage's page, empty where it does not exist."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@page("compliance.trace")
def trace(request: HttpRequest) -> HttpResponse:
    """Search, or the trace itself when the code means one thing."""
    code = request.GET.get("code", "").strip()
    if not code:
        return render_page(request, "compliance/trace.html", {"code": ""})
    try:
        documents = queries_documents.find_documents(code)
        found = documents or queries.find(_plain(code))
    except FlowrackError as refusal:
        return render_page(request, "compliance/trace.html", {"code": code, "refusal": refusal}, status=refusal.status)
    if len(found) > 1:
        return render_page(request, "compliance/trace.html", {"code": code, "found": found})
    if documents:
        return _document(request, found[0].kind, found[0].id)
    return _lpn(request, found[0].id) if found[0].kind == "lpn" else _lot(request, found[0].id)


def _plain(code: str) -> str:
    """The lot, serial or SSCC inside a scanned GS1 label, else the code itself."""
    label = label_of(code)
    return label.lot or label.serial or label.sscc or code


@page("compliance.trace")
def lot(request: HttpRequest, lot_id: int) -> HttpResponse:
    """The trace of a lot or serial."""
    return _lot(request, lot_id)


@page("compliance.trace")
def lpn(request: HttpRequest, lpn_id: int) -> HttpResponse:
    """The trace of a license plate."""
    return _lpn(request, lpn_id)


@page("compliance.trace")
def document(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """The trace of a purchase order, receipt, order or shipment."""
    return _document(request, kind, key)


def _document(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    found = queries_documents.trace_document(kind, key)
    subject = found.subject
    if request.GET.get("format") == "csv":
        return _csv(f"Trace {subject.code}", found.steps)
    is_inward = kind in ("po", "receipt")
    record = link(PAGES[kind], key)
    traced = len({goods.lot_id for goods in (found.came if is_inward else found.left) if goods.lot_id})
    context = {
        "code": subject.code, "subject": subject, "kind": KIND_NAMES[kind], "record": record, "is_inward": is_inward,
        "came": found.came, "left": found.left, "sentence": _document_sentence(found, is_inward=is_inward),
        "traced": traced, "steps": _steps(found.steps),
        "csv": reverse("compliance_document", args=[kind, key]) + "?format=csv",
    }  # fmt: skip
    return render_page(request, "compliance/document.html", context)


def _document_sentence(found: DocumentTrace, *, is_inward: bool) -> str:
    goods = found.came if is_inward else found.left
    if not goods:
        return "Nothing came by it yet." if is_inward else "Nothing left by it yet."
    items = len({one.item_id for one in goods})
    units = f"{sum(one.units for one in goods):,} units of {items:,} {'item' if items == 1 else 'items'}"
    partners = ", ".join(sorted({one.partner for one in goods})[:3])
    return f"{units} came from {partners}." if is_inward else f"{units} went to {partners}."


def _lot(request: HttpRequest, lot_id: int) -> HttpResponse:
    found = queries.trace_lot(lot_id)
    if request.GET.get("format") == "csv":
        return _csv(f"Trace {found.head.code}", found.steps)
    context = {
        "code": found.head.code, "lot": found,
        "balance": [(label, getattr(found.balance, key)) for key, label in PARTS],
        "item_url": link("analytics_item", found.head.item_id), "sentence": _sentence(found),
        "csv": reverse("compliance_lot", args=[lot_id]) + "?format=csv", "steps": _steps(found.steps),
    }  # fmt: skip
    return render_page(request, "compliance/lot.html", context)


def _lpn(request: HttpRequest, lpn_id: int) -> HttpResponse:
    found: LpnTrace = queries.trace_lpn(lpn_id)
    if request.GET.get("format") == "csv":
        return _csv(f"Trace {found.code}", found.steps)
    csv = reverse("compliance_lpn", args=[lpn_id]) + "?format=csv"
    context = {"code": found.code, "lpn": found, "steps": _steps(found.steps), "csv": csv}
    return render_page(request, "compliance/lpn.html", context)


def _csv(title: str, steps: list[Step]) -> HttpResponse:
    def rows(query: ListQuery) -> Page[Step]:
        return Page(steps[query.offset : query.offset + query.limit], len(steps))

    return cast(HttpResponse, csv_response(title, CSV, rows, ListQuery(limit=max(len(steps), 1))))


def _steps(steps: list[Step]) -> list[tuple[Step, str]]:
    return [(step, words(step.reason.lower())) for step in steps]


def _sentence(found: LotTrace) -> str:
    customers = len({d.customer for d in found.destinations})
    suppliers = len({s.supplier for s in found.sources})
    balance = found.balance
    out = f"{balance.shipped:,} shipped to {customers} {'customer' if customers == 1 else 'customers'}"
    sources = in_units(balance.entered) + (
        f" from {suppliers} {'supplier' if suppliers == 1 else 'suppliers'}" if suppliers else ""
    )
    return f"{sources}: {out}, {balance.on_hand:,} on hand."


NAV = [NavItem("Stock", "Lots and trace", "compliance_trace", permission="compliance.trace", order=50, keys="l")]

palette_records("Lot", "compliance_lot", "compliance.trace", queries.look_up_lots)
palette_records("LPN", "compliance_lpn", "compliance.trace", queries.look_up_lpns)

urlpatterns = [
    path("trace", trace, name="compliance_trace"),
    path("trace/lots/<int:lot_id>", lot, name="compliance_lot"),
    path("trace/lpns/<int:lpn_id>", lpn, name="compliance_lpn"),
    path("trace/<slug:kind>/<int:key>", document, name="compliance_document"),
]
