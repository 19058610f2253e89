"""What happens to promises and picks when stock leaves: what the commands decide, seen before they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flowrack.allocation import queries_shortfalls as shortfalls
from flowrack.allocation.types import GivenUp, PoolShortfall
from flowrack.fulfilment.types_stock import LineLoss
from flowrack.ledger.queries import CellRow
from flowrack.ledger.types import ALLOCATABLE
from flowrack.platform import sql
from flowrack.storage import queries_transfers


@dataclass(frozen=True, slots=True)
class Doubt:
    """Units of a cell that a picker did not find: in the books, but for nobody until they are counted."""

    cell_id: int
    ref: str
    units: int
    item_id: int
    lot_id: int
    site_id: int
    owner_id: int


def gaps_of(leaving: Sequence[tuple[CellRow, int]]) -> tuple[list[PoolShortfall], dict[int, int]]:
    """What pools lose when units leave these cells, and how many units more than are free leave each cell. No query."""
    short: dict[tuple[int, int, int, int], int] = {}
    gone: dict[int, int] = {}
    free: dict[int, int] = {}
    for cell, units in leaving:
        if cell.state in ALLOCATABLE:
            key = (cell.item_id, cell.lot_id, cell.site_id, cell.owner_id)
            short[key] = short.get(key, 0) + units
            gone[cell.cell_id] = gone.get(cell.cell_id, 0) + units
            free[cell.cell_id] = cell.free
    gaps = [PoolShortfall(*key, units) for key, units in short.items()]
    return gaps, {cell_id: units - free[cell_id] for cell_id, units in gone.items() if units > free[cell_id]}


def doubts_that_end(lacks: dict[int, int], counted: Sequence[int]) -> list[Doubt]:
    """The doubts that end, with the units of each; `lacks` is lowered by what they free. One query."""
    seen = frozenset(counted)
    ended: list[Doubt] = []
    for doubt in _doubts_on(sorted({*lacks, *counted})):
        units = doubt.units if doubt.cell_id in seen else min(doubt.units, max(lacks[doubt.cell_id], 0))
        if units:
            ended.append(replace(doubt, units=units))
            lacks[doubt.cell_id] = lacks.get(doubt.cell_id, 0) - units
    return ended


def _doubts_on(cell_ids: Sequence[int]) -> list[Doubt]:
    rows = sql.fetch_all(
        """
        SELECT r.cell_id, r.ref, r.units, c.item_id, c.lot_id, c.site_id, c.owner_id
        FROM ledger_reservation r JOIN ledger_cell c ON c.id = r.cell_id
        WHERE r.cell_id = ANY(%s::bigint[]) AND r.ref LIKE 'fulfilment.pick:%%' ORDER BY r.id
        """,
        (list(cell_ids),),
    )
    return [Doubt(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Hit:
    """An order line that stock leaving would hit: the promise it loses, and what is called back from its picker."""

    line_id: int
    order_id: int
    number: str
    customer: str
    tier: str
    requested_on: date
    sku: str
    promised: int
    lost: int
    called_back: int

    @property
    def kept(self) -> int:
        """Units that stay promised."""
        return self.promised - self.lost


def consequences(leaving: Sequence[tuple[CellRow, int]], now: datetime) -> list[Hit]:
    """Whom it would hit if these units left now, those who lose most first. Reads only; five queries and more.

    Refuses with CannotDisplace as the command would.
    """
    gaps, lacks = gaps_of(leaving)
    if not gaps:
        return []
    ended = doubts_that_end(lacks, [])
    gaps += [PoolShortfall(d.item_id, d.lot_id, d.site_id, d.owner_id, -d.units) for d in ended]
    given_up = _open_picks([cell_id for cell_id, units in lacks.items() if units > 0])
    lost: dict[int, int] = {}
    for victim in shortfalls.would_lose(gaps, given_up, now):
        lost[victim.line_id] = lost.get(victim.line_id, 0) + victim.units
    called_back: dict[int, int] = {}
    for pick in given_up:
        called_back[pick.line_id] = called_back.get(pick.line_id, 0) + pick.units
    return _hits(lost, called_back)


def transfers_hit(leaving: Sequence[tuple[CellRow, int]]) -> list[tuple[int, str, int]]:
    """Planned transfers that would lose units if these left now: id, number, units. Four queries at most."""
    gaps, lacks = gaps_of(leaving)
    if not gaps:
        return []
    ended = doubts_that_end(lacks, [])
    gaps += [PoolShortfall(d.item_id, d.lot_id, d.site_id, d.owner_id, -d.units) for d in ended]
    lost = shortfalls.transfers_lose(gaps)
    return [(row.id, row.number, lost[row.id]) for row in queries_transfers.transfers(sorted(lost))] if lost else []


def _open_picks(cell_ids: Sequence[int]) -> list[GivenUp]:
    rows = sql.fetch_all(
        """
        SELECT p.order_line_id, p.item_id, p.lot_id, c.site_id, c.owner_id, p.units
        FROM fulfilment_pickline p JOIN ledger_cell c ON c.id = p.cell_id
        WHERE p.cell_id = ANY(%s::bigint[]) AND p.state = 'open' ORDER BY p.id
        """,
        (list(cell_ids),),
    )
    return [GivenUp(*row) for row in rows]


def _hits(lost: dict[int, int], called_back: dict[int, int]) -> list[Hit]:
    line_ids = sorted({*lost, *called_back})
    rows = sql.fetch_all(
        """
        SELECT l.id, o.id, o.number, p.name, o.tier, o.requested_on, i.sku, l.allocated_units
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id JOIN parties_party p ON p.id = o.customer_id
        JOIN catalog_item i ON i.id = l.item_id
        WHERE l.id = ANY(%s::bigint[])
        """,
        (line_ids,),
    )
    hits = [Hit(*(*row, lost.get(row[0], 0), called_back.get(row[0], 0))) for row in rows]
    return sorted(hits, key=lambda hit: (-hit.lost, -hit.called_back, hit.line_id))


def losses(hits: Sequence[Hit]) -> list[LineLoss]:
    """What a person agrees to who has seen whom it hits. No query."""
    return [LineLoss(hit.line_id, hit.lost) for hit in sorted(hits, key=lambda hit: hit.line_id) if hit.lost]
