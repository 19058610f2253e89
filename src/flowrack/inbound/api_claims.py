"""Claims and debit notes for other systems."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from flowrack.inbound import commands_claims as commands
from flowrack.inbound import queries_claims
from flowrack.inbound.queries_claims import ClaimRow
from flowrack.inbound.types_claims import CancelClaim, ClaimNow, SendClaim, SettleClaim
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires

router = Router(tags=["inbound"])


class ClaimOut(Schema):
    """A claim or debit note: who is asked for how much, and what was agreed; null without purchasing.view."""

    id: int
    number: str
    kind: str
    state: str
    site: str
    supplier: str
    responsible: str
    asked_of: str
    amount: Decimal | None
    settled_amount: Decimal | None
    lines: int
    created_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    end_reason: str


class ClaimLineOut(Schema):
    """A discrepancy that it asks money for; the amount is null without purchasing.view."""

    id: int
    number: str
    kind: str
    sku: str
    units: int
    reason: str
    po_number: str
    amount: Decimal | None


class ClaimWithLinesOut(ClaimOut):
    """The same with its discrepancies."""

    discrepancies: list[ClaimLineOut]


class ClaimNowOut(Schema):
    """How it stands; the amounts are null without purchasing.view."""

    claim_id: int
    number: str
    state: str
    amount: Decimal | None
    settled_amount: Decimal | None


class SettleIn(Schema):
    """What was agreed; left out = all that was asked for."""

    amount: Decimal | None = Field(None, max_digits=14, decimal_places=2)
    note: str = Field("", max_length=200)


class CancelIn(Schema):
    """Why nothing is asked for any more."""

    reason: str = Field(max_length=200)


def _sites(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("inbound.view") if caller else frozenset()


@router.get("/claims", response=PageOut[ClaimOut])
@requires("inbound.view")
def claims(
    request: HttpRequest, response: HttpResponse, state: str = "", cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Claims and debit notes, newest first."""
    sites = sorted(_sites(request))
    rows = queries_claims.claims(sites, state=state, before=after_id(cursor) or None, limit=limit + 1)
    return page_out(request, response, [_shown(request, row) for row in rows], limit=limit)


def _shown(request: HttpRequest, row: ClaimRow) -> ClaimOut:
    out = ClaimOut.from_orm(row)
    return out if _sees_cost(request, row) else out.model_copy(update={"amount": None, "settled_amount": None})


def _sees_cost(request: HttpRequest, row: ClaimRow) -> bool:
    caller = caller_of(request)
    return caller is not None and caller.may("purchasing.view", row.site_id)


def _now(request: HttpRequest, done: ClaimNow) -> ClaimNowOut:
    out = ClaimNowOut.from_orm(done)
    row, _ = queries_claims.access(done.claim_id, _sites(request))
    return out if _sees_cost(request, row) else out.model_copy(update={"amount": None, "settled_amount": None})


@router.get("/claims/{int:claim_id}", response=ClaimWithLinesOut)
@requires("inbound.view")
def claim(request: HttpRequest, claim_id: BigId) -> ClaimWithLinesOut:
    """One with its discrepancies."""
    row, lines = queries_claims.access(claim_id, _sites(request))
    shown = [ClaimLineOut.from_orm(line) for line in lines]
    if not _sees_cost(request, row):
        shown = [line.model_copy(update={"amount": None}) for line in shown]
    return ClaimWithLinesOut(**_shown(request, row).dict(), discrepancies=shown)


@router.post("/claims/{int:claim_id}/send", response=ClaimNowOut)
def send(request: HttpRequest, claim_id: BigId) -> ClaimNowOut:
    """The draft was sent."""
    return _now(request, commands.send_claim(context_from(request), SendClaim(claim_id)))


@router.post("/claims/{int:claim_id}/settle", response=ClaimNowOut)
def settle(request: HttpRequest, claim_id: BigId, body: SettleIn) -> ClaimNowOut:
    """What was agreed."""
    return _now(request, commands.settle_claim(context_from(request), SettleClaim(claim_id, body.amount, body.note)))


@router.post("/claims/{int:claim_id}/cancel", response=ClaimNowOut)
def cancel(request: HttpRequest, claim_id: BigId, body: CancelIn) -> ClaimNowOut:
    """Nothing is asked for any more; its discrepancies are open again."""
    return _now(request, commands.cancel_claim(context_from(request), CancelClaim(claim_id, body.reason)))
