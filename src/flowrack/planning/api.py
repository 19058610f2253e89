"""Purchase proposals for other systems."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from flowrack.planning import api_orders, commands, queries
from flowrack.planning.types import (
    Dismissed,
    DismissProposals,
    Drafted,
    OrderProposals,
    ProposalsMade,
    ProposalToOrder,
    Propose,
    Proposed,
    ProposeOrders,
    Requested,
    RequestProposals,
)
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

router = Router(tags=["planning"])
router.add_router("", api_orders.router)


class RunIn(Schema):
    """Which items to look at; no suppliers named = all."""

    site_id: BigId
    supplier_ids: list[BigId] = []
    review_days: int = 7
    service: int = 95


class ProposalsMadeOut(Schema):
    """How many items were looked at, and the proposals."""

    items: int
    proposal_ids: list[int]


class ProposedPoOut(Schema):
    """A draft that was written."""

    po_id: int
    number: str
    supplier_id: int
    lines: int
    total: Decimal


class ProposedOut(Schema):
    """The drafts of a run, and how many items were looked at."""

    pos: list[ProposedPoOut]
    items: int


class ToOrderIn(Schema):
    """A proposal; units other than proposed, if wanted."""

    proposal_id: BigId
    units: int | None = None


class OrderIn(Schema):
    """Proposals that become drafts."""

    proposals: list[ToOrderIn]
    override_reason: str = ""
    cover_reason: str = ""


class RequestIn(Schema):
    """Proposals that become requisitions, and what for."""

    proposals: list[ToOrderIn]
    reason: str
    cover_reason: str = ""


class RequestedOut(Schema):
    """The requisitions."""

    requisition_ids: list[int]
    numbers: list[str]


class DraftedOut(Schema):
    """The drafts."""

    po_ids: list[int]
    numbers: list[str]


class DismissIn(Schema):
    """Proposals that nobody wants, and why."""

    proposal_ids: list[BigId]
    reason: str


class DismissedOut(Schema):
    """How many were dismissed."""

    count: int


class ProposalOut(Schema):
    """A proposal of the worklist."""

    id: int
    state: str
    site_id: int
    site: str
    item_id: int
    sku: str
    name: str
    supplier_id: int
    supplier: str
    units: int
    unit_cost: Decimal
    value: Decimal
    position_units: int
    reorder_point: int
    order_up_to: int
    proposed_at: datetime
    po_id: int
    po_number: str
    requisition_id: int
    requisition: str


@router.get("/proposals", response=PageOut[ProposalOut])
@requires("planning.view")
def list_proposals(
    request: HttpRequest,
    response: HttpResponse,
    site_id: BigId | None = None,
    state: str = "open",
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Proposals of the sites at which the caller may see them, oldest first."""
    caller = caller_of(request)
    if caller is None or (site_id is not None and not caller.may("planning.view", site_id)):
        raise NotPermitted("You may not see the proposals of this site.", permission="planning.view")
    sites = [site_id] if site_id is not None else sorted(caller.sites("planning.view"))
    rows = queries.proposals(site_ids=sites, state=state, after=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/proposals/run", response=ProposalsMadeOut)
def propose(request: HttpRequest, body: RunIn) -> ProposalsMade:
    """Fill the worklist of a site with what runs low there."""
    return commands.propose(context_from(request), Propose(**body.dict()))


@router.post("/proposals/draft-orders", response=ProposedOut)
def propose_orders(request: HttpRequest, body: RunIn) -> Proposed:
    """Draft POs for what runs low, without the worklist."""
    return commands.propose_orders(context_from(request), ProposeOrders(**body.dict()))


@router.post("/proposals/order", response=DraftedOut)
def order_proposals(request: HttpRequest, body: OrderIn) -> Drafted:
    """Turn proposals into draft POs."""
    chosen = [ProposalToOrder(p.proposal_id, None if p.units is None else Units(p.units)) for p in body.proposals]
    return commands.order_proposals(
        context_from(request), OrderProposals(chosen, body.override_reason[:200], body.cover_reason[:200])
    )


@router.post("/proposals/request", response=RequestedOut)
def request_proposals(request: HttpRequest, body: RequestIn) -> Requested:
    """Turn proposals into requisitions, one for each site."""
    chosen = [ProposalToOrder(p.proposal_id, None if p.units is None else Units(p.units)) for p in body.proposals]
    return commands.request_proposals(
        context_from(request), RequestProposals(chosen, body.reason[:200], body.cover_reason[:200])
    )


@router.post("/proposals/dismiss", response=DismissedOut)
def dismiss_proposals(request: HttpRequest, body: DismissIn) -> Dismissed:
    """Take proposals off the worklist."""
    return commands.dismiss_proposals(context_from(request), DismissProposals(body.proposal_ids, body.reason))
