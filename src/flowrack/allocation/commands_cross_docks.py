"""The door of cross-docking: the policy of a site, goods that reach the outbound door, and the way back."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.allocation import locks, rules_cross_docks, steps_cross_docks
from flowrack.allocation import queries_cross_docks as reads
from flowrack.allocation.locks import LockedCrossDock
from flowrack.allocation.states import CrossDockState, advance
from flowrack.allocation.types_cross_docks import (
    CROSS_DOCK,
    TIERS,
    BadCrossDocking,
    CancelCrossDocks,
    CrossDockingSet,
    CrossDocksCancelled,
    CrossDocksStaged,
    CrossDockUndone,
    FollowDemand,
    FollowStock,
    NoSuchCrossDock,
    NotAnOutboundPlace,
    NotWanted,
    SetCrossDocking,
    StageCrossDocks,
    StagedEvent,
    UndoCrossDock,
)
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import CellClaim, Move, NothingClaimed, Place
from flowrack.locations import queries as locations
from flowrack.platform.runner import Context, command
from flowrack.sales import queries_holds as holds
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, LineCounts, UnitsChange
from flowrack.shared.errors import BadLine, WrongState
from flowrack.shared.refs import ref
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import Finish

MOST = 1_000


@command(permission="allocation.cross_dock", result=CrossDocksStaged)
def stage_cross_docks(ctx: Context, req: StageCrossDocks) -> CrossDocksStaged:
    """Goods stand at the outbound door: the units are picked for their orders, without bin, putaway or pick.

    Posts CROSS_DOCK dock place -> staging and reserves the units there; a pallet that goes to one order whole stays a
    pallet, a part comes off it. Emits allocation.cross_docked. Refuses with NoSuchCrossDock, WrongState, NotWanted,
    NotAnOutboundPlace, and with the ledger's InsufficientStock.
    """
    lines, found = _locked(ctx, req.cross_dock_ids)
    for one in found:
        advance(CrossDockState(one.state), "stage", number=one.number)
    _refuse_place(req.location_id, found)
    wanted: dict[int, int] = {}
    for one in found:
        wanted[one.order_line_id] = wanted.get(one.order_line_id, 0) + one.units
    bad = [
        BadLine(n, "units", f"{one.number}: its order waits for {lines[one.order_line_id][1].waiting} only.", "")
        for n, one in enumerate(found, start=1)
        if lines[one.order_line_id][1].waiting < wanted[one.order_line_id]
    ]
    if bad:
        raise NotWanted(bad[0].message, lines=bad, fix="Put it away instead.")
    lpn_of = _plates(found, {line_id: order_id for line_id, (order_id, _) in lines.items()})
    staging_of = {one.cross_dock_id: req.location_id or one.staging_id for one in found}
    moves = [
        Move(
            item_id=one.item_id,
            units=one.units,
            source=Place(one.from_location_id, one.lpn_id),
            target=Place(staging_of[one.cross_dock_id], lpn_of[one.cross_dock_id]),
            reason="CROSS_DOCK",
            lot_id=one.lot_id,
            origin=ref(CROSS_DOCK, one.cross_dock_id),
            demand=ref(LINE, one.order_line_id),
        )
        for one in found
    ]
    posting = ledger.post(ctx, moves)
    keys = [(staging_of[one.cross_dock_id], lpn_of[one.cross_dock_id], one.item_id, one.lot_id) for one in found]
    cells = reads.cells_of(keys)
    ledger.reserve(
        ctx,
        [CellClaim(cells[key], one.units, ref(LINE, one.order_line_id)) for key, one in zip(keys, found, strict=True)],
    )
    sales.apply_units(UnitsChange(one.order_line_id, picked=one.units) for one in found)
    order_ids = sorted({order_id for order_id, _ in lines.values()})
    sales.release_units([], order_ids)
    steps_cross_docks.write_staged(
        ctx, [(one, lpn_of[one.cross_dock_id]) for one in found], posting.posting_id, req.location_id
    )
    tasks.complete(ctx, [Finish(one.task_id) for one in found])
    ids, units = [one.cross_dock_id for one in found], sum(one.units for one in found)
    ctx.subject = ref(CROSS_DOCK, ids[0])
    ctx.emit(StagedEvent(found[0].site_id, posting.posting_id, order_ids, units))
    return CrossDocksStaged(ids, posting.posting_id, units)


def _locked(
    ctx: Context, cross_dock_ids: Sequence[int]
) -> tuple[dict[int, tuple[int, LineCounts]], list[LockedCrossDock]]:
    """Order lines, then cross-docks, locked; refuses unknown ones, and whom another site does not concern."""
    ids = sorted(set(cross_dock_ids))
    if not ids or len(ids) > MOST:
        raise NoSuchCrossDock(f"Name 1 to {MOST:,} cross-docks.", fix="Scan a pallet or a label.")
    lines = sales.claim_lines(reads.line_ids_of(ids))
    found = locks.cross_docks(ids)
    if len(found) < len(ids):
        raise NoSuchCrossDock("There is no such cross-dock.", fix="Scan the label again.")
    for site_id in sorted({one.site_id for one in found}):
        ctx.require("allocation.cross_dock", site_id)
    return lines, found


def _refuse_place(location_id: int, found: Sequence[LockedCrossDock]) -> None:
    if not location_id:
        return
    place = locations.locations([location_id]).get(location_id)
    if place is None or place.role != "staged" or {one.site_id for one in found} != {place.site_id}:
        raise NotAnOutboundPlace(
            f"{place.code if place else 'That'} is no staging place of this site.", fix="Scan the place on the label."
        )


def _plates(found: Sequence[LockedCrossDock], order_of: dict[int, int]) -> dict[int, int]:
    """The LPN of each at the door: its own when all that stands on it goes to one order, else 0, loose."""
    on_plate = reads.on_lpns(sorted({one.lpn_id for one in found if one.lpn_id}))
    taken: dict[int, int] = {}
    orders: dict[int, set[int]] = {}
    for one in found:
        taken[one.lpn_id] = taken.get(one.lpn_id, 0) + one.units
        orders.setdefault(one.lpn_id, set()).add(order_of[one.order_line_id])
    return {
        one.cross_dock_id: one.lpn_id
        if one.lpn_id and taken[one.lpn_id] == on_plate.get(one.lpn_id) and len(orders[one.lpn_id]) == 1
        else 0
        for one in found
    }


@command(permission="allocation.cross_dock", result=CrossDocksCancelled)
def cancel_cross_docks(ctx: Context, req: CancelCrossDocks) -> CrossDocksCancelled:
    """Put the goods of planned cross-docks away instead; their orders wait for stock as before.

    Emits allocation.cross_docks_cancelled. Refuses with NoSuchCrossDock, WrongState.
    """
    _, found = _locked(ctx, req.cross_dock_ids)
    steps_cross_docks.cancel_and_put_away(ctx, found, req.reason.strip() or "put away instead")
    ids = [one.cross_dock_id for one in found]
    ctx.subject = ref(CROSS_DOCK, ids[0])
    return CrossDocksCancelled(ids)


@command(permission="allocation.cross_dock", result=CrossDockUndone)
def undo_cross_dock(ctx: Context, req: UndoCrossDock) -> CrossDockUndone:
    """The goods go back from the door to the dock place they came from; the cross-dock is planned again.

    A pallet that went whole goes back whole, with all its cross-docks. What came off a pallet is put back on it, unless
    the pallet stands elsewhere by now: then it stays loose. Posts CROSS_DOCK the other way. Refuses with
    NoSuchCrossDock, and with WrongState once the goods are packed or have left.
    """
    lines, found = _locked(ctx, reads.staged_with(req.cross_dock_id))
    for one in found:
        advance(CrossDockState(one.state), "undo", number=one.number)
    keys = [(one.staging_id, one.staged_lpn_id, one.item_id, one.lot_id) for one in found]
    cells = reads.cells_of(keys)
    claims = [
        CellClaim(cells.get(key, 0), one.units, ref(LINE, one.order_line_id))
        for key, one in zip(keys, found, strict=True)
    ]
    try:
        ledger.unreserve(ctx, claims)
    except NothingClaimed:
        raise WrongState(
            f"The goods of {', '.join(one.number for one in found)} are packed, or have left.",
            fix="Unpack the carton first; what has left comes back as a return.",
            state=found[0].state,
        ) from None
    back = _plates_back(found)
    moves = [
        Move(
            item_id=one.item_id,
            units=one.units,
            source=Place(one.staging_id, one.staged_lpn_id),
            target=Place(one.from_location_id, lpn_id),
            reason="CROSS_DOCK",
            lot_id=one.lot_id,
            origin=ref(CROSS_DOCK, one.cross_dock_id),
        )
        for one, lpn_id in back
    ]
    posting = ledger.post(ctx, moves)
    sales.apply_units(UnitsChange(one.order_line_id, picked=-one.units) for one in found)
    sales.mark_recalled(sorted({order_id for order_id, _ in lines.values()}))
    steps_cross_docks.write_undone(ctx, back)
    ctx.subject = ref(CROSS_DOCK, req.cross_dock_id)
    return CrossDockUndone(req.cross_dock_id, posting.posting_id, [one.cross_dock_id for one in found])


def _plates_back(found: Sequence[LockedCrossDock]) -> list[tuple[LockedCrossDock, int]]:
    """Each with its LPN at the dock: the one it stands on, the one it came off, or 0 when that stands elsewhere."""
    came_off = sorted({one.lpn_id for one in found if one.lpn_id and not one.staged_lpn_id})
    stands = reads.places_of(came_off) if came_off else {}
    return [
        (
            one,
            one.staged_lpn_id
            or (one.lpn_id if stands.get(one.lpn_id, one.from_location_id) == one.from_location_id else 0),
        )
        for one in found
    ]


@command(permission="allocation.follow", result=CrossDocksCancelled)
def follow_demand(ctx: Context, req: FollowDemand) -> CrossDocksCancelled:
    """Cancel what lines do not wait for any more: the newest cross-docks of a line first, each whole; held lines
    wait for nothing."""
    lines = sales.claim_lines(req.line_ids)
    planned = reads.planned_of_lines(sorted(lines))
    held = holds.held_lines(sorted(planned))
    gone = [
        cross_dock_id
        for line_id, rows in planned.items()
        for cross_dock_id in rules_cross_docks.trimmed(rows, 0 if line_id in held else lines[line_id][1].waiting)
    ]
    return _end(ctx, gone, "the order does not want them any more")


@command(permission="allocation.follow", result=CrossDocksCancelled)
def follow_stock(ctx: Context, req: FollowStock) -> CrossDocksCancelled:
    """Cancel cross-docks of which the goods were moved, held or lost; what is left of these goods is put away.

    Emits allocation.cross_docks_cancelled for what is left.
    """
    found = [
        one
        for one in locks.cross_docks(reads.planned_of_items(req.site_id, req.item_ids))
        if one.state == CrossDockState.PLANNED
    ]
    ended = steps_cross_docks.without_goods(found)
    steps_cross_docks.cancel_and_put_away(
        ctx, [one for one, _ in ended], "the goods are not there any more", left=[units for _, units in ended]
    )
    return CrossDocksCancelled([one.cross_dock_id for one, _ in ended])


def _end(ctx: Context, cross_dock_ids: Sequence[int], reason: str) -> CrossDocksCancelled:
    found = [one for one in locks.cross_docks(cross_dock_ids) if one.state == CrossDockState.PLANNED]
    steps_cross_docks.cancel_and_put_away(ctx, found, reason)
    return CrossDocksCancelled([one.cross_dock_id for one in found])


@command(permission="allocation.cross_dock_policy", result=CrossDockingSet)
def set_cross_docking(ctx: Context, req: SetCrossDocking) -> CrossDockingSet:
    """Say what is cross-docked at a site from now on: a new version; the one before stays on record, ended.

    Refuses with BadCrossDocking, naming every bad field.
    """
    ctx.require("allocation.cross_dock_policy", req.site_id)
    families = reads.family_ids(req.families)
    bad = _faults(req, families)
    if bad:
        raise BadCrossDocking(bad[0].message, lines=bad, fix=bad[0].fix)
    current, version = locks.policy_of(req.site_id)
    policy_id = steps_cross_docks.replace_policy(
        ctx,
        current,
        (
            req.site_id,
            version + 1,
            req.is_on,
            sorted(families.values()),
            req.min_tier,
            req.staging_id,
            req.door_id,
            req.reason.strip()[:200],
        ),
    )
    ctx.subject = ref("allocation.cross_dock_policy", policy_id)
    return CrossDockingSet(policy_id, version + 1)


def _faults(req: SetCrossDocking, families: dict[str, int]) -> list[BadLine]:
    places = locations.locations([i for i in (req.staging_id, req.door_id) if i])
    staging, door = places.get(req.staging_id), places.get(req.door_id)
    checks = [
        ("reason", not req.reason.strip(), "Say why.", "A few words are enough."),
        ("min_tier", req.min_tier not in TIERS, f"“{req.min_tier}” is no tier.", "Use A, B or C."),
        (
            "staging_id",
            (req.is_on or bool(req.staging_id))
            and (staging is None or staging.role != "staged" or staging.site_id != req.site_id),
            "Goods need a staging place of this site to go to.",
            "Choose a place in a zone of role staged.",
        ),
        (
            "door_id",
            bool(req.door_id) and (door is None or door.kind != "door" or door.site_id != req.site_id),
            "That is no door of this site.",
            "Choose a dock door, or leave it out.",
        ),
    ]
    bad = [BadLine(1, field, message, fix) for field, is_bad, message, fix in checks if is_bad]
    return bad + [
        BadLine(n, "families", f"There is no item family “{code}”.", "Use the code of a family.")
        for n, code in enumerate(req.families, start=1)
        if code not in families
    ]
