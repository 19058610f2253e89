"""Promises that cannot hold, for other systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from flowrack.allocation import commands_exceptions as commands
from flowrack.allocation import queries_cover
from flowrack.allocation.types_exceptions import CloseExceptions, ExceptionsClosed
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires

router = Router(tags=["allocation"])


class ExceptionOut(Schema):
    """A customer order line whose cover slipped beyond its promise; without `covered_on`, not all of it is covered.

    `po_id` 0: it was not an order of ours that moved, but stock.
    """

    id: int
    order_line_id: int
    order_id: int
    order: str
    customer: str
    tier: str
    sku: str
    units: int
    value: Decimal
    promised_on: date
    covered_before: date | None
    covered_on: date | None
    arrives_on: date | None
    days_late: int | None
    po_id: int
    po: str
    supplier: str
    buyer: str
    reason: str
    raised_at: datetime
    is_open: str
    closed_by: str
    closed_at: datetime | None
    closing: str


class CloseIn(Schema):
    """Exceptions that were dealt with, and how."""

    exception_ids: list[BigId] = Field(max_length=5_000)
    note: str = Field(max_length=200)


class ClosedOut(Schema):
    """The exceptions that are closed now."""

    exception_ids: list[int]


@router.get("/promise-exceptions", response=PageOut[ExceptionOut])
@requires("allocation.exceptions")
def exceptions(
    request: HttpRequest, response: HttpResponse, only_open: bool = True, cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Promises that cannot hold at the caller's sites, oldest first."""
    caller = caller_of(request)
    sites = sorted(caller.sites("allocation.exceptions")) if caller else []
    rows = queries_cover.exceptions(sites, only_open=only_open, after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/promise-exceptions/close", response=ClosedOut)
@requires("allocation.settle")
def close(request: HttpRequest, body: CloseIn) -> ExceptionsClosed:
    """Close exceptions that were dealt with."""
    return commands.close_exceptions(context_from(request), CloseExceptions(list(body.exception_ids), body.note))
