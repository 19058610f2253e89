"""The door of over-receipts: ask whether more may come in than the tolerance takes, and let in what was approved."""

from __future__ import annotations

from flowrack.approvals import steps as approvals
from flowrack.inbound import steps_over, steps_receive
from flowrack.inbound.states import OverReceiptState
from flowrack.inbound.types_over import (
    OVER,
    ApplyOverReceipts,
    AskOverReceipt,
    BadOverReceipt,
    OverReceiptAsked,
    OverReceiptsApplied,
)
from flowrack.platform.runner import Context, command
from flowrack.purchasing import steps as purchasing
from flowrack.purchasing.states import TAKES_RECEIPTS
from flowrack.shared.refs import ref


@command(permission="inbound.receive", result=OverReceiptAsked)
def ask_over_receipt(ctx: Context, req: AskOverReceipt) -> OverReceiptAsked:
    """Ask whether units beyond the tolerance may come in. The same question keeps its request, another one voids it.

    What no policy asks about is allowed at once. Refuses with BadOverReceipt, WrongState, DutiesConflict (S02), and
    with RejectedBefore.
    """
    lines = steps_receive.lines_of(ctx, req.po_id)
    mine = [x for x in lines if x.item_id == req.item_id and req.po_line_id in (0, x.po_line_id)]
    if not mine or req.units <= 0:
        raise BadOverReceipt("No units of this order are meant.", fix="Scan an item of the order, then the quantity.")
    line, units = mine[-1], int(req.units)
    before = steps_over.waiting_of([line.po_line_id]).get(line.po_line_id)
    if before and before[2] != units:
        approvals.void(ctx, OVER, [ref(OVER, before[0])], reason="Another number of units is asked for.")
        steps_over.end(ctx, {before[0]: OverReceiptState.VOIDED})
        before = None
    asked_id, number = before[:2] if before else steps_over.insert(ctx, line, units, req.reason.strip())
    asked = steps_over.submission(ctx, asked_id, number, line, units, req.reason.strip())
    [outcome] = approvals.submit(ctx, [asked])
    state = OverReceiptState.WAITING
    if outcome.is_approved:
        state = OverReceiptState.ALLOWED
        purchasing.allow_over([(line.po_line_id, units)])
        steps_over.end(ctx, {asked_id: state})
    ctx.subject = ref(OVER, asked_id)
    return OverReceiptAsked(asked_id, number, str(state), outcome.number, units)


@command(permission="inbound.apply", result=OverReceiptsApplied)
def apply_over_receipts(ctx: Context, req: ApplyOverReceipts) -> OverReceiptsApplied:
    """Let in what was approved, once for so many units; what was approved for an order as it is no more falls away."""
    decided = {one.over_receipt_id: one for one in req.decided}
    rows = steps_over.asked(sorted(decided))
    po_ids = sorted({row[1] for row in rows})
    lines = {line.po_line_id: line for line in purchasing.lines_for_receipt(po_ids)} if po_ids else {}
    states: dict[int, OverReceiptState] = {}
    allowed: list[tuple[int, int]] = []
    for asked_id, _, po_line_id, units in steps_over.asked(sorted(decided)):  # as they stand now that POs are locked
        line, said = lines[po_line_id], decided[asked_id]
        if said.state != "approved":
            states[asked_id] = OverReceiptState.REJECTED
        elif line.po_state in TAKES_RECEIPTS and steps_over.content_hash(line, units) == said.content_hash:
            states[asked_id] = OverReceiptState.ALLOWED
            allowed.append((po_line_id, units))
        else:
            states[asked_id] = OverReceiptState.VOIDED
    gone = [ref(OVER, asked_id) for asked_id, state in states.items() if state == OverReceiptState.VOIDED]
    if gone:
        approvals.void(ctx, OVER, gone, reason="The order was changed.")
    if allowed:
        purchasing.allow_over(allowed)
    if states:
        steps_over.end(ctx, states)
    return OverReceiptsApplied(len(allowed), len(gone))
