"""What the page of a new order tells while it is typed: customer, days and lines, and items that a text may mean."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import path

from flowrack.locations import queries as places
from flowrack.parties import queries as parties
from flowrack.platform.http import now
from flowrack.platform.lookup import Found, read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.codes import code_source_beside
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.render import context_of
from flowrack.platform.web.viewer import viewer_of
from flowrack.sales import queries_about, steps_sites, steps_typed
from flowrack.sales.forms import LINE_GRID, MOST_LINES, OrderForm, read_typed
from flowrack.sales.steps_typed import BAD, Typed
from flowrack.sales.types import NewOrder

ITEM, ENTER = "order-item", "sales.enter"


def look_up_items(text: str, sites: frozenset[int], beside: Mapping[str, str]) -> list[Found]:
    """The items that a text may mean to the customer of the form, with what is free at its site; the items alone for
    whoever may neither enter nor change orders there."""
    site_id = read_id(beside.get("site", ""))
    return queries_about.look_up(text, customer=beside.get("customer", "").strip(), site_id=site_id, now=now())


@page(ENTER, methods=("POST",))
def understood(request: HttpRequest) -> HttpResponse:
    """What is understood of the form as it stands: words about its head, words for each row of the grid, and sums."""
    form, grid = OrderForm(request.POST), GridForm(LINE_GRID, request.POST, most=MOST_LINES)
    form.is_valid()
    lines, rows, counted, doubts = read_typed(grid)
    ctx = context_of(request)
    [order] = steps_sites.with_sites(ctx, form.to_request(lines).orders)
    if order.site_id:
        ctx.require(ENTER, order.site_id)
    typed = steps_typed.understand(order, counted, now())
    said = {grid.places[rows[one.line_no - 1] - 1]: [one.said, one.level] for one in typed.lines}
    said |= {grid.places[fault.line - 1]: [f"{fault.message} {fault.fix}".strip(), BAD] for fault in doubts}
    bad = sum(level == BAD for _, level in said.values())
    return JsonResponse(
        {
            "about": render_to_string("sales/_about_order.html", _about(request, typed, order)),
            "rows": said,
            "sums": _sums(typed, bad),
            "usual": steps_typed.usual(typed.head) if typed.head.customer_id else {},
            "code": order.customer if typed.head.customer_id else "",
        }
    )


def _about(request: HttpRequest, typed: Typed, order: NewOrder) -> dict[str, object]:
    """What is told of customer, days and holds."""
    customer_id = typed.head.customer_id
    shown: dict[str, object] = {"typed": typed, "terms": steps_typed.more_than_usual(typed.head)}
    if order.any_site:
        shown["any_site"] = next((site.name for site in places.sites() if site.site_id == order.site_id), "")
    if customer_id is not None:
        shown["addresses"] = parties.addresses([customer_id]).get(customer_id, [])
        shown["name"] = queries_about.customer_name(customer_id)
        shown["sees"] = viewer_of(request).may("parties.view")
    return shown


def _sums(typed: Typed, bad: int) -> str:
    """ "3 lines · 84 units · 260.00; 1 line to mend"."""
    count = typed.count
    words = f"{count:,} line{'' if count == 1 else 's'} · {typed.units:,} units · {typed.value:,.2f}" if count else ""
    mend = f"{bad:,} line{'' if bad == 1 else 's'} to mend" if bad else ""
    return "; ".join(part for part in (words, mend) if part)


code_source_beside(ITEM, "catalog.view", look_up_items, beside=(ENTER, "sales.change"))

urlpatterns = [path("orders/new/understood", understood, name="sales_order_understood")]
