"""The door of releases by place: at once, asked for, and what was approved."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.approvals.queries import standing
from flowrack.inspection import steps_releases as releases
from flowrack.inspection.queries.releases import asked_release
from flowrack.inspection.states import ReleaseState
from flowrack.inspection.types_holds import RELEASE, ApplyRelease, AskedRelease, HeldLine, ReleaseApplied, ReleaseAsked
from flowrack.ledger.queries import CellRow
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import FlowrackError, NotFound
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import steps_carries as carries
from flowrack.storage.types import Moved, ReleaseStock, StockAt

Cells = Sequence[tuple[CellRow, int]]


@command(permission="storage.release", result=Moved)
def release_stock(ctx: Context, req: ReleaseStock) -> Moved:
    """Make held stock available again, at once, where no policy asks.

    Posts RELEASE; emits storage.quality_changed. Refuses with ApprovalNeeded, NothingThere, DutiesConflict (S05, S22),
    and with HeldStock what waits for a verdict or an order.
    """
    cells, asked = _asked(ctx, req)
    release_id = releases.ask_and_refuse(ctx, asked)
    return _post(ctx, release_id, asked, cells)


@command(permission="storage.release", result=ReleaseAsked)
def ask_release_stock(ctx: Context, req: ReleaseStock) -> ReleaseAsked:
    """Ask whether held stock may be released; what no policy asks about is released at once.

    The same question keeps its request, another one for this stock voids it. Refuses as release_stock, and with
    RejectedBefore.
    """
    cells, asked = _asked(ctx, req)
    release_id, number, outcome = releases.ask(ctx, asked)
    state = ReleaseState.WAITING
    if outcome.is_approved:
        state = ReleaseState.RELEASED
        releases.end(ctx, [release_id], state)
        _post(ctx, release_id, asked, cells)
    ctx.subject = ref(RELEASE, release_id)
    return ReleaseAsked(release_id, number, str(state), outcome.number, sum(units for _, units in cells))


@command(permission="storage.apply", result=ReleaseApplied)
def apply_stock_release(ctx: Context, req: ApplyRelease) -> ReleaseApplied:
    """Release what was approved by its places, if it is still what was approved; a rejected release ends."""
    asked = asked_release(req.release_id)
    if asked is None or asked.hold_id:
        raise NotFound(f"There is no release with id {req.release_id}.")
    ctx.subject = ref(RELEASE, req.release_id)
    state = releases.state_now(req.release_id, asked)
    if state != ReleaseState.WAITING:
        return ReleaseApplied(req.release_id, state, 0)
    if req.state != "approved":
        releases.end(ctx, [req.release_id], ReleaseState.REJECTED)
        return ReleaseApplied(req.release_id, str(ReleaseState.REJECTED), 0)
    cells = _still_there(asked)
    if cells is None or releases.content_hash(asked) != req.content_hash:
        releases.end(ctx, [req.release_id], ReleaseState.VOIDED, "What is held has changed.")
        return ReleaseApplied(req.release_id, str(ReleaseState.VOIDED), 0)
    releases.end(ctx, [req.release_id], ReleaseState.RELEASED)
    subject = ref(RELEASE, req.release_id)
    _post(ctx, req.release_id, asked, cells, by_id=standing([subject], RELEASE)[subject].last_by_id)
    return ReleaseApplied(req.release_id, str(ReleaseState.RELEASED), sum(units for _, units in cells))


def _asked(ctx: Context, req: ReleaseStock) -> tuple[Cells, AskedRelease]:
    """What is to be released, and where; refuses what makes no sense."""
    ctx.require("storage.release", req.site_id)
    cells = carries.cells_to_change(req.lines, req.site_id, quality="available", reason=req.reason)
    lines = tuple(
        HeldLine(c.location_id, c.lpn_id, c.item_id, c.lot_id, c.owner_id, c.quality, units) for c, units in cells
    )
    return cells, AskedRelease(req.site_id, lines, req.reason)


def _still_there(asked: AskedRelease) -> Cells | None:
    """The cells with what was asked of each; None when units of it are gone or under inspection now."""
    lines = [
        StockAt(x.location_id, x.item_id, Units(x.units), x.lot_id, x.lpn_id, x.quality, x.owner_id)
        for x in asked.lines
    ]
    try:
        cells = carries.cells_to_change(lines, asked.site_id, quality="available", reason=asked.reason)
    except FlowrackError:
        return None
    return cells if all(cell.free >= units for cell, units in cells) else None


def _post(ctx: Context, release_id: int, asked: AskedRelease, cells: Cells, *, by_id: int | None = None) -> Moved:
    return carries.change_quality(
        ctx,
        asked.site_id,
        cells,
        quality="available",
        word="RELEASE",
        reason=asked.reason,
        origin=ref(RELEASE, release_id),
        by_id=by_id,
    )
