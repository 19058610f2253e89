"""The door of claims and debit notes: send, settle, cancel. Drafts are written by the verdicts about discrepancies."""

from __future__ import annotations

from decimal import Decimal

from flowrack.inbound import locks, steps_claims
from flowrack.inbound.locks import LockedClaim
from flowrack.inbound.states import ClaimState, DiscrepancyState, advance_claim
from flowrack.inbound.types_claims import (
    CLAIM,
    BadClaim,
    CancelClaim,
    ClaimChangedEvent,
    ClaimNow,
    SendClaim,
    SettleClaim,
)
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref

NOTHING = Decimal(0)


@command(permission="inbound.accept", result=ClaimNow)
def send_claim(ctx: Context, req: SendClaim) -> ClaimNow:
    """Send a draft. Nothing is posted: what is agreed is finance's to book. Refuses with WrongState, NotFound.

    Emits inbound.claim_changed.
    """
    one = _locked(ctx, req.claim_id, "send")
    return _changed(ctx, one, ClaimState.SENT)


@command(permission="inbound.accept", result=ClaimNow)
def settle_claim(ctx: Context, req: SettleClaim) -> ClaimNow:
    """Write down what was agreed; the discrepancies are settled with it.

    Emits inbound.claim_changed. Refuses with WrongState, BadClaim when more than was asked for is agreed.
    """
    one = _locked(ctx, req.claim_id, "settle")
    agreed = one.amount if req.amount is None else to_money(req.amount)
    if not 0 <= agreed <= one.amount:
        asks = f"{one.amount:,.2f}" if ctx.may("purchasing.view", one.site_id) else "less"
        line = BadLine(1, "amount", f"{one.number} asks for {asks}, not {agreed:,.2f}.", "Type 0 or more.")
        raise BadClaim(line.message, lines=[line], fix="Name what was agreed, at most what was asked for.")
    steps_claims.move_discrepancies(ctx, one.number, DiscrepancyState.SETTLED)
    return _changed(ctx, one, ClaimState.SETTLED, agreed=agreed, reason=req.note)


@command(permission="inbound.accept", result=ClaimNow)
def cancel_claim(ctx: Context, req: CancelClaim) -> ClaimNow:
    """Do not ask any more, for a reason; the discrepancies wait for another verdict.

    Emits inbound.claim_changed. Refuses with WrongState, BadClaim.
    """
    one = _locked(ctx, req.claim_id, "cancel")
    if not req.reason.strip():
        line = BadLine(1, "reason", "Say why nothing is asked for any more.", "A few words are enough.")
        raise BadClaim(line.message, lines=[line], fix=line.fix)
    steps_claims.move_discrepancies(ctx, one.number, DiscrepancyState.OPEN)
    return _changed(ctx, one, ClaimState.CANCELLED, reason=req.reason)


def _locked(ctx: Context, claim_id: int, action: str) -> LockedClaim:
    one = locks.claim(claim_id)
    ctx.require("inbound.accept", one.site_id)
    advance_claim(ClaimState(one.state), action, number=one.number)
    for writer in one.po_writers:
        ctx.require_other_person(
            writer, rule="S24", sentence=f"You wrote an order of {one.number}, so somebody else must decide."
        )
    return one


def _changed(
    ctx: Context, one: LockedClaim, state: ClaimState, *, agreed: Decimal = NOTHING, reason: str = ""
) -> ClaimNow:
    settled = agreed if state == ClaimState.SETTLED else None
    steps_claims.write_state(ctx, one.claim_id, state, settled, reason.strip())
    ctx.subject = ref(CLAIM, one.claim_id)
    ctx.emit(ClaimChangedEvent(one.claim_id, one.number, str(state), one.amount, agreed))
    return ClaimNow(one.claim_id, one.number, str(state), one.amount, agreed)
