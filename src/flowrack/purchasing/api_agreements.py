"""Supplier agreements for other systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, etag_of, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.platform.importing.api import add_import
from flowrack.purchasing import commands_agreements as commands
from flowrack.purchasing import queries_agreements as queries
from flowrack.purchasing.steps_agreement_import import AGREEMENT_LINES
from flowrack.purchasing.types_agreements import (
    AgreedLine,
    AgreedTerms,
    AgreementContent,
    AgreementSaved,
    ApproveAgreement,
    ChangeAgreement,
    CreateAgreement,
    EndAgreement,
    PriceBreak,
    ReviseAgreement,
)
from flowrack.shared.quantity import Units

router = Router(tags=["purchasing"])


class PriceIn(Schema):
    """A unit cost from so many units on, from a day on (none = the first day of the agreement)."""

    from_units: int = 1
    unit_cost: Decimal
    starts_on: date | None = None


class AgreedLineIn(Schema):
    """What is agreed for one item, or for all items of a family; what is left out the supplier's list says."""

    item_id: BigId | None = None
    family_id: BigId | None = None
    prices: list[PriceIn] = []
    moq: int | None = None
    multiple: int | None = None
    lead_time_days: int | None = None
    over_pct: Decimal | None = None


class TermsIn(Schema):
    """What is agreed for whole orders; what is left out the supplier's terms say. Weekdays: 1 = Monday."""

    lead_time_days: int | None = None
    min_value: Decimal | None = None
    min_weight_g: int | None = None
    min_volume_ml: int | None = None
    order_weekdays: list[int] = [1, 2, 3, 4, 5, 6, 7]
    delivery_weekdays: list[int] | None = None
    closed_days: list[date] = []
    over_pct: Decimal | None = None
    under_pct: Decimal | None = None
    early_days: int | None = None
    late_days: int | None = None


class AgreementIn(Schema):
    """An agreement as it should read; no site = every site."""

    supplier_id: BigId
    valid_from: date
    valid_to: date | None = None
    site_id: BigId | None = None
    reference: str = ""
    note: str = ""
    terms: TermsIn = TermsIn()
    lines: list[AgreedLineIn] = []


class ChangeAgreementIn(Schema):
    """New content of a draft, and the revision that was read."""

    revision: int
    content: AgreementIn


class ReviseIn(Schema):
    """The first day of the next version."""

    valid_from: date


class ApproveAgreementIn(Schema):
    """The revision that was seen."""

    revision: int


class EndAgreementIn(Schema):
    """Why it ends, and on which day (none = today)."""

    reason: str
    last_day: date | None = None


class AgreementSavedOut(Schema):
    """An agreement as it stands now."""

    agreement_id: int
    number: str
    version: int
    revision: int
    state: str
    approval: str


class AgreementOut(Schema):
    """A version of an agreement in the list; site 0 is every site."""

    id: int
    number: str
    version: int
    supplier_id: int
    supplier: str
    site_id: int
    site: str
    state: str
    phase: str
    valid_from: date
    valid_to: date | None
    lines: int
    min_value: Decimal | None
    reference: str
    created_by: str
    approved_by: str
    approved_at: datetime | None
    revision: int
    end_reason: str


class AgreementRecordOut(Schema):
    """A version with all it says."""

    head: AgreementOut
    content: AgreementIn


def _sites(request: HttpRequest) -> list[int]:
    caller = caller_of(request)
    return sorted(caller.sites("purchasing.view")) if caller else []


def _content(body: AgreementIn) -> AgreementContent:
    return AgreementContent(
        supplier_id=body.supplier_id,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        site_id=body.site_id,
        reference=body.reference,
        note=body.note,
        terms=AgreedTerms(**body.terms.dict()),
        lines=[
            AgreedLine(
                item_id=line.item_id,
                family_id=line.family_id,
                prices=[PriceBreak(Units(p.from_units), p.unit_cost, p.starts_on) for p in line.prices],
                moq=None if line.moq is None else Units(line.moq),
                multiple=None if line.multiple is None else Units(line.multiple),
                lead_time_days=line.lead_time_days,
                over_pct=line.over_pct,
            )
            for line in body.lines
        ],
    )


@router.get("/supplier-agreements", response=PageOut[AgreementOut])
@requires("purchasing.view")
def list_agreements(
    request: HttpRequest, response: HttpResponse, supplier_id: BigId = 0, cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Versions of agreements for the caller's sites and for every site, newest first."""
    rows = queries.agreements(
        site_ids=_sites(request), supplier_id=supplier_id, before=after_id(cursor) or None, limit=limit + 1
    )
    return page_out(request, response, rows, limit=limit)


@router.get("/supplier-agreements/{int:agreement_id}", response=AgreementRecordOut)
@requires("purchasing.view")
def read_agreement(request: HttpRequest, response: HttpResponse, agreement_id: BigId) -> Any:
    """One version of an agreement with its lines."""
    found = queries.agreement(agreement_id, _sites(request))
    response["ETag"] = etag_of(found.head.id, found.head.revision, found.head.phase)
    return found


@router.post("/supplier-agreements", response={201: AgreementSavedOut})
@requires("purchasing.agree")
def create_agreement(request: HttpRequest, body: AgreementIn) -> Status[AgreementSaved]:
    """Write an agreement as a draft."""
    return Status(201, commands.create_agreement(context_from(request), CreateAgreement(_content(body))))


@router.put("/supplier-agreements/{int:agreement_id}", response=AgreementSavedOut)
@requires("purchasing.agree")
def change_agreement(request: HttpRequest, agreement_id: BigId, body: ChangeAgreementIn) -> AgreementSaved:
    """Replace the content of a draft."""
    req = ChangeAgreement(agreement_id, body.revision, _content(body.content))
    return commands.change_agreement(context_from(request), req)


@router.post("/supplier-agreements/{int:agreement_id}/revise", response={201: AgreementSavedOut})
@requires("purchasing.agree")
def revise_agreement(request: HttpRequest, agreement_id: BigId, body: ReviseIn) -> Status[AgreementSaved]:
    """Begin the next version, as a draft with the same content."""
    req = ReviseAgreement(agreement_id, body.valid_from)
    return Status(201, commands.revise_agreement(context_from(request), req))


@router.post("/supplier-agreements/{int:agreement_id}/submit", response=AgreementSavedOut)
@requires("purchasing.agree")
def submit_agreement(request: HttpRequest, agreement_id: BigId, body: ApproveAgreementIn) -> AgreementSaved:
    """Ask approval for a draft as it was read; without a policy that asks it is in force at once."""
    return commands.submit_agreement(context_from(request), ApproveAgreement(agreement_id, body.revision))


@router.post("/supplier-agreements/{int:agreement_id}/approve", response=AgreementSavedOut)
@requires("purchasing.approve")
def approve_agreement(request: HttpRequest, agreement_id: BigId, body: ApproveAgreementIn) -> AgreementSaved:
    """Put a draft in force. Whoever wrote or changed it may not."""
    return commands.approve_agreement(context_from(request), ApproveAgreement(agreement_id, body.revision))


@router.post("/supplier-agreements/{int:agreement_id}/end", response=AgreementSavedOut)
@requires("purchasing.agree")
def end_agreement(request: HttpRequest, agreement_id: BigId, body: EndAgreementIn) -> AgreementSaved:
    """Withdraw a draft, or let an agreement in force end."""
    req = EndAgreement(agreement_id, body.reason, body.last_day)
    return commands.end_agreement(context_from(request), req)


add_import(router, AGREEMENT_LINES, commands.import_agreement_lines)
