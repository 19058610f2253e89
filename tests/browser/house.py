"""A small house of pages for the browser tests: one of each pattern, with rows in memory and no stage behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path, reverse

from flowrack.config.urls import urlpatterns as real_urls
from flowrack.platform.web import charts
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridColumn, GridForm
from flowrack.platform.web.listing import (
    Batch,
    Button,
    Choice,
    Column,
    DateRange,
    Empty,
    ListPage,
    ListQuery,
    Page,
    Tab,
    Text,
    memory_page,
)
from flowrack.platform.web.palette import Hit, palette_source
from flowrack.platform.web.record import Do, Document, Fact, Record, Table, render_record
from flowrack.platform.web.render import go, render_form, toast
from flowrack.platform.web.scan import (
    DONE,
    HELD,
    MORE,
    OK,
    Go,
    Keypad,
    ScanAction,
    ScanPage,
    ScanStep,
    Tick,
    Visit,
    WrongScan,
)
from flowrack.platform.web.viewer import Viewer
from flowrack.shared.errors import BadLine, Invalid

STATES = ["confirmed", "picking", "held", "short", "shipped"]


@dataclass(frozen=True)
class Order:
    id: int
    number: str
    tier: str
    customer: str
    state: str
    promised_on: date
    units: int
    value: Decimal
    why: str


def _order(n: int) -> Order:
    customer = ["Brackwater Clinics", "=SUM(A1:A9)", "Gantry Foods", "Pellow Marine Stores"][n % 4]
    state = STATES[n % 5]
    return Order(
        n,
        f"SO-{5000 + n}",
        "ABC"[n % 3],
        customer,
        state,
        date(2026, 5, 14) + timedelta(days=n % 9),
        12 * n,
        Decimal(n) * Decimal("38.20"),
        "10 wait: approval" if state == "held" else "",
    )


ORDERS = [_order(n) for n in range(1, 121)]
RELEASED: list[int] = []


def order_rows(query: ListQuery) -> Page[Order]:
    found = memory_page(query, ORDERS, search=("number", "customer"))
    every = memory_page(
        ListQuery(filters=query.filters, search=query.search, limit=10_000), ORDERS, search=("number", "customer")
    )
    return Page(
        found.rows, found.total, {"units": sum(o.units for o in every.rows), "value": sum(o.value for o in every.rows)}
    )


def release(request: HttpRequest, ids: list[int]) -> HttpResponse:
    RELEASED[:] = ids
    toast(request, f"{len(ids)} released")
    return go(request, reverse("house_orders"))


LIST = ListPage(
    name="house.orders",
    title="Orders",
    noun=("order", "orders"),
    permission="",
    rows=order_rows,
    columns=[
        Column("number", "Order", kind="code", sort="id", link=lambda o: reverse("house_order", args=[o.id])),
        Column("tier", "Tier", kind="tier"),
        Column("customer", "Customer", sort=True),
        Column("state", "State", kind="state", sort=True),
        Column("promised_on", "Promise", kind="date", sort=True),
        Column("progress", "Progress", value=lambda o: o.units, html=lambda o: charts.bar(o.id, 120)),
        Column("units", "Units, EA", kind="number", sort=True, total=True),
        Column("why", "Why", kind="chip", tone=lambda o: "bad"),
        Column("value", "Value", kind="money", sort=True, total=True),
        Column("id", "Row", kind="number", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s, s.capitalize()) for s in STATES], promoted=True),
        DateRange("promised_on", "Promise", promoted=True),
        Text("customer", "Customer"),
    ],
    tabs=[Tab("All", ""), Tab("Held", "state=held"), Tab("Shipped", "state=shipped")],
    sort="id",
    search="Order or customer",
    sub=lambda viewer: "126 ship today, 17 may miss their cut-off",
    actions=[Button("New order", "house_form", primary=True, key="n")],
    batch=[
        Batch("release", "Release", "", release),
        Batch("drop", "Cancel orders", "", release, confirm="The orders are cancelled for good."),
    ],
)
EMPTY = ListPage(
    name="house.empty",
    title="Counts",
    noun=("count", "counts"),
    permission="",
    rows=lambda query: Page([], 0),
    columns=[Column("number", "Count")],
    empty=Empty(
        "No counts are planned", "A count programme picks bins by value and by events.", "Plan counts", "house_form"
    ),
)
CLOSED = ListPage(
    name="house.closed",
    title="Valuation",
    permission="house.nobody",
    rows=lambda query: Page([], 0),
    columns=[Column("number", "Count")],
)


@page()
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    found = ORDERS[order_id - 1]
    columns = [
        Column("number", "Item", wide=True),
        Column("units", "Ordered, EA", kind="number"),
        Column("value", "Value", kind="money"),
    ]
    return render_record(
        request,
        Record(
            title=found.number,
            subtitle=found.customer,
            state=found.state,
            subject=f"house.order:{order_id}",
            back=("Orders", reverse("house_orders")),
            next=reverse("house_order", args=[min(order_id + 1, 120)]),
            facts=[
                Fact("Promised", found.promised_on, "date"),
                Fact("Value", found.value, "money"),
                Fact("Ready", "114 of 124 EA", tone="bad"),
            ],
            actions=[
                Do("Hold", reverse("house_act")),
                Do("Ship", reverse("house_act"), primary=True, key="s", confirm="Goods issue posts now."),
            ],
            tables=[Table("Lines", columns, [found, ORDERS[2]], totals={"value": found.value + ORDERS[2].value})],
            documents=[Document("Packing slip", "/scan", "PDF")],
        ),
    )


class OrderForm(forms.Form):
    customer = forms.CharField(label="Customer", max_length=20)
    units = forms.IntegerField(label="Units", min_value=1, help_text="Whole units")
    site = forms.ChoiceField(label="Ship from", choices=[("h", "Harbour"), ("n", "Northfield")])
    gift = forms.BooleanField(label="Gift", required=False)


@page()
def form(request: HttpRequest) -> HttpResponse:
    bound = OrderForm(request.POST or None)
    refusal = None
    if request.method == "POST" and bound.is_valid():
        if bound.cleaned_data["customer"] != "bad":
            toast(request, "Order saved", undo_url="/house/form")
            return go(request, reverse("house_orders"))
        refusal = Invalid("The order was not saved.", lines=[BadLine(2, "units", "Only 5 are free.", "Order 5.")])
    return render_form(
        request, bound, title="New order", verb="Save order", refusal=refusal, back=("Orders", "/house/orders")
    )


GRID_COLUMNS = [
    GridColumn("item", "Item", code=True),
    GridColumn("units", "Units", kind="number"),
    GridColumn("note", "Note"),
]
GRID_SEEN: list[list[dict[str, str]]] = []


@page()
def grid(request: HttpRequest) -> HttpResponse:
    entry = GridForm(GRID_COLUMNS, request.POST if request.method == "POST" else None, blank=5)
    refusal = None
    if request.method == "POST":
        GRID_SEEN.append(entry.rows)
        if any(row["item"] == "???" for row in entry.rows):
            at = next(i for i, row in enumerate(entry.rows, 1) if row["item"] == "???")
            refusal = Invalid(
                "No line was saved.", lines=[BadLine(at, "item", "There is no item ???.", "Use its number.")]
            )
        else:
            toast(request, "Lines saved")
            return go(request, reverse("house_orders"))
    return render_form(
        request,
        None,
        title="Enter lines",
        verb="Save lines",
        refusal=refusal,
        template="patterns/grid.html",
        grid=entry.with_refusal(refusal),
    )


@page(methods=("POST",))
def act(request: HttpRequest) -> HttpResponse:
    toast(request, "Order shipped")
    return go(request, reverse("house_orders"))


@page()
def pictures(request: HttpRequest) -> HttpResponse:
    parts = [
        charts.Part(60, "c2", "60 reserve"),
        charts.Part(25, "c1", "25 staged"),
        charts.Part(15, "warn", "15 inspection"),
    ]
    drawn = [
        charts.sparkline([3, 5, 4, 8, 7], "Orders a day, now 7", target=6),
        charts.bullet(92, 95, "Fill rate 92 of 95 %"),
        charts.stacked_bar(parts, "60 reserve, 25 staged, 15 inspection"),
        charts.flow_strip([("Harbour", parts), ("Northfield", parts[:2])], "Stock by state and site"),
        charts.twin(["State", "Units"], [["Reserve", 60]]),
    ]
    series = charts.Series(
        "Orders a day, two weeks", [86400 * n for n in range(14)], [("Orders", [*range(14)])], "orders"
    )
    head = (
        "{% load static %}{% block scripts %}<script src=\"{% static 'vendor/uplot-1.6.32.min.js' %}\" defer></script>"
        "<script src=\"{% static 'js/series.js' %}\" type='module'></script>{% endblock %}"
    )
    body = "<h1>Pictures</h1>{% include 'patterns/_series.html' %}{% for d in drawn %}{{ d }}{% endfor %}"
    text = '{% extends "base.html" %}' + head + "{% block content %}" + body + "{% endblock %}"
    return HttpResponse(engines["django"].from_string(text).render({"drawn": drawn, "series": series}, request))


@page()
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


@palette_source("House orders")
def find_orders(text: str, viewer: Viewer) -> list[Hit]:
    if __name__ != settings.ROOT_URLCONF:
        return []  # the tests of the stages run in this process too, and have no such pages
    return [
        Hit(o.number, reverse("house_order", args=[o.id]), o.customer, is_exact=o.number == text)
        for o in ORDERS
        if text in o.number
    ][:5]


SCANNED: list[tuple[str, str]] = []  # key, code: what arrived, in order


def draw(visit: Visit) -> ScanStep:
    count = len(visit.state.get("codes", []))
    ticks = [Tick(code, "1 EA") for code in reversed(visit.state.get("codes", [])[-3:])]
    step = ScanStep(
        task="Wave W-118",
        prompt="Go to",
        fact="A-03-4",
        qty="12",
        qty_note="EA into tote T-03",
        item="4711 Surface disinfectant, 5 L",
        item_note="Lot D-2604",
        done=ticks,
        progress=(count, 400),
        accepts="Scan bin, then item",
        undo=ticks[0].text if ticks else "",
        actions=[
            ScanAction("short", "Short"),
            ScanAction("confirm", "Confirm 12 EA", "after bin and item scan", primary=True),
        ],
        virtual=[("Bin", "A-03-4"), ("Item", "4711")],
    )
    if visit.state.get("asking"):
        step.keypad = Keypad(9, "of 12 EA, 4711", [("none", "No more there"), ("damaged", "Damaged")], "Pick 9",
                             codes=("4711",))  # fmt: skip
        step.prompt = "How many are there?"
        step.actions = []
    return step


def scanned(visit: Visit, code: str) -> str | Go:
    if code == "WRONG":
        raise WrongScan("That is bin A-03-2.", "Scan bin A-03-4, two places to the right.")
    SCANNED.append((visit.key, code))
    visit.state["codes"] = [*visit.state.get("codes", []), code][-10:]
    return {"MORE": MORE, "DONE": DONE, "HELD": HELD}.get(code, OK)


def acted(visit: Visit, action: str) -> str | Go:
    SCANNED.append((visit.key, f"action:{action}"))
    visit.state["asking"] = action == "short"
    if action == "leave":
        return Go("/scan")
    return OK


def counted(visit: Visit, units: str, reason: str) -> str | Go:
    SCANNED.append((visit.key, f"qty:{units}:{reason}"))
    visit.state.pop("asking", None)
    return OK


SCAN = ScanPage("house", "", draw, scanned, acted, counted)

urlpatterns = [
    path("house/orders", LIST.view, name="house_orders"),
    path("house/empty", EMPTY.view, name="house_empty"),
    path("house/closed", CLOSED.view, name="house_closed"),
    path("house/orders/<int:order_id>", order, name="house_order"),
    path("house/form", form, name="house_form"),
    path("house/grid", grid, name="house_grid"),
    path("house/act", act, name="house_act"),
    path("house/pictures", pictures, name="house_pictures"),
    path("house/broken", broken, name="house_broken"),
    path("scan/house", SCAN.view, name="scan_house"),
    *real_urls,
]
handler403 = "flowrack.platform.web.views.forbidden"
handler404 = "flowrack.platform.web.views.not_found"
handler500 = "flowrack.platform.web.views.failed"
