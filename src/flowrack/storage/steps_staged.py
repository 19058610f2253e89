"""Writes of transfers that wait in staging; run inside somebody's command, shipping's among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.queries import CellRow
from flowrack.ledger.types import CellClaim, Claim, Move, Place
from flowrack.locations import queries as locations
from flowrack.locations import steps as places
from flowrack.platform import sql
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context
from flowrack.shared.errors import NotFound
from flowrack.shared.refs import ref
from flowrack.storage import locks, queries_staged, steps_transfers
from flowrack.storage.locks import StagedTransfer
from flowrack.storage.models_transfers import Transfer
from flowrack.storage.states import TransferState
from flowrack.storage.types import StockMoved
from flowrack.storage.types_transfers import (
    TRANSFER,
    StagedGoods,
    StageTransfer,
    TransferLeft,
    TransferNotStaged,
    TransferOnLoad,
    TransfersLeft,
)
from flowrack.tasks import steps as tasks

UNSENT = (TransferState.PLANNED, TransferState.RELEASED, TransferState.STAGED)
WAS = {
    TransferState.PLANNED: "is planned, and nothing of it is staged",
    TransferState.RELEASED: "is not staged yet",
    TransferState.CANCELLED: "was called off",
}
Keeper = Callable[[Sequence[int]], None]
_keepers: list[Keeper] = []


def claim(ctx: Context, transfer_ids: Sequence[int]) -> list[StagedTransfer]:
    """Staged transfers, locked, in the order of the request.

    Refuses with NotFound, and with TransferNotStaged those that left or were called off. One statement.
    """
    held = locks.staged_transfers(transfer_ids)
    for transfer_id in transfer_ids:
        one = held.get(transfer_id)
        if one is None or not ctx.may("storage.view", one.site_id):
            raise NotFound(f"There is no transfer with id {transfer_id}.")
        if one.state != TransferState.STAGED:
            was = WAS.get(TransferState(one.state), "has left")
            raise TransferNotStaged(f"{one.number} {was}.", fix="Look at the transfer.")
    return [held[transfer_id] for transfer_id in transfer_ids]


def claim_unsent(ctx: Context, transfer_ids: Sequence[int]) -> list[StagedTransfer]:
    """Transfers that have not left, planned, released or staged, locked. Refuses as `claim` does. One statement."""
    held = locks.staged_transfers(transfer_ids)
    live = [one for one in transfer_ids if one in held and held[one].state in UNSENT]
    if len(live) < len(transfer_ids):
        return claim(ctx, [one for one in transfer_ids if one not in live])
    for transfer_id in transfer_ids:
        if not ctx.may("storage.view", held[transfer_id].site_id):
            raise NotFound(f"There is no transfer with id {transfer_id}.")
    return [held[transfer_id] for transfer_id in transfer_ids]


def register_keeper(keeper: Keeper) -> None:
    """Make known who refuses that goods are put onto plates: they are on a truck or carry cartons."""
    _keepers.append(keeper)


def refuse_kept(lpn_ids: Sequence[int]) -> None:
    """Refuse to stage on plates that a later stage keeps as they are; they are locked."""
    for keep in _keepers:
        keep(lpn_ids)


def refuse_on_load(one: StagedTransfer) -> None:
    """Refuse with TransferOnLoad what a truck waits for."""
    if one.truck:
        fix = f"Load it there, or take it off {one.truck}."
        raise TransferOnLoad(f"{one.number} is on {one.truck}.", fix=fix)


def plan_truck(transfer_ids: Sequence[int], truck: str) -> None:
    """The load that is to take staged transfers; "" = none any more. One statement."""
    sql.execute("UPDATE storage_transfer SET truck = %s WHERE id = ANY(%s::bigint[])", (truck, list(transfer_ids)))


def insert_staged(ctx: Context, req: StageTransfer, number: str, goods: Sequence[tuple[int, int, str, int]]) -> int:
    """A transfer that waits for its truck, with its lines: (item, lot, quality, units). Two statements."""
    made = Transfer(
        number=number, site_id=req.site_id, to_site_id=req.to_site_id, state=TransferState.STAGED,
        note=req.note.strip()[:200], due_on=req.due_on, staged_at=ctx.now, sent_by_id=ctx.actor_id,
    )  # fmt: skip
    made.save()
    steps_transfers.write_lines(int(made.pk), goods)
    return int(made.pk)


def reserve_at(ctx: Context, transfer_id: int, moved: Sequence[Move]) -> None:
    """Reserve what stands in staging now for its transfer. Refuses with NotFree. Two statements."""
    cells = {_kind(cell): cell for cell in stock.cells_at(sorted({move.target.location_id for move in moved}))}
    units: dict[int, int] = {}
    for move in moved:
        cell = cells[
            move.target.location_id, move.item_id, move.lot_id, move.target.lpn_id, str(move.target.quality),
            move.owner_id,
        ]  # fmt: skip
        units[cell.cell_id] = units.get(cell.cell_id, 0) + int(move.units)
    ledger.reserve(ctx, [CellClaim(cell_id, count, ref(TRANSFER, transfer_id)) for cell_id, count in units.items()])


def _kind(cell: CellRow) -> tuple[int, int, int, int, str, int]:
    return (cell.location_id, cell.item_id, cell.lot_id, cell.lpn_id, str(cell.quality), cell.owner_id)


def depart(
    ctx: Context,
    leaving: Sequence[StagedTransfer],
    goods: Sequence[StagedGoods],
    *,
    stays: Sequence[StagedGoods] = (),
    carrier_id: int | None = None,
    truck: str = "",
) -> TransfersLeft:
    """Staged goods of locked transfers of one site leave: they are on the way, and the sender's, until they arrive.

    What of them `stays` waits on under a transfer of its own. Posts TRANSFER staging -> TRANSIT and uses the
    reservations up; emits storage.moved. Eight statements, five more for each transfer that is split.
    """
    site_id = leaving[0].site_id
    transit = locations.virtual(site_id, "TRANSIT")
    posting = ledger.post(ctx, moves(goods, transit))
    sql.execute(
        """
        UPDATE storage_transfer SET state = 'on_the_way', sent_at = %s, sent_by_id = %s, carrier_id = %s, truck = %s
        WHERE id = ANY(%s::bigint[])
        """,
        (ctx.now, ctx.actor_id, carrier_id, truck[:100], [one.transfer_id for one in leaving]),
    )
    empty = _empty_plates({one.lpn_id for one in goods} - {0})
    if empty:
        places.close_lpns(empty, at=ctx.now)
    done = []
    for one in leaving:
        units = sum(of.units for of in goods if of.transfer_id == one.transfer_id)
        left = TransferLeft(one.transfer_id, one.number, units)
        rest = [of for of in stays if of.transfer_id == one.transfer_id]
        done.append(_split(ctx, one, left, rest) if rest else left)
    ctx.emit(StockMoved(site_id, posting.posting_id, sorted({one.item_id for one in goods})))
    return TransfersLeft(posting.posting_id, done)


def moves(goods: Sequence[StagedGoods], transit: int) -> list[Move]:
    """How staged goods leave for TRANSIT of their site."""
    return [_leave(one, transit) for one in goods]


def _leave(one: StagedGoods, transit: int) -> Move:
    demand = ref(TRANSFER, one.transfer_id)
    return Move(
        one.item_id, one.units, Place(one.location_id, one.lpn_id, one.quality), Place(transit, quality=one.quality),
        "TRANSFER", lot_id=one.lot_id, owner_id=one.owner_id, origin=demand, demand=demand, claim=Claim.SHIP,
    )  # fmt: skip


def _empty_plates(lpn_ids: set[int]) -> list[int]:
    """Pallets and cartons of these on which nothing stands any more. One query."""
    rows = sql.fetch_all(
        """
        SELECT n.id FROM locations_lpn n
        WHERE n.id = ANY(%s::bigint[]) AND n.kind <> 'tote' AND n.closed_at IS NULL
          AND NOT EXISTS (SELECT FROM ledger_cell c WHERE c.lpn_id = n.id AND c.on_hand > 0)
        ORDER BY n.id
        """,
        (sorted(lpn_ids),),
    )
    return [row[0] for row in rows]


def _split(ctx: Context, one: StagedTransfer, left: TransferLeft, rest: Sequence[StagedGoods]) -> TransferLeft:
    """What stayed behind waits under a transfer of its own; the one that left shrinks by it."""
    lines = [(of.item_id, of.lot_id, of.quality, of.units) for of in rest]
    params = (one.transfer_id, *([line[n] for line in lines] for n in range(4)))
    sql.execute(
        """
        WITH stays AS (
            SELECT item_id, lot_id, quality, sum(units) AS units
            FROM (SELECT unnest(%s::bigint[]) AS item_id, unnest(%s::bigint[]) AS lot_id, unnest(%s::text[]) AS quality,
                         unnest(%s::bigint[]) AS units) u GROUP BY 1, 2, 3
        ), gone AS (
            DELETE FROM storage_transferline l USING stays s WHERE l.transfer_id = %s AND l.item_id = s.item_id
              AND l.lot_id = s.lot_id AND l.quality = s.quality AND l.units = s.units
        )
        UPDATE storage_transferline l SET units = l.units - s.units FROM stays s
        WHERE l.transfer_id = %s AND l.item_id = s.item_id AND l.lot_id = s.lot_id AND l.quality = s.quality
          AND l.units > s.units
        """,
        (*params[1:], one.transfer_id, one.transfer_id),
    )
    number = next_number("TR")
    note = f"Rest of {one.number}. {one.note}".strip()
    req = StageTransfer(one.site_id, one.to_site_id, rest[0].location_id, [], note=note, due_on=one.due_on)
    rest_id = insert_staged(ctx, req, number, lines)
    ledger.unreserve(ctx, [CellClaim(of.cell_id, of.units, ref(TRANSFER, one.transfer_id)) for of in rest])
    ledger.reserve(ctx, [CellClaim(of.cell_id, of.units, ref(TRANSFER, rest_id)) for of in rest])
    return replace(left, rest_id=rest_id, rest=number)


def call_off(ctx: Context, one: StagedTransfer, reason: str) -> None:
    """A staged transfer does not go; its goods are free where they stand. Five statements."""
    claims = [
        CellClaim(of.cell_id, of.units, ref(TRANSFER, one.transfer_id))
        for of in queries_staged.goods([one.transfer_id])
    ]
    ledger.unreserve(ctx, claims)
    sql.execute(
        "UPDATE storage_transfer SET state = 'cancelled', note = %s WHERE id = %s", (reason[:200], one.transfer_id)
    )
    tasks.cancel_of_origins(ctx, [ref(TRANSFER, one.transfer_id)], reason=reason)
