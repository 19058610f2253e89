"""Pages of requisitions: the list, one with what covers it, asking, changing, ordering and ending."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.approvals.queries import standing
from flowrack.platform.http import caller_of
from flowrack.platform.lookup import read_id
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Batch, Button, Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import ask, perform, perform_form, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.purchasing import commands_requisitions as commands
from flowrack.purchasing import pages_decide
from flowrack.purchasing import queries_requisitions as queries
from flowrack.purchasing import queries_requisitions_pages as seen
from flowrack.purchasing.forms import ReasonForm
from flowrack.purchasing.forms_cover import ask_on_top, on_top_form
from flowrack.purchasing.forms_requisitions import LINE_GRID, LineSuppliersForm, RequisitionForm, read_lines, rows_of
from flowrack.purchasing.pages_cover import COVER_COLUMNS, approval_fact, cover_rows, override_table
from flowrack.purchasing.states_requisitions import REQUISITION, WANTED, RequisitionState
from flowrack.purchasing.types import PO_KIND
from flowrack.purchasing.types_requisitions import (
    REQUISITION_KIND,
    ChangeRequisition,
    CreateRequisitions,
    EndRequisitions,
    OrderRequisitions,
    RequisitionLineGone,
    RequisitionsOrdered,
)
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

LIST = "Requisitions"


def _link(row: queries.RequisitionRow) -> str:
    return reverse("purchasing_requisition", args=[row.id])


def _to_drafts(done: RequisitionsOrdered) -> str:
    if len(done.po_ids) == 1:
        return reverse("purchasing_po", args=[done.po_ids[0]])
    return reverse("purchasing_pos") + "?state=draft"


def _drafts(done: RequisitionsOrdered) -> str:
    count = len(done.po_ids)
    return f"{count} draft{'s' if count != 1 else ''} written"


def _order_many(request: HttpRequest, requisition_ids: list[int]) -> HttpResponse:
    """What is open on the chosen requisitions becomes drafts, one for each supplier and site."""
    return perform(
        request,
        commands.order_requisitions,
        OrderRequisitions(requisition_ids=requisition_ids),
        to=_to_drafts,
        toast=_drafts,
    )


REQUISITIONS = ListPage(
    name="purchasing.requisitions",
    title=LIST,
    noun=("requisition", "requisitions"),
    permission="purchasing.view",
    rows=seen.requisition_page,
    columns=[
        Column("number", "Requisition", kind="code", sort="id", link=_link),
        Column("reason", "For", sort=True, wide=True),
        Column("state", "State", kind="state", sort=True),
        Column("wanted_on", "Wanted", kind="date", sort=True),
        Column("site", "Site", kind="code", sort=True),
        Column("requested_by", "Asked by", sort=True),
        Column("line_count", "Lines", kind="number", sort=True),
        Column("units", "Asked", kind="number", sort=True, total=True),
        Column("open_units", "Open", kind="number", sort=True, total=True, value=lambda r: r.open_units or None),
        Column("total", "Value", kind="money", sort=True, total=True),
        Column("requested_at", "Asked at", kind="datetime", sort=True, hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, s.value) for s in RequisitionState], promoted=True),
        DateRange("wanted_on", "Wanted", promoted=True),
        DateRange("requested_at", "Asked"),
    ],
    tabs=[
        Tab("To order", "state=approved"),
        Tab("To approve", "state=requested"),
        Tab("Ordered", "state=ordered"),
        Tab("All", ""),
    ],
    sort="wanted_on,-id",
    search="Requisition, what for, who",
    actions=[Button("New requisition", "purchasing_requisition_new", "purchasing.request", primary=True, key="n")],
    batch=[Batch("order", "Write drafts", "purchasing.create", _order_many)],
    empty=Empty(
        "No requisitions",
        "What people ask to be bought; approved ones become orders.",
        "New requisition",
        "purchasing_requisition_new",
        "purchasing.request",
    ),
)

LINE_COLUMNS = [
    Column("line_no", "Line", kind="number"),
    Column("sku", "Item", kind="code"),
    Column("name", "Name", wide=True),
    Column("wanted_on", "Wanted", kind="date"),
    Column("supplier", "Supplier", value=lambda r: r.supplier or "as usual"),
    Column("units", "Asked", kind="number"),
    Column("ordered_units", "Ordered", kind="number", value=lambda r: r.ordered_units or None),
    Column("open_units", "Open", kind="number", value=lambda r: r.open_units or None),
    Column("unit_cost", "Expected cost", kind="number", places=4),
]
ORDER_COLUMNS = [
    Column("line_no", "Line", kind="number"),
    Column("sku", "Item", kind="code"),
    Column("po", "Order", kind="code", link=lambda r: reverse("purchasing_po", args=[r.po_id])),
    Column("po_state", "State", kind="state"),
    Column("supplier", "Supplier", wide=True),
    Column("due_on", "Due", kind="date"),
    Column("units", "Ordered", kind="number"),
    Column("received_units", "Received", kind="number", value=lambda r: r.received_units or None),
]


def _sites(request: HttpRequest, permission: str = "purchasing.view") -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites(permission) if caller else frozenset()


@page("purchasing.view")
def requisition(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """One requisition: its lines, the orders that cover them, and what comes besides."""
    return show(request, requisition_id)


def show(request: HttpRequest, requisition_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    """Draw one requisition; `refusal` is what was refused about it."""
    found = queries.requisition(requisition_id, _sites(request))
    head, state, subject = found.head, RequisitionState(found.head.state), ref(REQUISITION_KIND, requisition_id)
    asked = standing([subject], REQUISITION_KIND).get(subject)
    actions = [
        Do(
            words,
            reverse(f"purchasing_requisition_{step}", args=[requisition_id]),
            permission,
            primary=first,
            post=first,
        )
        for step, words, permission, first in (
            ("order", "Write drafts", "purchasing.create", True),
            ("change", "Change", "purchasing.request", False),
            ("close", "Close", "purchasing.request", False),
            ("cancel", "Cancel requisition", "purchasing.request", False),
        )
        if (state, step) in REQUISITION and (step != "cancel" or not head.ordered_units)
    ]
    if asked is not None and asked.state == "waiting" and pages_decide.may_decide(request, asked):
        actions += pages_decide.actions(asked, "purchasing_requisition", requisition_id)
    own = [(REQUISITION_KIND, requisition_id), *((PO_KIND, po.po_id) for po in found.orders)]
    items = {(x.site_id, x.item_id): x.sku for x in found.lines}
    besides = cover_rows(items, today=clock.today(), without=own) if state in WANTED else []
    totals = {"units": head.units, "ordered_units": head.ordered_units or None, "open_units": head.open_units or None}
    record = Record(
        title=head.number,
        subtitle=head.reason,
        state=head.state,
        subject=subject,
        site_id=head.site_id,
        back=(LIST, reverse("purchasing_requisitions")),
        facts=[
            Fact("Wanted", head.wanted_on, "date"),
            Fact("Site", head.site, "code"),
            Fact("Value", head.total, "money", note="expected"),
            Fact("Open", head.open_units, "number", note=f"of {head.units:,} units"),
            Fact("Asked by", head.requested_by, note=head.requested_at),
            *([approval_fact(asked)] if asked is not None and state in ("requested", "rejected") else []),
            *([Fact("Ended because", head.end_reason)] if head.end_reason else []),
        ],
        actions=actions,
        tables=[
            Table("Lines", LINE_COLUMNS, found.lines, totals=totals),
            *([Table("Orders", ORDER_COLUMNS, found.orders)] if found.orders else []),
            *([Table("Coming besides", COVER_COLUMNS, besides)] if besides else []),
            *override_table(REQUISITION_KIND, requisition_id),
        ],
        why=[subject],
    )
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


@page("purchasing.request")
def new_requisition(request: HttpRequest) -> HttpResponse:
    """Ask for items."""
    form = RequisitionForm(
        request.POST or None,
        site_ids=_sites(request, "purchasing.request"),
        initial={"site": viewer_of(request).site_id or None},
    )
    grid = GridForm(LINE_GRID, request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return _form(request, form, grid, refusal, title="New requisition", verb="Ask for it")

    if request.method != "POST":
        return drawn()
    form.is_valid()
    lines, rows, bad = read_lines(grid.rows, form.cleaned_data.get("wanted_on"))
    return perform_form(
        request,
        commands.create_requisition,
        CreateRequisitions([form.to_requisition(lines)]),
        form=form,
        bad=[*grid.doubts("units"), *bad],
        rows=rows,
        to=lambda done: reverse("purchasing_requisition", args=[done.requisitions[0].requisition_id]),
        toast=lambda done: f"{done.requisitions[0].number} {done.requisitions[0].state}",
        again=drawn,
    )


@page("purchasing.request")
def change(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """Change a requisition that is not approved; it asks anew."""
    found = queries.requisition(requisition_id, _sites(request))
    head = found.head
    form = RequisitionForm(
        request.POST or None,
        site_ids=_sites(request, "purchasing.request"),
        initial={"site": head.site_id, "wanted_on": head.wanted_on, "reason": head.reason},
    )
    grid = GridForm(LINE_GRID, request.POST or None, initial=rows_of(found))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return _form(
            request,
            form,
            grid,
            refusal,
            title=f"Change {head.number}",
            verb="Ask again",
            back=(head.number, reverse("purchasing_requisition", args=[requisition_id])),
            hidden={"version": request.POST.get("version", head.version)},
        )

    if request.method != "POST":
        return drawn()
    form.is_valid()
    lines, rows, bad = read_lines(grid.rows, form.cleaned_data.get("wanted_on"))
    version = request.POST.get("version", "")
    return perform_form(
        request,
        commands.change_requisition,
        ChangeRequisition(requisition_id, read_id(version), form.to_requisition(lines)),
        form=form,
        bad=[*grid.doubts("units"), *bad],
        rows=rows,
        to=reverse("purchasing_requisition", args=[requisition_id]),
        toast=lambda done: f"{done.number} {done.state}",
        again=drawn,
    )


def _form(
    request: HttpRequest,
    form: RequisitionForm,
    grid: GridForm,
    refusal: FlowrackError | None,
    *,
    title: str,
    verb: str,
    back: tuple[str, str] | None = None,
    hidden: dict[str, Any] | None = None,
) -> HttpResponse:
    return render_form(
        request,
        form,
        title=title,
        verb=verb,
        refusal=refusal,
        back=back or (LIST, reverse("purchasing_requisitions")),
        template="patterns/grid.html",
        grid=grid.with_refusal(refusal),
        hidden=hidden or {},
    )


@page("purchasing.create", methods=("POST",))
def order(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """What is open becomes drafts, one for each supplier: what nobody sells once somebody says from whom, what goods
    cover that came under way only with a reason."""
    found = queries.requisition(requisition_id, _sites(request))
    reason, suppliers = on_top_form(request), LineSuppliersForm(request.POST, lines=found.lines)
    back = (found.head.number, reverse("purchasing_requisition", args=[requisition_id]))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        if not suppliers.fields or isinstance(refusal, RequisitionLineGone):
            return show(request, requisition_id, refusal)
        title = f"From whom to order {found.head.number}"
        return render_form(request, suppliers, title=title, verb="Write drafts", refusal=refusal, back=back)

    if suppliers.is_bound and not suppliers.is_valid():
        return drawn()
    return perform(
        request,
        commands.order_requisitions,
        OrderRequisitions(suppliers.to_lines(), [requisition_id], cover_reason=reason.reason),
        to=_to_drafts,
        toast=_drafts,
        again=ask_on_top(
            request, reason, drawn, title=f"Order {found.head.number} on top", verb="Write drafts", back=back,
            hidden=suppliers.typed,
        ),
    )  # fmt: skip


def _end(request: HttpRequest, requisition_id: int, command: Callable[[Any, Any], Any], verb: str) -> HttpResponse:
    head = queries.requisition(requisition_id, _sites(request)).head
    return ask(
        request,
        ReasonForm(request.POST or None),
        command,
        lambda said: EndRequisitions([requisition_id], said["reason"]),
        title=f"{verb} {head.number}",
        back=(head.number, reverse("purchasing_requisition", args=[requisition_id])),
        sub=f"{head.reason}, {head.open_units:,} units are open.",
        toast=lambda done: f"Requisition {done.state}",
    )


@page("purchasing.request")
def close(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """Expect nothing more of a requisition."""
    return _end(request, requisition_id, commands.close_requisitions, "Close")


@page("purchasing.request")
def cancel(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """Withdraw a requisition of which nothing is ordered."""
    return _end(request, requisition_id, commands.cancel_requisitions, "Cancel")


palette_records("Requisition", "purchasing_requisition", "purchasing.view", seen.look_up)

urlpatterns = [
    path("requisitions", REQUISITIONS.view, name="purchasing_requisitions"),
    path("requisitions/new", new_requisition, name="purchasing_requisition_new"),
    path("requisitions/<int:requisition_id>", requisition, name="purchasing_requisition"),
    path("requisitions/<int:requisition_id>/change", change, name="purchasing_requisition_change"),
    path("requisitions/<int:requisition_id>/order", order, name="purchasing_requisition_order"),
    path("requisitions/<int:requisition_id>/close", close, name="purchasing_requisition_close"),
    path("requisitions/<int:requisition_id>/cancel", cancel, name="purchasing_requisition_cancel"),
]
NAV = [NavItem("Inbound", LIST, "purchasing_requisitions", permission="purchasing.view", order=18)]
