"""How a count is taken back: the goods leave by the same way, and the order owes them again."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.dock import steps as steps_dock
from flowrack.dock.types import ReceivedPack
from flowrack.inbound import (
    locks,
    queries,
    queries_blind,
    queries_discrepancies,
    states,
    steps,
    steps_corrections,
    steps_cross_docks,
    steps_discrepancies,
)
from flowrack.inbound.states import ReceiptState
from flowrack.inbound.steps_corrections import Leaving, Receipt
from flowrack.inbound.types import TakenBack, TakenBackEvent
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Place
from flowrack.platform.runner import Context
from flowrack.purchasing import steps as purchasing
from flowrack.shared.errors import Invalid
from flowrack.shared.refs import ref


def lock_orders(posting_ids: Sequence[int]) -> None:
    """Lock the lines of all POs that these counts were booked on, so that several are taken back in one order."""
    with_order = [one for one in posting_ids if not queries_discrepancies.blind_posting(one)]
    purchasing.lines_for_receipt(sorted({queries.of_posting(one).po_id for one in with_order}))


def take_back(ctx: Context, posting_id: int) -> TakenBack:
    """Undo one posting of counted lines, of an order or without one; see the command."""
    blind = queries_discrepancies.blind_posting(posting_id)
    if blind:
        return _take_back_blind(ctx, posting_id, blind)
    posted = queries.of_posting(posting_id)
    ctx.require("inbound.receive", posted.site_id)
    purchasing.lines_for_receipt([posted.po_id])
    receipt = locks.receipt(posted.receipt_id)
    states.advance(ReceiptState(receipt.state), "take_back", number=receipt.number)
    struck = steps.strike_lines(ctx, posting_id)
    if not struck:
        raise Invalid("This count was taken back already.", fix="Nothing needs to be done.")
    steps_cross_docks.take_back(ctx, [line_id for line_id, _, _ in struck])
    reversal_id = _undo(ctx, posting_id)
    purchasing.record_receipts([(po_line_id, -units) for _, po_line_id, units in struck])
    steps_dock.mark_received(
        ctx, [ReceivedPack(line, -units) for line, units in steps_discrepancies.pack_counts(posting_id)]
    )
    steps_discrepancies.withdraw_of_posting(posting_id)
    ids = [line_id for line_id, _, _ in struck]
    ctx.subject = ref("inbound.receipt", receipt.pk)
    ctx.emit(TakenBackEvent(receipt_id=receipt.pk, posting_id=posting_id, receipt_line_ids=ids))
    return TakenBack(receipt_id=receipt.pk, posting_id=posting_id, reversal_id=reversal_id, receipt_line_ids=ids)


def _take_back_blind(ctx: Context, posting_id: int, site_id: int) -> TakenBack:
    """What came without an order leaves again; nothing was owed, so only stock, notice and discrepancies change."""
    ctx.require("inbound.receive", site_id)
    decided = queries_blind.decided_of(posting_id)
    if decided:
        raise Invalid(
            f"{decided} of this count went back or is on an order.",
            fix="Send back the others, or put them on an order.",
        )
    reversal_id = _undo(ctx, posting_id)
    steps_dock.mark_received(
        ctx, [ReceivedPack(line, -units) for line, units in steps_discrepancies.pack_counts(posting_id)]
    )
    steps_discrepancies.withdraw_of_posting(posting_id)
    ctx.subject = ref("ledger.posting", posting_id)
    return TakenBack(receipt_id=0, posting_id=posting_id, reversal_id=reversal_id, receipt_line_ids=[])


def _undo(ctx: Context, posting_id: int) -> int:
    """Post the exact opposite of a count. Where its cost has been used meanwhile (units of its FIFO layer were sold, or
    a late cost rests on it), the same units leave at present cost, and the supplier is owed exactly as much less as
    he was owed more. The id of the posting."""
    came = queries_blind.brought_in(posting_id)
    is_receipt = came and all(m.source_kind == "SUPPLIER" for m in came)
    if not is_receipt or queries_blind.decided_of(posting_id):
        raise Invalid(
            "These goods were in the house before they were counted on the order, so the count cannot be taken back.",
            fix="Send them back to the supplier, then count what is right.",
        )
    if queries_blind.is_reversible(posting_id):
        return ledger.reverse(ctx, posting_id).posting_id
    return steps_corrections.send_out(
        ctx,
        [
            Leaving(
                Receipt(m.move_id, m.item_id, m.site_id, m.lot_id, m.costing, m.origin),
                Place(m.location_id, m.lpn_id, m.quality),
                m.units,
                m.value + m.variance,
            )
            for m in came
        ],
        reason="reversal",
    ).posting_id
