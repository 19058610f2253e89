"""Traceability for other systems."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema

from flowrack.compliance import queries, queries_documents
from flowrack.compliance.types import Subject
from flowrack.platform.apipages import BigId
from flowrack.platform.http import requires

router = Router(tags=["compliance"])


class SubjectOut(Schema):
    """What a code can mean."""

    kind: str
    id: int
    code: str
    text: str


class SourceOut(Schema):
    """Units that came in by one receipt."""

    receipt: str
    po: str
    supplier: str
    received_at: datetime
    units: int


class DestinationOut(Schema):
    """Units that left for one customer."""

    order: str
    customer: str
    shipment: str
    carrier: str
    shipped_at: datetime
    units: int
    returned_units: int


class HoldingOut(Schema):
    """Where units are now."""

    site: str
    location: str
    lpn: str
    state: str
    units: int


class StepOut(Schema):
    """Moves of a day between two places for one reason, summed."""

    day: date
    first_at: datetime
    reason: str
    from_place: str
    to_place: str
    to_state: str
    units: int
    moves: int


class BalanceOut(Schema):
    """Where every unit of the lot is; `unexplained` is 0 unless the ledger is broken."""

    received: int
    opening: int
    returned: int
    found: int
    on_hand: int
    in_transit: int
    shipped: int
    sent_back: int
    scrapped: int
    lost: int
    unexplained: int


class HeadOut(Schema):
    """The lot and its item."""

    lot_id: int
    code: str
    is_serial: bool
    expires_on: date | None
    sku: str
    name: str


class TraceOut(Schema):
    """The whole history of a lot or serial."""

    head: HeadOut
    balance: BalanceOut
    sources: list[SourceOut]
    destinations: list[DestinationOut]
    holdings: list[HoldingOut]
    steps: list[StepOut]


@router.get("/trace", response=list[SubjectOut])
@requires("compliance.trace")
def find(request: HttpRequest, code: str) -> list[Subject]:
    """What a code can mean: a purchase order, receipt, order or shipment by its number, else a lot, serial or LPN."""
    return queries_documents.find_documents(code[:120]) or queries.find(code[:120])


@router.get("/trace/lots/{int:lot_id}", response=TraceOut)
@requires("compliance.trace")
def trace_lot(request: HttpRequest, lot_id: BigId) -> queries.LotTrace:
    """Trace a lot or serial back to its suppliers and forward to its customers."""
    return queries.trace_lot(lot_id)


class GoodsOut(Schema):
    """Units that a document moved, with whom and by which paper."""

    item_id: int
    sku: str
    lot_id: int
    lot: str
    lpn_id: int
    lpn: str
    units: int
    document: str
    partner: str
    at: datetime


class DocumentOut(Schema):
    """What came in and what left by a document or with its lots, and every move of it."""

    subject: SubjectOut
    came: list[GoodsOut]
    left: list[GoodsOut]
    steps: list[StepOut]


@router.get("/trace/documents/{kind}/{int:key}", response=DocumentOut)
@requires("compliance.trace")
def trace_document(
    request: HttpRequest, kind: Literal["po", "receipt", "order", "shipment"], key: BigId
) -> queries_documents.DocumentTrace:
    """Trace a document: what it moved, and where the lots of that came from or went."""
    return queries_documents.trace_document(kind, key)
