"""Purchase orders for other systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status

from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, etag_of, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.purchasing import (
    api_agreements,
    api_budgets,
    api_confirmations,
    api_documents,
    api_requisitions,
    api_versions,
    commands,
    queries,
)
from flowrack.purchasing import queries_pages as seen
from flowrack.purchasing.states import PoState
from flowrack.purchasing.types import (
    ApprovePo,
    CancelPo,
    ChangePo,
    ClosePo,
    CreatePo,
    NewPo,
    NewPoLine,
    PoCreated,
    PosCreated,
    PoStates,
    SubmitPo,
)
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

router = Router(tags=["purchasing"])
router.add_router("", api_versions.router)
router.add_router("", api_requisitions.router)
router.add_router("", api_confirmations.router)
router.add_router("", api_documents.router)
router.add_router("", api_agreements.router)
router.add_router("", api_budgets.router)


class PoLineIn(Schema):
    """Base units of an item. Without a unit cost the supplier's agreed one counts."""

    item_id: BigId
    units: int
    unit_cost: Decimal | None = None
    over_pct: Decimal | None = None
    under_pct: Decimal | None = None


class PoIn(Schema):
    """An order of at most 10,000 lines to write; `override_reason` allows quantities below the supplier's minimum or
    off its multiple, `cover_reason` units that are coming already."""

    supplier_id: BigId
    site_id: BigId
    lines: list[PoLineIn]
    due_on: date | None = None
    supplier_reference: str = ""
    note: str = ""
    override_reason: str = ""
    cover_reason: str = ""


class PosIn(Schema):
    """Orders to write, all or none."""

    orders: list[PoIn]


class DraftChangeIn(Schema):
    """New content of a draft, and the version that was read."""

    version: int
    order: PoIn


class ApproveIn(Schema):
    """Drafts to approve; the content hashes that were seen, in the same order, or none."""

    po_ids: list[BigId]
    content_hashes: list[str] = []


class SubmitIn(Schema):
    """Drafts to ask approval for."""

    po_ids: list[BigId]


class EndIn(Schema):
    """POs to end, and why."""

    po_ids: list[BigId]
    reason: str


class PoCreatedOut(Schema):
    """A draft."""

    po_id: int
    number: str
    line_ids: list[int]
    total: Decimal


class PosCreatedOut(Schema):
    """The drafts, in the order of the request."""

    pos: list[PoCreatedOut]


class PoStatesOut(Schema):
    """The POs and the state they are in now; `waiting_ids` still wait for somebody's approval."""

    po_ids: list[int]
    state: str
    waiting_ids: list[int]


class PoOut(Schema):
    """A PO in the list."""

    id: int
    number: str
    state: str
    supplier_id: int
    supplier: str
    site_id: int
    site: str
    ordered_on: date
    due_on: date
    line_count: int
    ordered_units: int
    received_units: int
    owed_units: int
    total: Decimal
    created_by: str


class PoLineOut(Schema):
    """A line of a PO; `price_source` is agreement, list, standard or typed, `agreed_cost` what was agreed then."""

    po_line_id: int
    line_no: int
    item_id: int
    sku: str
    name: str
    base_uom: str
    units: int
    received_units: int
    short_units: int
    owed_units: int
    over_units: int
    unit_cost: Decimal
    total: Decimal
    short_reason: str
    due_on: date
    expected_on: date
    price_source: str
    agreed_cost: Decimal | None


class PoRecordOut(Schema):
    """A PO with its lines."""

    head: PoOut
    version: int
    supplier_reference: str
    note: str
    approved_by: str
    approved_at: datetime | None
    content_hash: str
    end_reason: str
    lines: list[PoLineOut]


@router.get("/purchase-orders", response=PageOut[PoOut])
@requires("purchasing.view")
def list_pos(
    request: HttpRequest,
    response: HttpResponse,
    site_id: BigId | None = None,
    state: list[PoState] = Query([]),  # type: ignore[type-arg]  # noqa: B008
    search: str = "",
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """POs of the sites at which the caller may see them, newest first."""
    rows = queries.pos(
        site_ids=_sites(request, site_id),
        states=[str(s) for s in state],
        search=search,
        before=after_id(cursor) or None,
        limit=limit + 1,
    )
    return page_out(request, response, rows, limit=limit)


@router.get("/purchase-orders/{int:po_id}", response=PoRecordOut)
@requires("purchasing.view")
def read_po(request: HttpRequest, response: HttpResponse, po_id: BigId) -> Any:
    """One PO with its lines."""
    found = seen.access_po(po_id, frozenset(_sites(request, None)))
    response["ETag"] = etag_of(found.head.id, found.version, found.head.state, found.head.received_units)
    return found


@router.post("/purchase-orders", response={201: PosCreatedOut})
def create_pos(request: HttpRequest, body: PosIn) -> Status[PosCreated]:
    """Write POs as drafts."""
    return Status(201, commands.create_po(context_from(request), CreatePo([_order(o) for o in body.orders])))


@router.put("/purchase-orders/{int:po_id}", response=PoCreatedOut)
def change_po(request: HttpRequest, po_id: BigId, body: DraftChangeIn) -> PoCreated:
    """Replace the content of a draft."""
    return commands.change_po(context_from(request), ChangePo(po_id, body.version, _order(body.order)))


@router.post("/purchase-orders/submit", response=PoStatesOut)
def submit_pos(request: HttpRequest, body: SubmitIn) -> PoStates:
    """Ask approval for drafts; what no policy asks about becomes binding at once."""
    return commands.submit_po(context_from(request), SubmitPo(body.po_ids))


@router.post("/purchase-orders/approve", response=PoStatesOut)
def approve_pos(request: HttpRequest, body: ApproveIn) -> PoStates:
    """Give one's approval to drafts; they bind once no policy asks for more. Whoever wrote or changed one may not."""
    return commands.approve_po(context_from(request), ApprovePo(body.po_ids, body.content_hashes))


@router.post("/purchase-orders/close", response=PoStatesOut)
def close_pos(request: HttpRequest, body: EndIn) -> PoStates:
    """Expect nothing more of POs."""
    return commands.close_po(context_from(request), ClosePo(body.po_ids, body.reason))


@router.post("/purchase-orders/cancel", response=PoStatesOut)
def cancel_pos(request: HttpRequest, body: EndIn) -> PoStates:
    """Withdraw POs of which nothing came."""
    return commands.cancel_po(context_from(request), CancelPo(body.po_ids, body.reason))


def _order(order: PoIn) -> NewPo:
    return NewPo(
        supplier_id=order.supplier_id,
        site_id=order.site_id,
        lines=[NewPoLine(x.item_id, Units(x.units), x.unit_cost, x.over_pct, x.under_pct) for x in order.lines],
        due_on=order.due_on,
        supplier_reference=order.supplier_reference[:80],
        note=order.note,
        override_reason=order.override_reason[:200],
        cover_reason=order.cover_reason[:200],
    )


def _sites(request: HttpRequest, site_id: int | None) -> list[int]:
    """The sites to show: the asked one if the caller may see it, else all of theirs (0 = every site)."""
    caller = caller_of(request)
    if caller is None or (site_id is not None and not caller.may("purchasing.view", site_id)):
        raise NotPermitted("You may not see the orders of this site.", permission="purchasing.view")
    return [site_id] if site_id is not None else sorted(caller.sites("purchasing.view"))
