"""Transfers on their way to a truck: staged at once or as released, sent without a load, called off."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from flowrack.catalog import queries as catalog
from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.queries import CellRow
from flowrack.ledger.types import Move, Place
from flowrack.locations import queries as locations
from flowrack.locations import steps as plates
from flowrack.locations.types import LpnKind, LpnRefused, Role
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Invalid, NotFound
from flowrack.shared.refs import ref
from flowrack.storage import (
    locks,
    queries_staged,
    queries_transfer_plans,
    rules_transfers,
    steps,
    steps_staged,
    steps_transfer_tasks,
)
from flowrack.storage import steps_moves as moves
from flowrack.storage import steps_transfer_plans as plans
from flowrack.storage.locks import StagedTransfer
from flowrack.storage.states import TransferState
from flowrack.storage.types import StockMoved
from flowrack.storage.types_transfer_plans import (
    EndStaging,
    LeftToStage,
    PutDownTransfer,
    ReleasedStaged,
    StageReleased,
    StagingEnded,
    TakeTransfer,
    TransferNotReleased,
    TransferTaken,
)
from flowrack.storage.types_transfers import (
    TRANSFER,
    CancelTransfer,
    SendStaged,
    StageTransfer,
    TransferCancelled,
    TransferLeft,
    TransferStaged,
)


@command(permission="storage.move", result=TransferStaged)
def stage_transfer(ctx: Context, req: StageTransfer) -> TransferStaged:
    """Stock is brought to staging and kept for the truck that takes it to another site.

    Posts MOVE place -> staging and reserves the units for the transfer; emits storage.moved. Refuses with Invalid (the
    same site, a place that is no staging, goods that are on hold or another's), NothingThere, LpnRefused (also a plate
    that is no pallet or carries other goods), CannotStack, and with the ledger's CommittedStock and NotFree.
    """
    ctx.require("storage.move", req.site_id)
    if req.to_site_id == req.site_id:
        raise Invalid("It is at that site already.", fix="Move it there, or choose another site.")
    locations.site(req.to_site_id)
    due_on = plans.day_there(ctx, req.site_id, req.to_site_id, req.due_on)
    moved = _to_staging(req.site_id, req.location_id, moves.cells_asked(req.lines, req.site_id), req.plate)
    number = next_number("TR")
    transfer_id = steps_staged.insert_staged(
        ctx,
        replace(req, due_on=due_on),
        number,
        [(m.item_id, m.lot_id, str(m.target.quality), int(m.units)) for m in moved],
    )
    posting_id = _bring(ctx, req.site_id, transfer_id, moved)
    made = StagedTransfer(
        transfer_id, number, TransferState.STAGED, req.site_id, req.to_site_id, due_on, req.note, ""
    )  # fmt: skip
    plans.tell(ctx, made, (m.item_id for m in moved), f"{number} waits for its truck")
    ctx.subject = ref(TRANSFER, transfer_id)
    return TransferStaged(transfer_id, number, len(moved), sum(int(m.units) for m in moved), posting_id)


def _to_staging(
    site_id: int, location_id: int, asked: Sequence[tuple[CellRow, int]], label: str, *, of: str = ""
) -> list[Move]:
    """How goods come to staging: a pallet that goes whole as it stands, what is loose on the plate with a label, beside
    what is there of the transfer that they belong to."""
    place = locations.locations([location_id]).get(location_id)
    if place is None or place.site_id != site_id or place.role != Role.STAGED:
        raise Invalid("This is no place for staging at the site.", fix="Name a staging place or a dock door.")
    _refuse_unfit(asked)
    [plate] = plates.ensure_lpns(site_id, [label.strip().upper()])
    whole = _whole_plates(asked)
    _refuse_plates(plate, whole, of)
    return [
        moves.of_cell(cell, Place(location_id, cell.lpn_id if cell.lpn_id in whole else plate, cell.quality),
                      units=units, reason="MOVE")
        for cell, units in asked
    ]  # fmt: skip


def _bring(ctx: Context, site_id: int, transfer_id: int, moved: Sequence[Move]) -> int:
    """Bring goods to staging and reserve them for their transfer; the posting, 0 = all of it stood there before."""
    wanted = [replace(m, origin=ref(TRANSFER, transfer_id)) for m in moved if m.source != m.target]
    posting_id = ledger.post(ctx, wanted).posting_id if wanted else 0
    steps_staged.reserve_at(ctx, transfer_id, moved)
    if wanted:
        steps.follow_moved_stock(ctx, site_id, sorted({m.source.location_id for m in wanted}))
        ctx.emit(StockMoved(site_id, posting_id, sorted({m.item_id for m in wanted})))
    return posting_id


def _refuse_unfit(asked: Sequence[tuple[CellRow, int]]) -> None:
    """Refuse what is on hold, and what is not ours: no truck takes it along with other goods."""
    moves.refuse_others(asked)
    bad = [
        BadLine(
            n, "item", f"{units:,} of it in {cell.location_code} are {cell.quality}.", "Release it, or send it now."
        )
        for n, (cell, units) in enumerate(asked, 1)
        if cell.quality != "available"
    ]
    if bad:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)


def _refuse_plates(plate: int, whole: Set[int], of: str) -> None:
    """Refuse to put goods with others onto a plate: whoever takes those along would take these. Locks the plates.

    Four queries at most, and those of the keepers.
    """
    ids = sorted({plate, *whole} - {0})
    if not ids:
        return
    of_plate = locks.plates(ids)
    if plate and plate not in whole:
        code, kind = of_plate[plate]
        if kind != LpnKind.PALLET:
            raise _plate_refused(f"{code} is a {kind}.", "Name a pallet, or none for loose goods.")
        there = stock.cells_at(lpn_ids=[plate])
        kept = queries_transfer_plans.kept_on([plate]).get(plate, ("", ""))[1] if there else ""
        if there and (not of or kept != of or any(cell.on_hand > cell.reserved for cell in there)):
            raise _plate_refused(f"Other goods stand on {code}.", "Name an empty pallet, or a new label.")
    steps_staged.refuse_kept(ids)


def _plate_refused(words: str, fix: str) -> LpnRefused:
    return LpnRefused(words, lines=[BadLine(0, "plate", words, fix)], fix=fix)


def _whole_plates(asked: Sequence[tuple[CellRow, int]]) -> set[int]:
    """The plates of which all goes, so that they go as they stand. One query."""
    lpns = {cell.lpn_id for cell, _ in asked} - {0}
    if not lpns:
        return set()
    named = {cell.cell_id: units for cell, units in asked}
    return lpns - {
        cell.lpn_id for cell in stock.cells_at(lpn_ids=sorted(lpns)) if named.get(cell.cell_id) != cell.on_hand
    }


@command(permission="storage.move", result=TransferLeft)
def send_staged(ctx: Context, req: SendStaged) -> TransferLeft:
    """A staged transfer leaves without a load: it is on the way until the other site receives it.

    Posts TRANSFER staging -> TRANSIT; emits storage.moved. Refuses with NotFound, TransferNotStaged, and with
    TransferOnLoad while a load is planned to take it.
    """
    [held] = steps_staged.claim(ctx, [req.transfer_id])
    ctx.require("storage.move", held.site_id)
    steps_staged.refuse_on_load(held)
    done = steps_staged.depart(ctx, [held], queries_staged.goods([held.transfer_id]))
    ctx.subject = ref(TRANSFER, held.transfer_id)
    return done.transfers[0]


@command(permission="storage.cancel_transfers", result=TransferCancelled)
def cancel_transfer(ctx: Context, req: CancelTransfer) -> TransferCancelled:
    """A transfer that has not left does not go: what is staged stays there, and all of its stock is free.

    Emits storage.transfer_changed. Refuses with NotFound, TransferNotStaged (it left, or was called off), and with
    TransferOnLoad while a load is planned to take it.
    """
    reason = req.reason.strip()
    [held] = steps_staged.claim_unsent(ctx, [req.transfer_id])
    ctx.require("storage.move" if held.state == TransferState.STAGED else "storage.plan_transfers", held.site_id)
    steps_staged.refuse_on_load(held)
    if not reason:
        raise Invalid("Say why it does not go.", fix="Write a reason.")
    items = queries_transfer_plans.items_of([held.transfer_id])[held.transfer_id]
    left = queries_transfer_plans.left_to_stage([held.transfer_id])[held.transfer_id]
    plans.give_back(ctx, held.transfer_id, held.site_id, left)
    steps_staged.call_off(ctx, held, reason)
    plans.tell(ctx, held, items, f"{held.number} was called off: {reason}", freed=bool(left))
    ctx.subject = ref(TRANSFER, held.transfer_id)
    return TransferCancelled(held.transfer_id, held.number)


@command(permission="storage.move", result=ReleasedStaged)
def stage_released(ctx: Context, req: StageReleased) -> ReleasedStaged:
    """Goods of a released transfer reach staging and are kept there for it; with the last of them it waits for its
    truck.

    Posts MOVE place -> staging; emits storage.moved. Refuses with NotFound, TransferNotReleased, NotOfTransfer (other
    goods or more than planned), Invalid, NothingThere, LpnRefused, CannotStack, and with the ledger's
    InsufficientStock.
    """
    one = _claim_released(ctx, req.transfer_id)
    left = queries_transfer_plans.left_to_stage([one.transfer_id])[one.transfer_id]
    asked = moves.cells_asked(req.lines, one.site_id)
    goods = [(cell.item_id, cell.lot_id, units) for cell, units in asked]
    rules_transfers.refuse_other_goods(goods, left, _names({(x.item_id, x.lot_id) for x in left}, goods))
    moved = _to_staging(one.site_id, req.location_id, asked, req.plate, of=one.number)
    taken: dict[tuple[int, int], int] = {}
    for item_id, lot_id, units in goods:
        taken[item_id, lot_id] = taken.get((item_id, lot_id), 0) + units
    plans.give_back(ctx, one.transfer_id, one.site_id, [LeftToStage(*key, n) for key, n in taken.items()])
    posting_id = _bring(ctx, one.site_id, one.transfer_id, moved)
    units = sum(taken.values())
    rest = sum(x.units for x in left) - units
    if rest:
        steps_transfer_tasks.keep(ctx, one.transfer_id)
    else:
        plans.all_staged(ctx, one)
    ctx.subject = ref(TRANSFER, one.transfer_id)
    return ReleasedStaged(one.transfer_id, one.number, units, rest, posting_id)


@command(permission="storage.move", result=TransferTaken)
def take_transfer(ctx: Context, req: TakeTransfer) -> TransferTaken:
    """A person stages a released transfer: for half an hour from each scan nobody else is sent to its bins.

    Refuses with NotFound, TransferNotReleased, and with WithColleague while somebody else stages it.
    """
    one = _claim_released(ctx, req.transfer_id)
    until = steps_transfer_tasks.take(ctx, one)
    ctx.subject = ref(TRANSFER, one.transfer_id)
    return TransferTaken(one.transfer_id, one.number, until)


@command(permission="storage.move", result=TransferTaken)
def put_down_transfer(ctx: Context, req: PutDownTransfer) -> TransferTaken:
    """Whoever stages a transfer does something else: what is left of it is for anybody. Refuses with NotFound and
    TransferNotReleased."""
    one = _claim_released(ctx, req.transfer_id)
    steps_transfer_tasks.put_down(ctx, one.transfer_id)
    ctx.subject = ref(TRANSFER, one.transfer_id)
    return TransferTaken(one.transfer_id, one.number, None)


@command(permission="storage.move", result=StagingEnded)
def end_staging(ctx: Context, req: EndStaging) -> StagingEnded:
    """What of a released transfer is not staged does not go; the rest waits for its truck.

    Emits storage.transfer_changed. Refuses with NotFound, TransferNotReleased, and with Invalid where nothing is
    staged (the transfer is called off instead), or no reason is given.
    """
    one = _claim_released(ctx, req.transfer_id)
    staged = sum(of.units for of in queries_staged.goods([one.transfer_id]))
    left = queries_transfer_plans.left_to_stage([one.transfer_id])[one.transfer_id]
    reason = req.reason.strip()
    if not staged:
        raise Invalid(f"Nothing of {one.number} is staged.", fix="Stage what there is, or let a planner call it off.")
    if not reason:
        raise Invalid("Say why the rest does not go.", fix="Write a reason.")
    plans.give_back(ctx, one.transfer_id, one.site_id, left)
    plans.shrink(one.transfer_id, left)
    plans.all_staged(ctx, one)
    dropped = sum(x.units for x in left)
    plans.tell(ctx, one, (x.item_id for x in left), f"{dropped:,} of {one.number} do not go: {reason}", freed=True)
    plans.explain(ctx, one.transfer_id, f"{dropped:,} of it do not go: {reason[:200].rstrip('.')}.", dropped=dropped)
    ctx.subject = ref(TRANSFER, one.transfer_id)
    return StagingEnded(one.transfer_id, one.number, staged, dropped)


def _claim_released(ctx: Context, transfer_id: int) -> StagedTransfer:
    """A released transfer, locked. Refuses with NotFound, NotPermitted and TransferNotReleased."""
    one = locks.staged_transfers([transfer_id]).get(transfer_id)
    if one is None or not ctx.may("storage.view", one.site_id):
        raise NotFound(f"There is no transfer with id {transfer_id}.")
    ctx.require("storage.move", one.site_id)
    if one.state != TransferState.RELEASED:
        was = plans.BEEN.get(TransferState(one.state), "has left")
        raise TransferNotReleased(f"{one.number} {was}.", fix="Look at the transfer.")
    return one


def _names(planned: Set[tuple[int, int]], goods: Sequence[tuple[int, int, int]]) -> dict[tuple[int, int], str]:
    """Items and lots in words. Two queries."""
    keys = planned | {(item_id, lot_id) for item_id, lot_id, _ in goods}
    items = catalog.items({item_id for item_id, _ in keys})
    lots = catalog.lots({lot_id for _, lot_id in keys if lot_id})
    return {
        (item_id, lot_id): f"{items[item_id].sku}{f' of lot {lots[lot_id].code}' if lot_id else ''}"
        for item_id, lot_id in keys
    }
