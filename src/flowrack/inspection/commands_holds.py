"""The door of holds: release one at once or ask for it, hand one over."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.approvals.queries import standing
from flowrack.inspection import locks, steps, steps_stock
from flowrack.inspection import steps_releases as releases
from flowrack.inspection.models import Hold
from flowrack.inspection.queries.releases import asked_release
from flowrack.inspection.states import ReleaseState
from flowrack.inspection.types import HOLD, ReleasedEvent
from flowrack.inspection.types_holds import (
    RELEASE,
    ApplyRelease,
    AskedRelease,
    ChangeHold,
    HeldLine,
    HoldChanged,
    HoldReleased,
    ReleaseApplied,
    ReleaseAsked,
    ReleaseHold,
)
from flowrack.ledger import steps as ledger
from flowrack.ledger.queries import CellRow
from flowrack.ledger.types import OWN
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import Invalid, NotFound, WrongState
from flowrack.shared.refs import ref


@command(permission="inspection.release", result=HoldReleased)
def release_hold(ctx: Context, req: ReleaseHold) -> HoldReleased:
    """Make units of a hold available where they lie, at once, where no policy asks.

    Posts RELEASE; emits inspection.released. Refuses with ApprovalNeeded, WrongState, Invalid, DutiesConflict (S05,
    S22), HeldStock (no order yet), and with the ledger's InsufficientStock when so many are not there any more.
    """
    hold, asked = _asked(ctx, req)
    cells = _cells(hold)
    if not cells:
        raise Invalid(f"Nothing of {hold.number} is there any more.", fix="Look up what became of it.")
    releases.ask_and_refuse(ctx, asked)
    units = asked.lines[0].units
    posting_id = _post(ctx, hold, units, cells, reason=req.reason)
    ctx.subject = ref(HOLD, hold.pk)
    return HoldReleased(hold.pk, hold.number, posting_id, units, hold.left_units - units)


@command(permission="inspection.release", result=ReleaseAsked)
def ask_release(ctx: Context, req: ReleaseHold) -> ReleaseAsked:
    """Ask whether units of a hold may be released; what no policy asks about is released at once.

    The same question keeps its request, another one for this hold voids it. Refuses as release_hold, and with
    RejectedBefore.
    """
    hold, asked = _asked(ctx, req)
    cells = _cells(hold)
    units = asked.lines[0].units
    if sum(cell.free for cell in cells) < units:
        raise Invalid(f"So much of {hold.number} is not there any more.", fix="Look up what became of it.")
    release_id, number, outcome = releases.ask(ctx, asked)
    state = ReleaseState.WAITING
    if outcome.is_approved:
        state = ReleaseState.RELEASED
        releases.end(ctx, [release_id], state)
        _post(ctx, hold, units, cells, reason=req.reason)
    ctx.subject = ref(HOLD, hold.pk)
    return ReleaseAsked(release_id, number, str(state), outcome.number, units)


@command(permission="inspection.apply", result=ReleaseApplied)
def apply_release(ctx: Context, req: ApplyRelease) -> ReleaseApplied:
    """Release what was approved of a hold, if the hold is still what was approved; a rejected release ends."""
    asked = asked_release(req.release_id)
    if asked is None or not asked.hold_id:
        raise NotFound(f"There is no release with id {req.release_id}.")
    hold = locks.hold(asked.hold_id)
    ctx.subject = ref(RELEASE, req.release_id)
    state, units = releases.state_now(req.release_id, asked), asked.lines[0].units
    if state != ReleaseState.WAITING:
        return ReleaseApplied(req.release_id, state, 0)
    if req.state != "approved":
        releases.end(ctx, [req.release_id], ReleaseState.REJECTED)
        return ReleaseApplied(req.release_id, str(ReleaseState.REJECTED), 0)
    cells = _cells(hold)
    is_there = sum(cell.free for cell in cells) >= units
    if not is_there or hold.closed_at is not None or releases.content_hash(asked) != req.content_hash:
        releases.end(ctx, [req.release_id], ReleaseState.VOIDED, "What is held has changed.")
        return ReleaseApplied(req.release_id, str(ReleaseState.VOIDED), 0)
    releases.end(ctx, [req.release_id], ReleaseState.RELEASED)
    subject = ref(RELEASE, req.release_id)
    by_id = standing([subject], RELEASE)[subject].last_by_id
    _post(ctx, hold, units, cells, reason=asked.reason, by_id=by_id)
    ctx.about(HOLD, [hold.pk])
    return ReleaseApplied(req.release_id, str(ReleaseState.RELEASED), units)


def _asked(ctx: Context, req: ReleaseHold) -> tuple[Hold, AskedRelease]:
    """The hold, locked, and what of it is to be released; refuses what makes no sense."""
    hold = locks.hold(req.hold_id)
    ctx.require("inspection.release", hold.site_id)
    if hold.closed_at is not None:
        raise WrongState(f"{hold.number} is released already.", fix="Nothing needs to be done.", state="released")
    if not req.reason.strip():
        raise Invalid("A release needs a reason.", fix="Say in a few words why the goods are fit for sale.")
    units = req.units or hold.left_units
    if not 0 < units <= hold.left_units:
        raise Invalid(f"{hold.number} holds {hold.left_units} units, not {units}.", fix=f"Name 1 to {hold.left_units}.")
    line = HeldLine(hold.location_id, hold.lpn_id, hold.item_id, hold.lot_id, OWN, hold.quality, units)
    return hold, AskedRelease(hold.site_id, (line,), req.reason, hold.pk)


def _cells(hold: Hold) -> list[CellRow]:
    """Where what is held stands: first where its own units are. Two statements."""
    cells = steps_stock.cells_of(hold.site_id, hold.item_id, hold.lot_id, hold.quality, [])
    places = locks.places_of([hold.pk]).get(hold.pk, {})
    return sorted(cells, key=lambda c: -places.get((c.location_id, c.lpn_id), 0))


def _post(
    ctx: Context, hold: Hold, units: int, cells: Sequence[CellRow], *, reason: str, by_id: int | None = None
) -> int:
    """Post the release, take it off the hold and tell it; the posting."""
    origin = ref(HOLD, hold.pk)
    moves, lines = steps_stock.judge(cells, [("available", units)], reason="RELEASE", origin=origin)
    posting = ledger.post(ctx, moves)
    near = [(line.location_id, line.lpn_id) for line in lines]
    steps.write_releases(ctx, [(hold.pk, units)], near=near, reason=reason, posting_id=posting.posting_id, by_id=by_id)
    ctx.emit(ReleasedEvent(hold.site_id, posting.posting_id, origin, lines))
    return posting.posting_id


@command(permission="inspection.hold", result=HoldChanged)
def change_hold(ctx: Context, req: ChangeHold) -> HoldChanged:
    """Give an open hold another owner, due time or cause. Refuses with WrongState.

    Of another cause other people are asked: only who may release changes it, and a release that waits is void.
    """
    hold = locks.hold(req.hold_id)
    ctx.require("inspection.hold", hold.site_id)
    if hold.closed_at is not None:
        raise WrongState(f"{hold.number} is released already.", fix="Nothing needs to be done.", state="released")
    if req.owner_id is not None:
        hold.owner_id = req.owner_id
    if req.due_at is not None:
        hold.due_at = req.due_at
    if req.cause is not None and req.cause != hold.cause:
        ctx.require("inspection.release", hold.site_id)
        hold.cause = req.cause
        releases.void_of_holds(ctx, [hold.pk])
    hold.save(update_fields=["owner", "due_at", "cause"])
    ctx.subject = ref(HOLD, hold.pk)
    return HoldChanged(hold.pk, hold.owner_id, hold.due_at, hold.cause)
