"""Label specs and prints for other systems."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from flowrack.labels import commands, documents, queries, queries_prints, rules_file
from flowrack.labels.rules_fields import fields_of
from flowrack.labels.types import (
    ApproveLabelSpec,
    DraftLabelSpec,
    Element,
    EndLabelSpec,
    Kind,
    LabelSpecDrafted,
    LabelSpecMoved,
    LabelsPrinted,
    PrintLabels,
)
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shared.errors import NotFound

router = Router(tags=["labels"])
MM = 10_000


class LabelElement(Schema):
    """An element of a label; place and size in mm from the upper left."""

    name: str = Field(max_length=40)
    shape: str = Field(max_length=8)
    x_mm: int = Field(ge=0, le=MM)
    y_mm: int = Field(ge=0, le=MM)
    width_mm: int = Field(ge=0, le=MM)
    height_mm: int = Field(ge=0, le=MM)
    content: str = Field("", max_length=400)
    symbology: str = Field("", max_length=16)
    rotation: int = Field(0, ge=0, le=360)
    size_pt: int = Field(10, ge=0, le=1_000)
    is_bold: bool = False
    thick_tenths_mm: int = Field(3, ge=0, le=1_000)


class LabelSpecIn(Schema):
    """A spec as it should be. Customer or carrier by code; neither: of the house."""

    code: str = Field(max_length=40)
    kind: str = Field(max_length=8)
    name: str = Field(max_length=200)
    elements: list[LabelElement] = Field(max_length=200)
    customer: str = Field("", max_length=40)
    carrier: str = Field("", max_length=40)
    width_mm: int = Field(105, ge=0, le=MM)
    height_mm: int = Field(148, ge=0, le=MM)
    dpi: int = Field(203, ge=0, le=MM)
    copies: int = Field(1, ge=0, le=1_000)
    placement: str = Field("", max_length=400)
    is_scanned: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


class LabelSpecOut(Schema):
    """One version of a spec."""

    id: int
    spec_id: int
    code: str
    kind: str
    number: int
    state: str
    name: str
    customer: str
    carrier: str
    width_mm: int
    height_mm: int
    dpi: int
    copies: int
    placement: str
    is_scanned: bool
    valid_from: date | None
    valid_until: date | None
    drafted_by: str
    approved_by: str
    approved_at: datetime | None
    printed: int


class LabelSpecFullOut(LabelSpecOut):
    """One version with its elements."""

    elements: list[LabelElement]


class LabelSpecDraftedOut(Schema):
    """The draft."""

    spec_id: int
    version_id: int
    version: int
    code: str


class LabelSpecMovedOut(Schema):
    """A version and its state."""

    version_id: int
    version: int
    code: str
    state: str


class LabelSpecFileIn(Schema):
    """A spec as YAML."""

    text: str = Field(max_length=100_000)


class LabelFieldOut(Schema):
    """A field that labels of a kind know."""

    name: str
    words: str
    sample: str


class LabelPrintIn(Schema):
    """Labels of places, totes or items, by code. Copies 0 = as the spec says."""

    kind: Literal["bin", "tote", "item"]
    codes: list[str] = Field(max_length=2_000)
    site_id: int = Field(0, ge=0, le=2**63 - 1)
    copies: int = Field(0, ge=0, le=20)


class LabelPrintedOut(Schema):
    """A print; `copy_of` counts the prints of the same thing."""

    print_id: int
    code: str
    spec: str
    version: int
    copies: int
    copy_of: int
    is_scanned: bool
    sha256: str


class LabelsPrintedOut(Schema):
    """The prints, in the order that was asked for."""

    prints: list[LabelPrintedOut]


@router.get("/label-specs", response=PageOut[LabelSpecOut])
@requires("labels.view")
def label_specs(
    request: HttpRequest, response: HttpResponse, kind: str = "", cursor: str = "", limit: int = LIMIT
) -> Any:
    """Versions of label specs."""
    return page_out(
        request, response, queries.versions_after(after_id(cursor), kind=kind, limit=limit + 1), limit=limit
    )


@router.post("/label-specs", response={201: LabelSpecDraftedOut})
def draft_label_spec(request: HttpRequest, body: LabelSpecIn) -> Status[LabelSpecDrafted]:
    """Write a spec, or the next version of one; nothing is printed by it before somebody else approves it."""
    said = body.dict()
    elements = [Element(**one) for one in said.pop("elements")]
    return Status(201, commands.draft_label_spec(context_from(request), DraftLabelSpec(elements=elements, **said)))


@router.post("/label-specs/file", response={201: LabelSpecDraftedOut})
def draft_label_spec_from_file(request: HttpRequest, body: LabelSpecFileIn) -> Status[LabelSpecDrafted]:
    """The same from the YAML that a spec's page gives."""
    return Status(201, commands.draft_label_spec(context_from(request), rules_file.read(body.text)))


@router.get("/label-specs/{int:version_id}", response=LabelSpecFullOut)
@requires("labels.view")
def label_spec(request: HttpRequest, version_id: BigId) -> Any:
    """One version with its elements."""
    row = queries.version(version_id)
    shown = {name: getattr(row, name) for name in LabelSpecOut.model_fields}
    return {**shown, "elements": queries.elements(version_id)}


@router.get("/label-specs/{int:version_id}/spec.yaml", response={200: str})
@requires("labels.view")
def label_spec_file(request: HttpRequest, version_id: BigId) -> HttpResponse:
    """One version as YAML."""
    return HttpResponse(rules_file.written(queries.draft_of(version_id)), content_type="text/plain; charset=utf-8")


@router.post("/label-specs/{int:version_id}/approve", response=LabelSpecMovedOut)
def approve_label_spec(request: HttpRequest, version_id: BigId) -> LabelSpecMoved:
    """Let a draft be printed."""
    return commands.approve_label_spec(context_from(request), ApproveLabelSpec(version_id))


@router.post("/label-specs/{int:version_id}/end", response=LabelSpecMovedOut)
def end_label_spec(request: HttpRequest, version_id: BigId) -> LabelSpecMoved:
    """Print a version no more."""
    return commands.end_label_spec(context_from(request), EndLabelSpec(version_id))


@router.get("/label-fields/{kind}", response=list[LabelFieldOut])
@requires("labels.view")
def label_fields(request: HttpRequest, kind: str) -> Any:
    """The fields that labels of a kind know: carton, pallet, tote, bin, item or receipt."""
    if kind not in list(Kind):
        raise NotFound(f"There are no labels of the kind {kind[:40]}.", fix=f"Use {', '.join(Kind)}.")
    return fields_of(kind)


@router.post("/label-prints", response={201: LabelsPrintedOut})
def print_labels(request: HttpRequest, body: LabelPrintIn) -> Status[LabelsPrinted]:
    """Print labels of places, totes or items. The ZPL of each is fetched by its print id."""
    return Status(201, commands.print_labels(context_from(request), PrintLabels(**body.dict())))


@router.get("/label-prints/{int:print_id}/label.zpl", response={200: str})
@requires("labels.view")
def label_print_zpl(request: HttpRequest, print_id: BigId) -> HttpResponse:
    """A printed label as ZPL, the same bytes each time."""
    caller = caller_of(request)
    row = queries_prints.access_print(print_id, caller.sites("labels.view") if caller else frozenset())
    made, _ = documents.made_again(row)
    return HttpResponse(made.zpl, content_type="text/plain; charset=us-ascii")
