"""The pages of freight: carriers' invoices, charges that differ, figures by carrier, terms."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.approvals.queries import standing
from flowrack.approvals.steps import role_names
from flowrack.freight import commands, imports, queries
from flowrack.freight.forms import LINE_COLUMNS, DecideForm, DropForm, InvoiceForm, TermsForm, lines_of
from flowrack.freight.queries import ChargeRow, FigureRow, InvoiceRow
from flowrack.freight.rules import CAUSES, Cause
from flowrack.freight.states import ChargeState
from flowrack.freight.types import (
    INVOICE,
    ApproveFreightInvoice,
    BadFreightInvoice,
    DecideCharges,
    DropFreightInvoice,
    EnterFreightInvoice,
    FreightTerms,
    SetFreightTerms,
)
from flowrack.platform.importing.web import import_view
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Batch, Button, Choice, DateRange, Empty, ListPage, NumberRange, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import ask, go, perform, render_form
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.refs import ref

TITLE, CHARGES_TITLE, FIGURES_TITLE = "Freight invoices", "Freight charges", "Freight by carrier"
VIEW, ENTER, DECIDE, APPROVE = "freight.view", "freight.enter", "freight.decide", "freight.approve"
MARKS = {"open": "wait", "waiting": "wait", "approved": "ok", "dropped": "void"}
MOST = 500
AT_ONCE = 200  # so that an address stays within what every server takes

INVOICES = ListPage(
    name="freight.invoices",
    title=TITLE,
    noun=("invoice", "invoices"),
    permission=VIEW,
    rows=queries.invoice_list,
    columns=[
        Column("number", "Invoice", kind="code", sort=True, link=lambda r: _url(r.id)),
        Column("carrier", "Carrier", sort=True, wide=True),
        Column("invoiced_on", "Of", kind="date", sort=True),
        Column("state", "State", kind="state", sort=True),
        Column("charges", "Charges", kind="number", sort=True),
        Column("open", "Differ", kind="number", sort=True, value=lambda r: r.open or None,
               tone=lambda r: "warn" if r.open else ""),
        Column("disputed", "Disputed", kind="number", sort=True, value=lambda r: r.disputed or None),
        Column("billed", "Billed", kind="money", sort=True, total=True),
        Column("expected", "Expected", kind="money", sort=True, total=True),
        Column("difference", "Difference", kind="money", sort=True, total=True),
        Column("payable", "Payable", kind="money", sort=True, total=True),
        Column("released", "Released", kind="money", sort=True, total=True, hidden=True),
        Column("entered_by", "Entered by", hidden=True),
        Column("entered_at", "Entered", kind="datetime", sort=True, hidden=True),
    ],
    filters=[
        Choice("state", "State", [(state, state) for state in MARKS]),
        NumberRange("open", "Differ"),
        DateRange("invoiced_on", "Of", promoted=True),
    ],
    tabs=[Tab("Open", "state=open,waiting"), Tab("With differences", "state=open&open=1.."), Tab("All", "view=all")],
    sort="-invoiced_on",
    search="Number or carrier",
    row_id=lambda r: int(r.id),
    actions=[
        Button("Terms", "freight_terms", permission="freight.terms"),
        Button("Import", "freight_import", permission=ENTER),
        Button("Enter invoice", "freight_new", permission=ENTER, primary=True, key="n"),
    ],
    empty=Empty(
        "No freight invoices", "What carriers bill is compared with the freight that was expected.", "Enter invoice",
        "freight_new", ENTER,
    ),
)  # fmt: skip


def _decide_many(request: HttpRequest, ids: list[int]) -> HttpResponse:
    return go(request, f"{reverse('freight_decide')}?ids={','.join(map(str, ids[:MOST]))}")


def _decide_url(row: ChargeRow) -> str:
    return (
        f"{reverse('freight_decide')}?ids={row.id}" if row.state in ("open", "accepted", "disputed", "credited") else ""
    )


CHARGE_COLUMNS = [
    Column("reference", "Reference", kind="code", link=_decide_url),
    Column("shipment", "Shipment", kind="code", sort=True,
           link=lambda r: reverse("shipment", args=[r.shipment_id]) if r.shipment_id else ""),
    Column("billed", "Billed", kind="money", sort=True, total=True),
    Column("expected", "Expected", kind="money", sort=True, total=True),
    Column("difference", "Difference", kind="money", sort=True, total=True,
           tone=lambda r: "bad" if r.state == "open" else ""),
    Column("cause", "Cause", sort=True, value=lambda r: CAUSES[Cause(r.cause)]),
    Column("words", "Why", wide=True),
    Column("state", "State", kind="state", sort=True),
    Column("note", "Because", wide=True),
    Column("decided_by", "By", minor=True),
]  # fmt: skip

CHARGES = ListPage(
    name="freight.charges",
    title=CHARGES_TITLE,
    noun=("charge", "charges"),
    permission=VIEW,
    rows=queries.charge_list,
    columns=[
        Column("invoice", "Invoice", kind="code", sort=True, link=lambda r: _url(r.invoice_id)),
        Column("carrier", "Carrier", sort=True),
        Column("invoiced_on", "Of", kind="date", sort=True),
        *CHARGE_COLUMNS,
        Column("billed_weight_g", "Billed weight, g", kind="number", hidden=True),
        Column("expected_weight_g", "Expected weight, g", kind="number", hidden=True),
        Column("billed_zone", "Zone billed", kind="code", hidden=True),
        Column("expected_zone", "Zone expected", kind="code", hidden=True),
        Column("billed_surcharges", "Surcharges billed", kind="money", hidden=True),
        Column("expected_surcharges", "Surcharges expected", kind="money", hidden=True),
    ],
    filters=[
        Choice("cause", "Cause", [(str(code), words) for code, words in CAUSES.items()], promoted=True),
        Choice("state", "State", [(str(state), str(state)) for state in ChargeState]),
        NumberRange("difference", "Difference"),
        DateRange("invoiced_on", "Of", promoted=True),
    ],
    tabs=[
        Tab("To decide", "state=open"), Tab("Disputed", "state=disputed"), Tab("Credited", "state=credited"),
        Tab("Voided", "state=voided"), Tab("All", "view=all"),
    ],
    sort="-difference",
    search="Reference, shipment, invoice or carrier",
    row_id=lambda r: int(r.id),
    batch=[Batch("decide", "Decide", DECIDE, _decide_many)],
    empty=Empty("Nothing differs", "Charges that are not as expected wait here for a decision."),
)  # fmt: skip


def _month_url(row: FigureRow) -> str:
    """The charges of a carrier's month."""
    last = (row.month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    days = {"invoiced_on_from": row.month.isoformat(), "invoiced_on_to": last.isoformat()}
    return f"{reverse('freight_charges')}?{urlencode({'view': 'all', 'q': row.carrier, **days})}"


FIGURES = ListPage(
    name="freight.figures",
    title=FIGURES_TITLE,
    noun=("row", "rows"),
    permission=VIEW,
    rows=queries.figure_list,
    columns=[
        Column("month", "Month", sort=True, link=_month_url, value=lambda r: f"{r.month:%b %Y}"),
        Column("carrier", "Carrier", sort=True, wide=True),
        Column("invoices", "Invoices", kind="number"),
        Column("shipments", "Shipments", kind="number", sort=True, total=True),
        Column("billed", "Billed", kind="money", sort=True, total=True),
        Column("expected", "Expected", kind="money", sort=True, total=True),
        Column("difference", "Difference", kind="money", sort=True, total=True),
        Column("over", "Over, %", kind="number", places=1, sort=True, total=True),
        Column("disputed", "Disputed", kind="money", sort=True, total=True),
        Column("credited", "Credited", kind="money", sort=True, total=True),
    ],
    filters=[DateRange("month", "Month", promoted=True)],
    sort="-month,carrier",
    search="Carrier",
    row_id=lambda r: int(r.id),
    empty=Empty("Nothing billed yet", "Carriers' invoices show here what they ask beside what was expected."),
)


def _url(invoice_id: int, step: str = "") -> str:
    return reverse(f"freight_invoice{step}", args=[invoice_id])


@page(VIEW, methods=("GET", "HEAD"))
def invoice(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """One invoice: every charge beside what was expected."""
    return _drawn(request, invoice_id)


def _drawn(request: HttpRequest, invoice_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    row, charges = queries.invoice_row(invoice_id), queries.charges_of(invoice_id)
    sums = {"billed": row.billed, "expected": row.expected, "difference": row.difference}
    record = Record(
        title=row.number,
        subtitle=f"of {row.carrier}",
        state=row.state,
        marks=MARKS,
        subject=ref(INVOICE, invoice_id),
        back=(TITLE, reverse("freight_invoices")),
        facts=[
            Fact("Of", row.invoiced_on, "date"),
            Fact("Billed", row.billed, "money", note=f"{row.difference:,.2f} more than expected" if row.difference > 0
                 else "", tone="bad" if row.open else ""),
            Fact("Expected", row.expected, "money"),
            Fact("Payable", row.payable, "money", note=f"{row.disputed:,} disputed" if row.disputed else ""),
            *([Fact("Released", row.released, "money")] if row.released is not None else []),
            Fact("Entered by", row.entered_by, note=row.entered_at),
            *_asked(row),
            *([Fact("Ended by", row.ended_by, note=row.end_reason or row.ended_at or "")] if row.ended_by else []),
        ],
        actions=_actions(row, charges),
        tables=[Table("Charges", CHARGE_COLUMNS, charges, totals=sums, note="Compared when the invoice was entered.")],
    )  # fmt: skip
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


def _asked(row: InvoiceRow) -> list[Fact]:
    """The approval for which an invoice waits."""
    if row.state != "waiting":
        return []
    one = standing([ref(INVOICE, row.id)], INVOICE).get(ref(INVOICE, row.id))
    if one is None:
        return []
    url = f"{reverse('approvals_inbox')}?tab=mine&request={one.request_id}"
    return [Fact("Waits for", role_names(one.waits_for), note=one.number, url=url)]


def _actions(row: InvoiceRow, charges: list[ChargeRow]) -> list[Do]:
    differ = [str(one.id) for one in charges if one.state == "open"]
    waiting = ",".join(differ[:AT_ONCE])
    words = "Decide what differs" if len(differ) <= AT_ONCE else f"Decide the first {AT_ONCE:,} that differ"
    decide = Do(words, f"{reverse('freight_decide')}?ids={waiting}", DECIDE, post=False, key="d")
    found = [decide] if waiting else []
    if row.state == "waiting" and row.released is None:
        found.append(Do("Drop", _url(row.id, "_drop"), ENTER, post=False))
    if row.state == "open":
        found += [
            Do("Drop", _url(row.id, "_drop"), ENTER, post=False),
            Do("Approve", _url(row.id, "_approve"), APPROVE, primary=True, key="a",
               confirm=f"Release {row.payable:,.2f} for payment?"),
        ]  # fmt: skip
    return found


@page(ENTER)
def new(request: HttpRequest) -> HttpResponse:
    """Enter an invoice, a line for each shipment."""
    form = InvoiceForm(request.POST or None)
    grid = GridForm(LINE_COLUMNS, request.POST if request.method == "POST" else None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Enter a freight invoice", verb="Enter invoice", refusal=refusal,
            back=(TITLE, reverse("freight_invoices")), template="patterns/grid.html", grid=grid.with_refusal(refusal),
            sub="Amounts without tax. What differs from the expected freight is shown after this.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    bad: list[BadLine] = []
    lines = lines_of(grid.rows, bad)
    if bad:
        return drawn(BadFreightInvoice("This cannot be entered yet.", lines=bad))
    said = form.cleaned_data
    req = EnterFreightInvoice(
        said["carrier"].strip(), said["number"], said["invoiced_on"], lines, said["currency"].strip()
    )
    return perform(
        request, commands.enter_freight_invoice, req, to=lambda done: _url(done.invoice_id),
        toast=lambda done: f"Entered: {done.matched:,} of {done.charges:,} charges as expected", again=drawn,
    )  # fmt: skip


@page(DECIDE)
def decide(request: HttpRequest) -> HttpResponse:
    """What becomes of charges that differ."""
    named = request.GET.get("ids", "")
    ids = [int(part) for part in named.split(",") if part.isdigit() and len(part) < 19][:MOST]
    charges = queries.charges_named(ids)
    more = sum(one.difference for one in charges)
    first = charges[0]
    back = (first.invoice, _url(first.invoice_id)) if len({c.invoice_id for c in charges}) == 1 else (
        CHARGES_TITLE, reverse("freight_charges"))  # fmt: skip
    what = f"{first.reference}: {first.words}." if len(charges) == 1 else f"{len(charges):,} charges."
    return ask(
        request, DecideForm(request.POST or None), commands.decide_freight_charges,
        lambda said: DecideCharges(ids, said["action"], said["note"]), title="Decide charges", back=back,
        sub=f"{what} {more:,.2f} more than expected.",
        toast=lambda done: f"{len(done.charge_ids):,} {done.state}"
        + (f", {', '.join(done.requests)} asks for the release" if done.requests else ""),
    )  # fmt: skip


@page(APPROVE, methods=("POST",))
def approve(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Release what is payable."""
    return perform(
        request, commands.approve_freight_invoice, ApproveFreightInvoice(invoice_id), to=_url(invoice_id),
        toast=lambda done: f"{done.request} asks for it" if done.request else f"{done.payable:,.2f} released",
        again=lambda refusal: _drawn(request, invoice_id, refusal),
    )  # fmt: skip


@page(ENTER)
def drop(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """The invoice was entered by mistake."""
    row = queries.invoice_row(invoice_id)
    return ask(
        request, DropForm(request.POST or None), commands.drop_freight_invoice,
        lambda said: DropFreightInvoice(invoice_id, said["reason"]), title=f"Drop {row.number}",
        back=(row.number, _url(invoice_id)), sub="Its number is free again; its charges count no more.",
        toast="Dropped",
    )  # fmt: skip


@page("freight.terms")
def terms(request: HttpRequest) -> HttpResponse:
    """What counts as matched, and who accepts how much."""
    known = queries.terms()
    amounts = ("tolerance_pct", "tolerance_amount", "limit_amount")
    start = {name: f"{getattr(known, name):.2f}" for name in amounts}
    rest = {name: getattr(known, name) for name in ("days_back", "days_ahead", "currency")}
    form = TermsForm(request.POST or None, initial={**start, **rest})
    return ask(
        request, form, commands.set_freight_terms,
        lambda said: SetFreightTerms(FreightTerms(**{**said, "currency": said["currency"].strip().upper()})),
        title="Terms of freight invoices", back=(TITLE, reverse("freight_invoices")),
        sub="For invoices that are entered from now on.", toast="Terms saved",
    )  # fmt: skip


NAV = [
    NavItem("Outbound", TITLE, "freight_invoices", permission=VIEW, order=56, section="Freight"),
    NavItem("Outbound", CHARGES_TITLE, "freight_charges", permission=VIEW, order=57, section="Freight"),
    NavItem("Outbound", FIGURES_TITLE, "freight_figures", permission=VIEW, order=58, section="Freight"),
]
urlpatterns = [
    path("freight-invoices", INVOICES.view, name="freight_invoices"),
    path("freight-invoices/new", new, name="freight_new"),
    path(
        "freight-invoices/import",
        import_view(imports.INVOICES, commands.import_freight_invoices, back="freight_invoices"),
        name="freight_import",
    ),
    path("freight-invoices/terms", terms, name="freight_terms"),
    path("freight-invoices/<int:invoice_id>", invoice, name="freight_invoice"),
    path("freight-invoices/<int:invoice_id>/approve", approve, name="freight_invoice_approve"),
    path("freight-invoices/<int:invoice_id>/drop", drop, name="freight_invoice_drop"),
    path("freight-charges", CHARGES.view, name="freight_charges"),
    path("freight-charges/decide", decide, name="freight_decide"),
    path("freight-by-carrier", FIGURES.view, name="freight_figures"),
]
