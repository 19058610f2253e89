"""Requisitions, and what is coming already, for other systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status

from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, etag_of, page_out
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.purchasing import commands_requisitions as commands
from flowrack.purchasing import queries_cover
from flowrack.purchasing import queries_requisitions as queries
from flowrack.purchasing.states_requisitions import RequisitionState
from flowrack.purchasing.types_requisitions import (
    ChangeRequisition,
    CreateRequisitions,
    EndRequisitions,
    LineToOrder,
    NewRequisition,
    NewRequisitionLine,
    OrderRequisitions,
    RequisitionCreated,
    RequisitionsCreated,
    RequisitionsOrdered,
    RequisitionStates,
)
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

router = Router(tags=["purchasing"])


class RequisitionLineIn(Schema):
    """Base units of an item, wanted on a day."""

    item_id: BigId
    units: int
    wanted_on: date
    supplier_id: BigId | None = None


class RequisitionIn(Schema):
    """What a site needs and why; `cover_reason` asks in spite of what is coming already."""

    site_id: BigId
    lines: list[RequisitionLineIn]
    reason: str
    cover_reason: str = ""


class RequisitionsIn(Schema):
    """Requisitions to write, all or none."""

    requisitions: list[RequisitionIn]


class RequisitionChangeIn(Schema):
    """New content of a requisition, and the version that was read."""

    version: int
    requisition: RequisitionIn


class LineToOrderIn(Schema):
    """A line to order; other units or another supplier than asked for, if wanted."""

    line_id: BigId
    units: int | None = None
    supplier_id: BigId | None = None


class OrderRequisitionsIn(Schema):
    """Lines to order, or requisitions of which all open lines are ordered."""

    lines: list[LineToOrderIn] = []
    requisition_ids: list[BigId] = []
    override_reason: str = ""
    cover_reason: str = ""


class EndRequisitionsIn(Schema):
    """Requisitions that nobody wants any more, and why."""

    requisition_ids: list[BigId]
    reason: str


class RequisitionCreatedOut(Schema):
    """A requisition that was written."""

    requisition_id: int
    number: str
    state: str
    line_ids: list[int]


class RequisitionsCreatedOut(Schema):
    """The requisitions, in the order of the request."""

    requisitions: list[RequisitionCreatedOut]


class RequisitionsOrderedOut(Schema):
    """The drafts that lines became."""

    po_ids: list[int]
    numbers: list[str]


class RequisitionStatesOut(Schema):
    """The requisitions and the state they are in now."""

    requisition_ids: list[int]
    state: str


class RequisitionOut(Schema):
    """A requisition in a list."""

    id: int
    number: str
    state: str
    site_id: int
    site: str
    reason: str
    requested_by: str
    requested_by_id: int
    requested_at: datetime
    wanted_on: date
    line_count: int
    units: int
    ordered_units: int
    open_units: int
    total: Decimal
    version: int
    end_reason: str


class RequisitionLineOut(Schema):
    """A line of a requisition, and how much of it is ordered; supplier_id 0 = none is preferred."""

    line_id: int
    line_no: int
    item_id: int
    sku: str
    name: str
    units: int
    wanted_on: date
    supplier_id: int
    supplier: str
    unit_cost: Decimal | None
    ordered_units: int
    open_units: int


class OrderOfLineOut(Schema):
    """The PO line that orders (part of) a requisition line."""

    requisition_line_id: int
    po_id: int
    po: str
    po_state: str
    supplier: str
    due_on: date
    units: int
    received_units: int


class RequisitionRecordOut(Schema):
    """A requisition with its lines and what orders them."""

    head: RequisitionOut
    lines: list[RequisitionLineOut]
    orders: list[OrderOfLineOut]


class CoverOut(Schema):
    """Units that are coming already, and the document that says so; due_on null = under way without a date."""

    kind: str
    number: str
    document_id: int
    units: int
    due_on: date | None
    party: str


class NetNeedOut(Schema):
    """A need against what is coming until a day: `claimed` units leave again, `free` are left, `net` must be bought."""

    site_id: int
    item_id: int
    need: int
    until: date
    coming: int
    claimed: int
    free: int
    net: int
    covered: int
    covers: list[CoverOut]


@router.get("/requisitions", response=PageOut[RequisitionOut])
@requires("purchasing.view")
def list_requisitions(
    request: HttpRequest,
    response: HttpResponse,
    site_id: BigId | None = None,
    state: list[RequisitionState] = Query([]),  # type: ignore[type-arg]  # noqa: B008 - ninja declares parameters so
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Requisitions of the sites at which the caller may see them, oldest first."""
    rows = queries.requisitions(
        site_ids=_sites(request, site_id), states=[str(s) for s in state], after=after_id(cursor), limit=limit + 1
    )
    return page_out(request, response, rows, limit=limit)


@router.get("/requisitions/{int:requisition_id}", response=RequisitionRecordOut)
@requires("purchasing.view")
def read_requisition(request: HttpRequest, response: HttpResponse, requisition_id: BigId) -> Any:
    """One requisition with its lines and the orders that cover them."""
    found = queries.requisition(requisition_id, frozenset(_sites(request, None)))
    response["ETag"] = etag_of(found.head.id, found.head.version, found.head.state, found.head.open_units)
    return found


@router.post("/requisitions", response={201: RequisitionsCreatedOut})
def create_requisitions(request: HttpRequest, body: RequisitionsIn) -> Status[RequisitionsCreated]:
    """Ask for items; each requisition asks for approval."""
    wanted = CreateRequisitions([_wanted(one) for one in body.requisitions])
    return Status(201, commands.create_requisition(context_from(request), wanted))


@router.put("/requisitions/{int:requisition_id}", response=RequisitionCreatedOut)
def change_requisition(request: HttpRequest, requisition_id: BigId, body: RequisitionChangeIn) -> RequisitionCreated:
    """Replace the content of a requisition that is not approved."""
    req = ChangeRequisition(requisition_id, body.version, _wanted(body.requisition))
    return commands.change_requisition(context_from(request), req)


@router.post("/requisitions/order", response=RequisitionsOrderedOut)
def order_requisitions(request: HttpRequest, body: OrderRequisitionsIn) -> RequisitionsOrdered:
    """Turn lines of approved requisitions into draft orders, one for each supplier and site."""
    lines = [LineToOrder(x.line_id, None if x.units is None else Units(x.units), x.supplier_id) for x in body.lines]
    req = OrderRequisitions(lines, body.requisition_ids, body.override_reason[:200], body.cover_reason[:200])
    return commands.order_requisitions(context_from(request), req)


@router.post("/requisitions/cancel", response=RequisitionStatesOut)
def cancel_requisitions(request: HttpRequest, body: EndRequisitionsIn) -> RequisitionStates:
    """Withdraw requisitions of which nothing is ordered."""
    return commands.cancel_requisitions(context_from(request), EndRequisitions(body.requisition_ids, body.reason))


@router.post("/requisitions/close", response=RequisitionStatesOut)
def close_requisitions(request: HttpRequest, body: EndRequisitionsIn) -> RequisitionStates:
    """Expect nothing more of approved requisitions."""
    return commands.close_requisitions(context_from(request), EndRequisitions(body.requisition_ids, body.reason))


@router.get("/net-need", response=NetNeedOut)
@requires("purchasing.view")
def net_need(request: HttpRequest, site_id: BigId, item_id: BigId, units: int, until: date) -> Any:
    """What must still be bought of a need: what is coming until a day, by which documents, and how much of it is
    spoken for."""
    _sites(request, site_id)
    return queries_cover.net_needs({(site_id, item_id): (units, until)}, now=now())[site_id, item_id]


def _wanted(one: RequisitionIn) -> NewRequisition:
    lines = [NewRequisitionLine(x.item_id, Units(x.units), x.wanted_on, x.supplier_id) for x in one.lines]
    return NewRequisition(one.site_id, lines, one.reason, one.cover_reason[:200])


def _sites(request: HttpRequest, site_id: int | None) -> list[int]:
    """The sites to show: the asked one if the caller may see it, else all of theirs (0 = every site)."""
    caller = caller_of(request)
    if caller is None or (site_id is not None and not caller.may("purchasing.view", site_id)):
        raise NotPermitted("You may not see the requisitions of this site.", permission="purchasing.view")
    return [site_id] if site_id is not None else sorted(caller.sites("purchasing.view"))
