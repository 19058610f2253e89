"""Picks: confirmed, put back."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.fulfilment import (
    locks,
    queries,
    queries_putback,
    queries_totes,
    rules_totes,
    steps,
    steps_lists,
    steps_packing,
    steps_putback,
    steps_totes,
)
from flowrack.fulfilment.locks import LockedPick
from flowrack.fulfilment.rules_totes import IntoTote
from flowrack.fulfilment.states import PickState, UnitKind
from flowrack.fulfilment.types import (
    AlreadyPacked,
    ConfirmPicks,
    Pick,
    PickClosed,
    Picked,
    PickNotFound,
    PicksConfirmed,
    PickTooMany,
    PickUndone,
    UndoPick,
    WrongTote,
)
from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Claim, LedgerRefusal, Move, Place
from flowrack.locations import queries as places
from flowrack.platform.runner import Context, command
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, UnitsChange
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref
from flowrack.storage.types import StockMoved
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import Finish

PICK = "fulfilment.pick"


@command(permission="fulfilment.pick", result=Picked, is_small=lambda req: len(req.picks) <= 100)
def confirm_picks(ctx: Context, req: ConfirmPicks) -> Picked:
    """Book picks: the units stand on the staging location, loose or in a tote, reserved for their order line.

    Posts PICK bin -> staging; emits fulfilment.picks_confirmed. Part of a pick may be confirmed; the rest stays open as
    a new pick. Refuses with PickNotFound, PickClosed (somebody did it), PickTooMany or WrongTote, naming every line.
    """
    done = checked(ctx, req.picks)
    set_totes(done)
    if len(done) > 1:
        sales.claim_lines([pick.line_id for pick, _, _ in done])
    sales.apply_units(
        UnitsChange(pick.line_id, allocated=-units, released=-units, picked=units) for pick, units, _ in done
    )
    posting = ledger.post(ctx, [pick_move(pick, units, tote_id) for pick, units, tote_id in done])
    rest_ids = steps.close_picks(ctx, done, posting_id=posting.posting_id)
    pick_ids = [pick.pick_id for pick, _, _ in done]
    units_done = [units for _, units, _ in done]
    ctx.emit(PicksConfirmed(done[0][0].site_id, sorted({p.order_id for p, _, _ in done}), pick_ids, units_done))
    ctx.subject = ref(PICK, pick_ids[0])
    return Picked(pick_ids, units_done, rest_ids, posting.posting_id)


def checked(ctx: Context, picks: Sequence[Pick]) -> list[tuple[LockedPick, int, int]]:
    """The picks with units and tote, locked and checked; every bad line is named."""
    found = locks.picks([pick.pick_id for pick in picks])
    missing = [
        BadLine(n, "pick_id", "There is no such pick.", "Load the wave again.")
        for n, pick in enumerate(picks, 1)
        if pick.pick_id not in found
    ]
    if missing or not picks:
        raise PickNotFound("There is no such pick.", lines=missing, fix="Load the wave again.")
    for site_id in {pick.site_id for pick in found.values()}:
        ctx.require("fulfilment.pick", site_id)
    seen: set[int] = set()
    closed: list[BadLine] = []
    many: list[BadLine] = []
    for n, asked in enumerate(picks, 1):
        held = found[asked.pick_id]
        if held.state != PickState.OPEN or asked.pick_id in seen:
            closed.append(BadLine(n, "pick_id", f"This pick is {held.state} already.", "Go on with the next one."))
        elif not 0 <= asked.units <= held.units:
            many.append(
                BadLine(n, "units", f"The pick asks for {held.units}, not {asked.units}.", f"Take {held.units}.")
            )
        seen.add(asked.pick_id)
    if closed:
        raise PickClosed("Somebody has done this pick.", lines=closed, fix="Nothing was booked twice. Go on.")
    if many:
        said = many[0].message if len(many) == 1 else "That is not what the picks ask for."
        raise PickTooMany(said, lines=many, fix=many[0].fix if len(many) == 1 else "Put the rest back.")
    return [(found[pick.pick_id], pick.units or found[pick.pick_id].units, _into(pick, found)) for pick in picks]


def _into(pick: Pick, found: dict[int, LockedPick]) -> int:
    """What the goods stand on when they are picked: the tote, or the pallet that is taken as it stands."""
    held = found[pick.pick_id]
    is_whole = held.unit_kind == UnitKind.PALLET and pick.units in (0, held.units)
    return pick.tote_id or (held.lpn_id if is_whole else 0)


def set_totes(done: Sequence[tuple[LockedPick, int, int]]) -> None:
    """Refuse totes of other orders; a tote stands on its cart from its first pick on."""
    asked = [
        IntoTote(n, tote_id, pick.order_id, pick.list_id, pick.site_id, pick.method)
        for n, (pick, _, tote_id) in enumerate(done, 1)
        if tote_id and tote_id != pick.lpn_id
    ]
    if not asked:
        return
    bad, bound = rules_totes.check(
        asked,
        queries_totes.totes_seen(sorted({one.tote_id for one in asked})),
        queries_totes.positions_of(sorted({one.list_id for one in asked})),
    )
    if bad:
        raise WrongTote(bad[0].message, lines=bad, fix=bad[0].fix)
    if bound:
        steps_packing.refuse_kept(sorted(bound.values()))
    steps_totes.bind(bound)


def pick_move(pick: LockedPick, units: int, tote_id: int) -> Move:
    return Move(
        item_id=pick.item_id,
        units=units,
        source=Place(pick.location_id, pick.lpn_id, pick.quality),
        target=Place(pick.staging_id, tote_id, pick.quality),
        reason="PICK",
        lot_id=pick.lot_id,
        owner_id=pick.owner_id,
        origin=ref(PICK, pick.pick_id),
        demand=ref(LINE, pick.line_id),
        claim=Claim.PICK,
    )


def _plate_there(pick: LockedPick) -> int:
    """The LPN that was picked from, if it is in use and stands nowhere else; 0 = none.

    A pallet that was taken as it stood goes back with its goods, unless only a part of them does.
    """
    if pick.lpn_id and pick.tote_id == pick.lpn_id:
        on_it = sum(cell.on_hand for cell in stock.cells_at(lpn_ids=[pick.lpn_id]))
        return pick.lpn_id if on_it == pick.units or pick.state != PickState.GOING_BACK else 0
    plate = places.lpns([pick.lpn_id]).get(pick.lpn_id) if pick.lpn_id else None
    stands_at = {cell.location_id for cell in stock.cells_at(lpn_ids=[pick.lpn_id])} if plate else set()
    return pick.lpn_id if plate and not plate.is_closed and stands_at <= {pick.location_id} else 0


def _stands_on(pick: LockedPick) -> list[tuple[int, int]]:
    """In which totes the goods of a pick stand now, and how many in each.

    They may have been sorted into the tote of their order; what its own tote still holds comes first.
    """
    own, left = pick.tote_id or 0, pick.units
    found: list[tuple[int, int]] = []
    rows = [row for row in queries.staged([pick.order_id]) if (row.line_id, row.lot_id) == (pick.line_id, pick.lot_id)]
    cartons = {carton.lpn_id for carton in queries.cartons([pick.order_id])} if rows else set()
    for row in sorted(rows, key=lambda row: (row.lpn_id != own, row.lpn_id)):
        units = min(left, row.units) if row.lpn_id not in cartons and row.location_id == pick.staging_id else 0
        if units:
            found.append((row.lpn_id, units))
            left -= units
    return found if not left else [(own, pick.units)]


@command(permission="fulfilment.pick", result=PickUndone)
def undo_pick(ctx: Context, req: UndoPick) -> PickUndone:
    """Put a pick back: the units lie in their bin again, reserved and promised as before, and the pick is open.

    A pick that was asked back (ask_put_back) is called back as well, and its task done. What is wanted no more and goes
    back is free in its bin. Posts UNPICK staging -> bin, onto the pallet they came from unless it stands elsewhere now:
    then they lie loose. Refuses with AlreadyPacked when the goods are in a carton or have left.
    """
    pick = locks.picks([req.pick_id]).get(req.pick_id)
    if pick is None:
        raise PickNotFound("There is no such pick.", fix="Load the wave again.")
    ctx.require("fulfilment.pick", pick.site_id)
    if pick.state == PickState.GOING_BACK:
        return _bring_back(ctx, pick)
    if pick.state != PickState.PICKED:
        raise PickClosed(f"This pick is {pick.state}; there is nothing to put back.", fix="Load the wave again.")
    sales.claim_lines([pick.line_id])
    lpn_id = _plate_there(pick)
    stands = _stands_on(pick)
    steps_packing.refuse_kept(
        [tote_id for tote_id, _ in stands if tote_id],
        loose_of=[pick.order_id] if any(not tote_id for tote_id, _ in stands) else [],
    )
    moves = [
        Move(
            item_id=pick.item_id,
            units=units,
            source=Place(pick.staging_id, stands_on, pick.quality),
            target=Place(pick.location_id, lpn_id, pick.quality),
            reason="UNPICK",
            lot_id=pick.lot_id,
            owner_id=pick.owner_id,
            origin=ref(PICK, pick.pick_id),
            demand=ref(LINE, pick.line_id),
            claim=Claim.UNPICK,
        )
        for stands_on, units in stands
    ]
    try:
        ledger.post(ctx, moves)
    except LedgerRefusal as refusal:
        raise AlreadyPacked(
            "These goods are packed or have left.", fix="Unpack the carton first; what left comes back as a return."
        ) from refusal
    steps.reopen_pick(pick, lpn_id)
    steps_lists.reopen(pick.list_id)
    if pick.tote_id:
        steps_totes.free_if_empty([pick.tote_id])
    sales.apply_units([UnitsChange(pick.line_id, allocated=pick.units, released=pick.units, picked=-pick.units)])
    asked = queries_putback.tasks_of([pick.pick_id])
    if asked:
        tasks.complete(ctx, [Finish(task_id) for task_id in asked.values()])
        steps.call_back(ctx, list(locks.picks([pick.pick_id]).values()))
        steps_putback.note_back(ctx, pick.site_id, pick.order_id)
    ctx.subject = ref(PICK, pick.pick_id)
    return PickUndone(pick.pick_id, pick.units)


def _bring_back(ctx: Context, pick: LockedPick) -> PickUndone:
    """Units that an order wants no more lie in their bin again, free for others, who are served as from any move."""
    move = Move(
        item_id=pick.item_id,
        units=pick.units,
        source=Place(pick.staging_id, pick.tote_id or 0, pick.quality),
        target=Place(pick.location_id, _plate_there(pick), pick.quality),
        reason="UNPICK",
        lot_id=pick.lot_id,
        owner_id=pick.owner_id,
        origin=ref(PICK, pick.pick_id),
    )
    try:
        posting = ledger.post(ctx, [move])
    except LedgerRefusal as refusal:
        raise PickClosed(
            "These goods do not stand there any more: somebody moved them.",
            fix="Skip them, and tell the lead: when they are moved back, put them back again.",
        ) from refusal
    steps_putback.close(ctx, pick.pick_id)
    if pick.tote_id:
        steps_totes.free_if_empty([pick.tote_id])
    tasks.complete(ctx, [Finish(task_id) for task_id in queries_putback.tasks_of([pick.pick_id]).values()])
    steps_putback.note_back(ctx, pick.site_id, pick.order_id)
    ctx.emit(StockMoved(pick.site_id, posting.posting_id, [pick.item_id]))
    ctx.subject = ref(PICK, pick.pick_id)
    return PickUndone(pick.pick_id, pick.units)
