"""Cartons proved and repacked, for devices, scales and other systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from flowrack.fulfilment import commands, queries_packing, queries_sort
from flowrack.fulfilment.types_packing import (
    AcceptWeight,
    CartonLabelVerified,
    CartonsPrinted,
    CartonWeighed,
    PackRuleOf,
    PackRulesSet,
    PrintCartonLabels,
    Repacked,
    RepackLine,
    RepackUnits,
    SetPackRules,
    SortUnits,
    UnitsSorted,
    VerifyCartonLabel,
    WeighCarton,
)
from flowrack.fulfilment.types_slips import PrintSlips, SlipsPrinted
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shared.errors import NotFound

router = Router(tags=["fulfilment"])
INT, BIG = 2**31 - 1, 2**63 - 1


class PackRule(Schema):
    """How packing is proved; site 0 and customer "" are all. Who sets `must_check` to false says why."""

    site_id: int = Field(0, ge=0, le=BIG)
    customer: str = Field("", max_length=40)
    tolerance_permille: int = Field(20, ge=0, le=1_000)
    least_g: int = Field(10, ge=0, le=INT)
    must_weigh: bool = False
    must_check: bool = True
    prints_slip: bool = False
    unchecked_reason: str = Field("", max_length=400)


class PackRulesIn(Schema):
    """All rules, in place of those before."""

    rules: list[PackRule] = Field(max_length=300)


class PackRulesOut(Schema):
    """How many rules hold."""

    in_use: int


class WeighIn(Schema):
    """What the scale says."""

    weight_g: int = Field(ge=0, le=INT)


class WeighedOut(Schema):
    """The weight beside what was expected; state ok, off, accepted or unknown."""

    carton_id: int
    weight_g: int
    expected_g: int | None
    tolerance_g: int
    state: str


class AcceptWeightIn(Schema):
    """Why the carton may go; `photo` is the digest of a kept picture."""

    reason: str = Field(max_length=400)
    photo: str = Field("", max_length=64, pattern="^([0-9a-f]{64})?$")


class PrintCartonLabelsIn(Schema):
    """Cartons to label. Copies 0 = as the spec says; `reason` why those that have left are labelled again."""

    carton_ids: list[BigId] = Field(max_length=500)
    copies: int = Field(0, ge=0, le=20)
    reason: str = Field("", max_length=200)


class CartonPrintOut(Schema):
    """A label that was printed; its ZPL is fetched by the print's id."""

    carton_id: int
    print_id: int
    sscc: str
    spec: str
    version: int
    copies: int
    copy_of: int
    is_scanned: bool


class SlipPrintOut(Schema):
    """A packing slip that was printed; its ZPL and PDF are fetched by the print's id."""

    order_id: int
    print_id: int
    order: str
    spec: str
    version: int
    copies: int
    copy_of: int


class CartonsPrintedOut(Schema):
    """The prints, in the order of the request, and slips that came with the last carton of an order."""

    prints: list[CartonPrintOut]
    slips: list[SlipPrintOut]


class PrintSlipsIn(Schema):
    """Orders whose packing slips are printed. Copies 0 = as the spec says."""

    order_ids: list[BigId] = Field(max_length=200)
    copies: int = Field(0, ge=0, le=20)


class SlipsPrintedOut(Schema):
    """The prints, in the order of the request."""

    prints: list[SlipPrintOut]


class VerifyLabelIn(Schema):
    """What a scanner read on the carton."""

    scanned: str = Field(max_length=512)


class LabelVerifiedOut(Schema):
    """The print that was proved."""

    carton_id: int
    print_id: int


class RepackLineIn(Schema):
    """Units of one order line (and lot)."""

    line_id: BigId
    units: int = Field(ge=0, le=INT)
    lot_id: int = Field(0, ge=0, le=BIG)


class RepackIn(Schema):
    """Where they go: another carton of the order, or 0 for a new one."""

    lines: list[RepackLineIn] = Field(max_length=200)
    to_carton_id: int = Field(0, ge=0, le=BIG)
    carton_type: str = Field("", max_length=20)


class RepackedOut(Schema):
    """Both cartons, the SSCC of a new one, and whether the first one is empty now."""

    carton_id: int
    to_carton_id: int
    sscc: str
    units: int
    is_empty: bool


class SortIn(Schema):
    """Units of an order line that go out of a tote of several orders into their order's tote."""

    line_id: BigId
    lot_id: int = Field(0, ge=0, le=BIG)
    units: int = Field(ge=1, le=INT)
    tote_id: BigId


class SortedOut(Schema):
    """The order, its tote, and what the other tote still holds for orders."""

    order_id: int
    tote_id: int
    units: int
    left_units: int


class UnsortedOut(Schema):
    """Units of one order line and lot in a tote."""

    line_id: int
    order_id: int
    order: str
    item_id: int
    sku: str
    lot_id: int
    lot: str
    units: int


@router.get("/pack-rules", response=list[PackRule])
@requires("fulfilment.view")
def pack_rules(request: HttpRequest) -> Any:
    """All rules of packing."""
    return queries_packing.pack_rules()


@router.put("/pack-rules", response=PackRulesOut)
def set_pack_rules(request: HttpRequest, body: PackRulesIn) -> PackRulesSet:
    """All rules of packing, in place of those before."""
    return commands.set_pack_rules(
        context_from(request), SetPackRules([PackRuleOf(**one.dict()) for one in body.rules])
    )


@router.get("/cartons/{int:carton_id}", response=queries_packing.CartonRow)
@requires("fulfilment.view")
def carton(request: HttpRequest, carton_id: BigId) -> Any:
    """One carton."""
    caller = caller_of(request)
    return queries_packing.access_carton(carton_id, caller.sites("fulfilment.view") if caller else frozenset())


@router.post("/cartons/{int:carton_id}/weigh", response=WeighedOut)
def weigh_carton(request: HttpRequest, carton_id: BigId, body: WeighIn) -> CartonWeighed:
    """What a scale says of a closed carton; a weight that is off is kept and blocks its label."""
    return commands.weigh_carton(context_from(request), WeighCarton(carton_id, body.weight_g))


@router.post("/cartons/{int:carton_id}/accept-weight", response=WeighedOut)
def accept_weight(request: HttpRequest, carton_id: BigId, body: AcceptWeightIn) -> CartonWeighed:
    """Let a carton go whose weight is off."""
    return commands.accept_weight(context_from(request), AcceptWeight(carton_id, body.reason, body.photo))


@router.post("/carton-labels", response=CartonsPrintedOut)
def print_carton_labels(request: HttpRequest, body: PrintCartonLabelsIn) -> CartonsPrinted:
    """Print labels of closed cartons, each by the spec of its customer."""
    req = PrintCartonLabels(list(body.carton_ids), body.copies, body.reason)
    return commands.print_carton_labels(context_from(request), req)


@router.post("/packing-slips", response=SlipsPrintedOut)
def print_packing_slips(request: HttpRequest, body: PrintSlipsIn) -> SlipsPrinted:
    """Print packing slips of orders, each by the spec of its customer."""
    return commands.print_packing_slips(context_from(request), PrintSlips(list(body.order_ids), body.copies))


@router.post("/cartons/{int:carton_id}/verify-label", response=LabelVerifiedOut)
def verify_carton_label(request: HttpRequest, carton_id: BigId, body: VerifyLabelIn) -> CartonLabelVerified:
    """Prove by a scan that the label on a carton is its own."""
    return commands.verify_carton_label(context_from(request), VerifyCartonLabel(carton_id, body.scanned))


@router.post("/cartons/{int:carton_id}/repack", response=RepackedOut)
def repack_units(request: HttpRequest, carton_id: BigId, body: RepackIn) -> Repacked:
    """Move units to another carton of the order, or into a new one."""
    lines = [RepackLine(one.line_id, one.units, one.lot_id) for one in body.lines]
    return commands.repack_units(
        context_from(request), RepackUnits(carton_id, lines, body.to_carton_id, body.carton_type)
    )


@router.get("/totes/{int:tote_id}/unsorted", response=list[UnsortedOut])
@requires("fulfilment.view")
def unsorted(request: HttpRequest, tote_id: BigId) -> Any:
    """What a tote holds for orders, the first to leave first."""
    caller = caller_of(request)
    sites = caller.sites("fulfilment.view") if caller else frozenset()
    rows = [row for row in queries_sort.unsorted(tote_id) if 0 in sites or row.site_id in sites]
    if not rows:
        raise NotFound("No such tote holds goods of orders.", fix="Check the code on the tote.")
    return rows


@router.post("/totes/{int:tote_id}/sort", response=SortedOut)
def sort_units(request: HttpRequest, tote_id: BigId, body: SortIn) -> UnitsSorted:
    """Put units of an order line from a tote of several orders into the tote of its own order."""
    req = SortUnits(tote_id, body.line_id, body.lot_id, body.units, body.tote_id)
    return commands.sort_units(context_from(request), req)
