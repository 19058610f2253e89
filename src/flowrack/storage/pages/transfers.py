"""Transfers between sites: their list, a form to send stock, and one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import caller_of, now
from flowrack.platform.lookup import read_id
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Batch, Button, Choice, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.query import ListQuery, Page
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import ask, go, perform, perform_form, render_form
from flowrack.platform.web.viewer import Viewer, sites_for, viewer_of
from flowrack.purchasing.queries import business_days
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref
from flowrack.storage import commands_staging, commands_transfer_plans, queries_transfer_plans
from flowrack.storage import commands_transfers as commands
from flowrack.storage import queries_transfers as queries
from flowrack.storage.forms import LINE_GRID, CallOffForm, TransferForm, read_lines
from flowrack.storage.pages.transfer_claims import CLAIMS, seen
from flowrack.storage.queries_transfer_plans import ToStageRow
from flowrack.storage.states import ClaimState, TransferState
from flowrack.storage.types_transfer_plans import ReleaseTransfers
from flowrack.storage.types_transfers import (
    TRANSFER,
    CancelTransfer,
    SendStaged,
    SendStock,
    StageTransfer,
    TransferClaimRow,
    TransferLineRow,
    TransferRow,
)

MARKS = {
    "planned": "info", "released": "wait", "staged": "wait", "on_the_way": "run", "received": "ok", "short": "warn",
    "cancelled": "void",
}  # fmt: skip

TO_STAGE = (TransferState.PLANNED, TransferState.RELEASED)
UNSENT = (*TO_STAGE, TransferState.STAGED)
NO_DAY = "No day: nothing goes there by the calendar of the sender"


def _plan(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """The ticked transfers, in a new plan of a truck."""
    numbers = [one.number for one in queries.transfers(ids[:100])]
    return go(request, f"{reverse('shipping_load_new')}?{urlencode({'orders': ' '.join(numbers)})}")


def _release(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """The ticked transfers, to the floor."""
    return perform(
        request, commands_transfer_plans.release_transfers, ReleaseTransfers(ids[:500]),
        to=f"{reverse('storage_transfers')}?state=released", toast=lambda done: f"{done.count} released",
    )  # fmt: skip


TRANSFERS = ListPage(
    name="storage.transfers",
    title="Transfers",
    noun=("transfer", "transfers"),
    permission="storage.view",
    rows=queries.transfer_page,
    columns=[
        Column("number", "Transfer", kind="code", sort="id", link=lambda r: reverse("storage_transfer", args=[r.id])),
        Column("state", "State", kind="state", marks=MARKS, sort=True),
        Column("site", "From", kind="code", sort=True),
        Column("to_site", "To", kind="code", sort=True),
        Column("line_count", "Lines", kind="number"),
        Column("units", "Units", kind="number", total=True),
        Column("staged", "Staged", kind="number", total=True, value=lambda r: r.staged or None),
        Column("received", "Received", kind="number", total=True, value=lambda r: r.received or None),
        Column("missing", "Missing", kind="number", value=lambda r: r.missing or None),
        Column("claim", "Claim", sort=True),
        Column("due_on", "Due", kind="date", sort=True),
        Column("reason", "Why", wide=True),
        Column("planned_at", "Planned", kind="datetime", sort=True, hidden=True),
        Column("planned_by", "Planned by", hidden=True),
        Column("sent_at", "Sent", kind="datetime", sort=True),
        Column("sent_by", "By"),
        Column("truck", "Truck", sort=True),
        Column("received_at", "Received at", kind="datetime", sort=True),
        Column("note", "Note", wide=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, s.value.replace("_", " ")) for s in TransferState], promoted=True),
        DateRange("due_on", "Due", promoted=True),
        DateRange("sent_at", "Sent"),
        DateRange("planned_at", "Planned"),
    ],
    tabs=[
        Tab("On the way", "state=on_the_way"), Tab("Planned", "state=planned&sort=due_on"),
        Tab("To stage", "state=released&sort=due_on"), Tab("Staged", "state=staged"),
        Tab("Received", "state=received"), Tab("Short", "state=short"), Tab("All", ""),
    ],
    sort="-id",
    search="Transfer, reason, note or truck",
    row_id=lambda r: int(r.id),
    batch=[
        Batch("plan", "Plan a load", "shipping.plan_loads", _plan),
        Batch("release", "Release", "storage.plan_transfers", _release),
    ],
    actions=[
        Button("Send stock", "storage_transfer_new", permission="storage.move", key="n"),
        Button("Plan transfer", "storage_transfer_plan", permission="storage.plan_transfers", primary=True, key="p"),
    ],
    empty=Empty(
        "No transfers", "Stock on its way from one of our sites to another.", "Send stock", "storage_transfer_new",
        "storage.move",
    ),
)  # fmt: skip


def _short_rows(query: ListQuery) -> Page[TransferRow]:
    return queries.transfer_page(query, is_short=True)


SHORT = replace(
    TRANSFERS,
    name="storage.short_transfers",
    title="Short transfers",
    rows=_short_rows,
    tabs=[Tab("To claim", "state=on_the_way"), Tab("Claimed", "state=short"), Tab("All", "")],
    actions=[],
    batch=[],
    empty=Empty("Nothing is missing", "Transfers of which some arrived and the rest did not, and what became of it."),
)

LINES = [
    Column("sku", "Item", kind="code", link=lambda r: reverse("analytics_item", args=[r.item_id])),
    Column("name", "Name", wide=True),
    Column("lot", "Lot", kind="code"),
    Column("quality", "Quality"),
    Column("units", "Sent", kind="number"),
    Column("received", "Received", kind="number", value=lambda r: r.received or None),
    Column("left", "Not received", kind="number", value=lambda r: r.left or None),
]


def _planned_lines(lines: Sequence[TransferLineRow], to_stage: Sequence[ToStageRow]) -> Table:
    """The lines of a transfer that has not left: how many units are to go, and how many of them stand staged."""
    left = {(row.item_id, row.lot_id): row.units for row in to_stage}
    staged = {x.line_id: x.units - left.get((x.item_id, x.lot_id), 0) for x in lines}
    columns = [
        *LINES[:4],
        Column("units", "Units", kind="number"),
        Column("staged", "Staged", kind="number", value=lambda r: staged[r.line_id]),
    ]
    return Table("Lines", columns, lines, totals={"units": sum(x.units for x in lines), "staged": sum(staged.values())})


@page("storage.view", methods=("GET", "HEAD"))
def transfer(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """One transfer: what was sent, what has arrived, what is still on the way."""
    return _drawn(request, transfer_id)


def _drawn(request: HttpRequest, transfer_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    """The page of a transfer, with the banner of a refused action."""
    caller = caller_of(request)
    found, lines = queries.access_transfer(transfer_id, caller.sites("storage.view") if caller else frozenset())
    receive = reverse("scan_transfer") + f"?transfer={found.number}"
    claims = queries.claims_of(transfer_id, cost_sites=caller.sites("purchasing.view") if caller else frozenset())
    to_stage = queries_transfer_plans.rows_to_stage(transfer_id) if found.state in TO_STAGE else []
    record = Record(
        title=found.number,
        subtitle=f"{found.site} to {found.to_site}",
        state=found.state,
        marks=MARKS,
        subject=ref(TRANSFER, transfer_id),
        site_id=found.to_site_id,
        back=("Transfers", reverse("storage_transfers")),
        facts=[
            *([Fact("Planned", found.planned_at, "datetime", note=found.planned_by)] if found.planned_at else []),
            *([Fact("Why", found.reason)] if found.reason else []),
            *([Fact("Released", found.released_at, "datetime")] if found.released_at else []),
            *([Fact("To stage", sum(x.units for x in to_stage), "number",
                    note=_places(to_stage))] if to_stage else []),
            *([Fact("Staged so far", found.staged, "number")] if found.state == "released" else []),
            *([Fact("Staged", found.staged_at, "datetime", note="" if found.sent_at else found.sent_by)]
              if found.staged_at else []),
            *([Fact("Sent", found.sent_at, "datetime", note=found.sent_by)] if found.sent_at else []),
            Fact("Units", found.units, "number", note=f"{found.line_count} lines"),
            Fact("On the way", found.left, "number", tone="warn" if found.left and found.received else ""),
            *([Fact("Due", found.due_on, "date", tone="bad" if _is_late(found) else "")] if found.due_on else []),
            *([Fact("Due", NO_DAY, tone="warn")] if not found.due_on and found.state in UNSENT else []),
            *([Fact("Received", found.received_at, "datetime")] if found.received_at else []),
            *([Fact("Last arrival", found.arrived_at, "datetime")] if found.arrived_at and found.left else []),
            *([Fact("Lost", found.missing, "number", tone="bad", note=found.claim)] if found.state == "short" else []),
            *([Fact("Truck", found.truck, note=found.carrier)] if found.truck else []),
            *([Fact("Note", found.note)] if found.note else []),
        ],
        actions=_actions(found, claims, receive),
        tables=[_planned_lines(lines, to_stage) if found.state in UNSENT else
                Table("Lines", LINES, lines,
                      totals={"units": found.units, "received": found.received or None,
                              "left": found.units - found.received or None}),
                *([Table("Claims", CLAIMS, claims)] if claims else [])],
    )  # fmt: skip
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


def _is_late(found: TransferRow) -> bool:
    """Whether it should be there and has not even left."""
    today = business_days([found.to_site_id], now=now())[found.to_site_id]
    return found.state in UNSENT and found.due_on is not None and found.due_on < today


def _places(to_stage: Sequence[ToStageRow]) -> str:
    """Where the first of what is to be staged lies."""
    named = [f"{x.units:,} {x.sku} in {x.place}" for x in to_stage[:2] if x.place]
    return ", ".join(named)


def _actions(found: TransferRow, claims: list[TransferClaimRow], receive: str) -> list[Do]:
    """What can be done: receive it, give up what is missing, say what became of the claim."""
    actions = []
    if found.state in TO_STAGE:
        actions += [
            Do("Call off", reverse("storage_transfer_cancel", args=[found.id]), "storage.plan_transfers", post=False),
            Do("Change", reverse("storage_transfer_change", args=[found.id]), "storage.plan_transfers", post=False),
        ]
    if found.state == TransferState.PLANNED:
        url = reverse("storage_transfer_release", args=[found.id])
        actions.append(Do("Release", url, "storage.plan_transfers", primary=True, key="l"))
    if found.state == TransferState.RELEASED:
        url = f"{reverse('scan_stage_transfer')}?transfer={found.number}"
        actions += [
            Do("Leave the rest", reverse("storage_transfer_end", args=[found.id]), "storage.move", post=False),
            Do("Stage", url, "storage.move", post=False, primary=True, key="l"),
        ]
    if found.state == TransferState.STAGED and not found.truck:
        plan = f"{reverse('shipping_load_new')}?orders={found.number}"
        actions += [
            Do("Call off", reverse("storage_transfer_cancel", args=[found.id]), "storage.move", post=False),
            Do("Send without a load", reverse("storage_transfer_leave", args=[found.id]), "storage.move"),
            Do("Plan a load", plan, "shipping.plan_loads", post=False, primary=True, key="l"),
        ]
    if found.left:
        actions.append(Do("Receive", receive, "storage.move", primary=True, post=False))
        if found.is_claimable(clock.today(), now() - timedelta(days=queries.CLAIM_DAYS)):
            url = reverse("storage_transfer_claim", args=[found.id])
            actions.append(Do("Claim what is missing", url, "storage.claim", post=False, key="c"))
    if claims and claims[0].state in (ClaimState.OPEN, ClaimState.REJECTED):
        url = reverse("storage_transfer_settle", args=[found.id])
        actions.append(Do("Settle claim", url, "storage.claim", post=False, primary=not found.left))
    return actions


@page("storage.move", methods=("POST",))
def leave(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """A staged transfer leaves without a load."""
    return perform(
        request, commands_staging.send_staged, SendStaged(transfer_id),
        to=reverse("storage_transfer", args=[transfer_id]), toast=lambda done: f"{done.number} sent",
        again=lambda refusal: _drawn(request, transfer_id, refusal),
    )  # fmt: skip


@page("storage.cancel_transfers")
def cancel(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """A transfer that has not left does not go."""
    found = seen(request, transfer_id)
    what = "Its goods stay in staging, where they are free to be moved."
    if found.state in TO_STAGE:
        what = (
            f"What is kept for it is free at {found.site} again; who waits for it at {found.to_site} is looked at anew."
        )
    return ask(
        request, CallOffForm(request.POST or None), commands_staging.cancel_transfer,
        lambda said: CancelTransfer(transfer_id, said["reason"]),
        title=f"Call off {found.number}", sub=what,
        back=(found.number, reverse("storage_transfer", args=[transfer_id])), toast="Called off",
    )  # fmt: skip


@page("storage.move")
def send(request: HttpRequest) -> HttpResponse:
    """Send stock to another site."""
    viewer = viewer_of(request)
    mine = [s for s in sites_for(viewer) if viewer.may("storage.move", s.id)]
    initial: dict[str, object] = {"site": _number(request, "site") or viewer.site_id or None}
    initial |= {"to_site": _number(request, "to_site"), "due_on": request.GET.get("due_on", "")[:10] or None}
    form = TransferForm(request.POST or None, mine=mine, initial=initial)
    if request.method != "POST":
        asked = [{"item": request.GET["item"], "units": request.GET.get("units", "")}] if "item" in request.GET else []
        return _form(request, form, GridForm(LINE_GRID, initial=asked))
    grid = GridForm(LINE_GRID, request.POST)
    form.is_valid()
    data = form.cleaned_data
    lines, rows, bad = read_lines(grid.rows, data["site"]) if "site" in data else ([], [], [])
    known = (data.get("site", 0), data.get("to_site", 0))
    more = (data.get("note", ""), data.get("due_on"))
    waits = bool(data.get("place_id"))
    return perform_form(
        request,
        commands_staging.stage_transfer if waits else commands.send_stock,
        StageTransfer(*known, data["place_id"], lines, data.get("plate", ""), *more)
        if waits
        else SendStock(*known, lines, *more),
        form=form,
        bad=[*grid.doubts("units"), *bad],
        rows=rows,
        to=lambda done: reverse("storage_transfer", args=[done.transfer_id]),
        toast=lambda done: f"{done.number} {'waits for its truck' if waits else 'sent'}",
        again=lambda refusal: _form(request, form, grid, refusal),
    )


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return read_id(text) or None


def _form(
    request: HttpRequest, form: TransferForm, grid: GridForm, refusal: FlowrackError | None = None
) -> HttpResponse:
    return render_form(
        request,
        form,
        title="Send stock to another site",
        verb="Send",
        refusal=refusal,
        back=("Transfers", reverse("storage_transfers")),
        template="patterns/grid.html",
        grid=grid.with_refusal(refusal),
    )


def waiting(viewer: Viewer) -> int:
    """Transfers that the viewer's site should receive."""
    return queries.on_the_way_count(viewer.site_id)


def to_claim(viewer: Viewer) -> int:
    """Transfers of the viewer's site of which units are missing for days."""
    return queries.to_claim_count(viewer.site_id, now())


NAV = [
    NavItem("Stock", "Transfers", "storage_transfers", permission="storage.view", order=50, count=waiting),
    NavItem(
        "Stock", "Short transfers", "storage_transfers_short", permission="storage.claim", order=51, count=to_claim
    ),
]

palette_records("Transfer", "storage_transfer", "storage.view", queries.look_up_transfers)

urlpatterns = [
    path("transfers", TRANSFERS.view, name="storage_transfers"),
    path("transfers/short", SHORT.view, name="storage_transfers_short"),
    path("transfers/new", send, name="storage_transfer_new"),
    path("transfers/<int:transfer_id>", transfer, name="storage_transfer"),
    path("transfers/<int:transfer_id>/leave", leave, name="storage_transfer_leave"),
    path("transfers/<int:transfer_id>/cancel", cancel, name="storage_transfer_cancel"),
]
