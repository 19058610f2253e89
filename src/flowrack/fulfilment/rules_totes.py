"""Which tote a pick may go into: pure. A tote holds goods of one order, but for a batch, which is sorted afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flowrack.fulfilment.states import Method
from flowrack.shared.errors import BadLine


class IntoTote(NamedTuple):
    """A pick and the tote that it is to go into."""

    line: int  # of the request
    tote_id: int
    order_id: int
    list_id: int
    site_id: int
    method: str


class ToteSeen(NamedTuple):
    """A tote: whose goods are in it, and on which list's cart it stands (list 0: on none; order 0: of a batch)."""

    tote_id: int
    code: str
    is_closed: bool
    site_id: int
    orders: frozenset[int]
    list_id: int
    list_number: str
    position: int
    order_id: int


class Position(NamedTuple):
    """A place on a list's cart, and the tote that stands there (0: none yet)."""

    row_id: int
    letter: str
    tote_id: int
    tote: str
    is_bound: bool


def check(
    picks: Sequence[IntoTote], totes: Mapping[int, ToteSeen], positions: Mapping[tuple[int, int], Position]
) -> tuple[list[BadLine], dict[int, int]]:
    """What is wrong, line by line; and the totes that are to be set on their positions (row -> tote).

    `positions` are by list and order; order 0 of a list is the position of a batch.
    """
    bad: list[BadLine] = []
    bound: dict[int, int] = {}
    inside = {tote_id: set(tote.orders) for tote_id, tote in totes.items()}
    for pick in picks:
        tote = totes.get(pick.tote_id)
        at = positions.get((pick.list_id, pick.order_id)) or positions.get((pick.list_id, 0))
        if tote is None or tote.is_closed or tote.site_id != pick.site_id:
            bad.append(BadLine(pick.line, "tote_id", "There is no such tote at this site.", "Scan another tote."))
            continue
        wrong = _wrong(pick, tote, at, inside[pick.tote_id], bound)
        if wrong is not None:
            bad.append(wrong)
            continue
        inside[pick.tote_id].add(pick.order_id)
        if at is not None and not at.is_bound and tote.list_id == 0:
            bound[at.row_id] = pick.tote_id
    return bad, bound


def _wrong(
    pick: IntoTote, tote: ToteSeen, at: Position | None, inside: set[int], bound: Mapping[int, int]
) -> BadLine | None:
    is_here = tote.list_id == pick.list_id
    if tote.list_id and not is_here and tote.order_id != pick.order_id:
        where = f"{tote.code} stands at {letter_of(tote.position)} on {tote.list_number}."
        return BadLine(pick.line, "tote_id", where, "Scan a tote of your own cart.")
    is_batch = pick.method == Method.BATCH and (is_here or not tote.orders)
    if inside - {pick.order_id} and not is_batch:
        said = f"{tote.code} holds goods of another order."
        into = f"Scan {at.tote}." if at is not None and at.tote else "Scan this order's tote."
        return BadLine(pick.line, "tote_id", said, into)
    if at is None:
        return None
    taken = at.tote_id or bound.get(at.row_id, 0)
    if taken and taken != pick.tote_id:
        said = f"{at.tote}, not {tote.code}." if at.tote else f"{tote.code} is not the tote of this order."
        return BadLine(pick.line, "tote_id", said, f"Goods for {at.letter} go into one tote until it is full.")
    if pick.tote_id in {tote_id for row, tote_id in bound.items() if row != at.row_id}:
        return BadLine(pick.line, "tote_id", f"{tote.code} stands at another place already.", "Scan another tote.")
    return None


def wrong_on_wall(tote: ToteSeen | None, *, order_id: int, site_id: int, from_id: int) -> tuple[str, str] | None:
    """What is wrong with a tote into which goods of an order are sorted, and the way out; None = it is right."""
    if tote is None or tote.is_closed or tote.site_id != site_id:
        return "There is no such tote at this site.", "Scan another tote."
    if tote.tote_id == from_id:
        return f"{tote.code} is the tote that is sorted.", "Scan the order's own tote, or an empty one."
    if tote.list_id:
        return f"{tote.code} stands at {letter_of(tote.position)} on {tote.list_number}.", "Scan an empty tote."
    if tote.orders - {order_id}:
        return f"{tote.code} holds goods of another order.", "Scan the order's own tote, or an empty one."
    return None


def letter_of(position: int) -> str:
    """Position 1 of a cart is A."""
    return chr(ord("A") + position - 1)
