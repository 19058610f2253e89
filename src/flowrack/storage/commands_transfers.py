"""The door of transfers: send stock to another site, receive what another site sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from flowrack.approvals import steps as approvals
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Place, Quality
from flowrack.locations import queries as locations
from flowrack.parties import queries as parties
from flowrack.platform.runner import Context, command
from flowrack.purchasing import queries as purchasing
from flowrack.shared.errors import BadLine, Invalid, NotFound, WrongState
from flowrack.shared.refs import ref
from flowrack.storage import locks, queries_transfers, rules_transfers, steps, steps_losses, steps_transfers
from flowrack.storage import steps_moves as moves
from flowrack.storage.locks import LockedTransfer
from flowrack.storage.states import CLAIM_TRANSITIONS, ClaimState, TransferState
from flowrack.storage.types import StockMoved
from flowrack.storage.types_transfers import (
    TRANSFER,
    TRANSFER_CLAIM,
    ApplyLoss,
    ClaimMissing,
    LossApplied,
    MissingClaimed,
    NothingMissing,
    ReceiveSent,
    SendStock,
    Sent,
    SentReceived,
    SettleTransferClaim,
    TransferClaimNotFound,
    TransferClaimSettled,
)


@command(permission="storage.move", result=Sent)
def send_stock(ctx: Context, req: SendStock) -> Sent:
    """Send stock to another site: it is on the way, and the sender's, until that site receives it.

    Posts TRANSFER place -> TRANSIT; goods leave their LPN. Emits storage.moved. Refuses with NothingThere, and with
    the ledger's CommittedStock.
    """
    ctx.require("storage.move", req.site_id)
    if req.to_site_id == req.site_id:
        raise Invalid("It is at that site already.", fix="Move it there, or choose another site.")
    locations.site(req.to_site_id)
    transit = Place(locations.virtual(req.site_id, "TRANSIT"))
    asked = moves.cells_asked(req.lines, req.site_id)
    moves.refuse_others(asked)
    wanted = [
        moves.of_cell(cell, replace(transit, quality=Quality(cell.quality)), units=units, reason="TRANSFER")
        for cell, units in asked
    ]
    transfer_id, number = steps_transfers.write_transfer(ctx, req, wanted)
    origin = ref(TRANSFER, transfer_id)
    posting = ledger.post(ctx, [replace(move, origin=origin) for move in wanted])
    steps.follow_moved_stock(ctx, req.site_id, sorted({m.source.location_id for m in wanted}))
    ctx.subject = origin
    ctx.emit(StockMoved(req.site_id, posting.posting_id, sorted({m.item_id for m in wanted})))
    return Sent(posting.posting_id, len(wanted), sum(m.units for m in wanted), transfer_id, number)


@command(permission="storage.move", result=SentReceived)
def receive_sent(ctx: Context, req: ReceiveSent) -> SentReceived:
    """Receive what another site sent, at the value with which it left there.

    Posts TRANSFER TRANSIT of the sender -> place; emits storage.moved. Refuses with Invalid, OverCapacity,
    NotAllowedThere, and with NotOnTheWay when the transfers to this site bring less.
    """
    ctx.require("storage.move", req.site_id)
    transit = locations.virtual(req.from_site_id, "TRANSIT")
    wanted = moves.of_arrivals(req, transit)
    moves.check_room(wanted, moves.places_of(wanted))
    open_lines = locks.open_transfer_lines(req)
    taken = rules_transfers.settle(req.lines, open_lines)
    origins = steps_transfers.origins(req.lines, taken)
    posting = ledger.post(ctx, [replace(m, origin=origin) for m, origin in zip(wanted, origins, strict=True)])
    finished = steps_transfers.write_arrivals(ctx, taken)
    ctx.subject = origins[0]
    ctx.emit(StockMoved(req.site_id, posting.posting_id, sorted({m.item_id for m in wanted})))
    return SentReceived(posting.posting_id, len(wanted), sum(m.units for m in wanted), finished)


@command(permission="storage.claim", result=MissingClaimed)
def claim_missing(ctx: Context, req: ClaimMissing) -> MissingClaimed:
    """Give up what of a transfer has not arrived, and claim it: the sender loses it at the value with which it left.

    Where a policy asks (at first: above 250.00), it waits for a person who neither asked nor sent the goods. Posts LOST
    TRANSIT -> ADJUSTMENT at the sender; emits storage.transfer_claimed and storage.moved. Refuses with NotFound, with
    NothingMissing when all of it came, or none of it did and it is not due yet, and with RejectedBefore when the same
    was asked for the same reason and nobody allowed it.
    """
    held = locks.transfer(req.transfer_id)
    if held is None or not ctx.may("storage.view", held.site_id):
        raise NotFound(f"There is no transfer with id {req.transfer_id}.")
    ctx.require("storage.claim", held.site_id)
    if held.state != TransferState.ON_THE_WAY or not held.missing:
        if held.sent_at is None:
            raise NothingMissing(f"{held.number} has not left.", fix="Send it, or call it off.")
        said = "was claimed before" if held.state == TransferState.SHORT else "has arrived"
        raise NothingMissing(f"What was missing of {held.number} {said}.", fix="Look at the transfer.")
    if held.arrived_at is None and not _is_due(ctx, held):
        fix = "Wait until it is due, or receive what came."
        raise NothingMissing(f"Nothing of {held.number} has arrived, and it is not due yet.", fix=fix)
    bad, carrier_id = [], None
    if not 3 <= len(req.note.strip()) <= 200:
        bad.append(BadLine(0, "note", "Say what happened, in 3 to 200 letters.", "What did the driver say?"))
    if req.carrier.strip():
        known = parties.find_by_code([req.carrier.strip()]).get(req.carrier.strip())
        carrier_id = known.party_id if known and known.is_carrier else None
        if carrier_id is None:
            bad.append(BadLine(0, "carrier", f"There is no carrier {req.carrier[:40]}.", "Leave it empty for none."))
    if bad:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)
    ctx.subject = ref(TRANSFER, held.transfer_id)
    return _claimed(ctx, req, held, carrier_id)


def _claimed(ctx: Context, req: ClaimMissing, held: LockedTransfer, carrier_id: int | None) -> MissingClaimed:
    """Ask for the loss, and post it where nobody is asked. What was asked before of the transfer counts no more."""
    earlier = steps_losses.refuse_rejected(held, req.note)
    before = queries_transfers.asked_of(held.transfer_id)
    if before is not None:
        approvals.void(ctx, TRANSFER_CLAIM, [ref(TRANSFER_CLAIM, before.id)], reason="It is asked for anew.")
        steps_transfers.refuse_claim(ctx, before.id, "It was asked for anew.")
    costs = queries_transfers.worth_on_the_way([line.item_id for line in held.missing], held.site_id)
    units, value = sum(line.left for line in held.missing), steps_losses.worth(held.missing, costs)
    claim = steps_transfers.ask_claim(ctx, req, carrier_id, units=units, value=value)
    [outcome] = approvals.submit(ctx, [steps_losses.submission(ctx, claim, held, req, costs, earlier)])
    if outcome.is_approved:
        return _lost(ctx, held, *claim)
    return MissingClaimed(
        *claim, held.transfer_id, held.site_id, units, value, 0, ClaimState.ASKED, request=outcome.number
    )


def _lost(ctx: Context, held: LockedTransfer, claim_id: int, number: str) -> MissingClaimed:
    """The loss is posted, and told."""
    posting = steps_losses.give_up(ctx, held)
    value = sum(posting.values, Decimal(0))
    steps_transfers.open_claim(claim_id, value=value, posting_id=posting.posting_id)
    ctx.emit(StockMoved(held.site_id, posting.posting_id, sorted({line.item_id for line in held.missing})))
    units = sum(line.left for line in held.missing)
    done = MissingClaimed(claim_id, number, held.transfer_id, held.site_id, units, value, posting.posting_id)
    ctx.emit(done)
    return done


@command(permission="storage.apply", result=LossApplied)
def apply_transfer_loss(ctx: Context, req: ApplyLoss) -> LossApplied:
    """Give up what was approved, as long as just that is missing still; otherwise nothing is given up.

    Posts LOST TRANSIT -> ADJUSTMENT at the sender; emits storage.transfer_claimed and storage.moved. Refuses with
    TransferClaimNotFound.
    """
    found = queries_transfers.claim(req.claim_id)
    if found is None:
        raise TransferClaimNotFound("There is no such claim.", fix="Open it from its transfer.")
    held = locks.transfer(found.transfer_id)
    now = queries_transfers.claim(req.claim_id)
    assert held is not None and now is not None, "a claim stands for a transfer"
    ctx.subject = ref(TRANSFER, found.transfer_id)
    if now.state != ClaimState.ASKED:
        return LossApplied(req.claim_id, now.state)
    is_as_asked = (
        held.state == TransferState.ON_THE_WAY and steps_losses.content_hash(held, now.note) == req.content_hash
    )
    if req.state == "approved" and is_as_asked:
        _lost(ctx, held, req.claim_id, now.number)
        return LossApplied(req.claim_id, ClaimState.OPEN)
    why = "Nobody allowed the loss."
    if req.state == "approved":
        why = "More arrived since it was asked for: claim what is missing now."
        approvals.void(ctx, TRANSFER_CLAIM, [ref(TRANSFER_CLAIM, req.claim_id)], reason=why)
    steps_transfers.refuse_claim(ctx, req.claim_id, why)
    return LossApplied(req.claim_id, ClaimState.REFUSED)


def _is_due(ctx: Context, held: LockedTransfer) -> bool:
    if held.due_on is not None:
        return held.due_on < purchasing.business_days([held.site_id], now=ctx.now)[held.site_id]
    return held.sent_at is not None and held.sent_at < ctx.now - timedelta(days=queries_transfers.CLAIM_DAYS)


@command(permission="storage.claim", result=TransferClaimSettled)
def settle_transfer_claim(ctx: Context, req: SettleTransferClaim) -> TransferClaimSettled:
    """Say what became of a claim. Goods that were found are on the way again, at the value with which they were lost.

    Found: posts the reverse of the loss, emits storage.moved. Refuses with TransferClaimNotFound, WrongState, Invalid,
    and with DutiesConflict (S30) who opened the claim: another person says what it brought.
    """
    found = queries_transfers.claim(req.claim_id)
    if found is None or not ctx.may("storage.view", found.site_id):
        raise TransferClaimNotFound("There is no such claim.", fix="Open it from its transfer.")
    ctx.require("storage.claim", found.site_id)
    held = locks.transfer(found.transfer_id)
    now = queries_transfers.claim(req.claim_id)
    assert held is not None and now is not None, "a claim stands for a transfer"
    if req.outcome not in (ClaimState.CREDITED, ClaimState.REJECTED, ClaimState.FOUND):
        raise Invalid("A claim is credited, rejected, or its goods were found.", fix="Choose one of them.")
    if (ClaimState(now.state), req.outcome) not in CLAIM_TRANSITIONS:
        raise WrongState(f"{now.number} is {now.state}.", fix="Look at the transfer.")
    is_credit = req.outcome == ClaimState.CREDITED
    if req.outcome != ClaimState.FOUND:
        said = f"You opened {now.number}, so somebody else must say that it is {req.outcome}."
        ctx.require_other_person(now.opened_by_id, rule="S30", sentence=said)
    assert now.value is not None, "only edges leave the value out"
    line = rules_transfers.bad_credit(req.credited, now.value) if is_credit else None
    if line is not None:
        raise Invalid(line.message, lines=[line], fix=line.fix)
    steps_transfers.settle_claim(
        ctx, replace(req, credited=req.credited if is_credit else None, answer=req.answer.strip()[:200])
    )
    if req.outcome == ClaimState.FOUND:
        reversal = ledger.reverse(ctx, now.posting_id)
        ctx.emit(StockMoved(held.site_id, reversal.posting_id, sorted({line.item_id for line in held.missing})))
    ctx.subject = ref(TRANSFER, found.transfer_id)
    return TransferClaimSettled(req.claim_id, now.number, req.outcome)
