"""The pick board by wave, one wave, and the buttons that release, call back and pack orders."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.fulfilment import commands, queries, queries_board, queries_cartons, steps_release
from flowrack.fulfilment.forms import CutOffForm, PutBackForm
from flowrack.fulfilment.pages import lists
from flowrack.fulfilment.pages.cartons import planned_table
from flowrack.fulfilment.states import SHORT_WORDS, ShortReason
from flowrack.fulfilment.types import (
    AskPutBack,
    PickNotFound,
    RecallOrders,
    ReleaseOrders,
    UndoPick,
    UnpackCarton,
)
from flowrack.locations import queries as places
from flowrack.platform.http import caller_of, now
from flowrack.platform.web import charts
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Choice, Column, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.sales import queries as orders
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

MARKS = {
    "open": "wait",
    "released": "wait",
    "picking": "run",
    "done": "ok",
    "picked": "ok",
    "short": "warn",
    "cancelled": "wait",
    "going_back": "warn",
    "called back": "wait",
}


def _standing(row: queries.WaveRow) -> str:
    return _state_of(row.open, row.done + row.short)


def _state_of(left: int, made: int) -> str:
    """As the wave board says it; what is packed and loaded of a wave that is picked stands there."""
    if left:
        return "picking" if made else "released"
    return "picked" if made else "called back"


def _progress(row: queries.WaveRow) -> object:
    parts = [
        charts.Part(row.done, "c2", "picked"),
        charts.Part(row.short, "warn", "short"),
        charts.Part(row.open, "c3", "open"),
    ]
    return charts.stacked_bar(parts, f"{row.done} picked, {row.short} short, {row.open} open of {row.picks} picks")


WAVES = ListPage(
    name="fulfilment.waves",
    title="Pick board",
    noun=("wave", "waves"),
    permission="fulfilment.view",
    rows=queries.wave_list,
    columns=[
        Column("number", "Wave", kind="code", sort="id", link=lambda r: reverse("fulfilment_wave", args=[r.id])),
        Column("standing", "State", kind="state", marks=MARKS, value=_standing),
        Column("first_due", "Ship by, first", kind="date", sort=True),
        Column("orders", "Orders", kind="number", sort=True),
        Column("progress", "Progress", html=_progress, value=lambda r: f"{r.done} of {r.picks}"),
        Column("done", "Picked", kind="number", value=lambda r: r.done),
        Column("open", "Open", kind="number", sort=True),
        Column(
            "short", "Short", kind="chip", value=lambda r: f"{r.short} short" if r.short else "", tone=lambda r: "warn"
        ),
        Column("units_done", "Units picked", kind="number", total=True),
        Column("units", "Units", kind="number", total=True),
        Column("pickers", "Pickers"),
        Column("last_done_at", "Last pick", kind="datetime", sort=True),
        Column("site", "Site"),
        Column("released_by", "Released by", hidden=True),
        Column("released_at", "Released", kind="datetime", hidden=True, sort=True),
    ],
    filters=[
        Choice(
            "standing",
            "State",
            [("open", "released"), ("picking", "picking"), ("done", "picked or called back")],
            promoted=True,
        )
    ],
    tabs=[Tab("On the floor", "standing=open,picking"), Tab("Picked", "standing=done"), Tab("All", "view=all")],
    sort="-id",
    search="Wave or picker",
    row_id=lambda r: int(r.id),
    empty=Empty("No waves yet", "Choose reserved orders and release them: their picks appear here."),
)

PICK_COLUMNS = [
    Column("sequence", "#", kind="number"),
    Column("location", "Bin", kind="code"),
    Column("sku", "Item", kind="code"),
    Column("name", "Name", wide=True),
    Column("lot", "Lot", kind="code"),
    Column("units", "Units", kind="number"),
    Column("state", "State", kind="state", marks=MARKS),
    Column("order", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
    Column("customer", "Customer"),
    Column("tote", "Tote", kind="code"),
    Column("done_by", "By"),
    Column("done_at", "At", kind="datetime"),
    Column(
        "short_reason",
        "Why short",
        kind="chip",
        value=lambda r: SHORT_WORDS[ShortReason(r.short_reason)] if r.short_reason else "",
        tone=lambda r: "warn",
    ),
]


@page("fulfilment.view")
def wave(request: HttpRequest, wave_id: int) -> HttpResponse:
    """One wave: its picks in walking order."""
    caller = caller_of(request)
    found = queries.access_wave(wave_id, caller.sites("fulfilment.view") if caller else frozenset())
    if found is None:
        raise PickNotFound("There is no such wave.", fix="Look at the pick board.")
    picks = queries.picks_of_wave(wave_id)
    done = [pick for pick in picks if pick.state == "picked"]
    short = [pick for pick in picks if pick.state == "short"]
    open_picks = [pick for pick in picks if pick.state == "open"]
    live = [pick for pick in picks if pick.state != "cancelled"]
    back = len(picks) - len(live)
    planned = queries_cartons.planned_of_wave(wave_id)
    facts = [
        Fact("Orders", len({pick.order_id for pick in live}), "number"),
        Fact("Picks", f"{len(done):,} of {len(live):,} done", note=f"{back:,} called back" if back else ""),
        Fact("Units", f"{sum(p.units for p in done):,} of {sum(p.units for p in live):,} picked"),
        Fact("Short", len(short), "number", tone="warn" if short else ""),
        Fact("Cartons planned", len(planned), "number"),
    ]
    return render_record(
        request,
        Record(
            title=found[1],
            subject=ref("fulfilment.wave", wave_id),
            state=_state_of(len(open_picks), len(done) + len(short)),
            marks=MARKS,
            back=("Pick board", reverse("fulfilment_waves")),
            facts=facts,
            tables=[
                lists.table(queries_board.lists_of_wave(wave_id)),
                Table("Picks", PICK_COLUMNS, picks, totals={"units": sum(p.units for p in live)}),
                planned_table(planned),
            ],
            why={ref("sales.line", pick.line_id): f"{pick.order}, {pick.sku}" for pick in short}
            or [ref("fulfilment.wave", wave_id)],
        ),
    )


@page("fulfilment.release")
def release(request: HttpRequest, order_id: int) -> HttpResponse:
    """Give one order to the pickers, for the cut-off that it can still make unless the person says another."""
    head = orders.access_order(order_id, frozenset({0}))
    back = (head.number, reverse("sales_order", args=[order_id]))
    seen = steps_release.suggested_cut_off(head.site_id, [order_id], now()) if request.method == "GET" else None
    form = CutOffForm(request.POST if request.method == "POST" else None, initial={"at": seen.at if seen else None})

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Release {head.number} to pickers", verb="Release", refusal=refusal, back=back,
            sub=f"Filled in: the cut-off of {seen.service} that it can still make." if seen and seen.service else "",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    at = form.cleaned_data["at"]
    clock = ZoneInfo(places.site(head.site_id).timezone)
    return perform(
        request,
        commands.release_orders,
        ReleaseOrders(head.site_id, [order_id], cut_off_at=at.replace(tzinfo=clock) if at else None),
        to=back[1],
        toast=lambda done: f"Wave {done.number} released",
        again=drawn,
    )


@page("fulfilment.release", methods=("POST",))
def recall(request: HttpRequest, order_id: int) -> HttpResponse:
    """Call an order back from the floor."""
    return perform(
        request,
        commands.recall_orders,
        RecallOrders([order_id], "called back on the order page"),
        to=reverse("sales_order", args=[order_id]),
        toast="Order called back",
    )


@page("fulfilment.pack", methods=("POST",))
def unpack(request: HttpRequest, order_id: int, carton_id: int) -> HttpResponse:
    """Open a carton again."""
    return perform(
        request,
        commands.unpack_carton,
        UnpackCarton(carton_id),
        to=reverse("sales_order", args=[order_id]),
        toast="Carton opened",
    )


@page("fulfilment.pick", methods=("POST",))
def undo(request: HttpRequest, order_id: int, pick_id: int) -> HttpResponse:
    """Put one pick back."""
    return perform(
        request,
        commands.undo_pick,
        UndoPick(pick_id),
        to=reverse("sales_order", args=[order_id]),
        toast="Pick undone",
    )


@page("fulfilment.ask_put_back")
def put_back(request: HttpRequest, order_id: int) -> HttpResponse:
    """Ask the floor to put what is picked of an order back, and say whether it is cancelled then."""
    back = ("The order", reverse("sales_order", args=[order_id]))
    form = PutBackForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Put back", verb="Ask the floor", refusal=refusal, back=back,
            sub="What is picked and in no carton goes back into its bins by scan. Put-backs shows how far it is.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    asked = form.cleaned_data
    return perform(
        request,
        commands.ask_put_back,
        AskPutBack(order_id, asked["then_cancel"], asked["reason"]),
        to=back[1],
        toast=lambda done: f"The floor is asked to put {done.units:,} units back",
        again=drawn,
    )


NAV = [
    NavItem("Outbound", "Pick board", "fulfilment_waves", permission="fulfilment.view", order=30, section="Warehouse")
]

palette_records("Wave", "fulfilment_wave", "fulfilment.view", queries.look_up)

urlpatterns = [
    path("waves", WAVES.view, name="fulfilment_waves"),
    path("waves/<int:wave_id>", wave, name="fulfilment_wave"),
    path("orders/<int:order_id>/release", release, name="fulfilment_release"),
    path("orders/<int:order_id>/recall", recall, name="fulfilment_recall"),
    path("orders/<int:order_id>/put-back", put_back, name="fulfilment_put_back"),
    path("orders/<int:order_id>/cartons/<int:carton_id>/unpack", unpack, name="fulfilment_unpack"),
    path("orders/<int:order_id>/picks/<int:pick_id>/undo", undo, name="fulfilment_undo"),
]
