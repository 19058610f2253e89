"""The door of order entry."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform.importing import ImportFile, ImportReport, Problems, load
from flowrack.platform.runner import Context, command, refuse_on
from flowrack.sales import imports, steps_entry
from flowrack.sales.types import EnterOrders, NewOrder, OrderRefused, OrdersEntered
from flowrack.shared.errors import BadLine

SMALL = 200  # lines of a request whose statements keep their plans


def _lines(req: EnterOrders) -> int:
    return sum(len(order.lines) for order in req.orders)


@command(permission="sales.enter", result=OrdersEntered, is_small=lambda req: _lines(req) <= SMALL)
def enter_orders(ctx: Context, req: EnterOrders) -> OrdersEntered:
    """Enter and confirm customer orders, all or none; what is in doubt is held for a person.

    Emits sales.order_entered for each, and sales.holds_placed. Refuses with OrderRefused, naming every unknown
    customer, item or pack, every quantity that is not a whole number of base units, every day that is past and every
    customer reference that was entered before.
    """
    _require(ctx, req.orders)
    if not req.orders:
        raise OrderRefused("There is no order in this request.", fix="Send at least one order.")
    return OrdersEntered(steps_entry.enter(ctx, req.orders))


def _require(ctx: Context, orders: Sequence[NewOrder]) -> None:
    """Refuse whoever may not enter orders at the sites that are named."""
    for site_id in {order.site_id for order in orders if order.site_id or not order.any_site}:
        ctx.require("sales.enter", site_id)


@command(permission="sales.enter", result=ImportReport)
def import_open_orders(ctx: Context, req: ImportFile) -> ImportReport:
    """Enter the orders of a file, a line in each row, as `enter_orders` does. Refuses with ImportRefused."""
    ctx.subject = f"platform.importfile:{req.digest[:40]}"

    def write(problems: Problems) -> None:
        orders, rows_of = imports.staged_orders(only_good=True)
        _require(ctx, orders)
        if orders:
            imports.tell_sites(problems, steps_entry.enter(ctx, orders), rows_of)

    return load(imports.OPEN_ORDERS, req, write)


def _reference_taken() -> OrderRefused:
    line = BadLine(0, "reference", "This customer reference was entered a moment ago.", "Look at the open orders.")
    return OrderRefused("The order was entered before.", lines=[line])


refuse_on("sales_order_reference_once", _reference_taken)
