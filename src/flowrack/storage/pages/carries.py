"""Pages of storage: planned moves with their reasons."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import caller_of
from flowrack.platform.importing.web import import_view
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.format import in_units
from flowrack.platform.web.listing import Batch, Button, Choice, Column, DateRange, Empty, Flag, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Do, Fact, Record, render_record
from flowrack.platform.web.render import perform
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref
from flowrack.storage import commands, commands_undo, queries, queries_pages
from flowrack.storage.imports import OPENING
from flowrack.storage.states import PlanState
from flowrack.storage.types import PlanKind, ReplanPutaways, UndoPutaway


def _replan(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """Choose bins again for the ticked putaways."""
    caller = caller_of(request)
    sites = sorted(caller.sites("storage.plan")) if caller else []
    found = queries.planned_moves(site_ids=sites or [-1], kind="putaway", ids=ids or [-1], limit=len(ids) + 1)
    return perform(
        request,
        commands.replan_putaways,
        ReplanPutaways(found[0].site_id if found else 0, [move.id for move in found]),
        to=reverse("storage_putaways"),
        toast=lambda done: f"{len(done.moves)} chosen again",
    )


MOVES = ListPage(
    name="storage.moves",
    title="Putaway and refill",
    noun=("move", "moves"),
    permission="storage.view",
    rows=queries_pages.move_page,
    columns=[
        Column("id", "No.", kind="code", sort=True, link=lambda r: reverse("storage_putaway", args=[r.id])),
        Column("kind", "Work", sort=True),
        Column("state", "State", kind="state", sort=True),
        Column("sku", "Item", kind="code", sort=True),
        Column("name", "Name", wide=True),
        Column("lot", "Lot", kind="code", sort=True),
        Column("expires_on", "Expires", kind="date", sort=True),
        Column("lpn", "LPN", kind="code", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("quality", "Quality", kind="state", marks={"damaged": "bad", "expired": "bad", "hold": "warn"}),
        Column("from_code", "From", kind="code", sort=True),
        Column(
            "to_code",
            "To",
            kind="code",
            sort=True,
            value=lambda r: r.to_code or ("no bin fits" if r.state == "open" else ""),
        ),
        Column("ended_in", "Went to", kind="code", sort=True),
        Column("planned_at", "Planned", kind="datetime", sort=True),
        Column("ended_at", "Ended", kind="datetime", sort=True, hidden=True),
        Column("ended_by", "By", sort=True, hidden=True),
        Column("reason", "Because", hidden=True),
    ],
    filters=[
        Choice("kind", "Work", [(k.value, k.value) for k in PlanKind], promoted=True),
        Choice("state", "State", [(s.value, s.value) for s in PlanState], promoted=True),
        Flag("without_bin", "Without a bin", promoted=True),
        DateRange("planned_at", "Planned"),
    ],
    tabs=[
        Tab("To put away", "kind=putaway&state=open"),
        Tab("To refill", "kind=refill&state=open"),
        Tab("Done", "state=done"),
        Tab("All", ""),
    ],
    sort="planned_at",
    search="Item, pallet or place",
    batch=[Batch("replan", "Choose bins again", "storage.plan", _replan)],
    empty=Empty("Nothing to carry", "Goods on their way from the dock to bins, and from reserve to pick faces."),
)


OPENING_LINES = ListPage(
    name="storage.opening",
    title="Opening stock",
    noun=("line", "lines"),
    permission="storage.open",
    rows=queries_pages.opening_page,
    columns=[
        Column("site", "Site", sort=True),
        Column("location", "Location", kind="code", sort=True),
        Column("sku", "Item", kind="code", sort=True, link=lambda r: reverse("catalog_item", args=[r.item_id])),
        Column("name", "Name", wide=True),
        Column("lot", "Lot", kind="code", sort=True),
        Column("lpn", "LPN", kind="code", sort=True),
        Column("quality", "Quality", kind="state", marks={"damaged": "bad", "expired": "bad", "hold": "warn"}),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("unit_cost", "Unit cost", kind="number", hidden=True),
        Column("value", "Value", kind="money", sort=True, total=True),
        Column("loaded_at", "Loaded", kind="datetime", sort=True),
        Column("loaded_by", "By", sort=True, hidden=True),
    ],
    filters=[DateRange("loaded_at", "Loaded")],
    sort="location",
    search="Item, lot, LPN or location",
    actions=[Button("Import", "storage_opening_import", permission="storage.open", primary=True, key="n")],
    empty=Empty(
        "No opening stock yet",
        "What lies in the house on the day of the start, read from a file.",
        "Import",
        "storage_opening_import",
        "storage.open",
    ),
)


@page("storage.view")
def move(request: HttpRequest, move_id: int) -> HttpResponse:
    """One planned move and why it goes there."""
    return _record(request, move_id)


@page("storage.putaway", methods=("POST",))
def take_back(request: HttpRequest, move_id: int) -> HttpResponse:
    """What was put away by mistake stands where it came from again, and waits."""
    return perform(
        request,
        commands_undo.undo_putaway,
        UndoPutaway(read_id(request.POST.get("posting", ""))),
        to=lambda done: (
            reverse("storage_putaway", args=[done.planned_move_ids[0]])
            if done.planned_move_ids
            else reverse("storage_putaways")
        ),
        toast="Putaway taken back",
        again=lambda refusal: _record(request, move_id, refusal),
    )


def _take_back(move_id: int, from_code: str) -> list[Do]:
    """The button for what can be taken back: all that one posting carried, which it says first."""
    posting_id = queries_pages.standing_posting(move_id)
    carried = queries.carried_by(posting_id) if posting_id else []
    if not carried:
        return []
    told = in_units(sum(one.units for one in carried))
    what = told if len(carried) == 1 else f"{told} of {len(carried)} putaways that were carried together"
    return [
        Do(
            "Take back",
            reverse("storage_putaway_take_back", args=[move_id]),
            "storage.putaway",
            confirm=f"Take back {what}? They stand in {from_code} again and wait for another putaway.",
            fields={"posting": posting_id},
        )
    ]


def _record(request: HttpRequest, move_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    caller = caller_of(request)
    found = queries_pages.access_move(move_id, caller.sites("storage.view") if caller else frozenset())
    subject = ref("storage.planned_move", move_id)
    record = Record(
        title=f"{found.kind.capitalize()} {found.id}",
        subtitle=f"{found.sku} {found.name}",
        state=found.state,
        subject=subject,
        site_id=found.site_id,
        back=("Putaway and refill", reverse("storage_putaways")),
        facts=[
            Fact("Units", found.units, "number", note=f"{found.done_units} carried" if found.done_units else ""),
            Fact("LPN", found.lpn or "loose", "code"),
            Fact("From", found.from_code, "code"),
            Fact("To", found.to_code or "no bin fits", "code", tone="" if found.to_code else "warn"),
            *([Fact("Went to", found.ended_in, "code", note=found.reason)] if found.ended_in else []),
            Fact("Planned", found.planned_at, "datetime"),
            *([Fact("Ended", found.ended_at, "datetime", note=found.ended_by)] if found.ended_at else []),
        ],
        actions=_take_back(move_id, found.from_code) if found.done_units else [],
        why=[subject],
    )
    return render_record(request, record, template="storage/move.html", refusal=refusal)


palette_records("Putaway", "storage_putaway", "storage.view", queries_pages.look_up_moves)

urlpatterns = [
    path("putaways", MOVES.view, name="storage_putaways"),
    path("putaways/<int:move_id>", move, name="storage_putaway"),
    path("putaways/<int:move_id>/take-back", take_back, name="storage_putaway_take_back"),
    path("opening-stock", OPENING_LINES.view, name="storage_opening"),
    path(
        "opening-stock/import",
        import_view(OPENING, commands.load_opening_stock, back="storage_opening"),
        name="storage_opening_import",
    ),
]
NAV = [
    NavItem("Inbound", "Putaway and refill", "storage_putaways", permission="storage.view", order=40),
    NavItem("Data and setup", "Opening stock", "storage_opening", permission="storage.open", order=80),
]
