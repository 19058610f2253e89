"""Supplier confirmations for other systems: record, list, decide, what is overdue, what is tolerated; what was sent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.platform.importing.api import add_import
from flowrack.purchasing import commands_confirmations as commands
from flowrack.purchasing import commands_documents, imports_confirmations
from flowrack.purchasing import queries_confirmations as queries
from flowrack.purchasing.types_confirmations import (
    ConfirmationsDecided,
    ConfirmationsRecorded,
    ConfirmationTolerance,
    ConfirmationToleranceSet,
    Confirmed,
    ConfirmedLine,
    DecideConfirmations,
    NewConfirmation,
    RecordConfirmations,
    RecordSent,
    SentPo,
    SentRecorded,
    SetConfirmationTolerance,
)
from flowrack.shared.documents import LINES_MOST
from flowrack.shared.quantity import Units

router = Router(tags=["purchasing"])


class ConfirmedLineIn(Schema):
    """What was confirmed of a line: all its units, what came already included. Without a cost, the ordered one."""

    line_no: int = Field(ge=1)
    units: int = Field(ge=0)
    confirmed_on: date
    unit_cost: Decimal | None = None
    reference: str = Field("", max_length=80)


class ConfirmationIn(Schema):
    """A supplier's answer to a PO; no lines = all that is owed, as ordered."""

    po_id: BigId
    reference: str = Field("", max_length=80)
    note: str = Field("", max_length=400)
    lines: list[ConfirmedLineIn] = Field([], max_length=LINES_MOST)


class ConfirmationsIn(Schema):
    """Answers of suppliers, all or none."""

    confirmations: list[ConfirmationIn] = Field(max_length=500)


class LineOutcomeOut(Schema):
    """A confirmed line and what became of it."""

    confirmation_line_id: int
    po_id: int
    line_no: int
    state: str
    reason: str


class ConfirmationsOut(Schema):
    """The confirmations in the order of the request, and their lines."""

    confirmation_ids: list[int]
    lines: list[LineOutcomeOut]


class ConfirmedOut(Schema):
    """A confirmed line."""

    id: int
    po_id: int
    number: str
    supplier: str
    line_no: int
    sku: str
    asked_units: int
    units: int
    asked_on: date
    confirmed_on: date
    asked_cost: Decimal
    unit_cost: Decimal
    days_late: int
    units_cut: int
    price_up_pct: Decimal | None
    state: str
    reason: str
    reference: str
    recorded_at: datetime
    decision_reason: str
    version_no: int | None


class DecideIn(Schema):
    """One verdict on lines; a reason is needed unless they are accepted."""

    confirmation_line_ids: list[BigId] = Field(max_length=LINES_MOST)
    verdict: Literal["accept", "refuse", "ask_again"]
    reason: str = Field("", max_length=200)


class DecidedOut(Schema):
    """The lines, and the versions that acceptance made."""

    confirmation_line_ids: list[int]
    state: str
    version_ids: list[int]


class UnconfirmedOut(Schema):
    """An open order that its supplier has not confirmed."""

    id: int
    number: str
    supplier: str
    site: str
    due_on: date
    sent_at: datetime | None
    means: str
    days: int | None
    within_days: int
    is_overdue: str
    line_count: int
    value: Decimal


class ToleranceIn(Schema):
    """Which differences are accepted by themselves; no supplier = everybody."""

    supplier_id: BigId | None = None
    late_days: int
    early_days: int
    cut_pct: Decimal
    price_up_pct: Decimal
    price_up_amount: Decimal
    confirm_within_days: int
    reason: str = Field(max_length=200)


class ToleranceSetOut(Schema):
    """The tolerance that counts now."""

    tolerance_id: int


class SentIn(Schema):
    """A version of an order that went to its supplier."""

    po_id: BigId
    version_no: int = Field(ge=1)
    means: Literal["email", "download", "portal", "phone", "post"]
    sent_to: str = Field("", max_length=200)


class SentsIn(Schema):
    """Orders that went to their suppliers."""

    sent: list[SentIn] = Field(max_length=500)


class SentOut(Schema):
    """The records, in the order of the request."""

    sent_ids: list[int]


def _sites(request: HttpRequest) -> list[int]:
    caller = caller_of(request)
    return sorted(caller.sites("purchasing.view")) if caller else []


@router.post("/purchase-confirmations", response={201: ConfirmationsOut})
@requires("purchasing.confirm")
def record(request: HttpRequest, body: ConfirmationsIn) -> Status[ConfirmationsRecorded]:
    """Record what suppliers confirmed; what is within tolerance is accepted by itself, the rest waits for the buyer."""
    asked = [
        NewConfirmation(
            c.po_id,
            c.reference,
            [ConfirmedLine(x.line_no, Units(x.units), x.confirmed_on, x.unit_cost, x.reference) for x in c.lines],
            c.note,
        )
        for c in body.confirmations
    ]
    return Status(201, commands.record_confirmations(context_from(request), RecordConfirmations(asked)))


@router.get("/purchase-confirmations", response=PageOut[ConfirmedOut])
@requires("purchasing.view")
def confirmed(
    request: HttpRequest,
    response: HttpResponse,
    po_id: BigId | None = None,
    state: Confirmed | None = None,
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Confirmed lines at the caller's sites, oldest first."""
    rows = queries.confirmed_lines(
        _sites(request), po_id=po_id or 0, state=state or "", after_id=after_id(cursor), limit=limit + 1
    )
    return page_out(request, response, rows, limit=limit)


@router.post("/purchase-confirmations/decide", response=DecidedOut)
@requires("purchasing.accept")
def decide(request: HttpRequest, body: DecideIn) -> ConfirmationsDecided:
    """Accept (the order changes), refuse (it stays) or ask again."""
    req = DecideConfirmations(list(body.confirmation_line_ids), body.verdict, body.reason)
    return commands.decide_confirmations(context_from(request), req)


@router.get("/purchase-confirmations/missing", response=list[UnconfirmedOut])
@requires("purchasing.view")
def missing(request: HttpRequest) -> Any:
    """Open orders that are not confirmed, the longest sent first; at most 2,000."""
    return queries.unconfirmed(_sites(request), now=now(), limit=2_000)


@router.post("/purchase-confirmations/tolerances", response={201: ToleranceSetOut})
@requires("purchasing.tolerance")
def set_tolerance(request: HttpRequest, body: ToleranceIn) -> Status[ConfirmationToleranceSet]:
    """Say which differences are accepted by themselves."""
    tolerance = ConfirmationTolerance(
        body.late_days, body.early_days, body.cut_pct, body.price_up_pct, body.price_up_amount, body.confirm_within_days
    )
    req = SetConfirmationTolerance(tolerance, body.reason, body.supplier_id)
    return Status(201, commands.set_confirmation_tolerance(context_from(request), req))


@router.post("/purchase-orders/sent", response={201: SentOut})
@requires("purchasing.create")
def sent(request: HttpRequest, body: SentsIn) -> Status[SentRecorded]:
    """Record that orders went to their suppliers; Flowrack itself sends nothing."""
    req = RecordSent([SentPo(s.po_id, s.version_no, s.means, s.sent_to) for s in body.sent])
    return Status(201, commands_documents.record_sent(context_from(request), req))


add_import(router, imports_confirmations.CONFIRMATIONS, commands.import_confirmations)
