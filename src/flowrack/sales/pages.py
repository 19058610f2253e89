"""Pages of sales: enter an order, cancel it. The order's own page is drawn by shipping, which sees it whole."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.render import perform, perform_form, render_form
from flowrack.sales import commands, pages_holds, queries
from flowrack.sales.forms import LINE_GRID, OrderForm, read_lines
from flowrack.sales.types import CancelLine, CancelLines, CancelOrder
from flowrack.shared.errors import FlowrackError


@page("sales.enter")
def new_order(request: HttpRequest) -> HttpResponse:
    """Enter and confirm an order."""
    form, grid = OrderForm(request.POST or None), GridForm(LINE_GRID, request.POST or None)
    if request.method != "POST":
        return _order_form(request, form, grid)
    form.is_valid()
    lines, rows, bad = read_lines(grid.rows)
    return perform_form(
        request,
        commands.enter_orders,
        form.to_request(lines),
        form=form,
        bad=bad,
        rows=rows,
        to=lambda done: reverse("sales_order", args=[done.orders[0].order_id]),
        toast="Order confirmed",
        again=lambda refusal: _order_form(request, form, grid, refusal),
    )


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
        template="patterns/grid.html",
        grid=grid.with_refusal(refusal),
    )


@page("sales.change", methods=("POST",))
def cancel(request: HttpRequest, order_id: int) -> HttpResponse:
    """Cancel all that is left of an order."""
    return perform(
        request,
        commands.cancel_order,
        CancelOrder(order_id, request.POST.get("reason", "") or "cancelled on the order page"),
        to=reverse("sales_order", args=[order_id]),
        toast="Order cancelled",
    )


@page("sales.change", methods=("POST",))
def cancel_waiting(request: HttpRequest, order_id: int) -> HttpResponse:
    """Cancel what waits for stock; what is reserved still ships."""
    waiting = [CancelLine(line.line_id, line.waiting) for line in queries.lines_of(order_id) if line.waiting]
    return perform(
        request,
        commands.cancel_lines,
        CancelLines(waiting, "the rest is not wanted any more"),
        to=reverse("sales_order", args=[order_id]),
        toast="Rest cancelled",
    )


NAV = pages_holds.NAV

urlpatterns = [
    *pages_holds.urlpatterns,
    path("orders/new", new_order, name="sales_order_new"),
    path("orders/<int:order_id>/cancel", cancel, name="sales_order_cancel"),
    path("orders/<int:order_id>/cancel-waiting", cancel_waiting, name="sales_order_cancel_waiting"),
]
