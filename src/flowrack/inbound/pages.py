"""Pages of inbound: the receiving board, receipts, one receipt."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flowrack.inbound import (
    commands,
    pages_claims,
    pages_deliveries,
    pages_discrepancies,
    pages_labels,
    pages_over,
    pages_receipts,
    pages_tolerances,
    queries,
    queries_availability,
    queries_discrepancies,
    queries_pages,
)
from flowrack.inbound.commands_availability import set_availability
from flowrack.inbound.forms import AvailabilityForm
from flowrack.inbound.queries import DueRow, ReceiptRow, WaitingRow
from flowrack.inbound.states import ReceiptState
from flowrack.inbound.types import Available, CloseReceipt, SetAvailability, TakeBack
from flowrack.locations import queries as locations
from flowrack.locations.types import SiteRow
from flowrack.platform.http import caller_of, now
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.format import words
from flowrack.platform.web.listing import Batch, Button, Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import MOST_ROWS, Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form, render_page
from flowrack.platform.web.viewer import Viewer, viewer_of
from flowrack.purchasing.queries import business_days
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

TARGET_MINUTES = 150
CLOCK_MINUTES = 242  # the whole width of the clock bar
CLOCK_WIDTH = 96


def clock(minutes: int) -> SafeString:
    """The dock-to-stock clock of a row: how long it runs, with the target as a tick; red when over."""
    width = min(minutes, CLOCK_MINUTES) * CLOCK_WIDTH // CLOCK_MINUTES
    return format_html(
        '<svg width="{w}" height="12" viewBox="0 0 {w} 12" aria-hidden="true"><rect class="f-c4" y="3" width="{w}"'
        ' height="6"/><rect class="{tone}" y="3" width="{run}" height="6"/><rect class="f-ink" x="{tick}" width="2"'
        ' height="12"/></svg>',
        w=CLOCK_WIDTH,
        tone="f-bad" if minutes > TARGET_MINUTES else "f-c1",
        run=width,
        tick=TARGET_MINUTES * CLOCK_WIDTH // CLOCK_MINUTES,
    )


def hours(minutes: int) -> str:
    """2 h 52, or 3 d 4 h for what stands for days."""
    if minutes >= 2 * 24 * 60:
        return f"{minutes // 1_440} d {minutes % 1_440 // 60} h"
    return f"{minutes // 60} h {minutes % 60:02}"


@page("inbound.view")
def board(request: HttpRequest) -> HttpResponse:
    """What is due, what is coming in, and what stands at the dock with its clock running."""
    site = _site_of(request)
    if site is None:
        return render_page(request, "inbound/board.html", {"site": None})
    at = now()
    today = business_days([site.site_id], now=at)[site.site_id]
    due = queries.due(site_id=site.site_id, today=today)
    waiting = queries.waiting(site_id=site.site_id, now=at)
    late = [row for row in waiting if row.minutes > TARGET_MINUTES]
    context: dict[str, Any] = {
        "site": site,
        "today": today,
        "due": [(row, _due_mark(row), _due_words(row)) for row in due],
        "due_late": sum(1 for row in due if row.days_late),
        "coming": sum(1 for row in due if row.place),
        "waiting": [
            (row, _next(row), clock(row.minutes), hours(row.minutes) if row.since else "not known") for row in waiting
        ],
        "late": len(late),
        "oldest": hours(waiting[0].minutes) if waiting else "",
        "target": hours(TARGET_MINUTES),
        "target_minutes": TARGET_MINUTES,
    }
    return render_page(request, "inbound/board.html", context)


def _site_of(request: HttpRequest) -> SiteRow | None:
    """The site the person works at; the first at which they may see receipts when none is chosen."""
    held = _held(request)
    sites = [site for site in locations.sites() if 0 in held or site.site_id in held]
    chosen = viewer_of(request).site_id
    return next((site for site in sites if site.site_id == chosen), sites[0] if sites else None)


def _held(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("inbound.view") if caller else frozenset()


def _due_mark(row: DueRow) -> str:
    if row.place:
        return "run"
    return "bad" if row.days_late else "wait"


def _due_words(row: DueRow) -> str:
    if row.place:
        return f"at {row.place}"
    if row.days_late:
        return f"{row.days_late} day{'s' if row.days_late > 1 else ''} late"
    return "due today"


def _next(row: WaitingRow) -> tuple[str, str]:
    """(word, tone) for what should happen next."""
    if row.quality == "available":
        return "putaway", ""
    return ("held", "warn") if row.quality in ("hold", "inspection", "quarantine") else (row.quality, "warn")


RECEIPTS = ListPage(
    name="inbound.receipts",
    title="Receipts",
    noun=("receipt", "receipts"),
    permission="inbound.view",
    rows=queries_pages.receipt_page,
    columns=[
        Column("number", "Receipt", kind="code", sort="id", link=lambda r: reverse("inbound_receipt", args=[r.id])),
        Column("po_number", "Order", kind="code", link=lambda r: reverse("purchasing_po", args=[r.po_id])),
        Column("supplier", "Supplier", sort=True, wide=True),
        Column("state", "State", kind="state", sort=True),
        Column("place", "Dock place", kind="code", sort=True),
        Column("line_count", "Counts", kind="number", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("value", "Value", kind="money", sort=True, total=True, permission="purchasing.view"),
        Column(
            "discrepancy_count", "Discrepancies", kind="number", sort=True, value=lambda r: r.discrepancy_count or None
        ),
        Column("opened_by", "By", sort=True),
        Column("opened_at", "Opened", kind="datetime", sort=True),
        Column("closed_at", "Closed", kind="datetime", sort=True, hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, s.value) for s in ReceiptState], promoted=True),
        DateRange("opened_at", "Opened", promoted=True),
    ],
    tabs=[Tab("Open", "state=open"), Tab("Closed", "state=closed"), Tab("All", "")],
    sort="-opened_at",
    search="Receipt, order or supplier",
    empty=Empty("No receipts", "What came from suppliers. People receive with the scan app."),
)

LINE_COLUMNS = [
    Column("received_at", "Counted", kind="datetime"),
    Column("sku", "Item", kind="code"),
    Column("name", "Name", wide=True),
    Column("units", "Units", kind="number"),
    Column("lot", "Lot", kind="code"),
    Column("expires_on", "Until", kind="date"),
    Column("lpn", "LPN", kind="code"),
    Column("quality", "Quality", kind="state", marks={"damaged": "bad", "expired": "bad", "hold": "warn"}),
    Column("discrepancy", "Discrepancy", kind="chip", tone=lambda r: "warn"),
    Column("available", "Available", value=lambda r: words(r.available or "after_putaway")),
    Column("received_by", "By"),
    Column("taken_back_at", "Taken back", kind="datetime"),
]


@page("inbound.view")
def receipt(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """One receipt with its counts."""
    return _record(request, receipt_id)


def _record(request: HttpRequest, receipt_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    head = queries_pages.access_receipt(receipt_id, _held(request))
    lines = queries.receipt_lines(receipt_id, limit=MOST_ROWS)
    found = queries_discrepancies.of_receipt(receipt_id, limit=MOST_ROWS)
    of_all = queries_discrepancies.count_of_receipt(receipt_id) if len(found) == MOST_ROWS else len(found)
    record = Record(
        title=head.number,
        subtitle=head.supplier,
        state=head.state,
        subject=ref("inbound.receipt", receipt_id),
        site_id=head.site_id,
        back=("Receipts", reverse("inbound_receipts")),
        facts=[
            Fact("Order", head.po_number, "code", url=reverse("purchasing_po", args=[head.po_id])),
            Fact("Dock place", head.place, "code"),
            Fact("Units", head.units, "number"),
            Fact("Discrepancies", head.discrepancy_count, "number", tone="warn" if head.discrepancy_count else ""),
            Fact("Opened", head.opened_at, "datetime", note=head.opened_by),
            *pages_receipts.facts(head),
        ],
        actions=_actions(head, lines[0].posting_id if lines and not lines[0].taken_back_at else 0),
        tables=[
            Table("Counts", LINE_COLUMNS, lines, of=head.all_line_count, totals={"units": head.units}),
            *([Table("Discrepancies", pages_discrepancies.BRIEF, found, of=of_all)] if found else []),
            *pages_over.tables(head.po_id),
        ],
        why={ref("inbound.line", line.receipt_line_id): line.sku for line in lines if line.available},
    )
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


def _actions(head: ReceiptRow, last_posting: int) -> list[Do]:
    if head.state != ReceiptState.OPEN:
        return [pages_receipts.reopen_action(head)]
    close = Do(
        "Close receipt",
        reverse("inbound_receipt_close", args=[head.id]),
        "inbound.close",
        primary=True,
        confirm="What is still owed stays open on the order.",
    )
    more = Do("Ask for more", reverse("inbound_receipt_ask", args=[head.id]), "inbound.receive", post=False)
    if not last_posting:
        return [more, close]
    back = Do(
        "Take back last count",
        reverse("inbound_receipt_take_back", args=[head.id]),
        "inbound.receive",
        fields={"posting": last_posting},
    )
    return [back, more, close]


@page("inbound.close", methods=("POST",))
def close(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """The truck is done."""
    return perform(
        request,
        commands.close_receipt,
        CloseReceipt(receipt_id),
        to=reverse("inbound_receipt", args=[receipt_id]),
        toast="Receipt closed",
        again=lambda refusal: _record(request, receipt_id, refusal),
    )


@page("inbound.receive", methods=("POST",))
def take_back(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """Undo the last count."""
    posting = request.POST.get("posting", "")
    return perform(
        request,
        commands.take_back,
        TakeBack(read_id(posting)),
        to=reverse("inbound_receipt", args=[receipt_id]),
        toast="Count taken back",
        again=lambda refusal: _record(request, receipt_id, refusal),
    )


def _end(request: HttpRequest, ids: list[int]) -> HttpResponse:
    return perform(
        request, set_availability, SetAvailability(end_ids=ids), to=reverse("inbound_availability"),
        toast="Policies ended",
    )  # fmt: skip


POLICIES = ListPage(
    name="inbound.availability",
    title="When received goods are available",
    noun=("policy", "policies"),
    permission="inbound.view",
    rows=queries_availability.policy_list,
    columns=[
        Column("words", "For", sort=True, wide=True),
        Column("available", "Available", sort=True, value=lambda r: words(r.available)),
        Column("location", "They stand in", kind="code"),
        Column("reason", "Why", wide=True),
        Column("valid_from", "From", kind="date", sort=True),
        Column("set_by", "Set by", sort=True),
        Column("set_at", "Set", kind="datetime", sort=True),
    ],
    filters=[Choice("available", "Available", [(a.value, words(a.value)) for a in Available], promoted=True)],
    sort="words",
    search="Item, family, supplier, site or reason",
    actions=[Button("New policy", "inbound_availability_new", permission="inbound.policy", primary=True, key="n")],
    batch=[Batch("end", "End", "inbound.policy", _end)],
    empty=Empty("No policies", "Without one, received goods are available once they are put away.", "New policy",
                "inbound_availability_new", "inbound.policy"),
)  # fmt: skip


@page("inbound.policy")
def new_policy(request: HttpRequest) -> HttpResponse:
    """Set a policy; the one of the same goods is replaced."""
    form = AvailabilityForm(request.POST or None)
    look: dict[str, Any] = {
        "title": "When received goods are available",
        "verb": "Save policy",
        "sub": "Item counts before family, family before supplier, supplier before site.",
        "back": ("Policies", reverse("inbound_availability")),
    }
    if request.method == "POST" and form.is_valid():
        return perform(
            request, set_availability, form.to_request(), to=reverse("inbound_availability"), toast="Policy saved",
            again=lambda refusal: render_form(request, form, refusal=refusal, **look),
        )  # fmt: skip
    return render_form(request, form, **look)


def _open_count(viewer: Viewer) -> int:
    return pages_claims.menu_counts(viewer).receipts


palette_records("Receipt", "inbound_receipt", "inbound.view", queries_pages.look_up_receipts)
palette_records("Discrepancy", "inbound_discrepancy", "inbound.view", queries_pages.look_up_discrepancies)

urlpatterns = [
    path("receiving", board, name="inbound_board"),
    *pages_discrepancies.urlpatterns,
    *pages_claims.urlpatterns,
    *pages_over.urlpatterns,
    *pages_labels.urlpatterns,
    *pages_receipts.urlpatterns,
    *pages_deliveries.urlpatterns,
    *pages_tolerances.urlpatterns,
    path("receipts", RECEIPTS.view, name="inbound_receipts"),
    path("receipts/<int:receipt_id>", receipt, name="inbound_receipt"),
    path("receipts/<int:receipt_id>/close", close, name="inbound_receipt_close"),
    path("receipts/<int:receipt_id>/take-back", take_back, name="inbound_receipt_take_back"),
    path("availability", POLICIES.view, name="inbound_availability"),
    path("availability/new", new_policy, name="inbound_availability_new"),
]
NAV = [
    NavItem("Inbound", "Dock and receiving", "inbound_board", permission="inbound.view", order=10, keys="r"),
    NavItem("Inbound", "Receipts", "inbound_receipts", permission="inbound.view", order=30, count=_open_count),
    *pages_discrepancies.NAV,
    *pages_claims.NAV,
    *pages_tolerances.NAV,
    NavItem("Data and setup", "When goods are available", "inbound_availability", permission="inbound.view", order=70),
]
