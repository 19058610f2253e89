"""Promises of stock for other systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from flowrack.allocation import (
    api_cross_docks,
    api_displacement,
    api_exceptions,
    api_gap,
    api_modes,
    api_overrides,
    api_rules,
    api_substitutes,
    commands,
    queries,
    queries_certificates,
)
from flowrack.allocation.types import Allocate, Allocated, AllocationReleased, ReleaseAllocation
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.sales import queries as sales

router = Router(tags=["allocation"])
router.add_router("", api_cross_docks.router)
router.add_router("", api_exceptions.router)
router.add_router("", api_rules.router)
router.add_router("", api_gap.router)
router.add_router("", api_modes.router)
router.add_router("", api_overrides.router)
router.add_router("", api_displacement.router)
router.add_router("", api_substitutes.router)


class AllocateIn(Schema):
    """Which orders of a site to promise stock to; none named = every open one."""

    site_id: BigId
    order_ids: list[BigId] = Field([], max_length=10_000)


class OutcomeOut(Schema):
    """What a line got and lacks."""

    line_id: int
    units: int
    waiting: int


class AllocatedOut(Schema):
    """Totals of the run."""

    lines: int
    units: int
    waiting_lines: int
    waiting_units: int
    outcomes: list[OutcomeOut]


class ReleaseIn(Schema):
    """Lines whose promises are taken back. Until the end of `until_on` they get none of it again."""

    line_ids: list[BigId] = Field(max_length=10_000)
    reason: str = Field(max_length=200)
    until_on: date | None = None


class ReleasedOut(Schema):
    """Units taken back, and the overrides under which it is written down."""

    line_ids: list[int]
    units: list[int]
    overrides: list[str]


class WaitingOut(Schema):
    """A line that waits, and why."""

    id: int
    order_id: int
    number: str
    customer: str
    tier: str
    requested_on: date
    ship_by_on: date
    item_id: int
    sku: str
    units: int
    waiting: int
    value: Decimal
    sentence: str


class WhyOut(Schema):
    """One stored decision."""

    kind: str
    sentence: str
    rule: str
    detail: dict[str, Any]
    decided_at: datetime


@router.post("/allocations", response=AllocatedOut)
def allocate(request: HttpRequest, body: AllocateIn) -> Allocated:
    """Promise free stock to open lines in rank order."""
    return commands.allocate(context_from(request), Allocate(body.site_id, list(body.order_ids)))


@router.post("/allocations/release", response=ReleasedOut)
def release(request: HttpRequest, body: ReleaseIn) -> AllocationReleased:
    """Take back promises that are not in picking."""
    req = ReleaseAllocation(list(body.line_ids), body.reason, body.until_on)
    return commands.release_allocation(context_from(request), req)


@router.get("/allocations/waiting", response=PageOut[WaitingOut])
@requires("allocation.view")
def waiting(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> dict[str, Any]:
    """Lines that wait for stock, with the stored reason."""
    caller = caller_of(request)
    site_ids = caller.sites("allocation.view") if caller else frozenset()
    rows = queries.unallocated(site_ids, after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.get("/order-lines/{int:line_id}/why", response=list[WhyOut])
@requires("allocation.view")
def why(request: HttpRequest, line_id: BigId) -> Any:
    """Why a line got what it got: its decisions, newest first."""
    caller = caller_of(request)
    order_id = sales.order_of_line(line_id)
    sales.access_order(order_id, caller.sites("allocation.view") if caller else frozenset())
    return queries_certificates.why(line_id)
