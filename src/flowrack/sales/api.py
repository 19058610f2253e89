"""Customer orders for other systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from flowrack.locations import queries as places
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.sales import api_holds, commands, queries
from flowrack.sales.types import (
    Cancelled,
    CancelLine,
    CancelLines,
    CancelOrder,
    ChangeLine,
    EnterOrders,
    LineChanged,
    NewLine,
    NewOrder,
    OrdersEntered,
)

router = Router(tags=["sales"])
router.add_router("", api_holds.router)


class NewLineIn(Schema):
    """One line: item code (SKU, GTIN or barcode), quantity, perhaps of a pack."""

    item: str = Field(max_length=80)
    quantity: Decimal = Field(max_digits=18, decimal_places=6)
    pack: str = Field("", max_length=40)
    unit_price: Decimal | None = Field(None, ge=0, max_digits=18, decimal_places=6)
    lot: str = Field("", max_length=60)


class NewOrderIn(Schema):
    """One order; empty fields take the customer's terms."""

    customer: str = Field(max_length=40)
    site: str = Field(max_length=20, description="code of the site that ships")
    lines: list[NewLineIn] = Field(max_length=1000)
    reference: str = Field("", max_length=60)
    requested_on: date | None = None
    policy: str = Field("", max_length=10)
    ship_to: str = Field("", max_length=40)


class EnterOrdersIn(Schema):
    """Orders to enter and confirm together: all or none."""

    orders: list[NewOrderIn] = Field(max_length=1000)


class EnteredOut(Schema):
    """An order that now exists."""

    order_id: int
    number: str
    line_ids: list[int]


class OrdersEnteredOut(Schema):
    """The orders, in the order of the request."""

    orders: list[EnteredOut]


class OrderRowOut(Schema):
    """An order in a list."""

    id: int
    number: str
    tier: str
    customer: str
    standing: str
    requested_on: date
    site_id: int
    reference: str
    ordered_at: datetime
    units: int
    waiting: int
    allocated: int
    picked: int
    shipped: int
    value: Decimal
    why: str


class LineOut(Schema):
    """A line with its counts."""

    line_id: int
    line_no: int
    item_id: int
    sku: str
    units: int
    waiting: int
    allocated: int
    released: int
    picked: int
    shipped: int
    cancelled: int
    unit_price: Decimal


class OrderOut(Schema):
    """An order with its lines."""

    order_id: int
    number: str
    customer_code: str
    customer: str
    site_id: int
    reference: str
    tier: str
    policy: str
    min_life_days: int
    state: str
    ordered_at: datetime
    requested_on: date
    finished_at: datetime | None
    lines: list[LineOut]


class ChangeLineIn(Schema):
    """New units or price of a line."""

    units: int | None = Field(None, ge=1, le=1_000_000_000)
    unit_price: Decimal | None = Field(None, ge=0, max_digits=18, decimal_places=6)


class LineChangedOut(Schema):
    """How the line stands."""

    line_id: int
    units: int
    unpromised_units: int


class CancelLineIn(Schema):
    """Units of a line that are not wanted; none = all that is not in picking."""

    line_id: BigId
    units: int | None = Field(None, ge=1, le=1_000_000_000)


class CancelLinesIn(Schema):
    """Lines to cancel."""

    lines: list[CancelLineIn] = Field(max_length=1000)
    reason: str = Field(max_length=200)


class ReasonIn(Schema):
    """Why."""

    reason: str = Field(max_length=200)


class CancelledOut(Schema):
    """What was cancelled."""

    line_ids: list[int]
    units: list[int]
    unpromised_units: int


@router.get("/orders", response=PageOut[OrderRowOut])
@requires("sales.view")
def list_orders(
    request: HttpRequest, response: HttpResponse, standing: str = "", cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Orders of the sites that the caller may see, in order of id."""
    caller = caller_of(request)
    site_ids = caller.sites("sales.view") if caller else frozenset()
    rows = queries.orders_after(after_id(cursor), site_ids, standing=standing, limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.get("/orders/{int:order_id}", response=OrderOut)
@requires("sales.view")
def get_order(request: HttpRequest, order_id: BigId) -> dict[str, Any]:
    """One order with the counts of its lines."""
    caller = caller_of(request)
    head = queries.access_order(order_id, caller.sites("sales.view") if caller else frozenset())
    fields = {name: getattr(head, name) for name in OrderOut.model_fields if name != "lines"}
    return {**fields, "lines": queries.lines_of(order_id)}


@router.post("/orders", response={201: OrdersEnteredOut})
def enter_orders(request: HttpRequest, body: EnterOrdersIn) -> Status[OrdersEntered]:
    """Enter and confirm orders, all or none. Send `Idempotency-Key`; a retry returns the first answer."""
    sites = {site.code: site.site_id for site in places.sites()}
    orders = [
        NewOrder(
            customer=order.customer,
            site_id=sites.get(order.site, 0),
            lines=[NewLine(**line.dict()) for line in order.lines],
            reference=order.reference,
            requested_on=order.requested_on,
            policy=order.policy,
            ship_to=order.ship_to,
        )
        for order in body.orders
    ]
    return Status(201, commands.enter_orders(context_from(request), EnterOrders(orders)))


@router.patch("/order-lines/{int:line_id}", response=LineChangedOut)
def change_line(request: HttpRequest, line_id: BigId, body: ChangeLineIn) -> LineChanged:
    """Change the units or the price of a line."""
    return commands.change_line(context_from(request), ChangeLine(line_id, body.units, body.unit_price))


@router.post("/order-lines/cancel", response=CancelledOut)
def cancel_lines(request: HttpRequest, body: CancelLinesIn) -> Cancelled:
    """Cancel units of lines."""
    lines = [CancelLine(line.line_id, line.units) for line in body.lines]
    return commands.cancel_lines(context_from(request), CancelLines(lines, body.reason))


@router.post("/orders/{int:order_id}/cancel", response=CancelledOut)
def cancel_order(request: HttpRequest, order_id: BigId, body: ReasonIn) -> Cancelled:
    """Cancel all that is left of an order."""
    return commands.cancel_order(context_from(request), CancelOrder(order_id, body.reason))
