"""The flow map: where stock stands now, and what moved between the states in the last days."""

from __future__ import annotations

from datetime import timedelta
from operator import itemgetter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from flowrack.analytics.pages.common import COST
from flowrack.analytics.queries import flow
from flowrack.analytics.queries.flow import PHYSICAL, SiteStock, StateFlow
from flowrack.platform.web import clock, flowmap
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.export import csv_response
from flowrack.platform.web.format import currency_symbol, number, words
from flowrack.platform.web.query import ListQuery, Page
from flowrack.platform.web.record import Table
from flowrack.platform.web.render import render_page
from flowrack.platform.web.viewer import viewer_of

ROW = ("grni", "receiving", "inspection", "reserve", "forward_pick", "staged", "in_transit", "cogs")
LABELS = {
    "grni": "Suppliers", "cogs": "Customers", "receiving": "In receiving", "adjustment": "Adjustments",
    "variance": "Count differences", "opening": "Opening stock", "clearing": "Clearing", "scrap": "Scrap",
    "inventory": "Value only",
}  # fmt: skip
# Where the ends of what runs aside are drawn: under the state at which it happens.
ASIDE_AT = {
    "return_review": "in_transit", "quarantine": "inspection", "hold": "reserve", "damaged": "forward_pick",
    "expired": "reserve", "scrap": "receiving", "adjustment": "inspection", "variance": "inspection",
    "opening": "grni", "clearing": "grni",
}  # fmt: skip
WINDOWS = {"1": 1, "7": 7, "28": 28}
MOST_SITES = 3


@page("analytics.view", methods=("GET", "HEAD"))
def flow_map(request: HttpRequest) -> HttpResponse:
    """Stock by state and the movement between states, of the viewer's sites."""
    viewer = viewer_of(request)
    days = WINDOWS.get(request.GET.get("days", ""), 7)
    in_value = request.GET.get("in") == "value" and viewer.may(COST)
    sites = flow.standing(viewer.site_id)
    found = flow.flows(viewer.site_id, clock.today() - timedelta(days=days - 1))
    table = _twin(sites[:MOST_SITES], found, in_value=in_value)
    if request.GET.get("format") == "csv":
        sheet: Any = csv_response(f"flow-{days}-days", table.columns, lambda q: _page(table, q), ListQuery())
        return sheet  # type: ignore[no-any-return]
    shown = sites[:MOST_SITES]
    row = _row(shown, found)
    panels = [
        _panel(s, [f for f in found if f.site_id == s.site_id], days, row, in_value=in_value) for s in shown
    ]  # fmt: skip
    context: dict[str, Any] = {
        "picture": flowmap.draw(panels, "Stock by state and its movement; the table below has every number"),
        "table": table,
        "sentence": _sentence(sites, in_value=in_value),
        "days": days,
        "windows": [("1", "Today"), ("7", "7 days"), ("28", "28 days")],
        "in_value": in_value,
        "may_value": viewer.may(COST),
        "symbol": currency_symbol(),
        "has_stock": bool(sites),
        "more_sites": max(len(sites) - MOST_SITES, 0),
    }
    return render_page(request, "analytics/flow.html", context)


def _page(table: Table, query: ListQuery) -> Page[Any]:
    return Page(list(table.rows[query.offset : query.offset + query.limit]), len(table.rows))


def _size(row: StateFlow, *, in_value: bool) -> int:
    return int(row.value) if in_value else row.units


def _short(size: int) -> str:
    return number(size) if size < 10_000 else f"{size / 1000:,.1f}k"


def _label(state: str) -> str:
    return LABELS.get(state) or words(state)


def _stands(site: SiteStock, state: str, *, in_value: bool) -> int:
    return int(site.value[state]) if in_value else site.units[state]


def _row(sites: list[SiteStock], found: list[StateFlow]) -> list[str]:
    """The states that are drawn: those in which something stands or through which something went."""
    used = {end for f in found for end in (f.source, f.target)} | {
        s for site in sites for s in PHYSICAL if site.units[s]
    }
    return [key for key in ROW if key in used] or list(ROW)


def _panel(site: SiteStock, found: list[StateFlow], days: int, row: list[str], *, in_value: bool) -> flowmap.Panel:
    nodes = [
        flowmap.Node(
            key, _label(key), None if key in ("grni", "cogs") else _stands(site, key, in_value=in_value),
            "" if key in ("grni", "cogs") else f"{reverse('analytics_stock')}?has={key}",
        )
        for key in row
    ]  # fmt: skip
    flows = []
    for f in found:
        size = _size(f, in_value=in_value)
        if size > 0:
            label = f"{_label(f.source)} to {_label(f.target).lower()}"
            flows.append(flowmap.Flow(f.source, f.target, size, _short(size), label))
    sent = sum(f.size for f in flows if f.target == "cogs")
    whole = sum(_stands(site, state, in_value=in_value) for state in PHYSICAL)
    sub = f"{number(whole)} in stock, {number(sent)} sent in {days} day{'s' if days > 1 else ''}"
    return flowmap.Panel(site.name, sub, nodes, flows, ASIDE_AT)


def _twin(sites: list[SiteStock], found: list[StateFlow], *, in_value: bool) -> Table:
    order = {key: at for at, key in enumerate(ROW)}
    pairs = sorted({(f.source, f.target) for f in found}, key=lambda p: (order.get(p[0], 99), order.get(p[1], 99), p))
    by_pair = {(f.site_id, f.source, f.target): _size(f, in_value=in_value) for f in found}
    rows = [
        {"from": _label(a), "to": _label(b), **{str(s.site_id): by_pair.get((s.site_id, a, b)) for s in sites}}
        for a, b in pairs
    ]
    sign = f", {currency_symbol()}" if in_value else ", units"
    columns = [
        Column("from", "From", value=itemgetter("from")),
        Column("to", "To", value=itemgetter("to"), wide=True),
        *(Column(str(s.site_id), f"{s.name}{sign}", kind="number", value=itemgetter(str(s.site_id))) for s in sites),
    ]
    return Table("The same as a table", columns, rows, empty="Nothing moved in this time.")


def _sentence(sites: list[SiteStock], *, in_value: bool) -> str:
    whole = sum(_stands(s, state, in_value=in_value) for s in sites for state in PHYSICAL)
    apart = sum(
        _stands(s, state, in_value=in_value)
        for s in sites
        for state in ("inspection", "quarantine", "return_review", "damaged", "hold", "expired")
    )
    sign, unit = (currency_symbol(), "") if in_value else ("", " units")
    return f"{sign}{number(whole)}{unit} in the house; {sign}{number(apart)} of it is here but cannot be sold."
