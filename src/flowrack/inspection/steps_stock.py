"""From a verdict to the moves that the ledger posts."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.inspection.queries import LineRow
from flowrack.inspection.types import JudgedLine
from flowrack.ledger import queries as stock
from flowrack.ledger.queries import CellRow
from flowrack.ledger.types import OWN, STATES, Move, Place


def cells_of(site_id: int, item_id: int, lot_id: int, quality: str, near: Sequence[LineRow]) -> list[CellRow]:
    """Where stock of a quality stands at a site: first at the places it was counted at, then elsewhere. One query."""
    return nearest(cells_at_site(site_id, [item_id]), item_id, lot_id, quality, near)


def cells_at_site(site_id: int, item_ids: Sequence[int]) -> list[CellRow]:
    """Every cell of these items at a site. One query."""
    return stock.cells(item_ids, site_id, [str(s) for s in STATES])


def nearest(
    cells: Sequence[CellRow], item_id: int, lot_id: int, quality: str, near: Sequence[LineRow]
) -> list[CellRow]:
    """Those of the cells that hold our own stock of a kind and quality: where it was counted first."""
    counted = {(line.location_id, line.lpn_id) for line in near}
    lpns = {line.lpn_id for line in near if line.lpn_id}
    found = [
        cell
        for cell in cells
        if (cell.item_id, cell.lot_id, cell.quality, cell.owner_id) == (item_id, lot_id, quality, OWN)
    ]
    return sorted(
        found,
        key=lambda c: ((c.location_id, c.lpn_id) not in counted, c.lpn_id not in lpns, c.pick_sequence, c.cell_id),
    )


def judge(
    cells: Sequence[CellRow], parts: Sequence[tuple[str, int]], *, reason: str, origin: str
) -> tuple[list[Move], list[JudgedLine]]:
    """The moves that give units of cells their new qualities, in order, and where they stand afterwards.

    What the cells do not hold is asked of the last one, so that the ledger refuses it with the numbers.
    """
    moves: list[Move] = []
    lines: list[JudgedLine] = []
    left = [cell.free for cell in cells]
    at = 0
    for quality, units in parts:
        wanted = units
        while wanted > 0 and cells:
            cell = cells[at]
            is_last = at == len(cells) - 1
            take = wanted if is_last else min(wanted, left[at])
            left[at] -= take
            wanted -= take
            if take > 0:
                lines.append(JudgedLine(cell.location_id, cell.item_id, cell.lot_id, cell.lpn_id, take, quality))
                if cell.quality != quality:
                    moves.append(_move(cell, quality, take, reason, origin))
            if left[at] <= 0 and not is_last:
                at += 1
    return moves, lines


def _move(cell: CellRow, quality: str, units: int, reason: str, origin: str) -> Move:
    return Move(
        item_id=cell.item_id,
        units=units,
        source=Place(cell.location_id, cell.lpn_id, cell.quality),
        target=Place(cell.location_id, cell.lpn_id, quality),
        reason=reason,
        lot_id=cell.lot_id,
        owner_id=cell.owner_id,
        origin=origin,
    )
