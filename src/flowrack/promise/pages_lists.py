"""Quotes and the days ahead."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import now
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.query import ListQuery, Page, memory_page
from flowrack.platform.web.render import perform, render_page
from flowrack.platform.web.viewer import viewer_of
from flowrack.promise import (
    commands,
    commands_orders,
    queries,
    queries_kept,
    queries_pages,
    queries_quotes,
    reasons,
    steps_kept,
)
from flowrack.promise.forms import TakeForm
from flowrack.promise.queries_pages import DayAhead
from flowrack.promise.types import (
    EndQuote,
    ExtendQuote,
    OrderQuote,
    QuoteNotFound,
    TakeQuote,
)
from flowrack.sales import queries as orders

VIEW, QUOTE = "promise.view", "promise.quote"
WEEKS = 14

QUOTES = ListPage(
    name="promise.quotes",
    title="Quotes",
    noun=("quote", "quotes"),
    permission=VIEW,
    rows=queries_quotes.quote_page,
    columns=[
        Column("number", "Quote", kind="code", sort="id", link=lambda r: reverse("promise_quote", args=[r.id])),
        Column("customer", "Customer", sort=True),
        Column("sku", "Item", kind="code", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("from_stock", "From stock", kind="number", total=True),
        Column("ships_on", "Leaves", kind="date", sort=True),
        Column("arrives_on", "Arrives", kind="date", sort=True),
        Column("state", "State", kind="state", marks={"open": "run", "taken": "ok", "expired": "wait"}),
        Column("standing", "Days", kind="state", marks={"in time": "ok", "cannot be kept": "bad"}),
        Column("can_ship_on", "Can leave", kind="date", hidden=True),
        Column("doubt", "What changed", hidden=True),
        Column("expires_at", "Lapses", kind="datetime", sort=True),
        Column(
            "order",
            "Order",
            kind="code",
            link=lambda r: reverse("sales_order", args=[r.order_id]) if r.order_id else "",
        ),
        Column("sentence", "Why", wide=True),
        Column("placed_by", "By", hidden=True),
        Column("site", "Site", kind="code", hidden=True),
        Column("end_reason", "Ended because", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s, s) for s in ("open", "taken", "released", "expired")], promoted=True),
        Choice("standing", "Days", [(s, s) for s in ("in time", "cannot be kept")]),
        DateRange("ships_on", "Leaves"),
    ],
    tabs=[Tab("Open", "state=open"), Tab("Cannot be kept", "standing=cannot+be+kept"), Tab("All", "")],
    sort="expires_at",
    search="Quote, customer, item",
    empty=Empty("No quotes", "A quote holds units for a customer for a while.", "Ask", "promise_ask", VIEW),
)


def _quote(quote_id: int, request: HttpRequest) -> Any:
    allowed = viewer_of(request).grants.get(VIEW, frozenset())
    rows = queries_quotes.quotes_after(quote_id - 1, allowed, state="", limit=1)
    if not rows or rows[0].id != quote_id:
        raise QuoteNotFound("There is no such quote.", fix="Look at the list of quotes.")
    return rows[0]


@page(VIEW, methods=("GET", "HEAD"))
def quote(request: HttpRequest, quote_id: int) -> HttpResponse:
    """A quote: what it holds, until when, and what can be done with it."""
    found = _quote(quote_id, request)
    left = max(0, int((found.expires_at - now()).total_seconds()))
    viewer = viewer_of(request)
    may = found.state == "open" and left > 0 and viewer.may(QUOTE)
    changes = queries_kept.changes([quote_id], now()).get(quote_id, []) if found.state == "open" and left else []
    last = steps_kept.last_day(changes, found.ships_on) if changes else None
    return render_page(
        request,
        "promise/quote.html",
        {
            "quote": found,
            "left": left,
            "form": TakeForm(initial={"new_day": last}),
            "changed": reasons.quote_changed(changes),
            "last": reasons.day(last) if last else "",
            "new_day": last.isoformat() if last else "",
            "may": may,
            "longer": queries_quotes.longer(quote_id) if may else None,
            "waiting": queries_quotes.waiting_lines(quote_id, viewer.grants[QUOTE]) if may else [],
            "orders": queries_quotes.orders_of(quote_id) if found.state == "taken" else [],
        },
    )


@page(QUOTE, methods=("POST",))
def extend(request: HttpRequest, quote_id: int) -> HttpResponse:
    """Hold a quote longer."""
    return perform(
        request,
        commands.extend_quote,
        ExtendQuote(quote_id),
        to=reverse("promise_quote", args=[quote_id]),
        toast=lambda done: f"{done.number} held longer",
    )


@page(QUOTE, methods=("POST",))
def take(request: HttpRequest, quote_id: int) -> HttpResponse:
    """Give what a quote holds to an order line that waits for it."""
    line_id = read_id(request.POST.get("line", ""))
    order_id = orders.order_of_line(line_id)
    return perform(
        request,
        commands_orders.take_quote,
        TakeQuote(quote_id, line_id, _day(request.POST.get("new_day", ""))),
        to=reverse("sales_order", args=[order_id]) if order_id else reverse("promise_quote", args=[quote_id]),
        toast=lambda done: f"{done.units:,} units handed over",
    )


@page(QUOTE, methods=("POST",))
def release(request: HttpRequest, quote_id: int) -> HttpResponse:
    """Give the units of a quote back."""
    req = EndQuote(quote_id, "released on its page")
    return perform(request, commands.release_quote, req, to=reverse("promise_quotes"), toast="Units are free")


@page(QUOTE, methods=("POST",))
def make_order(request: HttpRequest, quote_id: int) -> HttpResponse:
    """Enter the orders for what the quote holds, and give them the units. Sent twice, it is done once."""
    return perform(
        request,
        commands_orders.order_quote,
        OrderQuote(quote_id, request.POST.get("reference", "")[:60], _day(request.POST.get("new_day", ""))),
        to=lambda done: reverse("sales_order", args=[done.orders[0].order_id]),
        toast=lambda done: f"{' and '.join(o.number for o in done.orders)}: {done.units:,} units reserved",
    )


def _day(text: str) -> date | None:
    """The day that a form sends back; None where it sends none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _day_rows(query: ListQuery) -> Page[DayAhead]:
    """The days ahead of the viewer's sites."""
    sites = queries.selling_sites() if not query.site_id else [query.site_id]
    return memory_page(query, queries_pages.days_ahead(sites, now(), WEEKS), search=("site", "standing"))


DAYS = ListPage(
    name="promise.days",
    title="Work ahead",
    noun=("day", "days"),
    permission=VIEW,
    rows=_day_rows,
    row_id=lambda r: r.site_id * 100_000 + r.on.toordinal() % 100_000,
    columns=[
        Column("site", "Site", sort=True),
        Column("on", "Day", kind="date", sort=True),
        Column("work", "Work promised, min", kind="number", sort=True, value=lambda r: -(-r.work // 60)),
        Column("hands", "Hands, min", kind="number", value=lambda r: r.hands // 60 or None),
        Column("percent", "Full, %", kind="number", sort=True),
        Column(
            "standing",
            "Stands",
            kind="state",
            marks={"full": "bad", "nearly full": "warn", "free": "ok", "closed": "wait"},
        ),
        Column("why_closed", "Closed for", wide=True),
    ],
    sort="on,site",
    search="Site",
    empty=Empty("No sites", "The work that is promised for the days ahead, against the hands of each day."),
)


NAV = [
    NavItem("Outbound", "Quotes", "promise_quotes", permission=VIEW, order=13, section="Orders"),
    NavItem("Outbound", "Work ahead", "promise_days", permission=VIEW, order=28, section="Warehouse"),
]

urlpatterns = [
    path("promise/quotes", QUOTES.view, name="promise_quotes"),
    path("promise/quotes/<int:quote_id>", quote, name="promise_quote"),
    path("promise/quotes/<int:quote_id>/extend", extend, name="promise_quote_extend"),
    path("promise/quotes/<int:quote_id>/take", take, name="promise_quote_take"),
    path("promise/quotes/<int:quote_id>/release", release, name="promise_quote_release"),
    path("promise/quotes/<int:quote_id>/order", make_order, name="promise_quote_order"),
    path("promise/days", DAYS.view, name="promise_days"),
]
