"""Pages of cross-docking: the list, one cross-dock with its label, and what is cross-docked at which site."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import commands_cross_docks as commands
from flowrack.allocation import labels, queries_cross_docking, queries_cross_docks
from flowrack.allocation.forms import CrossDockingForm
from flowrack.allocation.queries_cross_docks import CrossDockRow
from flowrack.allocation.states import CrossDockState
from flowrack.allocation.types_cross_docks import CROSS_DOCK, CancelCrossDocks, StageCrossDocks, UndoCrossDock
from flowrack.platform.http import caller_of
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Batch, Button, Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Document, Fact, Record, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import Viewer
from flowrack.sales.types import LINE
from flowrack.shared.errors import FlowrackError, NotFound
from flowrack.shared.refs import ref

MARKS = {"planned": "run", "staged": "ok", "cancelled": "void"}
MOST_LABELS = 60


def _stage_all(request: HttpRequest, ids: list[int]) -> HttpResponse:
    return perform(
        request,
        commands.stage_cross_docks,
        StageCrossDocks(ids),
        to=reverse("allocation_cross_docks"),
        toast=lambda done: f"{done.units} units at the door",
    )


def _cancel_all(request: HttpRequest, ids: list[int]) -> HttpResponse:
    return perform(
        request,
        commands.cancel_cross_docks,
        CancelCrossDocks(ids, "put away instead"),
        to=reverse("allocation_cross_docks"),
        toast="They are put away instead",
    )


CROSS_DOCKS = ListPage(
    name="allocation.cross_docks",
    title="Cross-docks",
    noun=("cross-dock", "cross-docks"),
    permission="inbound.view",
    rows=queries_cross_docks.cross_dock_page,
    columns=[
        Column("number", "Cross-dock", kind="code", sort="id",
               link=lambda r: reverse("allocation_cross_dock", args=[r.id])),
        Column("state", "State", kind="state", sort=True, marks=MARKS),
        Column("order_number", "Order", kind="code", sort=True,
               link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("tier", "Tier", kind="tier", sort=True),
        Column("customer", "Customer", sort=True, wide=True),
        Column("sku", "Item", kind="code", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("lpn", "LPN", kind="code"),
        Column("from_code", "From", kind="code"),
        Column("staging", "Stage at", kind="code"),
        Column("door", "Door", kind="code", sort=True),
        Column("receipt_number", "Receipt", kind="code",
               link=lambda r: reverse("inbound_receipt", args=[r.receipt_id])),
        Column("planned_at", "Planned", kind="datetime", sort=True),
        Column("ended_at", "Ended", kind="datetime", sort=True, hidden=True),
        Column("end_reason", "Why ended", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, s.value) for s in CrossDockState], promoted=True),
        DateRange("planned_at", "Planned", promoted=True),
    ],
    tabs=[Tab("To carry", "state=planned"), Tab("At the door", "state=staged"), Tab("All", "")],
    sort="-planned_at",
    search="Number, order, customer, item or LPN",
    batch=[
        Batch("stage", "They stand at the door", "allocation.cross_dock", _stage_all),
        Batch("cancel", "Put away instead", "allocation.cross_dock", _cancel_all),
    ],
    empty=Empty("Nothing is cross-docked",
                "Where it is on, received goods that an order waits for go straight to the outbound door.",
                "What is cross-docked", "allocation_cross_docking", "inbound.view"),
)  # fmt: skip


def _held(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("inbound.view") if caller else frozenset()


@page("inbound.view")
def cross_dock(request: HttpRequest, cross_dock_id: int) -> HttpResponse:
    """One cross-dock."""
    return _record(request, cross_dock_id)


def _record(request: HttpRequest, cross_dock_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    row = queries_cross_docks.access(cross_dock_id, _held(request))
    facts = [
        Fact("Units", row.units, "number"),
        Fact("Item", row.sku, "code", note=row.name),
        Fact(
            "Order", row.order_number, "code", note=f"tier {row.tier}", url=reverse("sales_order", args=[row.order_id])
        ),
        Fact("Customer", row.customer, note=row.ship_to),
        Fact("Door", row.door, "code") if row.door else None,
        Fact("Stage at", row.staging, "code"),
        Fact("From", row.from_code, "code", note=row.lpn),
        Fact("Lot", row.lot, "code") if row.lot else None,
        Fact("Receipt", row.receipt_number, "code", url=reverse("inbound_receipt", args=[row.receipt_id])),
        Fact("Planned", row.planned_at, "datetime", note=row.planned_by),
        Fact("Ended", row.ended_at, "datetime", note=row.end_reason or row.ended_by) if row.ended_at else None,
    ]
    record = Record(
        title=row.number,
        subtitle=f"{row.units:,} × {row.sku} for {row.customer}",
        state=row.state,
        marks=MARKS,
        subject=ref(CROSS_DOCK, cross_dock_id),
        site_id=row.site_id,
        back=("Cross-docks", reverse("allocation_cross_docks")),
        facts=[fact for fact in facts if fact is not None],
        actions=_actions(row),
        documents=[Document("Label", f"{reverse('allocation_cross_dock_labels')}?id={row.id}", "PDF")],
        why={
            ref(CROSS_DOCK, cross_dock_id): row.number,
            ref("inbound.line", row.receipt_line_id): f"Receipt {row.receipt_number}",
            ref(LINE, row.order_line_id): row.order_number,
        },
    )
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


def _actions(row: CrossDockRow) -> list[Do]:
    def post(label: str, name: str, *, primary: bool = False) -> Do:
        url = reverse(f"allocation_cross_dock_{name}", args=[row.id])
        return Do(label, url, "allocation.cross_dock", primary=primary)

    if row.state == CrossDockState.PLANNED:
        return [post("Put away instead", "cancel"), post("It stands at the door", "stage", primary=True)]
    return [post("Back to the dock", "undo")] if row.state == CrossDockState.STAGED else []


@page("allocation.cross_dock", methods=("POST",))
def stage(request: HttpRequest, cross_dock_id: int) -> HttpResponse:
    """The goods stand at the door."""
    return perform(
        request,
        commands.stage_cross_docks,
        StageCrossDocks([cross_dock_id]),
        to=reverse("allocation_cross_dock", args=[cross_dock_id]),
        toast="At the door",
        again=lambda refusal: _record(request, cross_dock_id, refusal),
    )


@page("allocation.cross_dock", methods=("POST",))
def cancel(request: HttpRequest, cross_dock_id: int) -> HttpResponse:
    """The goods are put away instead."""
    return perform(
        request,
        commands.cancel_cross_docks,
        CancelCrossDocks([cross_dock_id], "put away instead"),
        to=reverse("allocation_cross_dock", args=[cross_dock_id]),
        toast="It is put away instead",
        again=lambda refusal: _record(request, cross_dock_id, refusal),
    )


@page("allocation.cross_dock", methods=("POST",))
def undo(request: HttpRequest, cross_dock_id: int) -> HttpResponse:
    """The goods go back to the dock."""
    return perform(
        request,
        commands.undo_cross_dock,
        UndoCrossDock(cross_dock_id),
        to=reverse("allocation_cross_dock", args=[cross_dock_id]),
        toast="Back at the dock",
        again=lambda refusal: _record(request, cross_dock_id, refusal),
    )


@page("inbound.view", methods=("GET", "HEAD"))
def label_pdf(request: HttpRequest) -> HttpResponse:
    """The labels of the cross-docks named as `id`, as PDF."""
    ids = [i for text in request.GET.getlist("id")[:MOST_LABELS] if (i := read_id(text))]
    rows = queries_cross_docks.cross_docks(_held(request), ids=ids, limit=MOST_LABELS) if ids else []
    if not rows:
        raise NotFound("There is no such cross-dock.")
    return HttpResponse(
        labels.cross_dock_labels(sorted(rows, key=lambda row: row.id)),
        content_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="cross-dock-labels.pdf"'},
    )


CROSS_DOCKING = ListPage(
    name="allocation.cross_docking",
    title="What is cross-docked",
    noun=("policy", "policies"),
    permission="inbound.view",
    rows=queries_cross_docking.policy_page,
    columns=[
        Column("site", "Site", kind="code", sort=True),
        Column("is_on", "Cross-docking", kind="state", marks={"on": "ok", "off": "void"}),
        Column("families", "Item families", wide=True),
        Column("min_tier", "Down to tier", kind="tier", sort=True),
        Column("staging", "Stage at", kind="code"),
        Column("door", "Door", kind="code"),
        Column("reason", "Why", wide=True),
        Column("version", "Version", kind="number", sort=True),
        Column("set_by", "Set by"),
        Column("set_at", "Set", kind="datetime", sort=True),
        Column("ended_at", "Ended", kind="datetime", hidden=True),
    ],
    tabs=[Tab("In force", "is_in_force=yes"), Tab("All versions", "")],
    filters=[Choice("is_in_force", "In force", [("yes", "in force"), ("no", "ended")])],
    sort="-set_at",
    search="Site or reason",
    actions=[
        Button("Set a policy", "allocation_cross_docking_new", permission="allocation.cross_dock_policy",
               primary=True, key="n")
    ],
    empty=Empty("Nothing is cross-docked", "Without a policy of its site, every received pallet is put away.",
                "Set a policy", "allocation_cross_docking_new", "allocation.cross_dock_policy"),
)  # fmt: skip


@page("allocation.cross_dock_policy")
def new_policy(request: HttpRequest) -> HttpResponse:
    """A new version of what is cross-docked at a site."""
    form = CrossDockingForm(request.POST or None)

    def draw(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title="What is cross-docked",
            verb="Set policy",
            sub="The policy of this site ends, and this one begins.",
            back=("Policies", reverse("allocation_cross_docking")),
            refusal=refusal,
        )

    if request.method != "POST" or not form.is_valid():
        return draw()
    return perform(
        request,
        commands.set_cross_docking,
        form.to_request(),
        to=reverse("allocation_cross_docking"),
        toast=lambda done: f"Version {done.version} set",
        again=draw,
    )


def _open_count(viewer: Viewer) -> int:
    return queries_cross_docks.open_count(viewer.site_id)


NAV = [
    NavItem("Inbound", "Cross-docks", "allocation_cross_docks", permission="inbound.view", order=35, count=_open_count),
    NavItem("Data and setup", "What is cross-docked", "allocation_cross_docking", permission="inbound.view", order=72),
]

urlpatterns = [
    path("cross-docks", CROSS_DOCKS.view, name="allocation_cross_docks"),
    path("cross-docks/labels.pdf", label_pdf, name="allocation_cross_dock_labels"),
    path("cross-docks/<int:cross_dock_id>", cross_dock, name="allocation_cross_dock"),
    path("cross-docks/<int:cross_dock_id>/stage", stage, name="allocation_cross_dock_stage"),
    path("cross-docks/<int:cross_dock_id>/cancel", cancel, name="allocation_cross_dock_cancel"),
    path("cross-docks/<int:cross_dock_id>/undo", undo, name="allocation_cross_dock_undo"),
    path("cross-docking", CROSS_DOCKING.view, name="allocation_cross_docking"),
    path("cross-docking/new", new_policy, name="allocation_cross_docking_new"),
]
