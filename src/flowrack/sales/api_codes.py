"""Customers' own numbers of items, for other systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from flowrack.platform.apipages import LIMIT, PageOut, after_id, page_out
from flowrack.platform.http import context_from, requires
from flowrack.platform.importing.api import add_import
from flowrack.sales import commands_codes, imports_codes, queries_codes
from flowrack.sales.types_codes import CustomerItemSet, SetCustomerItem

router = Router(tags=["sales"])
add_import(router, imports_codes.CUSTOMER_ITEMS, commands_codes.import_customer_items)


class CustomerItemIn(Schema):
    """What a customer calls an item, or a pack of it; without an item the number is forgotten."""

    customer: str = Field(max_length=40)
    code: str = Field(max_length=80)
    item: str = Field("", max_length=60, description="SKU")
    pack: str = Field("", max_length=10)


class CustomerItemSetOut(Schema):
    """The number that counts now; 0 when there is none any more."""

    customer_item_id: int


class CustomerItemOut(Schema):
    """A customer's number of an item."""

    id: int
    customer_code: str
    code: str
    sku: str
    pack: str


@router.get("/customer-items", response=PageOut[CustomerItemOut])
@requires("sales.view")
def customer_items(
    request: HttpRequest, response: HttpResponse, customer: str = "", cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Customers' numbers of items, of one customer (by code) or of all."""
    rows = queries_codes.customer_items_after(after_id(cursor), customer=customer, limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/customer-items", response=CustomerItemSetOut)
@requires("sales.customer_items")
def set_customer_item(request: HttpRequest, body: CustomerItemIn) -> CustomerItemSet:
    """Write down what a customer calls an item."""
    req = SetCustomerItem(body.customer, body.code, body.item, body.pack)
    return commands_codes.set_customer_item(context_from(request), req)
