"""Sales channels and order types for other systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from flowrack.platform.http import context_from, requires
from flowrack.sales import commands_lists, queries_lists
from flowrack.sales.types_lists import OrderCodeSet, SetOrderCode

router = Router(tags=["sales"])


class OrderCodeOut(Schema):
    """A sales channel or an order type."""

    list: str
    code: str
    name: str
    is_active: bool


class OrderCodeIn(Schema):
    """A code to add, to name otherwise, or (not active) to take out of use."""

    list: str = Field(max_length=10, description="channel or order type")
    code: str = Field(max_length=20)
    name: str = Field(max_length=60)
    is_active: bool = True


class OrderCodeSetOut(Schema):
    """The code as it stands now."""

    list: str
    code: str


@router.get("/order-codes", response=list[OrderCodeOut])
@requires("sales.view")
def order_codes(request: HttpRequest) -> Any:
    """All sales channels and order types."""
    return queries_lists.order_codes()


@router.post("/order-codes", response=OrderCodeSetOut)
def set_order_code(request: HttpRequest, body: OrderCodeIn) -> OrderCodeSet:
    """Add a sales channel or an order type, name it otherwise, or take it out of use."""
    return commands_lists.set_order_code(context_from(request), SetOrderCode(**body.dict()))
