"""Receipts for devices and other systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from flowrack.inbound import (
    api_claims,
    api_deliveries,
    api_discrepancies,
    api_labels,
    api_over,
    commands,
    commands_availability,
    commands_receipts,
    queries,
)
from flowrack.inbound import queries_pages as seen
from flowrack.inbound.api_discrepancies import SuggestedOut
from flowrack.inbound.types import (
    AvailabilityPolicy,
    AvailabilitySet,
    Available,
    CloseReceipt,
    CountedLine,
    GiveUp,
    ReceiptClosed,
    ReceiptReopened,
    Receive,
    Received,
    ReopenReceipt,
    SetAvailability,
    TakeBack,
    TakenBack,
)
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

router = Router(tags=["inbound"])
router.add_router("", api_discrepancies.router)
router.add_router("", api_claims.router)
router.add_router("", api_labels.router)
router.add_router("", api_over.router)
router.add_router("", api_deliveries.router)


class CountIn(Schema):
    """Base units counted, by item or for one PO line. A quality other than available needs a reason."""

    units: int
    item_id: BigId | None = None
    po_line_id: BigId | None = None
    lot: str = ""
    expires_on: date | None = None
    lpn: str = ""
    quality: str = "available"
    reason: str = ""
    produced_on: date | None = None
    responsible: str = "supplier"
    photos: list[str] = []
    is_lot_confirmed: bool = False


class ReceiveIn(Schema):
    """Lines of one PO that came to one dock place. With `is_bin_asked` their putaways are planned in the same act."""

    po_id: BigId
    location_id: BigId
    lines: list[CountIn]
    delivery_note: str = ""
    is_bin_asked: bool = False


class ReceivedLineOut(Schema):
    """A count as it was booked."""

    receipt_line_id: int
    po_line_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    units: int
    quality: str
    discrepancy: str
    location_id: int
    planned_move_id: int


class ReceivedOut(Schema):
    """The receipt, the posting and what the PO still owes."""

    receipt_id: int
    number: str
    po_id: int
    posting_id: int
    owed_units: int
    lines: list[ReceivedLineOut]
    putaways: list[SuggestedOut]


class TakeBackIn(Schema):
    """The posting of the receive that is undone."""

    posting_id: BigId


class TakenBackOut(Schema):
    """The reversal."""

    receipt_id: int
    posting_id: int
    reversal_id: int
    receipt_line_ids: list[int]


class GiveUpIn(Schema):
    """A PO line of which nothing more is expected, and why."""

    po_line_id: BigId
    reason: str


class CloseIn(Schema):
    """Lines to give up; what is not named stays owed."""

    give_up: list[GiveUpIn] = []


class ClosedOut(Schema):
    """A closed receipt."""

    receipt_id: int
    number: str
    po_id: int
    counted_units: int
    owed_units: int
    given_up_units: int


class ReceiptOut(Schema):
    """A receipt in the list."""

    id: int
    number: str
    state: str
    po_id: int
    po_number: str
    supplier: str
    site_id: int
    place: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    line_count: int
    units: int
    discrepancy_count: int


class ReceiptLineOut(Schema):
    """A count on a receipt."""

    receipt_line_id: int
    po_line_id: int
    item_id: int
    sku: str
    name: str
    lot: str
    expires_on: date | None
    lpn: str
    units: int
    value: Decimal
    quality: str
    discrepancy: str
    posting_id: int
    received_by: str
    received_at: datetime
    taken_back_at: datetime | None


@router.post("/receipts", response={201: ReceivedOut})
def receive(request: HttpRequest, body: ReceiveIn) -> Status[Received]:
    """Receive counted lines. They join the PO's open receipt at that place, or open one."""
    lines = [
        CountedLine(
            units=Units(line.units),
            item_id=line.item_id or 0,
            po_line_id=line.po_line_id or 0,
            lot=line.lot,
            expires_on=line.expires_on,
            lpn=line.lpn,
            quality=line.quality,
            reason=line.reason,
            produced_on=line.produced_on,
            responsible=line.responsible,
            photos=tuple(line.photos),
            is_lot_confirmed=line.is_lot_confirmed,
        )
        for line in body.lines
    ]
    req = Receive(body.po_id, body.location_id, lines, body.delivery_note[:80], body.is_bin_asked)
    return Status(201, commands.receive(context_from(request), req))


@router.post("/receipts/take-back", response=TakenBackOut)
def take_back(request: HttpRequest, body: TakeBackIn) -> TakenBack:
    """Undo one receive as long as the goods stand where they were counted."""
    return commands.take_back(context_from(request), TakeBack(body.posting_id))


@router.post("/receipts/{int:receipt_id}/close", response=ClosedOut)
def close_receipt(request: HttpRequest, receipt_id: BigId, body: CloseIn) -> ReceiptClosed:
    """The truck is done."""
    give_up = [GiveUp(line.po_line_id, line.reason) for line in body.give_up]
    return commands.close_receipt(context_from(request), CloseReceipt(receipt_id, give_up))


class ReopenIn(Schema):
    """Why a closed receipt is opened again."""

    reason: str


class ReopenedOut(Schema):
    """A receipt that is open again."""

    receipt_id: int
    number: str
    po_id: int


@router.post("/receipts/{int:receipt_id}/reopen", response=ReopenedOut)
def reopen_receipt(request: HttpRequest, receipt_id: BigId, body: ReopenIn) -> ReceiptReopened:
    """More came, or a count was wrong. Refused while its order takes no receipts, or has another open one there."""
    return commands_receipts.reopen_receipt(context_from(request), ReopenReceipt(receipt_id, body.reason))


class PolicyIn(Schema):
    """When goods of a scope become available, and why; ids of 0 leave the scope open."""

    available: Available
    item_id: BigId = 0
    family_id: BigId = 0
    supplier_id: BigId = 0
    site_id: BigId = 0
    location_id: BigId = 0
    reason: str = Field(max_length=200)
    valid_from: date | None = None


class PoliciesIn(Schema):
    """Policies to set, and ids of those to end."""

    policies: list[PolicyIn] = Field(default_factory=list, max_length=1000)
    end_ids: list[BigId] = Field(default_factory=list, max_length=1000)


class PoliciesOut(Schema):
    """The policies set, in order, and how many ended."""

    policy_ids: list[int]
    ended: int


@router.post("/availability", response=PoliciesOut)
@requires("inbound.policy")
def set_availability(request: HttpRequest, body: PoliciesIn) -> AvailabilitySet:
    """Say when received goods become available: on receipt, after inspection, after putaway."""
    policies = [AvailabilityPolicy(**policy.dict()) for policy in body.policies]
    return commands_availability.set_availability(context_from(request), SetAvailability(policies, body.end_ids))


@router.get("/receipts", response=PageOut[ReceiptOut])
@requires("inbound.view")
def list_receipts(
    request: HttpRequest,
    response: HttpResponse,
    site_id: BigId | None = None,
    po_id: BigId | None = None,
    state: str = "",
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Receipts of the sites at which the caller may see them, newest first."""
    rows = queries.receipts(
        site_ids=_sites(request, site_id),
        state=state,
        po_id=po_id or 0,
        before=after_id(cursor) or None,
        limit=limit + 1,
    )
    return page_out(request, response, rows, limit=limit)


@router.get("/receipts/{int:receipt_id}/lines", response=list[ReceiptLineOut])
@requires("inbound.view")
def receipt_lines(request: HttpRequest, receipt_id: BigId, before: BigId | None = None) -> Any:
    """The counts of a receipt, newest first, 1,000 at a time: the next are those `before` the last
    `receipt_line_id`."""
    seen.access_receipt(receipt_id, frozenset(_sites(request, None)))
    return queries.receipt_lines(receipt_id, before=before, limit=1_000)


def _sites(request: HttpRequest, site_id: int | None) -> list[int]:
    """The sites to show: the asked one if the caller may see it, else all of theirs (0 = every site)."""
    caller = caller_of(request)
    if caller is None or (site_id is not None and not caller.may("inbound.view", site_id)):
        raise NotPermitted("You may not see the receipts of this site.", permission="inbound.view")
    return [site_id] if site_id is not None else sorted(caller.sites("inbound.view"))
