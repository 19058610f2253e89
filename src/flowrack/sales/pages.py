"""Pages of sales: enter an order. The order's own page is drawn by shipping, which sees it whole."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from flowrack.platform.http import caller_of
from flowrack.platform.importing.web import import_view
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.render import perform_form, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.sales import (
    commands,
    imports,
    pages_changes,
    pages_codes,
    pages_entry,
    pages_holds,
    pages_lines,
    pages_lists,
    pages_many,
    queries,
)
from flowrack.sales.forms import LINE_GRID, MOST_LINES, OrderForm, read_lines
from flowrack.sales.forms_terms import own_terms
from flowrack.sales.rules_sites import sent_words
from flowrack.sales.types import EnteredOrder
from flowrack.shared.errors import FlowrackError


@page("sales.enter")
def new_order(request: HttpRequest) -> HttpResponse:
    """Enter and confirm an order; `copy` begins with what another order asked for."""
    if request.method != "POST":
        start, asked = _copied(request)
        start = {"site": viewer_of(request).site_for("sales.enter") or "", **start}
        return _order_form(
            request, OrderForm(initial=start), GridForm(LINE_GRID, initial=asked, most=MOST_LINES, says=True)
        )
    form, grid = OrderForm(request.POST), GridForm(LINE_GRID, request.POST, most=MOST_LINES, says=True)
    form.is_valid()
    lines, rows, bad = read_lines(grid.rows)
    return perform_form(
        request,
        commands.enter_orders,
        form.to_request(lines),
        form=form,
        bad=[*grid.too_many(), *grid.doubts("quantity", "unit_price"), *bad],
        rows=rows,
        to=lambda done: _next(request, done.orders[0]),
        toast=lambda done: _confirmed(done.orders[0]),
        again=lambda refusal: _order_form(request, form, grid, refusal),
    )


def _next(request: HttpRequest, done: EnteredOrder) -> str:
    """The page of the order, or of the next one for who enters many."""
    if "next" in request.POST:
        return reverse("sales_order_new")
    return reverse("sales_order", args=[done.order_id])


def _confirmed(done: EnteredOrder) -> str:
    """That the order stands, from where and in which orders the rules send it, days that it cannot keep, and which
    items are on several lines, by whatever codes."""
    of: dict[str, list[int]] = {}
    for line in queries.lines_of(done.order_id):
        of.setdefault(line.sku, []).append(line.line_no)
    twice = [f"{sku} stands on lines {_few(nos)}" for sku, nos in of.items() if len(nos) > 1]
    more = f" and {len(twice) - 2} more items on several lines" if len(twice) > 2 else ""
    told = [*done.warnings, *([f"{'; '.join(twice[:2])}{more}."] if twice else [])]
    if not (told or done.why):
        return f"{done.number} confirmed"
    beside = [
        format_html(
            'Beside it <a href="{}">{}</a>{}.',
            reverse("sales_order", args=[one.order_id]), one.number, sent_words(one).removeprefix(one.number),
        )
        for one in done.sends[1:]
    ]  # fmt: skip
    said = [f"{done.number} confirmed.", done.why, *beside, *told]
    return format_html_join(" ", "{}", ((part,) for part in said if part))


def _few(nos: list[int]) -> str:
    return ", ".join(map(str, nos[:5])) + (" and more" if len(nos) > 5 else "")


def _plain(price: Decimal) -> str:
    """A price as it is typed; with a fourth place where three could be thousands."""
    text = f"{price.normalize():f}"
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text


def _copied(request: HttpRequest) -> tuple[dict[str, object], list[dict[str, str]]]:
    """What the form begins with: customer and lines of another order that the person may see."""
    order_id, caller = read_id(request.GET.get("copy", "")), caller_of(request)
    if not order_id:
        return {}, []
    head = queries.access_order(order_id, caller.sites("sales.view") if caller else frozenset())
    start = {"customer": head.customer_code, "site": head.site_id, "ship_to": head.ship_to_code}
    start |= {"channel": head.channel, "order_type": head.order_type, "contract": head.contract, **own_terms(head)}
    rows = [
        {
            "item": line.sku,
            "quantity": str(line.units),
            "unit_price": _plain(line.unit_price),
            "lot": line.lot,
        }
        for line in queries.lines_of(order_id)
    ]
    return start, rows


def _order_form(
    request: HttpRequest, form: OrderForm, grid: GridForm, refusal: FlowrackError | None = None
) -> HttpResponse:
    return render_form(
        request,
        form,
        title="New order",
        verb="Confirm order",
        refusal=refusal,
        back=("Orders", reverse("sales_orders")),
        template="sales/new_order.html",
        grid=grid.with_refusal(refusal),
    )


NAV = [*pages_holds.NAV, *pages_codes.NAV, *pages_lists.NAV]

urlpatterns = [
    *pages_holds.urlpatterns,
    *pages_changes.urlpatterns,
    *pages_lines.urlpatterns,
    *pages_codes.urlpatterns,
    *pages_lists.urlpatterns,
    *pages_entry.urlpatterns,
    *pages_many.urlpatterns,
    path("orders/new", new_order, name="sales_order_new"),
    path(
        "orders/import",
        import_view(imports.OPEN_ORDERS, commands.import_open_orders, back="sales_orders"),
        name="sales_import_orders",
    ),
]
