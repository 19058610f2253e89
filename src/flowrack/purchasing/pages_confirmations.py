"""Pages of confirmations: what suppliers confirmed, what waits for the buyer, what nobody confirmed, tolerances."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import now
from flowrack.platform.importing.web import import_view
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Batch, Button, Choice, DateRange, Empty, ListPage, Tab, memory_page
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.query import ListQuery, Page
from flowrack.platform.web.record import Do, Table
from flowrack.platform.web.render import go, perform, perform_form, render_form
from flowrack.purchasing import commands_confirmations as commands
from flowrack.purchasing import imports_confirmations, queries_versions
from flowrack.purchasing import queries_confirmations as queries
from flowrack.purchasing.forms_confirmations import (
    CONFIRM_GRID,
    ConfirmationForm,
    ConfirmationToleranceForm,
    VerdictForm,
    read_confirmed,
    rows_to_confirm,
)
from flowrack.purchasing.pages_versions import seen
from flowrack.purchasing.queries import PoRecord
from flowrack.purchasing.queries_confirmations import UnconfirmedRow
from flowrack.purchasing.states import OPEN, PoState
from flowrack.purchasing.types_confirmations import (
    HOUSE,
    Confirmed,
    DecideConfirmations,
    RecordConfirmations,
    Verdict,
)
from flowrack.shared.errors import FlowrackError

LIST = "Confirmations"
STATES = {
    Confirmed.AS_ORDERED: "as ordered",
    Confirmed.ACCEPTED: "accepted",
    Confirmed.OPEN: "waits for the buyer",
    Confirmed.REFUSED: "refused",
    Confirmed.ASKED_AGAIN: "asked again",
    Confirmed.REPLACED: "replaced",
}


def _accept(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """Accept the chosen differences together."""
    return perform(
        request,
        commands.decide_confirmations,
        DecideConfirmations(ids, Verdict.ACCEPT),
        to=reverse("purchasing_confirmations"),
        toast=lambda done: f"{len(done.confirmation_line_ids)} accepted",
    )


def _decide(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """Refuse the chosen ones, or ask again, with a reason."""
    return go(request, f"{reverse('purchasing_confirmation_decide')}?lines={','.join(map(str, ids[:500]))}")


LINE_COLUMNS = [
    Column("sku", "Item", kind="code", sort=True),
    Column("asked_units", "Asked", kind="number", sort=True),
    Column("units", "Confirmed", kind="number", sort=True),
    Column("asked_on", "Asked for", kind="date", sort=True),
    Column("confirmed_on", "Delivered on", kind="date", sort=True),
    Column("asked_cost", "Cost asked", kind="number", places=4, hidden=True),
    Column("unit_cost", "Unit cost", kind="number", places=4),
    Column("reason", "Differs by", wide=True),
    Column(
        "state", "State", kind="chip", value=lambda r: STATES[r.state], sort=True,
        tone=lambda r: "warn" if r.state == Confirmed.OPEN else "",
    ),
    Column("reference", "Their reference", hidden=True),
    Column("recorded_by", "Recorded by", hidden=True),
    Column("recorded_at", "Recorded", kind="datetime", sort=True),
    Column("decided_by", "Decided by", hidden=True),
    Column("decision_reason", "Decision", hidden=True),
]  # fmt: skip
CONFIRMATIONS = ListPage(
    name="purchasing.confirmations",
    title=LIST,
    noun=("line", "lines"),
    permission="purchasing.view",
    rows=queries.confirmed_page,
    columns=[
        Column("number", "Order", kind="code", sort=True, link=lambda r: reverse("purchasing_po", args=[r.po_id])),
        Column("line_no", "Line", kind="number"),
        Column("supplier", "Supplier", sort=True),
        *LINE_COLUMNS,
        Column("value", "Value", kind="money", sort=True, total=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, words) for s, words in STATES.items()], promoted=True),
        DateRange("confirmed_on", "Delivered on", promoted=True),
    ],
    tabs=[Tab("To decide", "state=open"), Tab("Accepted", "state=accepted"), Tab("All", "view=all")],
    sort="-recorded_at",
    search="Order, supplier, item, reference",
    actions=[
        Button("Not confirmed", "purchasing_unconfirmed", "purchasing.view"),
        Button("Import", "purchasing_confirmations_import", "purchasing.confirm", key="i"),
    ],
    batch=[
        Batch("accept", "Accept", "purchasing.accept", _accept),
        Batch("decide", "Refuse or ask again", "purchasing.accept", _decide),
    ],
    empty=Empty(
        "Nothing was confirmed",
        "What suppliers confirm is recorded on the order, by import or by API; differences wait here.",
        "Orders that nobody confirmed",
        "purchasing_unconfirmed",
        "purchasing.view",
    ),
)


def _unconfirmed(query: ListQuery) -> Page[UnconfirmedRow]:
    return memory_page(query, queries.unconfirmed([query.site_id], now=now()), search=("number", "supplier", "buyer"))


UNCONFIRMED = ListPage(
    name="purchasing.unconfirmed",
    title="Not confirmed",
    noun=("order", "orders"),
    permission="purchasing.view",
    rows=_unconfirmed,
    columns=[
        Column("number", "Order", kind="code", sort="id", link=lambda r: reverse("purchasing_po", args=[r.id])),
        Column("supplier", "Supplier", sort=True, wide=True),
        Column("is_overdue", "Confirmation", kind="chip", tone=lambda r: "warn" if r.is_overdue == "overdue" else ""),
        Column("sent_at", "Sent", kind="datetime", sort=True),
        Column("means", "How"),
        Column("days", "Days since", kind="number", sort=True),
        Column("within_days", "Days to confirm", kind="number"),
        Column("due_on", "Due", kind="date", sort=True),
        Column("line_count", "Lines", kind="number", sort=True),
        Column("value", "Owed", kind="money", sort=True),
        Column("site", "Site", kind="code", sort=True),
        Column("buyer", "Buyer", sort=True),
    ],
    filters=[Choice("is_overdue", "Confirmation", [(s, s) for s in ("overdue", "in time", "not sent")], promoted=True)],
    tabs=[Tab("Overdue", "is_overdue=overdue"), Tab("Not sent", "is_overdue=not sent"), Tab("All", "view=all")],
    sort="sent_at",
    search="Order, supplier, buyer",
    empty=Empty("Every order is confirmed", "Orders appear here from their approval until the supplier confirms them."),
)

TOLERANCES = ListPage(
    name="purchasing.confirmation_tolerances",
    title="Confirmation tolerances",
    noun=("tolerance", "tolerances"),
    permission="purchasing.view",
    rows=queries.tolerance_page,
    columns=[
        Column("supplier", "Supplier", sort=True, wide=True),
        Column("late_days", "Days later", kind="number"),
        Column("early_days", "Days earlier", kind="number"),
        Column("cut_pct", "Units fewer", kind="percent"),
        Column("price_up_pct", "Price up", kind="percent"),
        Column("price_up_amount", "And at most", kind="money"),
        Column("confirm_within_days", "Days to confirm", kind="number"),
        Column("reason", "Why"),
        Column("set_by", "Set by"),
        Column("set_at", "Set", kind="datetime", sort=True),
    ],
    sort="-set_at",
    search="Supplier",
    actions=[
        Button(
            "Set a tolerance", "purchasing_confirmation_tolerance_new", "purchasing.tolerance", primary=True, key="n"
        )
    ],
    empty=Empty(
        "The house rule counts",
        f"{HOUSE.late_days} days later, {HOUSE.early_days} earlier, {HOUSE.price_up_pct} % up but at most "
        f"{HOUSE.price_up_amount} a line; no unit fewer. Suppliers confirm within {HOUSE.confirm_within_days} days.",
        "Set a tolerance",
        "purchasing_confirmation_tolerance_new",
        "purchasing.tolerance",
    ),
)


def actions_of(found: PoRecord) -> list[Do]:
    """What the record page offers for confirmations."""
    if PoState(found.head.state) not in OPEN:
        return []
    url = reverse("purchasing_po_confirm", args=[found.head.id])
    return [Do("Record confirmation", url, "purchasing.confirm", post=False, key="f")]


def tables_of(found: PoRecord) -> list[Table]:
    """What the supplier confirmed of this order."""
    rows = queries.confirmed_lines([0], po_id=found.head.id)[::-1] if found.approved_at else []
    columns = [Column("line_no", "Line", kind="number"), *[c for c in LINE_COLUMNS if not c.hidden]]
    return [Table("Confirmed", columns, rows)] if rows else []


@page("purchasing.confirm")
def confirm(request: HttpRequest, po_id: int) -> HttpResponse:
    """Record what the supplier confirmed of a PO; the grid begins with everything as ordered."""
    found = seen(request, po_id)
    one = queries_versions.as_they_stand([po_id], now=now())[po_id]
    form = ConfirmationForm(request.POST or None)
    grid = GridForm(CONFIRM_GRID, request.POST or None, initial=rows_to_confirm(one), blank=0)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title=f"Confirmation of {found.head.number}",
            verb="Record confirmation",
            refusal=refusal,
            back=(found.head.number, reverse("purchasing_po", args=[po_id])),
            sub=f"{found.head.supplier}. Units are those of the whole line; clear lines that were not confirmed.",
            template="patterns/grid.html",
            grid=grid.with_refusal(refusal),
        )

    if request.method != "POST":
        return drawn()
    lines, rows, bad = read_confirmed(grid.rows)
    return perform_form(
        request,
        commands.record_confirmations,
        RecordConfirmations([form.to_confirmation(po_id, lines)]),
        form=form,
        bad=bad,
        rows=rows,
        to=reverse("purchasing_po", args=[po_id]),
        toast=lambda done: _said([line.state for line in done.lines]),
        again=drawn,
    )


def _said(states: list[str]) -> str:
    waits = states.count(Confirmed.OPEN)
    return f"Recorded, {waits} to decide" if waits else "Confirmation recorded"


@page("purchasing.accept")
def decide(request: HttpRequest) -> HttpResponse:
    """Say to confirmed lines: accept, refuse or ask again."""
    ids = [i for part in request.GET.get("lines", "").split(",")[:500] if (i := read_id(part))]
    form = VerdictForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title="Decide on confirmations",
            verb="Decide",
            refusal=refusal,
            back=(LIST, reverse("purchasing_confirmations")),
            sub=f"{len(ids)} line{'' if len(ids) == 1 else 's'} chosen.",
        )

    if request.method != "POST" or not form.is_valid():
        return drawn()
    data = form.cleaned_data
    return perform(
        request,
        commands.decide_confirmations,
        DecideConfirmations(ids, data["verdict"], data["reason"]),
        to=reverse("purchasing_confirmations"),
        toast=lambda done: f"{len(done.confirmation_line_ids)} decided",
        again=drawn,
    )


@page("purchasing.tolerance")
def new_tolerance(request: HttpRequest) -> HttpResponse:
    """Say what is accepted by itself."""
    form = ConfirmationToleranceForm(request.POST or None, initial=asdict(HOUSE))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        back = (TOLERANCES.title, reverse("purchasing_confirmation_tolerances"))
        return render_form(request, form, title="Set a tolerance", verb="Set it", back=back, refusal=refusal)

    if request.method != "POST":
        return drawn()
    return perform_form(
        request,
        commands.set_confirmation_tolerance,
        form.to_request(),
        form=form,
        to=reverse("purchasing_confirmation_tolerances"),
        toast="Tolerance set",
        again=drawn,
    )


importer = import_view(
    imports_confirmations.CONFIRMATIONS, commands.import_confirmations, back="purchasing_confirmations"
)
urlpatterns = [
    path("confirmations", CONFIRMATIONS.view, name="purchasing_confirmations"),
    path("confirmations/decide", decide, name="purchasing_confirmation_decide"),
    path("confirmations/import", importer, name="purchasing_confirmations_import"),
    path("confirmations/missing", UNCONFIRMED.view, name="purchasing_unconfirmed"),
    path("confirmation-tolerances", TOLERANCES.view, name="purchasing_confirmation_tolerances"),
    path("confirmation-tolerances/new", new_tolerance, name="purchasing_confirmation_tolerance_new"),
    path("purchase-orders/<int:po_id>/confirm", confirm, name="purchasing_po_confirm"),
]
NAV = [
    NavItem("Inbound", LIST, "purchasing_confirmations", permission="purchasing.view", order=25),
    NavItem(
        "Inbound", TOLERANCES.title, "purchasing_confirmation_tolerances", permission="purchasing.tolerance", order=95
    ),
]
