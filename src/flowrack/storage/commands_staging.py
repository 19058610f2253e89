"""Transfers that wait for a truck: staged, sent without a load, called off."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.queries import CellRow
from flowrack.ledger.types import Place
from flowrack.locations import queries as locations
from flowrack.locations import steps as plates
from flowrack.locations.types import LpnKind, LpnRefused, Role
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref
from flowrack.storage import locks, queries_staged, steps, steps_staged
from flowrack.storage import steps_moves as moves
from flowrack.storage.types import StockMoved
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
    place = locations.locations([req.location_id]).get(req.location_id)
    if place is None or place.site_id != req.site_id or place.role != Role.STAGED:
        raise Invalid("This is no place for staging at the site.", fix="Name a staging place or a dock door.")
    asked = moves.cells_asked(req.lines, req.site_id)
    _refuse_unfit(asked)
    [plate] = plates.ensure_lpns(req.site_id, [req.plate.strip().upper()])
    whole = _whole_plates(asked)
    _refuse_plates(plate, whole)
    moved = [
        moves.of_cell(cell, Place(req.location_id, cell.lpn_id if cell.lpn_id in whole else plate, cell.quality),
                      units=units, reason="MOVE")
        for cell, units in asked
    ]  # fmt: skip
    number = next_number("TR")
    transfer_id = steps_staged.insert_staged(
        ctx, req, number, [(m.item_id, m.lot_id, str(m.target.quality), int(m.units)) for m in moved]
    )
    wanted = [replace(m, origin=ref(TRANSFER, transfer_id)) for m in moved if m.source != m.target]
    posting_id = ledger.post(ctx, wanted).posting_id if wanted else 0
    steps_staged.reserve_at(ctx, transfer_id, moved)
    if wanted:
        steps.follow_moved_stock(ctx, req.site_id, sorted({m.source.location_id for m in wanted}))
        ctx.emit(StockMoved(req.site_id, posting_id, sorted({m.item_id for m in wanted})))
    ctx.subject = ref(TRANSFER, transfer_id)
    return TransferStaged(transfer_id, number, len(moved), sum(int(m.units) for m in moved), posting_id)


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


def _refuse_plates(plate: int, whole: Set[int]) -> None:
    """Refuse to put goods with others onto a plate: whoever takes those along would take these. Locks the plates.

    Three queries at most, and those of the keepers.
    """
    ids = sorted({plate, *whole} - {0})
    if not ids:
        return
    of_plate = locks.plates(ids)
    if plate and plate not in whole:
        code, kind = of_plate[plate]
        if kind != LpnKind.PALLET:
            raise _plate_refused(f"{code} is a {kind}.", "Name a pallet, or none for loose goods.")
        if stock.cells_at(lpn_ids=[plate]):
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


@command(permission="storage.move", result=TransferCancelled)
def cancel_transfer(ctx: Context, req: CancelTransfer) -> TransferCancelled:
    """A staged transfer does not go: its goods stay in staging and are free.

    Refuses with NotFound, TransferNotStaged, and with TransferOnLoad while a load is planned to take it.
    """
    [held] = steps_staged.claim(ctx, [req.transfer_id])
    ctx.require("storage.move", held.site_id)
    steps_staged.refuse_on_load(held)
    reason = req.reason.strip()
    if not reason:
        raise Invalid("Say why it does not go.", fix="Write a reason.")
    steps_staged.call_off(ctx, held, reason)
    ctx.subject = ref(TRANSFER, held.transfer_id)
    return TransferCancelled(held.transfer_id, held.number)
