"""The door of receipts that were closed too early."""

from __future__ import annotations

from flowrack.inbound import locks, queries, states
from flowrack.inbound.states import ReceiptState
from flowrack.inbound.types import ReceiptReopened, ReceiptReopenedEvent, ReopenReceipt
from flowrack.platform.runner import Context, command
from flowrack.purchasing import steps as purchasing
from flowrack.purchasing.states import PoState
from flowrack.purchasing.states import advance as advance_po
from flowrack.shared.errors import Invalid, WrongState
from flowrack.shared.refs import ref


@command(permission="inbound.reopen", result=ReceiptReopened)
def reopen_receipt(ctx: Context, req: ReopenReceipt) -> ReceiptReopened:
    """Open a closed receipt again, so that more is counted on it or a count is taken back. What was given up stays so.

    Emits inbound.receipt_reopened. Refuses with Invalid without a reason, with WrongState when the order takes no
    receipts any more or has another open receipt at the place, and with DutiesConflict (S02) who wrote the order.
    """
    head = queries.receipt(req.receipt_id)
    ctx.require("inbound.reopen", head.site_id)
    if not req.reason.strip():
        raise Invalid("A receipt is not reopened without a reason.", fix="Say what came later, or was counted wrong.")
    lines = purchasing.lines_for_receipt([head.po_id])
    advance_po(PoState(lines[0].po_state), "receive", number=lines[0].po_number)
    for writer in lines[0].writer_ids:
        ctx.require_other_person(
            writer, rule="S02", sentence=f"You wrote or changed {head.po_number}, so somebody else must reopen it."
        )
    receipt = locks.receipt(req.receipt_id)
    receipt.state = states.advance(ReceiptState(receipt.state), "reopen", number=receipt.number)
    other = queries.dock(receipt.location_id, po_id=head.po_id, now=ctx.now)
    if other.receipt_id:
        raise WrongState(
            f"{other.receipt_number} of {head.po_number} is open at {head.place} already.",
            fix=f"Count on {other.receipt_number}, or close it first.",
            state=str(ReceiptState.CLOSED),
        )
    receipt.closed_by_id, receipt.closed_at = None, None
    receipt.reopened_by_id, receipt.reopened_at = ctx.actor_id, ctx.now
    receipt.reopen_reason = req.reason.strip()[:200]
    receipt.save(update_fields=["state", "closed_by", "closed_at", "reopened_by", "reopened_at", "reopen_reason"])
    ctx.subject = ref("inbound.receipt", receipt.pk)
    ctx.emit(ReceiptReopenedEvent(receipt.pk, head.po_id, receipt.reopen_reason))
    return ReceiptReopened(receipt.pk, receipt.number, head.po_id)
