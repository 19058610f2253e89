"""The list of orders: the last stage of the way out sees them whole, so it is drawn here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flowrack.allocation import commands as allocation
from flowrack.allocation.types import Allocate
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ReleaseOrders
from flowrack.platform.web import charts, clock
from flowrack.platform.web.export import csv_response
from flowrack.platform.web.format import day, number
from flowrack.platform.web.listing import Batch, Button, Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.render import go, perform
from flowrack.sales import chosen
from flowrack.sales import queries as sales
from flowrack.sales import queries_lists as order_lists
from flowrack.sales.queries import OrderRow
from flowrack.sales.types_lists import CHANNEL, ORDER_TYPE
from flowrack.shared.errors import Invalid
from flowrack.shipping import queries_waits
from flowrack.shipping.pages import waits
from flowrack.shipping.queries_waits import WaitingOrder
from flowrack.shipping.rules_waits import KINDS

MARKS = {
    "held": "warn",
    "waits": "warn",
    "part": "warn",
    "reserved": "wait",
    "picking": "run",
    "picked": "run",
    "shipped": "ok",
    "cancelled": "wait",
    "confirmed": "wait",
    "released": "run",
    "open": "wait",
    "short": "warn",
    "packed": "ok",
}


def _progress(row: OrderRow) -> object:
    parts = [
        charts.Part(row.shipped, "c1", "shipped"),
        charts.Part(row.picked, "c2", "picked"),
        charts.Part(row.allocated, "c3", "reserved"),
        charts.Part(row.waiting, "warn", "waits"),
    ]
    said = ", ".join(f"{part.value} {part.label}" for part in parts if part.value)
    return charts.stacked_bar(parts, f"{said or 'nothing'} of {row.units}")


def _ready(row: OrderRow) -> SafeString:
    """How many units are reserved, picked or sent, of how many."""
    return format_html('{} <span class="q2">/ {}</span>', number(row.ready), number(row.units))


def _ship_by(row: OrderRow) -> SafeString | str:
    """The day by which it is to leave; of an order that has not, how many days ago that was."""
    late = (clock.today() - row.ship_by_on).days
    if late <= 0 or row.standing in ("shipped", "cancelled"):
        return day(row.ship_by_on)
    return format_html('{} <span class="bad">{} day{} late</span>', day(row.ship_by_on), late, "" if late == 1 else "s")


def _waits(row: WaitingOrder) -> SafeString | str:
    """What keeps it from leaving, with the page where that can be solved; how many things more."""
    if not row.waits:
        return ""
    first, more = row.waits[0], len(row.waits) - 1
    rest = format_html(' <span class="q2">and {} more</span>', more) if more else ""
    return format_html('<a class="ul" href="{}">{}</a>{}', waits.url_of(first, row.id, row.number), first.words, rest)


def _by_site(ids: Sequence[int]) -> tuple[int, list[int]]:
    """The one site of the chosen orders."""
    sites = sales.sites_of(ids)
    if len(sites) != 1:
        raise Invalid("These orders ship from more than one site.", fix="Choose orders of one site.")
    return sites[0], list(ids)


def _allocate(request: HttpRequest, ids: list[int]) -> HttpResponse:
    site_id, order_ids = _by_site(ids)
    return perform(
        request,
        allocation.allocate,
        Allocate(site_id, order_ids),
        to=request.get_full_path(),
        toast=lambda done: f"{done.units} reserved, {done.waiting_units} wait",
    )


def _release(request: HttpRequest, ids: list[int]) -> HttpResponse:
    site_id, order_ids = _by_site(ids)
    return perform(
        request,
        fulfilment.release_orders,
        ReleaseOrders(site_id, order_ids),
        to=lambda done: reverse("fulfilment_wave", args=[done.wave_id]),
        toast=lambda done: f"Wave {done.number} released",
    )


def _to(name: str) -> Callable[[HttpRequest, list[int]], HttpResponse]:
    """The page that does one thing to many orders, and shows first what comes of each."""
    return lambda request, ids: go(request, chosen.to_page(name, ids))


def _export(request: HttpRequest, ids: list[int]) -> Any:
    """The chosen orders as a file, with the columns and in the order of the view."""
    state = ORDERS.state_of(request, QueryDict(request.POST.get("query", "").lstrip("?")))
    query = replace(state.query, filters={"id": [str(one) for one in ids]}, search="", offset=0)
    return csv_response(ORDERS.title, state.columns, ORDERS.rows, query)


ORDERS = ListPage(
    name="sales.orders",
    title="Orders",
    noun=("order", "orders"),
    permission="sales.view",
    rows=queries_waits.order_list,
    is_cards=True,
    carries="number",
    columns=[
        Column("number", "Order", kind="code", sort="id", link=lambda r: reverse("sales_order", args=[r.id])),
        Column("tier", "Tier", kind="tier", sort=True),
        Column("customer", "Customer", sort=True),
        Column("standing", "State", kind="state", marks=MARKS),
        Column("ship_by_on", "Ship by", kind="date", sort=True, html=_ship_by),
        Column("requested_on", "Wanted", kind="date", sort=True, hidden=True),
        Column("progress", "Progress", html=_progress, value=lambda r: f"{r.ready}/{r.units}", minor=True),
        Column("ready", "Ready", kind="number", total=True, html=_ready),
        Column("units", "Units", kind="number", total=True, hidden=True),
        Column("waits", "Waits for", wide=True, html=_waits, value=lambda r: "; ".join(one.words for one in r.waits)),
        Column("site", "Ship from", minor=True),
        Column("owner", "Owner", hidden=True),
        Column("value", "Value", kind="money", sort=True, total=True),
        Column("margin", "Margin", kind="money", hidden=True, permission="sales.see_margin"),
        Column("latest_on", "Nothing after", kind="date", sort=True, hidden=True),
        Column("reference", "Customer's order", kind="code", hidden=True),
        Column("ordered_at", "Ordered", kind="datetime", sort=True, hidden=True),
        Column("waiting", "Waits", kind="number", sort=True, hidden=True),
        Column("channel", "Channel", kind="code", sort=True, hidden=True),
        Column("order_type", "Type", kind="code", sort=True, hidden=True),
        Column("contract", "Contract", kind="code", sort=True, hidden=True),
    ],
    filters=[
        Choice("standing", "State", [(word, word) for word in sales.STANDINGS], promoted=True),
        DateRange("ship_by_on", "Ship by", promoted=True),
        DateRange("requested_on", "Wanted"),
        Choice("waits_for", "Waits for", list(KINDS.items()), promoted=True),
        Choice("tier", "Tier", [(tier, tier) for tier in "ABC"]),
        Choice("channel", "Channel", lambda: order_lists.choices(CHANNEL)),
        Choice("order_type", "Type", lambda: order_lists.choices(ORDER_TYPE)),
    ],
    tabs=[
        Tab("Open", "standing=held,waits,part,reserved,picking,picked"),
        Tab("Waiting for stock", "standing=waits,part"),
        Tab("On hold", "standing=held"),
        Tab("Ready to pick", "standing=reserved"),
        Tab("On the floor", "standing=picking,picked"),
        Tab("Tier A", "standing=held,waits,part,reserved,picking,picked&tier=A"),
        Tab("Shipped", "standing=shipped"),
        Tab("All", "view=all"),
    ],
    sort="ship_by_on,tier",
    search="Order, customer or customer's number",
    actions=[
        Button("Import", "sales_import_orders", permission="sales.enter"),
        Button("New order", "sales_order_new", permission="sales.enter", primary=True, key="n"),
    ],
    batch=[
        Batch("allocate", "Reserve stock", "allocation.run", _allocate),
        Batch("release", "Release to pickers", "fulfilment.release", _release),
        Batch("wanted", "Change wanted day", "sales.change", _to("sales_many_wanted")),
        Batch("urgent", "Call urgent", "allocation.prioritise", _to("allocation_priority_many")),
        Batch("hold", "Hold", "sales.hold", _to("sales_many_hold")),
        Batch("free", "Release holds", "sales.release_holds", _to("sales_many_release")),
        Batch("cancel", "Cancel orders", "sales.change", _to("sales_many_cancel")),
        Batch("csv", "CSV of these", "sales.view", _export),
    ],
    row_id=lambda r: int(r.id),
    empty=Empty(
        "No orders yet", "Orders of customers, from entry to shipment.", "New order", "sales_order_new", "sales.enter"
    ),
)

NAV = [NavItem("Outbound", "Orders", "sales_orders", permission="sales.view", order=10, keys="o", section="Orders")]

palette_records("Order", "sales_order", "sales.view", sales.look_up)

urlpatterns = [
    path("orders", ORDERS.view, name="sales_orders"),
]
