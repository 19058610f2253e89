"""Pallets by SSCC, goods without a reference, discrepancies and tolerances for devices and other systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from flowrack.inbound import commands_discrepancies, commands_packs, queries_discrepancies, queries_tolerance
from flowrack.inbound.queries_discrepancies import DiscrepancyRow
from flowrack.inbound.types import Received, Suggested
from flowrack.inbound.types_discrepancies import (
    AddPhotos,
    BlindLine,
    BlindReceived,
    DecideDiscrepancies,
    DiscrepanciesDecided,
    DiscrepancyRecorded,
    PackLine,
    PackReceived,
    PhotosAdded,
    PutOnPo,
    ReceiveBlind,
    ReceivePack,
    RecordDiscrepancy,
    SetTolerance,
    ToleranceSet,
)
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

router = Router(tags=["inbound"])


class PackLineIn(Schema):
    """What was found of one ASN line, where it is not what the notice says. Of `units`, some may be damaged."""

    asn_line_id: BigId
    units: int
    lot: str = ""
    expires_on: date | None = None
    damaged_units: int = 0
    reason: str = ""
    responsible: str = "supplier"
    photos: list[str] = []
    is_lot_confirmed: bool = False


class PackIn(Schema):
    """A whole pallet or carton; lines that are not named came as announced."""

    sscc: str
    location_id: BigId
    lines: list[PackLineIn] = []
    is_bin_asked: bool = False


class SuggestedOut(Schema):
    """The bin to which a receipt line should go; location 0 when none fits."""

    receipt_line_id: int
    planned_move_id: int
    location_id: int
    location: str


class PackOut(Schema):
    """What the pack brought; `putaways` are its bins where they were asked for."""

    sscc: str
    asn_id: int
    asn_number: str
    units: int
    held_units: int
    short_units: int
    posting_ids: list[int]
    putaways: list[SuggestedOut]

    @staticmethod
    def resolve_putaways(done: PackReceived) -> list[Suggested]:
        """Of all its receipts."""
        return [one for receipt in done.receipts for one in receipt.putaways]


class BlindLineIn(Schema):
    """Base units of an item that came without an order."""

    item_id: BigId
    units: int
    lot: str = ""
    expires_on: date | None = None
    produced_on: date | None = None
    lpn: str = ""
    photos: list[str] = []
    is_lot_confirmed: bool = False


class BlindIn(Schema):
    """Goods without a reference at a dock place."""

    location_id: BigId
    lines: list[BlindLineIn]
    supplier_id: BigId | None = None
    reason: str = ""


class BlindOut(Schema):
    """The discrepancies under which the goods wait."""

    posting_id: int
    discrepancy_ids: list[int]
    numbers: list[str]


class DiscrepancyIn(Schema):
    """Something that no count says."""

    site_id: BigId
    supplier_id: BigId
    kind: str
    reason: str
    units: int = 0
    item_id: BigId | None = None
    po_line_id: BigId | None = None
    lpn: str = ""
    responsible: str = "supplier"
    note: str = ""
    photos: list[str] = []


class RecordedOut(Schema):
    """The record."""

    discrepancy_id: int
    number: str
    value: Decimal


class PhotosIn(Schema):
    """Digests of pictures sent to /photos."""

    photos: list[str]


class PhotosOut(Schema):
    """How many pictures there are."""

    discrepancy_id: int
    count: int


class DecideIn(Schema):
    """A verdict: accept, claim, debit or send_back."""

    discrepancy_ids: list[BigId]
    verdict: str
    note: str = ""
    amount: Decimal | None = None
    responsible: str = ""


class DecidedOut(Schema):
    """A discrepancy after the verdict.

    `sent_units` of goods without an order went back; `left_units` have left quarantine: the discrepancy stays open.
    """

    discrepancy_id: int
    state: str
    amount: Decimal
    document: str
    sent_units: int
    left_units: int


class AllDecidedOut(Schema):
    """The discrepancies, in the order asked for."""

    decided: list[DecidedOut]


class PutIn(Schema):
    """The PO to which the goods belong."""

    po_id: BigId


class PutOut(Schema):
    """The receipt the goods went to."""

    receipt_id: int
    number: str
    po_id: int
    posting_id: int
    owed_units: int


class DiscrepancyOut(Schema):
    """A discrepancy; `value` and `amount` are null without purchasing.view."""

    id: int
    number: str
    kind: str
    state: str
    responsible: str
    outcome: str
    site_id: int
    supplier_id: int
    supplier: str
    item_id: int
    sku: str
    units: int
    sent_units: int
    value: Decimal | None
    reason: str
    note: str
    lot: str
    lpn: str
    place: str
    po_number: str
    receipt_number: str
    asn_number: str
    photos: list[str]
    recorded_by: str
    recorded_at: datetime
    decided_by: str
    decided_at: datetime | None
    amount: Decimal | None
    document: str


class ToleranceIn(Schema):
    """What is tolerated from now on; accept, flag, hold or refuse beyond it."""

    on_over: str
    on_under: str
    on_early: str
    on_late: str
    on_short_dated: str
    supplier_id: BigId | None = None
    family: str = ""
    over_pct: Decimal | None = None
    over_units: int | None = None
    under_pct: Decimal | None = None
    under_units: int | None = None
    early_days: int | None = None
    late_days: int | None = None
    min_life_days: int = 0
    reason: str = ""


class ToleranceSetOut(Schema):
    """The new version."""

    tolerance_id: int
    version: int


class ToleranceOut(ToleranceSetOut):
    """A tolerance in force."""

    supplier: str
    family: str
    over_pct: Decimal | None
    over_units: int | None
    under_pct: Decimal | None
    under_units: int | None
    early_days: int | None
    late_days: int | None
    min_life_days: int
    on_over: str
    on_under: str
    on_early: str
    on_late: str
    on_short_dated: str
    set_at: datetime


@router.post("/receipts/packs", response={201: PackOut})
def receive_pack(request: HttpRequest, body: PackIn) -> Status[PackReceived]:
    """Receive a whole pallet or carton of an ASN by its SSCC."""
    lines = [PackLine(**{**line.dict(), "photos": tuple(line.photos)}) for line in body.lines]
    req = ReceivePack(body.sscc, body.location_id, lines, body.is_bin_asked)
    return Status(201, commands_packs.receive_pack(context_from(request), req))


@router.post("/receipts/blind", response={201: BlindOut})
def receive_blind(request: HttpRequest, body: BlindIn) -> Status[BlindReceived]:
    """Take in goods without a reference: they wait in quarantine for the buyer."""
    lines = [
        BlindLine(**{**line.dict(), "units": Units(line.units), "photos": tuple(line.photos)}) for line in body.lines
    ]
    req = ReceiveBlind(body.location_id, lines, body.supplier_id or 0, body.reason)
    return Status(201, commands_packs.receive_blind(context_from(request), req))


@router.post("/discrepancies", response={201: RecordedOut})
def record_discrepancy(request: HttpRequest, body: DiscrepancyIn) -> Status[DiscrepancyRecorded]:
    """Put on record what no count says."""
    said = {**body.dict(), "photos": tuple(body.photos)}
    req = RecordDiscrepancy(**{**said, "item_id": body.item_id or 0, "po_line_id": body.po_line_id or 0})
    return Status(201, commands_discrepancies.record_discrepancy(context_from(request), req))


@router.post("/discrepancies/decide", response=AllDecidedOut)
def decide_discrepancies(request: HttpRequest, body: DecideIn) -> DiscrepanciesDecided:
    """One verdict about some discrepancies."""
    return commands_discrepancies.decide_discrepancies(context_from(request), DecideDiscrepancies(**body.dict()))


@router.post("/discrepancies/{int:discrepancy_id}/photos", response=PhotosOut)
def add_photos(request: HttpRequest, discrepancy_id: BigId, body: PhotosIn) -> PhotosAdded:
    """Add pictures."""
    req = AddPhotos(discrepancy_id, tuple(body.photos))
    return commands_discrepancies.add_photos(context_from(request), req)


@router.post("/discrepancies/{int:discrepancy_id}/put-on-order", response=PutOut)
def put_on_po(request: HttpRequest, discrepancy_id: BigId, body: PutIn) -> Received:
    """Count goods that came without an order on a PO."""
    return commands_discrepancies.put_on_po(context_from(request), PutOnPo(discrepancy_id, body.po_id))


@router.get("/discrepancies", response=PageOut[DiscrepancyOut])
@requires("inbound.view")
def list_discrepancies(
    request: HttpRequest,
    response: HttpResponse,
    site_id: BigId | None = None,
    supplier_id: BigId | None = None,
    state: str = "",
    kind: str = "",
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Discrepancies of the sites at which the caller may see them, newest first."""
    rows = queries_discrepancies.discrepancies(
        site_ids=_sites(request, site_id),
        state=state,
        kind=kind,
        supplier_id=supplier_id or 0,
        before=after_id(cursor) or None,
        limit=limit + 1,
    )
    return page_out(request, response, [_shown(request, row) for row in rows], limit=limit)


def _shown(request: HttpRequest, row: DiscrepancyRow) -> DiscrepancyOut:
    caller = caller_of(request)
    out = DiscrepancyOut.from_orm(row)
    if caller is not None and caller.may("purchasing.view", row.site_id):
        return out
    return out.model_copy(update={"value": None, "amount": None})


@router.get("/tolerances", response=list[ToleranceOut])
@requires("inbound.view")
def list_tolerances(request: HttpRequest) -> Any:
    """All tolerances in force, newest first."""
    rows = queries_tolerance.tolerances()
    return [{**{name: getattr(row, name) for name in ToleranceOut.model_fields if name != "tolerance_id"},
             "tolerance_id": row.id} for row in rows]  # fmt: skip


@router.post("/tolerances", response={201: ToleranceSetOut})
def set_tolerance(request: HttpRequest, body: ToleranceIn) -> Status[ToleranceSet]:
    """A new version of what is tolerated."""
    req = SetTolerance(**{**body.dict(), "supplier_id": body.supplier_id or 0})
    return Status(201, commands_discrepancies.set_tolerance(context_from(request), req))


def _sites(request: HttpRequest, site_id: int | None) -> list[int]:
    """The sites to show: the asked one if the caller may see it, else all of theirs (0 = every site)."""
    caller = caller_of(request)
    if caller is None or (site_id is not None and not caller.may("inbound.view", site_id)):
        raise NotPermitted("You may not see the discrepancies of this site.", permission="inbound.view")
    return [site_id] if site_id is not None else sorted(caller.sites("inbound.view"))
