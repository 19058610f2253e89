"""The board of waves and trucks by state, its table twin, and what is done with a wave on the floor."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.fulfilment import queries as fulfilment
from flowrack.platform.http import now
from flowrack.platform.web import charts
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Button, Choice, Column, Empty, ListPage, ListQuery, Page, Tab, Text
from flowrack.platform.web.listing import memory_page as in_memory
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Record, record_actions
from flowrack.platform.web.render import context_of, perform, render_form, render_page, toast
from flowrack.platform.web.viewer import viewer_of
from flowrack.sales import queries as sales
from flowrack.shared.errors import BadLine, FlowrackError, Invalid
from flowrack.shipping import queries_board as trucks
from flowrack.waves import commands_floor as commands
from flowrack.waves import queries_board, queries_floor, queries_pool
from flowrack.waves.forms import AddForm, CutOffForm, ReasonForm, SplitForm
from flowrack.waves.pages.common import MARKS, PLAN, site_here
from flowrack.waves.queries_board import LANES, WaveCard
from flowrack.waves.rules_transfers import TransferWork
from flowrack.waves.types import AddToWave, MoveCutOff, PlanNotFound, RecallWave, ReleaseNext, SplitWave

VIEW, RELEASE, BOARD = "waves.view", "waves.release", "Wave board"
TRUCK_LANES = {"open": "loading", "loading": "loading", "closed": "door"}
MOST_GONE = 8


def _bar(card: WaveCard, width: int = 150) -> object:
    parts = [
        charts.Part(card.done, "c2", "picked"),
        charts.Part(card.short, "warn", "short"),
        charts.Part(card.open, "c3", "open"),
    ]
    return charts.stacked_bar(parts, f"{card.lines - card.open} of {card.lines} lines done", width=width)


@page(VIEW)
def board(request: HttpRequest) -> HttpResponse:
    """Waves and trucks by state."""
    return _board(request)


def _board(request: HttpRequest, refusal: FlowrackError | None = None) -> HttpResponse:
    site = site_here(request, VIEW)
    shown = {"site": site, "refusal": refusal, **(_lanes(request) if site else {})}
    return render_page(request, "waves/board.html", shown)


@page(VIEW)
def lanes(request: HttpRequest) -> HttpResponse:
    """The lanes alone, read anew every 15 seconds."""
    return render_page(request, "waves/_lanes.html", _lanes(request))


def _lanes(request: HttpRequest) -> dict[str, Any]:
    site = site_here(request, VIEW)
    if site is None:
        return {"lanes": []}
    at, zone = now(), ZoneInfo(site.timezone)
    cards = queries_board.board(site.id, at)
    loads = trucks.live_loads(frozenset({site.id})) if viewer_of(request).may("shipping.view", site.id) else []
    transfers = queries_board.transfers(site.id, at) if viewer_of(request).may("storage.view", site.id) else []
    found = []
    for code, name in LANES:
        waves = [(card, _bar(card)) for card in cards if card.standing == code]
        if code == "gone":
            waves = waves[-MOST_GONE:]
        here = [
            (load, load.is_overdue(at), _for_form(load, zone)) for load in loads if TRUCK_LANES.get(load.state) == code
        ]
        here.sort(key=lambda one: not one[1])  # those that should have left come first
        moving = [one for one in transfers if _standing(one) == code]
        count = len(waves) + len(here) + len(moving)
        found.append({"code": code, "name": name, "waves": waves, "trucks": here, "transfers": moving, "count": count})
    return {
        "lanes": found,
        "late": [card for card in cards if card.tone],
        "late_trucks": [load for load in loads if load.is_overdue(at)],
        "pace": queries_board.pace(site.id, at),
        "flows": queries_floor.continuous(site.id),
        "site": site,
        "may_move": viewer_of(request).may(RELEASE, site.id),
        "may_plan": viewer_of(request).may(PLAN, site.id),
    }


def _standing(one: TransferWork) -> str:
    """The lane in which a transfer stands; nowhere once a truck is planned for it, whose card tells of it."""
    if one.state == "released":
        return "picking" if one.person or one.staged else "released"
    return "planned" if one.state == "planned" else "" if one.truck else "loading"


def _for_form(load: trucks.LoadRow, zone: ZoneInfo) -> str:
    """When a truck leaves by the site's clock, as a form takes it; empty when nobody said."""
    return f"{load.cut_off_at.astimezone(zone):%Y-%m-%dT%H:%M}" if load.cut_off_at else ""


def _rows(query: ListQuery) -> Page[WaveCard]:
    cards = queries_board.board(query.site_id, now()) if query.site_id else []
    return in_memory(query, cards, search=("number", "template", "service", "people"))


def _link(card: WaveCard) -> str:
    if card.wave_id:
        return reverse("fulfilment_wave", args=[card.wave_id])
    return reverse("waves_plan", args=[card.plan_id])


TABLE = ListPage(
    name="waves.board",
    title="Waves as a table",
    noun=("wave", "waves"),
    permission=VIEW,
    rows=_rows,
    columns=[
        Column("number", "Wave", kind="code", sort=True, link=_link),
        Column("standing", "State", kind="state", sort=True, marks=MARKS),
        Column("template", "Template", sort=True),
        Column("service", "Service", sort=True),
        Column("label", "Apart"),
        Column("cut_off_at", "Cut-off", kind="datetime", sort=True),
        Column("pick_until", "Pick until", kind="datetime", sort=True),
        Column("minutes_left", "Minutes left", kind="number", sort=True),
        Column("orders", "Orders", kind="number", sort=True),
        Column("lines", "Lines", kind="number", sort=True),
        Column("percent", "Done, %", kind="number", sort=True, html=_bar),
        Column("open", "Open", kind="number", sort=True),
        Column("short", "Short", kind="number", sort=True),
        Column("people", "People"),
        Column("stuck", "What holds it up", wide=True),
        Column("why", "Why it went", hidden=True),
        Column("released_at", "Released", kind="datetime", sort=True, hidden=True),
    ],
    filters=[
        Choice("standing", "State", list(LANES), promoted=True),
        Choice("tone", "Held up", [("bad", "cut-off lost"), ("warn", "at risk")], promoted=True),
        Text("template", "Template"),
        Text("service", "Service"),
        Text("people", "People"),
    ],
    tabs=[Tab("All", ""), Tab("At risk", "tone=bad,warn")],
    sort="pick_until",
    search="Wave, template or person",
    row_id=lambda r: int(r.wave_id),
    is_cards=True,
    actions=[Button("As a board", "waves_board", permission=VIEW, key="b")],
    empty=Empty("No waves", "Plan waves, or release orders: they appear here until they are gone."),
)


@page(VIEW)
def table(request: HttpRequest) -> HttpResponse:
    """The board as a table, of one site."""
    site, viewer = site_here(request, VIEW), viewer_of(request)
    viewer.site_id = site.id if site else viewer.site_id
    return TABLE.view(request)


@page(RELEASE, methods=("POST",))
def release_next(request: HttpRequest, template_id: int) -> HttpResponse:
    """The next orders of a continuous template."""
    return perform(
        request,
        commands.release_next,
        ReleaseNext(template_id),
        to=reverse("waves_board"),
        toast=lambda done: f"{done.orders} orders released: {done.why}",
        again=lambda refusal: _board(request, refusal),
    )


def _wave(request: HttpRequest, wave_id: int) -> tuple[int, str]:
    """(id, number) of a wave at a site where the person may release."""
    found = fulfilment.access_wave(wave_id, frozenset({0}))
    if found is None or not context_of(request).may(RELEASE, found[2]):
        raise PlanNotFound("There is no such wave.", fix="Look at the board of waves.")
    return found[0], found[1]


def _asked(
    request: HttpRequest, wave: tuple[int, str], form: forms.Form, title: str, verb: str, refusal: FlowrackError | None
) -> HttpResponse:
    back = (wave[1], reverse("fulfilment_wave", args=[wave[0]]))
    return render_form(request, form, title=f"{title} {wave[1]}", verb=verb, refusal=refusal, back=back)


@page(RELEASE)
def recall(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Take a wave back from the floor."""
    wave, form = _wave(request, wave_id), ReasonForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return _asked(request, wave, form, "Recall", "Recall the wave", refusal)

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands.recall_wave,
        RecallWave(wave_id, form.cleaned_data["reason"]),
        to=reverse("waves_board"),
        toast=lambda done: f"{done.picks} picks called back",
        again=drawn,
    )


@page(RELEASE)
def add(request: HttpRequest, wave_id: int) -> HttpResponse:
    """An urgent order joins a wave."""
    wave, form = _wave(request, wave_id), AddForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return _asked(request, wave, form, "Add an urgent order to", "Add the order", refusal)

    if request.method != "POST" or not form.is_valid():
        return drawn()
    number = form.cleaned_data["order"].strip().upper()
    order_id = sales.order_id_of(number)
    if not order_id:
        words = f"There is no order {number}."
        return drawn(Invalid(words, lines=[BadLine(0, "order", words, "Look it up in the list of orders.")]))
    return perform(
        request,
        commands.add_to_wave,
        AddToWave(wave_id, order_id, form.cleaned_data["reason"]),
        to=reverse("fulfilment_wave", args=[wave_id]),
        toast=lambda done: (
            f"{done.picks} picks added" + (f", {done.lines_left} lines not yet" if done.lines_left else "")
        ),
        again=drawn,
    )


@page(RELEASE)
def cut_off(request: HttpRequest, wave_id: int) -> HttpResponse:
    """The truck of a wave comes later or earlier."""
    wave = _wave(request, wave_id)
    here = queries_pool.here(queries_floor.site_of(wave_id), now())
    before = queries_floor.cut_off(wave_id)
    asked = {"at": request.GET.get("at"), "reason": request.GET.get("reason", "")[:200]}
    initial = {"at": asked["at"] or (here.clock(before) if here and before else None), "reason": asked["reason"]}
    form = CutOffForm(request.POST or None, initial=initial)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return _asked(request, wave, form, "Move the cut-off of", "Move the cut-off", refusal)

    if request.method != "POST" or not form.is_valid() or here is None:
        return drawn()
    at = here.at(form.cleaned_data["at"])
    is_dragged = request.POST.get("from") == "board"
    done = perform(
        request,
        commands.move_cut_off,
        MoveCutOff(wave_id, at, form.cleaned_data["reason"]),
        to=reverse("waves_board") if is_dragged else reverse("fulfilment_wave", args=[wave_id]),
        again=drawn,
    )
    if done.status_code < HTTPStatus.BAD_REQUEST:
        back = {"at": f"{here.clock(before):%Y-%m-%dT%H:%M}", "reason": "as before"} if before else {}
        undo = f"{reverse('waves_cut_off', args=[wave_id])}?{urlencode(back)}" if back else ""
        toast(request, f"{wave[1]} leaves {at.astimezone(ZoneInfo(here.timezone)):%a %H:%M}", undo_url=undo)
    return done


@page(RELEASE)
def split(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Orders of a wave become a wave of their own."""
    wave = _wave(request, wave_id)
    form = SplitForm(request.POST or None, orders=queries_floor.orders_named(wave_id))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return _asked(request, wave, form, "Split", "Make them a wave of their own", refusal)

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands.split_wave,
        SplitWave(wave_id, [int(one) for one in form.cleaned_data["orders"]], form.cleaned_data["reason"]),
        to=lambda done: reverse("fulfilment_wave", args=[done.wave_id]),
        toast=lambda done: f"{done.number}: {done.picks} picks",
        again=drawn,
    )


def _on_waves(record: Record) -> list[Do]:
    """What can be done with a wave while it has open picks."""
    wave_id = int(record.subject.partition(":")[2])
    if not queries_floor.orders_to_pick(wave_id):
        return []
    return [
        Do("Truck is late", reverse("waves_cut_off", args=[wave_id]), RELEASE, post=False),
        Do("Recall", reverse("waves_recall", args=[wave_id]), RELEASE, post=False),
        Do("Split", reverse("waves_split", args=[wave_id]), RELEASE, post=False),
        Do("Add urgent order", reverse("waves_add", args=[wave_id]), RELEASE, post=False),
    ]


record_actions("fulfilment.wave", _on_waves)

NAV = [NavItem("Outbound", BOARD, "waves_board", permission=VIEW, order=32, section="Warehouse")]

urlpatterns = [
    path("waves/board", board, name="waves_board"),
    path("waves/board/lanes", lanes, name="waves_lanes"),
    path("waves/board/table", table, name="waves_table"),
    path("waves/templates/<int:template_id>/next", release_next, name="waves_next"),
    path("waves/<int:wave_id>/recall", recall, name="waves_recall"),
    path("waves/<int:wave_id>/cut-off", cut_off, name="waves_cut_off"),
    path("waves/<int:wave_id>/add", add, name="waves_add"),
    path("waves/<int:wave_id>/split", split, name="waves_split"),
]
