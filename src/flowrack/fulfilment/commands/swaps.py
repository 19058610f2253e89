"""A pick changes its lot for another one of the same bin."""

from __future__ import annotations

from flowrack.fulfilment import locks, queries_swap, rules_swap, steps_lists
from flowrack.fulfilment.states import PickState
from flowrack.fulfilment.types import PickClosed, PickNotFound
from flowrack.fulfilment.types_lists import LotFreed, LotRefused, LotSwapped, SwapLot
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import CellClaim, LedgerRefusal, PoolClaim
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE
from flowrack.shared.refs import ref

PICK = "fulfilment.pick"


@command(permission="fulfilment.pick", result=LotSwapped, is_small=lambda req: True)
def swap_lot(ctx: Context, req: SwapLot) -> LotSwapped:
    """Pick another lot of the item from the same bin: the promise and the reservation go over to it.

    Only where the customer wants no lot of his own, the other one keeps as long as he asks, no older lot stays behind,
    and nobody else was promised it. Emits fulfilment.lot_freed. Refuses with LotRefused and the reason,
    PickNotFound or PickClosed.
    """
    pick = locks.picks([req.pick_id]).get(req.pick_id)
    if pick is None or not ctx.may("fulfilment.pick", pick.site_id):
        raise PickNotFound("There is no such pick.", fix="Load the list again.")
    if pick.state != PickState.OPEN:
        raise PickClosed(f"This pick is {pick.state} already.", fix="Go on with the next one.")
    sales.claim_lines([pick.line_id])
    found = queries_swap.other_lot(pick, req.lot.strip())
    if found is None:
        raise LotRefused(f"No other lot {req.lot[:40]} of this item lies in this bin.", fix="Scan the lot again.")
    lot_id, cell_id, other = found
    why, fix = rules_swap.refusal(other, pick.units)
    if why:
        raise LotRefused(why, fix=fix)
    line = ref(LINE, pick.line_id)
    try:
        ledger.uncommit(ctx, [PoolClaim(pick.item_id, pick.site_id, pick.units, line, pick.lot_id, pick.owner_id)])
        ledger.commit(ctx, [PoolClaim(pick.item_id, pick.site_id, pick.units, line, lot_id, pick.owner_id)])
        ledger.unreserve(ctx, [CellClaim(pick.cell_id, pick.units, line)])
        ledger.reserve(ctx, [CellClaim(cell_id, pick.units, line)])
    except LedgerRefusal as refusal:
        raise LotRefused(f"Lot {other.lot} was given to another order at this moment.", fix=fix) from refusal
    steps_lists.set_lot(pick.pick_id, lot_id, cell_id)
    sentence = f"{pick.units:,} of lot {other.lot} instead of lot {other.own_lot}: the picker had it in hand, it keeps "
    sentence += "as long as the customer asks, and no older lot stays behind."
    row = DecisionRow(
        kind="lot_swap",
        subject=line,
        sentence=sentence,
        rule="swap/1",
        detail={"pick": pick.pick_id, "lot": lot_id, "was": pick.lot_id},
    )
    decisions.record(ctx, [row])
    ctx.subject = ref(PICK, pick.pick_id)
    ctx.emit(LotFreed(pick.site_id, [pick.item_id]))
    return LotSwapped(pick.pick_id, lot_id, other.lot, pick.lot_id)
