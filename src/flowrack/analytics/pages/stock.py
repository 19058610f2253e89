"""Stock by state, the enquiry about one item, and the ledger as a list."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from flowrack.analytics.pages.common import COST, TONES, link, trace_link
from flowrack.analytics.queries import moves, records, stock
from flowrack.analytics.queries.records import Named
from flowrack.analytics.types import SiteStates
from flowrack.ledger import queries as ledger
from flowrack.platform.web import charts
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import number, words
from flowrack.platform.web.listing import Button, Choice, DateRange, Empty, ListPage, ListQuery, Page, Tab, sql_page
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.viewer import viewer_of


def stock_rows(query: ListQuery) -> Page[Any]:
    """Items and sites with their stock by state."""
    states = query.filters.get("has")
    wanted = [s for s in states if s in stock.SHOWN] if isinstance(states, list) else []
    condition = " OR ".join(f'r."{s}" > 0' for s in wanted) or "true"
    return sql_page(
        query,
        None,
        stock.STOCK_LIST,
        search=("sku", "name", "family"),
        conditions={"has": f"(({condition}) OR %s::text[] IS NULL)"},
        totals={state: f"sum({state})" for state in (*stock.SHOWN, "whole")},
        site_column="site_id",
    )


def _in_cell(state: str) -> Column:
    def draw(row: Any) -> Any:
        units = getattr(row, state)
        if not units:
            return ""
        url = f"{reverse('analytics_item', args=[row.id])}?state={state}#places"
        picture = charts.bar(units, max(row.whole, 1), width=36, tone=TONES[state])
        return format_html('<a class="cellnum" href="{}">{}{}</a>', url, number(units), picture)

    return Column(state, "Receiving" if state == "receiving" else words(state), kind="number", sort=True, total=True,
                  html=draw)  # fmt: skip


STOCK = ListPage(
    name="analytics.stock",
    title="Stock by state",
    noun=("item at a site", "items at sites"),
    permission="analytics.view",
    rows=stock_rows,
    columns=[
        Column("sku", "Item", kind="code", sort=True, link=lambda r: reverse("analytics_item", args=[r.id])),
        Column("name", "Name", sort=True, wide=True),
        Column("site", "Site", sort=True),
        Column("family", "Family", sort=True, hidden=True),
        Column("velocity", "Class", sort=True, hidden=True),
        *(_in_cell(state) for state in stock.SHOWN),
        Column("whole", "All", kind="number", sort=True, total=True),
    ],
    filters=[Choice("has", "Has", [(s, words(s)) for s in stock.SHOWN], promoted=True)],
    tabs=[
        Tab("All", ""),
        Tab("Cannot be sold", "has=inspection,quarantine,return_review,damaged,hold,expired"),
        Tab("Promised", "has=allocated"),
        Tab("On the way", "has=receiving,in_transit,staged"),
    ],
    sort="sku,site",
    search="Item, name or family",
    row_id=lambda r: r.id * 10_000 + r.site_id,
    actions=[
        Button("Hold stock", "fulfilment_hold", permission="storage.hold"),
        Button("Release stock", "fulfilment_release", permission="storage.release"),
        Button("Scrap stock", "fulfilment_scrap", permission="storage.adjust"),
    ],
    empty=Empty("No stock yet", "Units of each item at each site by state, from receiving to shipped."),
    legend="Allocated is promised to orders and not picked yet; it is taken out of reserve and forward pick.",
    template="analytics/stock.html",
)


CELLS = [
    Column("location", "Place", kind="code", link=lambda r: f"{reverse('analytics_moves')}?q={r.location}"),
    Column("site", "Site"),
    Column("state", "State", kind="state"),
    Column("lpn", "LPN", kind="code", link=lambda r: trace_link("lpn", r.lpn)),
    Column("lot", "Lot", kind="code", link=lambda r: trace_link("lot", r.lot)),
    Column("on_hand", "Units", kind="number"),
    Column("reserved", "Reserved", kind="number"),
]
LOTS = [
    Column("lot", "Lot", kind="code", link=lambda r: trace_link("lot", r.lot), value=lambda r: r.lot or "no lot"),
    Column("site", "Site"),
    Column("owner", "Owner"),
    Column("expires_on", "Expires", kind="date"),
    Column("arrived_at", "Since", kind="date"),
    Column("units", "Units", kind="number"),
    Column("committed", "Promised", kind="number"),
    Column("free", "Free", kind="number"),
]
PROMISES = [
    Column("number", "Order", kind="code", link=lambda r: link("sales_order", r.order_id)),
    Column("customer", "Customer", wide=True),
    Column("tier", "Tier", kind="tier"),
    Column("ship_by_on", "Ship by", kind="date"),
    Column("lot", "Lot", kind="code"),
    Column("since", "Promised at", kind="datetime"),
    Column("units", "Units", kind="number"),
]
DEMAND = [
    Column("number", "Order", kind="code", link=lambda r: link("sales_order", r.order_id)),
    Column("customer", "Customer", wide=True),
    Column("requested_on", "Wanted", kind="date"),
    Column("ordered", "Ordered", kind="number"),
    Column("waiting", "Waits", kind="number"),
]
SUPPLY = [
    Column("number", "PO", kind="code", link=lambda r: link("purchasing_po", r.po_id)),
    Column("supplier", "Supplier", wide=True),
    Column("state", "State", kind="state"),
    Column("site", "Site"),
    Column("due_on", "Due", kind="date"),
    Column("units", "Units", kind="number"),
]
ITEM_MOVES = [
    Column("occurred_at", "When", kind="datetime"),
    Column("reason", "Reason", value=lambda r: words(r.reason.lower())),
    Column("from_location", "From", kind="code"),
    Column("to_location", "To", kind="code"),
    Column("lot_code", "Lot", kind="code"),
    Column("units", "Units", kind="number"),
    Column("actor", "Who"),
]


def _record_column(names: dict[str, Named]) -> Column:
    """The record behind a move, by the name that people know, linked to its page."""

    def to(row: Any) -> str:
        known = names.get(row.origin)
        return link(known.page, known.record_id) if known else f"{reverse('analytics_moves')}?q={row.origin}"

    def said(row: Any) -> str:
        known = names.get(row.origin)
        return known.words if known else words(row.origin.partition(":")[0].rpartition(".")[2])

    return Column("origin", "Record", kind="code", value=said, link=to)


@page("analytics.view")
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Everything about one item: by state, places, lots, promises, what is coming, moves."""
    viewer = viewer_of(request)
    site = viewer.site_id
    head = stock.item_head(item_id)
    sites = stock.states_of_sites(site, item_id=item_id)
    state = request.GET.get("state", "")
    physical = {"allocated": ""}.get(state, state)
    places = stock.cells(item_id, site, state=physical)
    free = sum(s.units["reserve"] + s.units["forward_pick"] for s in sites)
    coming = stock.supply(item_id, site)
    item_moves = ledger.moves_of_item(item_id, limit=50)
    names = records.named(m.origin for m in item_moves)
    title = f"Places, {words(state).lower()}" if physical else "Places"
    record = Record(
        title=head.sku,
        subtitle=head.name,
        subject=f"catalog.item:{item_id}",
        back=("Stock by state", reverse("analytics_stock")),
        facts=[
            Fact("Free to promise", free, "number", note=head.base_uom),
            Fact("Promised", sum(s.units["allocated"] for s in sites), "number"),
            Fact("In the house", sum(s.total_units for s in sites), "number"),
            Fact("Coming", sum(row.units for row in coming), "number", note=_due(coming)),
            Fact("Class", head.velocity),
            *([Fact("Unit cost", head.unit_cost, "money")] if viewer.may(COST) else []),
        ],
        actions=[
            Do("Hold", f"{reverse('fulfilment_hold')}?item={head.sku}", "storage.hold", post=False),
            Do("Release", f"{reverse('fulfilment_release')}?item={head.sku}", "storage.release", post=False),
            Do("Scrap", f"{reverse('fulfilment_scrap')}?item={head.sku}", "storage.adjust", post=False),
        ],
        tables=[
            Table(title, CELLS, places, totals={"on_hand": sum(c.on_hand for c in places)}, empty="Nothing is here."),
            Table("Lots", LOTS, stock.lots(item_id, site), empty="No stock."),
            Table("Promised to", PROMISES, stock.promises(item_id, site), empty="Nobody is promised any."),
            Table("Waiting orders", DEMAND, stock.demand(item_id, site), empty="No order waits for it."),
            Table("Coming in", SUPPLY, coming, empty="Nothing is on order."),
            Table("Moves", [*ITEM_MOVES, _record_column(names)], item_moves, empty="It never moved."),
        ],
    )
    return render_record(
        request, record, template="analytics/item.html", matrix=_matrix(sites, item_id), shown=_heads(sites),
        picked=state,
    )  # fmt: skip


def _due(coming: list[stock.SupplyRow]) -> str:
    return f"next {coming[0].due_on:%d %b}" if coming else ""


def _heads(sites: list[SiteStates]) -> list[tuple[str, str]]:
    return [(s, words(s)) for s in stock.SHOWN if any(x.units[s] for x in sites)]


def _matrix(sites: list[SiteStates], item_id: int) -> list[dict[str, Any]]:
    top = max((units for s in sites for units in s.units.values()), default=0) or 1
    heads = [key for key, _ in _heads(sites)]
    return [
        {
            "site": s.name,
            "total": number(s.total_units),
            "cells": [
                {
                    "text": number(s.units[key]) if s.units[key] else "",
                    "bar": charts.bar(s.units[key], top, width=64, tone=TONES[key]) if s.units[key] else "",
                    "url": f"{reverse('analytics_item', args=[item_id])}?state={key}#places",
                }
                for key in heads
            ],
        }
        for s in sites
    ]


REASONS = (
    "RECEIPT", "PUTAWAY", "REFILL", "MOVE", "PICK", "PACK", "SHIP", "UNPICK", "RETURN", "RETURN_RESTOCK", "COUNT",
    "HOLD", "SCRAP", "ADJUST",
    "OPENING", "REVALUATION", "LATE_COST", "PRICE_CORRECTION",
)  # fmt: skip

MOVES = ListPage(
    name="analytics.moves",
    title="Moves",
    noun=("move", "moves"),
    permission="ledger.view",
    rows=moves.move_list,
    columns=[
        Column("occurred_at", "Happened", kind="datetime"),
        Column("sku", "Item", kind="code", link=lambda r: reverse("analytics_item", args=[r.item_id])),
        Column("lot", "Lot", kind="code", link=lambda r: trace_link("lot", r.lot)),
        Column("reason", "Reason", value=lambda r: words(r.reason.lower())),
        Column("from_place", "From", kind="code"),
        Column("to_place", "To", kind="code"),
        Column("to_state", "Into state", value=lambda r: words(r.to_state)),
        Column("lpn", "LPN", kind="code", link=lambda r: trace_link("lpn", r.lpn)),
        Column("units", "Units", kind="number"),
        Column("value", "Value", kind="money", permission=COST, value=lambda r: r.value or None),
        Column("actor", "Who"),
        Column("record", "Record", kind="code", link=lambda r: link(r.page, r.record_id) if r.page else ""),
        Column("origin", "Reference", kind="code", hidden=True),
        Column("demand", "Demand", kind="code", hidden=True),
    ],
    filters=[
        Choice("reason", "Reason", [(r, words(r.lower())) for r in REASONS], promoted=True),
        DateRange("occurred_at", "Day", promoted=True),
    ],
    search="Exact item, lot, place, LPN or document, like SO-1001",
    sub=lambda viewer: "The latest first, by the time when it happened on the floor.",
    empty=Empty("No moves", "Every change of stock is a move from one place to another. Nothing has moved here."),
)
