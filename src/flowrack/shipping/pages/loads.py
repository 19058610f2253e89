"""Pages of loads: the trucks, one of them with its trailer as it fills, what waits for a truck, how a site loads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.timezone import localtime

from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Batch, Button, Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Do, Document, Fact, Record, Table, render_record
from flowrack.platform.web.render import go
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref
from flowrack.shipping import (
    drawing,
    queries_along,
    queries_behind,
    queries_board,
    queries_bookings,
    queries_loads,
    queries_proofs,
    rules_loads,
)
from flowrack.shipping.pages import reach
from flowrack.shipping.pages.behind import ON_A_LOAD, whose
from flowrack.shipping.pages.behind import TITLE as LEFT_BEHIND
from flowrack.shipping.queries_board import LoadRow
from flowrack.shipping.types_along import AlongOn
from flowrack.shipping.types_loads import LOAD
from flowrack.shipping.types_proofs import PAPER_WORDS, PaperKind
from flowrack.storage import queries_transfers as transfers
from flowrack.storage.types_transfers import TransferRow

MARKS = {"open": "wait", "loading": "run", "closed": "warn", "left": "ok", "cancelled": "info"}
LOADS_TITLE = "Loads"
KG = 1000


def _cut_off(row: LoadRow) -> str:
    """Minutes to the cut-off in words."""
    minutes = row.minutes_left(now())
    if minutes is None:
        return ""
    return rules_loads.so_long(minutes) if minutes >= 0 else f"{rules_loads.so_long(-minutes)} over"


LOADS = ListPage(
    name="shipping.loads",
    title=LOADS_TITLE,
    noun=("load", "loads"),
    permission="shipping.view",
    rows=queries_board.load_list,
    columns=[
        Column("number", "Load", kind="code", sort="id", link=lambda r: reverse("shipping_load", args=[r.id])),
        Column("state", "State", kind="state", marks=MARKS),
        Column("door", "Door", kind="code", sort=True),
        Column("carrier", "Carrier", sort=True),
        Column("trailer", "Trailer", kind="code"),
        Column("customers", "Stops", wide=True),
        Column("done", "Loaded", value=lambda r: r.done if r.total or r.to_come else ""),
        Column("cut_off_at", "Cut-off", kind="datetime", sort=True),
        Column("minutes", "Left", kind="chip", value=_cut_off, tone=lambda r: "bad" if r.is_overdue(now()) else ""),
        Column("stuck", "Because", value=lambda r: r.stuck(now()), wide=True),
        Column("behind", "Behind", kind="number", value=lambda r: r.behind or None),
        Column("closed_at", "Closed", kind="datetime", sort=True),
        Column("seal", "Seal", kind="code", hidden=True),
        Column("site", "From", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(word, word) for word in MARKS], promoted=True),
        DateRange("closed_at", "Closed", promoted=True),
    ],
    tabs=[
        Tab("To load", "state=open,loading,closed&sort=cut_off_at"),
        Tab("Gone", "state=left"),
        Tab("All", "view=all"),
    ],
    sort="-id",
    search="Load, order, customer, trailer, carrier or seal",
    row_id=lambda r: int(r.id),
    actions=[Button("Plan a load", "shipping_load_new", permission="shipping.plan_loads", primary=True, key="n")],
    empty=Empty(
        "No loads yet",
        "A load is what leaves on one truck: orders by stop, loaded from the last stop to the first.",
        "Plan a load",
        "shipping_load_new",
        "shipping.plan_loads",
    ),
)


def _plan(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """The ticked orders and transfers, in a new plan."""
    return go(
        request,
        f"{reverse('shipping_load_new')}?{urlencode({'orders': ' '.join(queries_board.numbers_of(ids[:500]))})}",
    )


TO_LOAD = ListPage(
    name="shipping.to_load",
    title="Waiting for a truck",
    noun=("order or transfer", "orders and transfers"),
    permission="shipping.view",
    rows=queries_board.to_load,
    columns=[
        Column("number", "Order or transfer", kind="code", sort="id", link=lambda r: whose(r.order_id, r.transfer_id)),
        Column("customer", "Customer or site", sort=True, wide=True),
        Column("address", "To", wide=True),
        Column("ship_by_on", "Leaves by", kind="date", sort=True),
        Column("due_on", "There by", kind="date", sort=True),
        Column("carrier", "Carrier chosen", sort=True),
        Column("plates", "Plates", kind="number", total=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("weight_g", "Goods, kg", kind="number", value=lambda r: r.weight_g // KG or None),
        Column("site", "From", hidden=True),
    ],
    filters=[DateRange("ship_by_on", "Leaves by", promoted=True), DateRange("due_on", "There by")],
    sort="ship_by_on",
    search="Order, transfer, customer, site, address or carrier",
    row_id=lambda r: int(r.id),
    batch=[Batch("plan", "Plan a load", "shipping.plan_loads", _plan)],
    empty=Empty("Nothing waits for a truck", "Picked and packed orders and staged transfers that are on no load."),
)


STOP_COLUMNS = [
    Column("stop_no", "Stop", kind="number"),
    Column("customer", "Customer", wide=True),
    Column("address", "To", wide=True),
    Column("orders", "Orders and transfers", kind="code"),
    Column("loaded", "Loaded", value=lambda r: r["loaded"]),
    Column("to_come", "Not staged, units", kind="number"),
]
PLATE_COLUMNS = [
    Column("code", "Plate", kind="code"),
    Column("stop_no", "Stop", kind="number"),
    Column("standing", "Standing", kind="state", marks={"on the truck": "ok", "gone": "ok", "to load": "wait"}),
    Column("place", "Place", kind="code"),
    Column("units", "Units", kind="number"),
    Column("weight", "Weight, kg", value=lambda r: f"{r['weight_g'] / KG:,.1f}" if r["weight_g"] else ""),
    Column("note", "Note", wide=True),
]
TRANSFER_COLUMNS = [
    Column("number", "Transfer", kind="code", link=lambda r: reverse("storage_transfer", args=[r.id])),
    Column("state", "State", kind="state", marks={"staged": "wait", "on_the_way": "run", "received": "ok",
                                                  "short": "warn"}),
    Column("to_site", "To", kind="code"),
    Column("units", "Units", kind="number"),
    Column("received", "Received", kind="number", value=lambda r: r.received or None),
]  # fmt: skip
SHIPMENT_COLUMNS = [
    Column("number", "Shipment", kind="code", link=lambda r: reverse("shipment", args=[r.id])),
    Column("state", "State", kind="state", marks={"shipped": "run", "delivered": "ok"}),
    Column("stop_no", "Stop", kind="number"),
    Column("customers", "Customer", wide=True),
    Column("units", "Units", kind="number"),
]
BOOKED_COLUMNS = [
    Column("shipment", "Shipment", kind="code", link=lambda r: reverse("shipment", args=[r.shipment_id])),
    Column("service", "Booked", value=lambda r: f"{r.carrier} {r.service}", wide=True,
           link=lambda r: reverse("shipping_booked", args=[r.id])),
    Column("booked", "Booked for", kind="money"),
    Column("expected", "When chosen", kind="money"),
    Column("price_words", "Why another price", wide=True),
    Column("end_why", "To be called off because", wide=True),
]  # fmt: skip


def seen(request: HttpRequest, load_id: int) -> LoadRow:
    """The load, for a page of this person."""
    caller = caller_of(request)
    return queries_board.access_load(load_id, caller.sites("shipping.view") if caller else frozenset())


@page("shipping.view", methods=("GET", "HEAD"))
def load(request: HttpRequest, load_id: int) -> HttpResponse:
    """One truck: door, carrier, the trailer as it fills, stops, plates, what stayed behind, papers."""
    return drawn(request, load_id)


def drawn(request: HttpRequest, load_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    """The page of a load, with the banner of a refused action."""
    row = seen(request, load_id)
    plates = _plates(row)
    stops = _stops(row, plates)
    along = queries_along.along_on([row.id], now())
    tables = [
        Table("Stops", STOP_COLUMNS, stops, empty="No stops."),
        Table("Plates", PLATE_COLUMNS, plates, empty="Nothing is staged for this truck yet."),
    ]
    stayed = queries_behind.behind(load_id) if row.state not in ("open", "loading") else []
    if stayed:
        tables.append(
            Table(
                LEFT_BEHIND,
                ON_A_LOAD,
                stayed,
                note="Customer service has it in the list of the same name.",
                is_cards=True,
            )
        )
    booked = queries_bookings.booked_on(load_id)
    if booked:
        tables.append(Table("Booked with carriers", BOOKED_COLUMNS, booked, is_cards=True))
    if row.closed_at:
        tables.append(Table("Shipments", SHIPMENT_COLUMNS, queries_board.shipments_of(load_id)))
    if any(stop["transfer_ids"] for stop in stops):
        tables.append(Table("Transfers", TRANSFER_COLUMNS, _transfers(stops)))
    record = Record(
        title=row.number,
        subtitle=row.carrier or row.customers[:80],
        subject=ref(LOAD, load_id),
        site_id=row.site_id,
        state=row.state,
        marks=MARKS,
        back=(LOADS_TITLE, reverse("shipping_loads")),
        facts=[*_facts(row), *(_along(one) for one in along)],
        actions=[*_take_back(along), *_actions(row)],
        tables=tables,
        documents=_documents(row),
    )
    bays = [drawing.Bay(s["stop_no"], s["customer"], s["on"], s["all"]) for s in stops]
    return render_record(
        request,
        record,
        template="shipping/load.html",
        refusal=refusal,
        status=refusal.status if refusal else 200,
        trailer=drawing.trailer(bays) if row.total and row.state != "cancelled" else "",
        stuck=row.stuck(now()),
        cannot_reach=reach.words(row),
    )


def _along(one: AlongOn) -> Fact:
    """A device that has the truck along."""
    return Fact("Along on", one.device, "code", note=f"{one.person}, since {localtime(one.since):%H:%M}", tone="warn")


def _take_back(along: list[AlongOn]) -> list[Do]:
    return [
        Do(f"Take back from {one.device}", reverse("shipping_load_take_back", args=[one.load_id]), "shipping.load",
           fields={"device": one.device})
        for one in along
    ]  # fmt: skip


def _facts(row: LoadRow) -> list[Fact]:
    left = row.minutes_left(now())
    tone = "" if left is None or left >= 30 else ("warn" if left >= 0 else "bad")
    return [
        Fact("Door", row.door or "not yet known", "code"),
        Fact("Loaded", row.done, note=f"{row.behind:,} left behind" if row.behind else ""),
        Fact("Cut-off", row.cut_off_at, "datetime", note=_cut_off(row), tone=tone),
        Fact("Weight, kg", f"{row.loaded_g / KG:,.0f}",
             note=f"of {row.max_weight_g / KG:,.0f}" if row.max_weight_g else ""),
        Fact("Carrier", row.carrier or "not named", note=_priced(row)),
        *([Fact("Not the chosen one because", row.carrier_reason)] if row.carrier_reason else []),
        Fact("Trailer", row.trailer or "not named", note=row.driver),
        Fact("Seal", row.seal or "none yet", "code"),
        *([Fact("Signed by", row.signed_by, url=reverse("photo", args=[row.signature]))] if row.signed_by else []),
        *([Fact("Closed", row.closed_at, "datetime")] if row.closed_at else []),
        *([Fact("Left", row.left_at, "datetime")] if row.left_at else []),
        *([Fact("Because", row.end_reason)] if row.end_reason else []),
        Fact("From", row.site),
    ]  # fmt: skip


def _priced(row: LoadRow) -> str:
    return "" if row.has_card or not row.carrier_id else "has no rate card: what it costs is not known"


def _actions(row: LoadRow) -> list[Do]:
    def to(name: str) -> str:
        return reverse(name, args=[row.id])

    def paper(kind: PaperKind) -> Do:
        return Do(f"Print {PAPER_WORDS[kind].lower()}", to("shipping_load_print"), "shipping.load",
                  fields={"kind": str(kind)}, key="p")  # fmt: skip

    if row.state == "open":
        start = [Do("Start loading", to("shipping_load_start"), "shipping.load", primary=True, key="s")]
        return [
            Do("Call off", to("shipping_load_cancel"), "shipping.plan_loads", post=False),
            Do("Change", to("shipping_load_change"), "shipping.plan_loads", post=False, key="c"),
            *([paper(PaperKind.LOADING_LIST)] if row.waiting else []),
            *(start if row.door else []),
        ]
    if row.state == "loading":
        return [
            Do("Call off", to("shipping_load_cancel"), "shipping.plan_loads", post=False),
            Do("Change", to("shipping_load_change"), "shipping.plan_loads", post=False, key="c"),
            *([paper(PaperKind.LOADING_LIST)] if row.total else []),
            *([] if row.signed_by else [Do("Driver signs", to("shipping_load_sign"), "shipping.load", post=False)]),
            Do("Load by scan", f"{reverse('scan_load')}?load={row.number}", "shipping.load", post=False, key="s"),
            Do("Close truck", to("shipping_load_close"), "shipping.ship", primary=True, post=False, key="e"),
        ]
    if row.state == "closed":
        gone = Do("Truck has left", to("shipping_load_leave"), "shipping.load", primary=True)
        return [paper(PaperKind.BILL_OF_LADING), gone]
    return [paper(PaperKind.BILL_OF_LADING)] if row.state == "left" else []


def _documents(row: LoadRow) -> list[Document]:
    """The papers that were printed, with the beginning of their hashes."""
    return [
        Document(
            PAPER_WORDS[PaperKind(one.kind)],
            reverse("shipping_paper", args=[one.id]),
            f"{one.printed_by}, {one.sha256[:12]}",
            one.printed_at,
        )
        for one in queries_proofs.papers_of_load(row.id)
    ]


def _plates(row: LoadRow) -> list[dict[str, Any]]:
    """What is on the truck in its order, then what waits, later stops first."""
    on = queries_loads.on_truck(row.id)
    known = rules_loads.plates(queries_loads.contents(row.id)) if row.state in ("open", "loading") else {}
    aboard = {one.key for one in on}
    standing = "on the truck" if known or row.state == "loading" else "gone"
    found: list[dict[str, Any]] = [
        {
            "code": one.code,
            "stop_no": one.stop_no,
            "standing": standing,
            "place": "",
            "units": one.units,
            "weight_g": one.weight_g,
            "note": "; ".join(w for w in (one.reason, one.separation and f"kept apart: {one.separation}") if w),
        }
        for one in on
    ]
    found += [
        {
            "code": plate.code or "loose",
            "stop_no": plate.stop_no,
            "standing": "to load",
            "place": plate.location,
            "units": plate.units,
            "weight_g": plate.weight_g,
            "note": ", ".join(f"class {hazard}" for hazard in plate.hazards),
        }
        for key, plate in known.items()
        if key not in aboard
    ]
    return found


def _transfers(stops: list[dict[str, Any]]) -> list[TransferRow]:
    """The transfers of a load as they stand, by stop. One query."""
    return transfers.transfers([one for stop in stops for one in stop["transfer_ids"]])


def _stops(row: LoadRow, plates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for stop in queries_loads.stops(row.id):
        of = [plate for plate in plates if plate["stop_no"] == stop.stop_no]
        on = sum(1 for plate in of if plate["standing"] != "to load")
        found.append(
            {
                "stop_no": stop.stop_no,
                "customer": stop.customer,
                "address": stop.address or ("our site" if stop.transfer_ids else "no address on file"),
                "orders": stop.orders,
                "transfer_ids": stop.transfer_ids,
                "loaded": f"{on:,} of {len(of):,}",
                "to_come": stop.to_come or None,
                "on": on,
                "all": len(of),
            }
        )
    return found


NAV = [
    NavItem("Outbound", LOADS_TITLE, "shipping_loads", permission="shipping.view", order=41, section="Shipping"),
    NavItem(
        "Outbound", "Waiting for a truck", "shipping_to_load", permission="shipping.view", order=40, section="Shipping"
    ),
]

palette_records("Load", "shipping_load", "shipping.view", queries_board.look_up_loads)

urlpatterns = [
    path("loads", LOADS.view, name="shipping_loads"),
    path("loads/waiting", TO_LOAD.view, name="shipping_to_load"),
    path("loads/<int:load_id>", load, name="shipping_load"),
]
