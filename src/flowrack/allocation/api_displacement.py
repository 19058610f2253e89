"""Urgent orders and letters to customers whose promise moved, for other systems."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from flowrack.allocation import commands_displacement as commands
from flowrack.allocation import queries_urgent as queries
from flowrack.allocation.types_displacement import (
    NoticesSettled,
    PriorityApplied,
    PriorityRequested,
    RequestPriority,
    SettleNotices,
    WithdrawPriority,
)
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.sales import queries as sales
from flowrack.shared.errors import NotFound

router = Router(tags=["allocation"])


class UrgentIn(Schema):
    """Why the order cannot wait."""

    reason: str = Field(max_length=200)


class UrgentLineOut(Schema):
    """What a line got at once, what waits for consent, what still waits in all."""

    line_id: int
    units: int
    pending: int
    waiting: int


class UrgentOut(Schema):
    """The request; granted when nothing is left to decide."""

    request_id: int
    number: str
    state: str
    approval: str
    lines: list[UrgentLineOut]


class DisplacedOut(Schema):
    """Units that a line gave, or is asked to give. `slip_days` is null without any cover."""

    from_line_id: int
    to_line_id: int
    order_id: int
    number: str
    customer: str
    tier: str
    sku: str
    units: int
    moved: int
    is_automatic: bool
    promised_on: date
    leaves_on: date | None
    slip_days: int | None
    value: Decimal


class RequestOut(Schema):
    """A request for an urgent order."""

    id: int
    number: str
    order_id: int
    order: str
    customer: str
    tier: str
    reason: str
    state: str
    moved: int
    pending: int
    value: Decimal
    outcome: str
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    approval: str
    decided_by: str


class RequestWithLinesOut(RequestOut):
    """The request and who gave way."""

    lines: list[DisplacedOut]


class EndedOut(Schema):
    """How the request ended."""

    request_id: int
    state: str
    units: int


class NoticeOut(Schema):
    """A letter to a customer."""

    id: int
    order_id: int
    order: str
    customer: str
    sku: str
    text: str
    state: str
    drafted_at: datetime
    settled_by: str
    settled_at: datetime | None


class SettleIn(Schema):
    """Letters that were sent, or are not needed (dropped)."""

    notice_ids: list[BigId] = Field(max_length=1_000)
    state: str = Field(max_length=10)


class SettledOut(Schema):
    """The letters that are dealt with."""

    notice_ids: list[int]


@router.post("/orders/{int:order_id}/priority", response={201: UrgentOut})
def request_priority(request: HttpRequest, order_id: BigId, body: UrgentIn) -> Status[PriorityRequested]:
    """Call an order urgent: it takes what harms nobody, and asks for the rest."""
    return Status(201, commands.request_priority(context_from(request), RequestPriority(order_id, body.reason)))


@router.get("/priority-requests", response=PageOut[RequestOut])
@requires("allocation.view")
def requests(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> dict[str, Any]:
    """Requests for urgent orders at the caller's sites, oldest first."""
    caller = caller_of(request)
    sites = sorted(caller.sites("allocation.view")) if caller else []
    rows = queries.requests_after(sites, after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.get("/priority-requests/{int:request_id}", response=RequestWithLinesOut)
@requires("allocation.view")
def one_request(request: HttpRequest, request_id: BigId) -> dict[str, Any]:
    """One request with everybody who gave way, or is asked to."""
    row, caller = queries.request_row(request_id), caller_of(request)
    if row is None or caller is None or not caller.may("allocation.view", row.site_id):
        raise NotFound(f"There is no request with id {request_id}.")
    lines = [{**asdict(one), "slip_days": one.slip_days} for one in queries.displaced([row.id])[row.id]]
    return {**asdict(row), "lines": lines}


@router.post("/priority-requests/{int:request_id}/withdraw", response=EndedOut)
def withdraw(request: HttpRequest, request_id: BigId, body: UrgentIn) -> PriorityApplied:
    """Nobody needs to decide any more."""
    return commands.withdraw_priority(context_from(request), WithdrawPriority(request_id, body.reason))


@router.get("/orders/{int:order_id}/notices", response=list[NoticeOut])
@requires("allocation.view")
def notices(request: HttpRequest, order_id: BigId) -> list[queries.NoticeRow]:
    """Letters about an order, newest first."""
    caller = caller_of(request)
    sites = caller.sites("allocation.view") if caller else frozenset()
    return queries.notices_of(order_id=sales.access_order(order_id, sites).order_id)


@router.post("/notices/settle", response=SettledOut)
def settle(request: HttpRequest, body: SettleIn) -> NoticesSettled:
    """Say that letters were sent, or are not needed."""
    return commands.settle_notices(context_from(request), SettleNotices(list(body.notice_ids), body.state))
