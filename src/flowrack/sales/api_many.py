"""What is done to many orders at once, for other systems: what can be done is done, and of each order it is told what
came; each can be asked for that first."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Field, Router, Schema

from flowrack.platform.apipages import BigId
from flowrack.platform.http import answers, context_from, requires
from flowrack.platform.rehearsal import foreseen
from flowrack.sales import commands_many as commands
from flowrack.sales import steps_preview
from flowrack.sales.types_many import (
    MOST_ORDERS,
    CancelOrders,
    HoldOrders,
    ManyDone,
    ReleaseOrderHolds,
    SetWantedDays,
)

router = Router(tags=["sales"])


class ManyOrdersIn(Schema):
    """Orders, and why; at most 200."""

    order_ids: list[BigId] = Field(min_length=1, max_length=MOST_ORDERS)
    reason: str = Field(max_length=200)


class ManyWantedIn(ManyOrdersIn):
    """The same with the day on which they are wanted at the door. A day on which nothing arrives is taken only where
    the caller is sure; the preview says of which orders that is so."""

    requested_on: date
    is_sure: bool = False


class OrderOutcomeOut(Schema):
    """What came of one order; `is_done` is false where it stays as it was, and `said` says why. `is_doubtful`: a person
    should know before, for nothing arrives on the wanted day."""

    order_id: int
    number: str
    is_done: bool
    is_doubtful: bool
    said: str


class ManyDoneOut(Schema):
    """What came of each order, in the order of the request."""

    outcomes: list[OrderOutcomeOut]


@router.post("/orders/many/hold", response=ManyDoneOut)
@requires("sales.hold")
def hold_orders(request: HttpRequest, body: ManyOrdersIn) -> ManyDone:
    """Hold orders by hand."""
    return commands.hold_orders(context_from(request), HoldOrders(body.order_ids, body.reason))


@router.post("/orders/many/hold/preview", response=ManyDoneOut)
@requires("sales.hold")
@answers
def preview_hold_orders(request: HttpRequest, body: ManyOrdersIn) -> ManyDone:
    """What holding them would do to each."""
    return foreseen(commands.hold_orders, context_from(request), HoldOrders(body.order_ids, body.reason))


@router.post("/orders/many/release-holds", response=ManyDoneOut)
@requires("sales.release_holds")
def release_order_holds(request: HttpRequest, body: ManyOrdersIn) -> ManyDone:
    """Release every hold of orders that the caller may release."""
    return commands.release_order_holds(context_from(request), ReleaseOrderHolds(body.order_ids, body.reason))


@router.post("/orders/many/release-holds/preview", response=ManyDoneOut)
@requires("sales.release_holds")
@answers
def preview_release_order_holds(request: HttpRequest, body: ManyOrdersIn) -> ManyDone:
    """What releasing their holds would do to each."""
    return foreseen(commands.release_order_holds, context_from(request), ReleaseOrderHolds(body.order_ids, body.reason))


@router.post("/orders/many/cancel", response=ManyDoneOut)
@requires("sales.change")
def cancel_orders(request: HttpRequest, body: ManyOrdersIn) -> ManyDone:
    """Cancel all that is left of orders; those of which goods are picked stay."""
    return commands.cancel_orders(context_from(request), CancelOrders(body.order_ids, body.reason))


@router.post("/orders/many/cancel/preview", response=ManyDoneOut)
@requires("sales.change")
@answers
def preview_cancel_orders(request: HttpRequest, body: ManyOrdersIn) -> ManyDone:
    """What cancelling them would do to each."""
    req = CancelOrders(body.order_ids, body.reason)
    return ManyDone(steps_preview.preview_many(context_from(request), commands.cancel_orders, req, body.order_ids))


@router.post("/orders/many/wanted-day", response=ManyDoneOut)
@requires("sales.change")
def set_wanted_days(request: HttpRequest, body: ManyWantedIn) -> ManyDone:
    """Let orders be wanted at the door on another day, and say of each what comes of it."""
    ctx, req = context_from(request), SetWantedDays(body.order_ids, body.requested_on, body.reason, body.is_sure)
    foreseen = steps_preview.preview_many(ctx, commands.set_wanted_days, req, body.order_ids)
    done = commands.set_wanted_days(ctx, req)
    return ManyDone(steps_preview.with_what_was_told(done.outcomes, foreseen))


@router.post("/orders/many/wanted-day/preview", response=ManyDoneOut)
@requires("sales.change")
@answers
def preview_wanted_days(request: HttpRequest, body: ManyWantedIn) -> ManyDone:
    """What another day would do to each."""
    req = SetWantedDays(body.order_ids, body.requested_on, body.reason, is_sure=True)
    return ManyDone(steps_preview.preview_many(context_from(request), commands.set_wanted_days, req, body.order_ids))
