"""Returns for other systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.returns import commands
from flowrack.returns.queries import desk
from flowrack.returns.types import (
    BlindLine,
    CloseRma,
    CreateRma,
    Dispose,
    Disposed,
    NewRmaLine,
    ReceiveBlind,
    ReceiveReturn,
    ReturnedLine,
    ReturnReceived,
    RmaClosed,
    RmaCreated,
    Split,
)

router = Router(tags=["returns"])


class NewRmaLineIn(Schema):
    """Units that will come back: of an order line, or (unmatched) of an item."""

    units: int = Field(gt=0, le=2**53)
    order_line_id: int = 0
    item_id: int = 0


class CreateRmaIn(Schema):
    """A return to announce: of one order, or unmatched goods of a customer."""

    site_id: int
    reason: str = Field(max_length=30)
    lines: list[NewRmaLineIn] = Field(max_length=500)
    order_id: int = 0
    customer_id: int = 0
    note: str = Field("", max_length=2000)


class RmaCreatedOut(Schema):
    """The announced return."""

    rma_id: int
    number: str
    line_ids: list[int]


class ReturnedLineIn(Schema):
    """Units that arrived for one RMA line; condition A, B, C or D, as somebody saw it."""

    rma_line_id: int
    units: int = Field(gt=0, le=2**53)
    condition: str = Field(max_length=1)
    lot_id: int = 0
    lpn_id: int = 0


class ReceiveIn(Schema):
    """Goods of an announced return."""

    location_id: int
    lines: list[ReturnedLineIn] = Field(max_length=500)


class BlindLineIn(Schema):
    """Goods that nobody announced."""

    item_id: int
    units: int = Field(gt=0, le=2**53)
    condition: str = Field(max_length=1)
    lot_id: int = 0
    lpn_id: int = 0
    order_line_id: int = 0


class BlindIn(Schema):
    """A blind return."""

    site_id: int
    customer_id: int
    location_id: int
    reason: str = Field(max_length=30)
    lines: list[BlindLineIn] = Field(max_length=500)


class ReceivedOut(Schema):
    """What arrived, with the proposed verdict for each returned lot."""

    rma_id: int
    number: str
    posting_id: int
    returned_lot_ids: list[int]
    proposals: list[str]


class SplitIn(Schema):
    """Units of a returned lot and their verdict: restock, damaged, scrap or supplier."""

    returned_lot_id: int
    units: int = Field(gt=0, le=2**53)
    verdict: str = Field(max_length=10)
    location_id: int = 0
    reason: str = Field("", max_length=500)


class DisposeIn(Schema):
    """Verdicts; one returned lot may be split."""

    splits: list[SplitIn] = Field(max_length=500)


class DisposedOut(Schema):
    """The posting, and the returns that are finished by it."""

    posting_id: int
    closed_rma_ids: list[int]


class CloseIn(Schema):
    """Why the rest will not come."""

    reason: str = Field(max_length=500)


class ClosedOut(Schema):
    """The return as it ended."""

    rma_id: int
    state: str
    missing_units: int


class DeskOut(Schema):
    """One return on the desk. Cost is in it only for who may see cost."""

    rma_id: int
    number: str
    customer: str
    site: str
    order_number: str
    reason: str
    state: str
    is_blind: bool
    announced_units: int
    received_units: int
    waiting_units: int
    waiting_value: Decimal | None
    created_at: datetime
    arrived_at: datetime | None


class LotOut(Schema):
    """Returned goods as they arrived."""

    returned_lot_id: int
    lot: str
    expires_on: date | None
    location: str
    units: int
    left_units: int
    condition: str
    proposal: str


class LineOut(Schema):
    """One line of a return."""

    line_id: int
    line_no: int
    sku: str
    instead_of: str
    units: int
    received_units: int
    disposed_units: int
    lots: list[LotOut]


class RmaOut(DeskOut):
    """A return with its lines and goods."""

    lines: list[LineOut]


@router.get("/returns", response=list[DeskOut])
@requires("returns.view")
def list_returns(request: HttpRequest, limit: int = 100) -> list[DeskOut]:
    """Open returns, those whose goods wait longest first."""
    caller = caller_of(request)
    assert caller is not None
    sites = caller.sites("returns.view")
    rows = desk.desk_rows(None if 0 in sites else sorted(sites), limit=max(1, min(limit, 500)))
    return [_row(row, sees_cost=caller.may("costing.view")) for row in rows]


@router.get("/returns/{int:rma_id}", response=RmaOut)
@requires("returns.view")
def one_return(request: HttpRequest, rma_id: BigId) -> RmaOut:
    """One return with its lines and goods."""
    caller = caller_of(request)
    assert caller is not None
    view = desk.rma_view(rma_id)
    context_from(request).require("returns.view", view.site_id)
    head = _row(view.head, sees_cost=caller.may("costing.view"))
    return RmaOut(**head.dict(), lines=[LineOut.from_orm(line) for line in view.lines])


def _row(row: desk.DeskRow, *, sees_cost: bool) -> DeskOut:
    out = DeskOut.from_orm(row)
    return out if sees_cost else out.model_copy(update={"waiting_value": None})


@router.post("/returns", response={201: RmaCreatedOut})
@requires("returns.create")
def create_rma(request: HttpRequest, body: CreateRmaIn) -> Status[RmaCreated]:
    """Announce a return. Send `Idempotency-Key`; a retry returns the first answer."""
    fields = body.dict() | {"lines": [NewRmaLine(**line.dict()) for line in body.lines]}
    return Status(201, commands.create_rma(context_from(request), CreateRma(**fields)))


@router.post("/returns/blind", response={201: ReceivedOut})
@requires("returns.receive")
def receive_blind(request: HttpRequest, body: BlindIn) -> Status[ReturnReceived]:
    """Book goods that nobody announced into return review."""
    fields = body.dict() | {"lines": [BlindLine(**line.dict()) for line in body.lines]}
    return Status(201, commands.receive_blind(context_from(request), ReceiveBlind(**fields)))


@router.post("/returns/{int:rma_id}/receipts", response={201: ReceivedOut})
@requires("returns.receive")
def receive_return(request: HttpRequest, rma_id: BigId, body: ReceiveIn) -> Status[ReturnReceived]:
    """Book announced goods into return review."""
    lines = [ReturnedLine(**line.dict()) for line in body.lines]
    req = ReceiveReturn(rma_id=rma_id, location_id=body.location_id, lines=lines)
    return Status(201, commands.receive_return(context_from(request), req))


@router.post("/dispositions", response={201: DisposedOut})
@requires("returns.dispose")
def dispose(request: HttpRequest, body: DisposeIn) -> Status[Disposed]:
    """Decide what becomes of returned units."""
    req = Dispose([Split(**split.dict()) for split in body.splits])
    return Status(201, commands.dispose(context_from(request), req))


@router.post("/returns/{int:rma_id}/close", response=ClosedOut)
@requires("returns.create")
def close_rma(request: HttpRequest, rma_id: BigId, body: CloseIn) -> RmaClosed:
    """Stop waiting for what has not come back."""
    return commands.close_rma(context_from(request), CloseRma(rma_id, body.reason))
