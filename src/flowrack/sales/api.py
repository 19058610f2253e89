"""Customer orders for other systems."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from flowrack.locations import queries as places
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import answers, caller_of, context_from, requires
from flowrack.platform.importing.api import add_import
from flowrack.platform.rehearsal import foreseen
from flowrack.sales import (
    api_changes,
    api_codes,
    api_holds,
    api_lists,
    api_many,
    commands,
    imports,
    queries,
    steps_typed,
)
from flowrack.sales.types import EnterOrders, NewLine, NewOrder, OrdersEntered
from flowrack.sales.types_terms import AS_USUAL, GivenTerms

router = Router(tags=["sales"])
router.add_router("", api_holds.router)
router.add_router("", api_changes.router)
router.add_router("", api_codes.router)
router.add_router("", api_lists.router)
router.add_router("", api_many.router)
add_import(router, imports.OPEN_ORDERS, commands.import_open_orders)


class NewLineIn(Schema):
    """One line: item code (SKU, the customer's number of it, GTIN or barcode), quantity, perhaps of a pack."""

    item: str = Field(max_length=80)
    quantity: Decimal = Field(max_digits=18, decimal_places=6)
    pack: str = Field("", max_length=40)
    unit_price: Decimal | None = Field(None, ge=0, max_digits=18, decimal_places=6)
    lot: str = Field("", max_length=60)


class GivenTermsIn(Schema):
    """Terms that the order has otherwise than its customer; what is left out is as the customer's terms say."""

    max_shipments: int | str | None = Field(None, description="a number, or any: as many as it takes")
    last_shipment: str = Field("", max_length=8, description="waits or cancels")
    min_shipment_value: Decimal | None = Field(None, ge=0, max_digits=16, decimal_places=4)
    cancel_after_days: int | str | None = Field(
        None, description="after the wanted day, of what waits for stock: a number, or never"
    )
    substitutes: str = Field("", max_length=8, description="no, consent or yes")
    life_days: int | None = Field(None, description="days of life at the customer's door, at least")
    lot_rule: str = Field("", max_length=8, description="any, same or new")

    def given(self) -> GivenTerms:
        """As the command takes them."""
        most, end = self.max_shipments, self.cancel_after_days
        texts = {
            "max_shipments": "" if most is None else str(most),
            "cancel_after_days": "" if end is None else str(end),
        }
        return GivenTerms(**{**self.dict(), **texts})


class NewOrderIn(Schema):
    """One order; empty fields take the customer's terms."""

    customer: str = Field(max_length=40)
    site: str = Field(
        "", max_length=20, description="code of the site that ships; empty: the rules choose it, now and while it waits"
    )
    lines: list[NewLineIn] = Field(max_length=1000)
    reference: str = Field("", max_length=60)
    requested_on: date | None = Field(None, description="the day on which the customer wants it at his door")
    latest_on: date | None = Field(None, description="the customer takes nothing that arrives later")
    ship_on: date | None = Field(
        None, description="in place of requested_on: the day on which it is to leave; latest_on is then a day to leave"
    )
    policy: str = Field("", max_length=10)
    ship_to: str = Field("", max_length=40)
    channel: str = Field("", max_length=20, description="code of a sales channel; empty: the customer's usual one")
    order_type: str = Field("", max_length=20, description="code of an order type")
    contract: str = Field("", max_length=40, description="empty: the customer's usual one")
    terms: GivenTermsIn | None = None


class EnterOrdersIn(Schema):
    """Orders to enter and confirm together: all or none."""

    orders: list[NewOrderIn] = Field(max_length=1000)


class SentFromOut(Schema):
    """An order that sends all of what was entered, or a part of it, from the site that the rules chose."""

    order_id: int
    number: str
    site_id: int
    site: str
    units: int
    arrives_on: date | None = Field(description="when all of it is at the customer's door; none: nobody can say")


class EnteredOut(Schema):
    """An order that now exists."""

    order_id: int
    number: str
    line_ids: list[int]
    warnings: list[str] = Field(description="days that cannot be kept, each with the first possible one")
    sends: list[SentFromOut] = Field(
        description="where the rules chose the site: the orders that send it, itself first, then those beside it"
    )
    why: str = Field(description="why the rules let it ship from there; empty where the order named its site")


class OrdersEnteredOut(Schema):
    """The orders, in the order of the request."""

    orders: list[EnteredOut]


class EntryFaultOut(Schema):
    """What is wrong with an order: the line (0 = the order itself), the field, why, and the way out."""

    line: int
    field: str
    message: str
    fix: str


class EntryHoldOut(Schema):
    """Why an order or a line (0 = the order) would wait for a person."""

    line: int
    sentence: str


class OrderCheckedOut(Schema):
    """What entering one order would do."""

    errors: list[EntryFaultOut]
    warnings: list[str] = Field(description="days that cannot be kept, each with the first possible one")
    holds: list[EntryHoldOut]


class OrdersCheckedOut(Schema):
    """The orders, in the order of the request."""

    orders: list[OrderCheckedOut]


class SentPreviewOut(Schema):
    """A part of an order, or all of it, and the site that the rules would let it ship from."""

    site_id: int
    site: str
    units: int
    arrives_on: date | None = Field(description="when all of it is at the customer's door; none: nobody can say")


class EntryPreviewOut(Schema):
    """What would come of one order."""

    warnings: list[str] = Field(description="days that cannot be kept, each with the first possible one")
    sends: list[SentPreviewOut] = Field(
        description="where the rules choose the site: from where it would ship, the order itself first"
    )
    why: str = Field(description="why the rules would let it ship from there; empty where the order names its site")


class EntryPreviewsOut(Schema):
    """The orders, in the order of the request."""

    orders: list[EntryPreviewOut]


class OrderRowOut(Schema):
    """An order in a list."""

    id: int
    number: str
    tier: str
    customer: str
    standing: str
    requested_on: date
    ship_by_on: date
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
    channel: str
    order_type: str
    contract: str


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
    unit_cost: Decimal | None = Field(None, description="at order time, for those who may see margins")
    margin: Decimal | None = Field(None, description="of the line at order time, for those who may see margins")


class OrderOut(Schema):
    """An order with its lines and the customer's terms as they were at entry.

    `min_life_days` counts from the day on which the goods leave: at delivery, and `transit_days` on the way.
    """

    order_id: int
    number: str
    customer_code: str
    customer: str
    site_id: int
    reference: str
    tier: str
    policy: str
    min_life_days: int
    transit_days: int
    substitutes: str
    lot_rule: str
    max_shipments: int | None
    last_shipment: str
    min_shipment_value: Decimal
    cancel_after_days: int | None
    given_terms: list[str] = Field(description="the names of the terms that are not the customer's")
    shipments: int
    ship_to_code: str
    state: str
    ordered_at: datetime
    requested_on: date
    ship_by_on: date = Field(description="the last day to leave and be there on requested_on")
    latest_on: date | None
    latest_ship_on: date | None = Field(description="the last day to leave and be there on latest_on")
    gives_ship_day: bool
    channel: str
    order_type: str
    contract: str
    any_site: bool = Field(description="the rules choose the site that sends it")
    origin_id: int | None = Field(description="the order whose lines it sends from another site")
    finished_at: datetime | None
    lines: list[LineOut]


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
    sees_margin = caller.sites("sales.see_margin") if caller else frozenset()
    lines = [LineOut.from_orm(line) for line in queries.lines_of(order_id)]
    if not {0, head.site_id} & sees_margin:
        lines = [line.model_copy(update={"unit_cost": None, "margin": None}) for line in lines]
    return {**fields, "lines": lines}


@router.post("/orders", response={201: OrdersEnteredOut})
def enter_orders(request: HttpRequest, body: EnterOrdersIn) -> Status[OrdersEntered]:
    """Enter and confirm orders, all or none. Send `Idempotency-Key`; a retry returns the first answer."""
    return Status(201, commands.enter_orders(context_from(request), EnterOrders(_orders(body))))


@router.post("/orders/check", response=OrdersCheckedOut)
@requires("sales.enter")
@answers
def check_orders(request: HttpRequest, body: EnterOrdersIn) -> dict[str, Any]:
    """What entering these orders would refuse, warn of and hold, for each of them. Nothing is written."""
    found = steps_typed.check_orders(context_from(request), _orders(body))
    return {"orders": [asdict(one) for one in found]}


@router.post("/orders/preview", response=EntryPreviewsOut)
@requires("sales.enter")
@answers
def preview_orders(request: HttpRequest, body: EnterOrdersIn) -> OrdersEntered:
    """From where these orders would ship, when they are there, and why: what entering them would answer, but for the
    numbers. Nothing is written. Refuses what entering would refuse."""
    return foreseen(commands.enter_orders, context_from(request), EnterOrders(_orders(body)))


def _orders(body: EnterOrdersIn) -> list[NewOrder]:
    sites = {site.code: site.site_id for site in places.sites()}
    return [
        NewOrder(
            customer=order.customer,
            site_id=sites.get(order.site, 0),
            any_site=not order.site,
            lines=[NewLine(**line.dict()) for line in order.lines],
            reference=order.reference,
            requested_on=order.requested_on,
            latest_on=order.latest_on,
            ship_on=order.ship_on,
            policy=order.policy,
            ship_to=order.ship_to,
            channel=order.channel,
            order_type=order.order_type,
            contract=order.contract,
            terms=order.terms.given() if order.terms else AS_USUAL,
        )
        for order in body.orders
    ]
