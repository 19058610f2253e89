"""Changes and cancellations of orders for other systems; each can be asked for its consequences first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from flowrack.platform.apipages import BigId
from flowrack.platform.http import answers, context_from, requires
from flowrack.sales import commands_changes as commands
from flowrack.sales import commands_lines, commands_sites, commands_terms, queries, steps_preview
from flowrack.sales.types import Cancelled, CancelLine, CancelLines, CancelOrder, ChangeLine, LineChanged, NewLine
from flowrack.sales.types_changes import (
    AddLines,
    ChangeOrder,
    LinesAdded,
    OrderChanged,
    OrderTerms,
    OverrideOrder,
    Preview,
    SetOrderTerms,
)
from flowrack.sales.types_sites import SetAnySite

router = Router(tags=["sales"])


class ChangeLineIn(Schema):
    """New units or price of a line."""

    units: int | None = Field(None, ge=0, le=1_000_000_000, description="0 cancels what is left of the line")
    unit_price: Decimal | None = Field(None, ge=0, max_digits=18, decimal_places=6)


class LineChangedOut(Schema):
    """How the line stands."""

    line_id: int
    units: int
    unpromised_units: int
    called_back_units: int


class CancelLineIn(Schema):
    """Units of a line that are not wanted; none = all that has not left."""

    line_id: BigId
    units: int | None = Field(None, ge=1, le=1_000_000_000)


class CancelLinesIn(Schema):
    """Lines to cancel."""

    lines: list[CancelLineIn] = Field(max_length=1000)
    reason: str = Field(max_length=200)


class ReasonIn(Schema):
    """Why."""

    reason: str = Field(max_length=200)


class CancelledOut(Schema):
    """What was cancelled."""

    line_ids: list[int]
    units: list[int]
    unpromised_units: int
    called_back_units: int


class WishIn(Schema):
    """New units or price of one line of the order; 0 units cancel what is left of it."""

    line_id: BigId
    units: int | None = Field(None, ge=0, le=1_000_000_000)
    unit_price: Decimal | None = Field(None, ge=0, max_digits=18, decimal_places=6)


class ChangeOrderIn(Schema):
    """An order as it should be; what is left out stays."""

    requested_on: date | None = None
    latest_on: date | None = None
    no_latest: bool = Field(False, description="takes the latest day away")
    ship_to: str = Field("", max_length=40, description="code of one of the customer's addresses")
    lines: list[WishIn] = Field(default_factory=list, max_length=1000)
    reason: str = Field("", max_length=200)


class AnySiteIn(Schema):
    """Whether the rules choose the site that sends an order, and why."""

    any_site: bool
    reason: str = Field("", max_length=200)


class OverrideIn(Schema):
    """Another tier or delivery policy than the customer's terms say, and why."""

    tier: str = Field("", max_length=1)
    policy: str = Field("", max_length=10)
    reason: str = Field(max_length=200)


class MoreLineIn(Schema):
    """A line to add: item code (SKU, the customer's number of it, GTIN or barcode), quantity, perhaps of a pack."""

    item: str = Field(max_length=80)
    quantity: Decimal = Field(max_digits=18, decimal_places=6)
    pack: str = Field("", max_length=40)
    unit_price: Decimal | None = Field(None, ge=0, max_digits=18, decimal_places=6, description="none: today's")
    lot: str = Field("", max_length=60)


class AddLinesIn(Schema):
    """Lines that the customer wants besides."""

    lines: list[MoreLineIn] = Field(max_length=1000)
    reason: str = Field("", max_length=200)


class AddedLineOut(Schema):
    """A line that the order has now, in base units."""

    line_id: int
    line_no: int
    sku: str
    units: int
    unit_price: Decimal


class LinesAddedOut(Schema):
    """The new lines, in the order of the request."""

    order_id: int
    lines: list[AddedLineOut]


class OrderTermsIn(Schema):
    """The terms of one order as they should be, all of them."""

    max_shipments: int | None = Field(description="none: as many as it takes")
    last_shipment: str = Field(max_length=8, description="waits or cancels")
    min_shipment_value: Decimal = Field(ge=0, max_digits=16, decimal_places=4)
    cancel_after_days: int | None = Field(description="after the wanted day, of what waits for stock; none: never")
    substitutes: str = Field(max_length=8, description="no, consent or yes")
    life_days: int = Field(description="days of life at the customer's door, at least")
    lot_rule: str = Field(max_length=8, description="any, same or new")
    reason: str = Field("", max_length=200)


class ChangedOut(Schema):
    """A field that was changed, as people read it."""

    field: str
    before: str
    after: str


class OrderChangedOut(Schema):
    """What differs, and how many units lost their promise or were called back from pickers."""

    order_id: int
    changed: list[ChangedOut]
    unpromised_units: int
    called_back_units: int


class PreviewOut(Schema):
    """What would happen, in sentences; nothing was written."""

    consequences: list[str]


@router.patch("/order-lines/{int:line_id}", response=LineChangedOut)
def change_line(request: HttpRequest, line_id: BigId, body: ChangeLineIn) -> LineChanged:
    """Change the units or the price of a line."""
    return commands.change_line(context_from(request), ChangeLine(line_id, body.units, body.unit_price))


@router.post("/order-lines/cancel", response=CancelledOut)
def cancel_lines(request: HttpRequest, body: CancelLinesIn) -> Cancelled:
    """Cancel units of lines."""
    lines = [CancelLine(line.line_id, line.units) for line in body.lines]
    return commands.cancel_lines(context_from(request), CancelLines(lines, body.reason))


@router.post("/orders/{int:order_id}/cancel", response=CancelledOut)
def cancel_order(request: HttpRequest, order_id: BigId, body: ReasonIn) -> Cancelled:
    """Cancel all that is left of an order."""
    return commands.cancel_order(context_from(request), CancelOrder(order_id, body.reason))


@router.post("/orders/{int:order_id}/change", response=OrderChangedOut)
@requires("sales.change")
def change_order(request: HttpRequest, order_id: BigId, body: ChangeOrderIn) -> OrderChanged:
    """Change days, address and lines of an order, all or nothing."""
    return commands.change_order(context_from(request), _change(order_id, body))


@router.post("/orders/{int:order_id}/lines", response={201: LinesAddedOut})
@requires("sales.change")
def add_lines(request: HttpRequest, order_id: BigId, body: AddLinesIn) -> Status[LinesAdded]:
    """Add lines to an order that has not left, all or nothing. Send `Idempotency-Key`."""
    return Status(201, commands_lines.add_lines(context_from(request), _more(order_id, body)))


@router.post("/orders/{int:order_id}/lines/preview", response=PreviewOut)
@requires("sales.change")
@answers
def preview_add_lines(request: HttpRequest, order_id: BigId, body: AddLinesIn) -> Preview:
    """What more lines would do; refuses what adding them would refuse."""
    return steps_preview.preview(context_from(request), commands_lines.add_lines, _more(order_id, body), order_id)


@router.put("/orders/{int:order_id}/terms", response=OrderChangedOut)
@requires("sales.change")
def set_order_terms(request: HttpRequest, order_id: BigId, body: OrderTermsIn) -> OrderChanged:
    """Give an order that has not left other terms than its customer's; all of them are sent."""
    return commands_terms.set_order_terms(context_from(request), _terms(order_id, body))


@router.post("/orders/{int:order_id}/terms/preview", response=PreviewOut)
@requires("sales.change")
@answers
def preview_terms(request: HttpRequest, order_id: BigId, body: OrderTermsIn) -> Preview:
    """What other terms would do."""
    req = _terms(order_id, body)
    return steps_preview.preview(context_from(request), commands_terms.set_order_terms, req, order_id)


@router.post("/orders/{int:order_id}/any-site", response=OrderChangedOut)
@requires("sales.change")
def set_any_site(request: HttpRequest, order_id: BigId, body: AnySiteIn) -> OrderChanged:
    """Let the rules choose the site of an order, now and while it waits; or let it stay at its own."""
    return commands_sites.set_any_site(context_from(request), SetAnySite(order_id, body.any_site, body.reason))


@router.post("/orders/{int:order_id}/override", response=OrderChangedOut)
@requires("sales.override")
def override_order(request: HttpRequest, order_id: BigId, body: OverrideIn) -> OrderChanged:
    """Rank or deliver an order otherwise than its customer's terms say."""
    req = OverrideOrder(order_id, body.reason, body.tier, body.policy)
    return commands.override_order(context_from(request), req)


@router.post("/orders/{int:order_id}/change/preview", response=PreviewOut)
@requires("sales.change")
@answers
def preview_change(request: HttpRequest, order_id: BigId, body: ChangeOrderIn) -> Preview:
    """What a change would do; refuses what the change would refuse."""
    return steps_preview.preview(context_from(request), commands.change_order, _change(order_id, body), order_id)


@router.post("/orders/{int:order_id}/cancel/preview", response=PreviewOut)
@requires("sales.change")
@answers
def preview_cancel(request: HttpRequest, order_id: BigId, body: ReasonIn) -> Preview:
    """What the cancellation of all that is left would do."""
    req = CancelOrder(order_id, body.reason)
    return steps_preview.preview(context_from(request), commands.cancel_order, req, order_id)


@router.post("/orders/{int:order_id}/override/preview", response=PreviewOut)
@requires("sales.override")
@answers
def preview_override(request: HttpRequest, order_id: BigId, body: OverrideIn) -> Preview:
    """What another rank or policy would do."""
    req = OverrideOrder(order_id, body.reason, body.tier, body.policy)
    return steps_preview.preview(context_from(request), commands.override_order, req, order_id)


@router.post("/order-lines/{int:line_id}/preview", response=PreviewOut)
@requires("sales.change")
@answers
def preview_line(request: HttpRequest, line_id: BigId, body: ChangeLineIn) -> Preview:
    """What new units or another price of a line would do."""
    req = ChangeLine(line_id, body.units, body.unit_price)
    return steps_preview.preview(context_from(request), commands.change_line, req, queries.order_of_line(line_id))


def _terms(order_id: int, body: OrderTermsIn) -> SetOrderTerms:
    values = body.dict()
    reason = values.pop("reason")
    return SetOrderTerms(order_id, OrderTerms(**values), reason)


def _more(order_id: int, body: AddLinesIn) -> AddLines:
    return AddLines(order_id, [NewLine(**line.dict()) for line in body.lines], body.reason)


def _change(order_id: int, body: ChangeOrderIn) -> ChangeOrder:
    lines = [ChangeLine(line.line_id, line.units, line.unit_price) for line in body.lines]
    return ChangeOrder(order_id, body.requested_on, body.latest_on, body.no_latest, body.ship_to, lines, body.reason)
