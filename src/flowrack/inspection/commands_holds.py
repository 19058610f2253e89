"""The door of holds: release one, hand one over."""

from __future__ import annotations

from flowrack.inspection import locks, steps, steps_stock
from flowrack.inspection.types import HOLD, ReleasedEvent
from flowrack.inspection.types_holds import ChangeHold, HoldChanged, HoldReleased, ReleaseHold
from flowrack.ledger import steps as ledger
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import Invalid, WrongState
from flowrack.shared.refs import ref


@command(permission="inspection.release", result=HoldReleased)
def release_hold(ctx: Context, req: ReleaseHold) -> HoldReleased:
    """Make units of a hold available where they lie; somebody else than who placed it.

    Posts RELEASE; emits inspection.released. Refuses with WrongState, Invalid, DutiesConflict (S22), and with the
    ledger's InsufficientStock when so many are not there any more.
    """
    hold = locks.hold(req.hold_id)
    ctx.require("inspection.release", hold.site_id)
    if hold.closed_at is not None:
        raise WrongState(f"{hold.number} is released already.", fix="Nothing needs to be done.", state="released")
    if not req.reason.strip():
        raise Invalid("A release needs a reason.", fix="Say in a few words why the goods are fit for sale.")
    units = req.units or hold.left_units
    if not 0 < units <= hold.left_units:
        raise Invalid(f"{hold.number} holds {hold.left_units} units, not {units}.", fix=f"Name 1 to {hold.left_units}.")
    ctx.require_other_person(
        hold.placed_by_id, rule="S22", sentence=f"You placed {hold.number}, so somebody else must release it."
    )
    cells = steps_stock.cells_of(hold.site_id, hold.item_id, hold.lot_id, hold.quality, [])
    cells.sort(key=lambda c: (c.location_id != hold.location_id, c.lpn_id != hold.lpn_id))
    if not cells:
        raise Invalid(f"Nothing of {hold.number} is there any more.", fix="Look up what became of it.")
    origin = ref(HOLD, hold.pk)
    moves, lines = steps_stock.judge(cells, [("available", units)], reason="RELEASE", origin=origin)
    posting = ledger.post(ctx, moves)
    steps.write_releases(ctx, [(hold.pk, units)], reason=req.reason, posting_id=posting.posting_id)
    ctx.subject = origin
    ctx.emit(ReleasedEvent(hold.site_id, posting.posting_id, origin, lines))
    return HoldReleased(hold.pk, hold.number, posting.posting_id, units, hold.left_units - units)


@command(permission="inspection.hold", result=HoldChanged)
def change_hold(ctx: Context, req: ChangeHold) -> HoldChanged:
    """Give an open hold another owner or due time. Refuses with WrongState."""
    hold = locks.hold(req.hold_id)
    ctx.require("inspection.hold", hold.site_id)
    if hold.closed_at is not None:
        raise WrongState(f"{hold.number} is released already.", fix="Nothing needs to be done.", state="released")
    if req.owner_id is not None:
        hold.owner_id = req.owner_id
    if req.due_at is not None:
        hold.due_at = req.due_at
    hold.save(update_fields=["owner", "due_at"])
    ctx.subject = ref(HOLD, hold.pk)
    return HoldChanged(hold.pk, hold.owner_id, hold.due_at)
