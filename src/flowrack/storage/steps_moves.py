"""From what people ask to the moves that the ledger posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flowrack.inspection import steps as inspection
from flowrack.ledger import queries as stock
from flowrack.ledger.queries import CellRow
from flowrack.ledger.types import OWN, Move, Place, Quality
from flowrack.locations import queries as locations
from flowrack.shared.errors import BadLine, Invalid
from flowrack.storage import locks, queries, queries_bins
from flowrack.storage import steps_choose as choosing
from flowrack.storage.queries import ItemNeeds
from flowrack.storage.rules_putaway import FORBIDDING, LIMITING, PICKABLE, Bin, removed_by
from flowrack.storage.types import (
    BinMove,
    ItemMove,
    LpnMove,
    MoveStock,
    NotAllowedThere,
    NothingThere,
    OverCapacity,
    PutawayNeed,
    StockAt,
)
from flowrack.storage.types_transfers import ReceiveSent


def of_cell(cell: CellRow, target: Place, *, units: int, reason: str, origin: str = "") -> Move:
    """Units of a cell to a place."""
    return Move(
        item_id=cell.item_id,
        units=units,
        source=Place(cell.location_id, cell.lpn_id, cell.quality),
        target=target,
        reason=reason,
        lot_id=cell.lot_id,
        owner_id=cell.owner_id,
        origin=origin,
    )


def of_request(req: MoveStock, *, reason: str) -> list[Move]:
    """The moves of LPNs, items and whole bins, in that order. One query, none for items alone."""
    from_bins, lpns = [b.from_location_id for b in req.bins], [p.lpn_id for p in req.lpns]
    cells = stock.cells_at(from_bins, lpns) if from_bins or lpns else []
    moves = _of_lpns(req.lpns, cells, reason) + _of_items(req.items, reason) + _of_bins(req.bins, cells, reason)
    if not moves:
        raise NothingThere("There is nothing to move.", fix="Scan what should move, then where to.")
    return moves


def refuse_unknown_items(moves: Sequence[Move], facts: Mapping[int, ItemNeeds]) -> None:
    """Refuse with NothingThere moves of items that do not exist, naming each line."""
    unknown = [
        BadLine(i, "item_id", f"There is no item {m.item_id}.", "Scan the item again.")
        for i, m in enumerate(moves, start=1)
        if m.item_id not in facts
    ]
    if unknown:
        raise NothingThere(unknown[0].message, lines=unknown, fix=unknown[0].fix)


def _of_lpns(asked: Sequence[LpnMove], cells: Sequence[CellRow], reason: str) -> list[Move]:
    on = {p.lpn_id: [c for c in cells if c.lpn_id == p.lpn_id] for p in asked}
    empty = [
        BadLine(i, "lpn", "Nothing is on this LPN.", "Scan another LPN.")
        for i, p in enumerate(asked, start=1)
        if not on[p.lpn_id]
    ]
    if empty:
        raise NothingThere(empty[0].message, lines=empty, fix=empty[0].fix)
    return [
        of_cell(c, Place(p.location_id, c.lpn_id, c.quality), units=c.on_hand, reason=reason)
        for p in asked
        for c in on[p.lpn_id]
        if c.location_id != p.location_id
    ]


def _of_items(asked: Sequence[ItemMove], reason: str) -> list[Move]:
    bad = [
        BadLine(i, "units", f"{m.units} units cannot be moved.", "Move at least 1.")
        for i, m in enumerate(asked, start=1)
        if m.units <= 0
    ]
    if bad:
        raise Invalid(bad[0].message, lines=bad)
    return [
        Move(
            item_id=m.item_id,
            units=m.units,
            source=Place(m.from_location_id, m.from_lpn_id, m.quality),
            target=Place(m.to_location_id, m.to_lpn_id, m.quality),
            reason=reason,
            lot_id=m.lot_id,
        )
        for m in asked
    ]


def _of_bins(asked: Sequence[BinMove], cells: Sequence[CellRow], reason: str) -> list[Move]:
    inside = {b.from_location_id: [c for c in cells if c.location_id == b.from_location_id] for b in asked}
    empty = [
        BadLine(i, "from_location", "Nothing lies there.", "Scan another bin.")
        for i, b in enumerate(asked, start=1)
        if not inside[b.from_location_id]
    ]
    if empty:
        raise NothingThere(empty[0].message, lines=empty, fix=empty[0].fix)
    return [
        of_cell(c, Place(b.to_location_id, c.lpn_id, c.quality), units=c.on_hand, reason=reason)
        for b in asked
        for c in inside[b.from_location_id]
    ]


def of_arrivals(req: ReceiveSent, transit_id: int) -> list[Move]:
    """The moves of goods that came from another site to a place of this one. One query."""
    place = locations.locations([req.location_id]).get(req.location_id)
    if place is None or place.site_id != req.site_id or place.kind == "virtual" or req.from_site_id == req.site_id:
        raise Invalid("This is no place of the site.", fix="Scan a place of the site that receives.")
    bad = [
        BadLine(i, "units", f"{line.units} units cannot arrive.", "Receive at least 1.")
        for i, line in enumerate(req.lines, start=1)
        if line.units <= 0
    ]
    if bad or not req.lines:
        raise Invalid("Nothing to receive.", lines=bad, fix="Name what came.")
    return [
        Move(
            item_id=line.item_id,
            units=line.units,
            source=Place(transit_id, 0, Quality(line.quality)),
            target=Place(req.location_id, 0, Quality(line.quality)),
            reason="TRANSFER",
            lot_id=line.lot_id,
        )
        for line in req.lines
    ]


def places_of(moves: Sequence[Move]) -> dict[int, Bin]:
    """The places that moves name, with their own rules; those that something comes into stay locked. One statement."""
    arriving = {m.target.location_id for m in moves if m.source.location_id != m.target.location_id}
    return locks.places({m.source.location_id for m in moves} | {m.target.location_id for m in moves}, arriving)


def check_places(site_id: int, moves: Sequence[Move]) -> dict[int, Bin]:
    """Refuse places of another site, and virtual ones; the places, of which the targets stay locked. One statement."""
    places = places_of(moves)
    bad = [
        BadLine(i, "location", "This is no place of the site.", "Scan a place of this site.")
        for i, m in enumerate(moves, start=1)
        for place in (places.get(m.source.location_id), places.get(m.target.location_id))
        if place is None or place.site_id != site_id or place.is_virtual
    ]
    if bad:
        raise Invalid(bad[0].message, lines=bad)
    return places


def check_room(moves: Sequence[Move], places: Mapping[int, Bin], *, without_moves: Sequence[int] = ()) -> None:
    """Refuse what a target forbids or has no room for. `places` are locked (see places_of). Two statements at most.

    Places without limits (docks, staging) take everything, and what fills them is not read.
    """
    arriving: dict[int, list[Move]] = {}
    for move in moves:
        if move.source.location_id != move.target.location_id:
            arriving.setdefault(move.target.location_id, []).append(move)
    if not arriving:
        return
    refuse_held(moves, places, at=("forward_pick",), what="go to a pick face")
    facts = queries.item_needs(sorted({m.item_id for m in moves}))
    refuse_unknown_items(moves, facts)
    goods_at = {place: choosing.goods_of([_need(m) for m in coming], facts) for place, coming in arriving.items()}
    limited = [location_id for location_id in arriving if places[location_id].has_limits]
    risky = {place for place, goods in goods_at.items() if goods.hazards and places[place].role in PICKABLE}
    read = queries_bins.bins(sorted({*limited, *risky}), without_moves=without_moves)
    filled = {place.location_id: place for place in read}
    around = choosing.around_places(read, risky, without_moves=without_moves)
    forbidden: list[BadLine] = []
    overfull: list[BadLine] = []
    for location_id, coming in arriving.items():
        place = filled.get(location_id, places[location_id])
        goods = goods_at[location_id]
        goods = replace(goods, load=replace(goods.load, lpns=len({m.target.lpn_id for m in coming} - {0})))
        line = moves.index(coming[0]) + 1
        named = FORBIDDING if place.role in PICKABLE else FORBIDDING[:1]
        if (gone := removed_by(goods, place, around, named)) is not None:
            forbidden.append(BadLine(line, "location", gone[1], "Choose another bin."))
        elif (full := removed_by(goods, place, around, LIMITING)) is not None:
            overfull.append(BadLine(line, "location", full[1], "Choose another bin, or bring less."))
    if forbidden:
        raise NotAllowedThere(forbidden[0].message, lines=forbidden + overfull, fix=forbidden[0].fix)
    if overfull:
        raise OverCapacity(overfull[0].message, lines=overfull, fix=overfull[0].fix)


def refuse_held(moves: Sequence[Move], places: Mapping[int, Bin], *, at: Sequence[str], what: str) -> None:
    """Stock that is not available stays away from places of these roles; the refusal names its hold."""
    held = [
        (i, m.item_id, m.lot_id, str(m.target.quality))
        for i, m in enumerate(moves, start=1)
        if str(m.target.quality) != "available" and places[m.target.location_id].role in at
    ]
    if held:
        site_id = places[moves[held[0][0] - 1].target.location_id].site_id
        inspection.refuse_held(site_id, held, what=what)


def _need(move: Move) -> PutawayNeed:
    return PutawayNeed(
        origin="",
        location_id=move.source.location_id,
        item_id=move.item_id,
        units=move.units,  # type: ignore[arg-type]
        lot_id=move.lot_id,
        lpn_id=move.target.lpn_id,
        quality=str(move.target.quality),
    )


def cells_asked(lines: Sequence[StockAt], site_id: int) -> list[tuple[CellRow, int]]:
    """The cells that lines name, with the units asked (all there is when none are said). One query."""
    cells = {
        (c.location_id, c.item_id, c.lot_id, c.lpn_id, c.quality, c.owner_id): c
        for c in stock.cells_at(sorted({line.location_id for line in lines}))
        if c.site_id == site_id
    }
    found: list[tuple[CellRow, int]] = []
    bad: list[BadLine] = []
    for i, line in enumerate(lines, start=1):
        cell = cells.get((line.location_id, line.item_id, line.lot_id, line.lpn_id, line.quality, line.owner_id))
        if line.units < 0:
            bad.append(BadLine(i, "units", f"{line.units} units make no sense.", "Say how many, or none for all."))
        elif cell is None:
            bad.append(BadLine(i, "item", "There is no such stock at this place.", "Look up where it lies."))
        elif line.units > cell.on_hand:
            bad.append(
                BadLine(i, "units", f"{cell.on_hand} lie there, {line.units} were named.", f"Name {cell.on_hand}.")
            )
        else:
            found.append((cell, line.units or cell.on_hand))
    if not lines:
        raise Invalid("No stock was named.", fix="Choose at least one line.")
    if bad:
        raise NothingThere(bad[0].message, lines=bad, fix=bad[0].fix)
    return found


def refuse_others(asked: Sequence[tuple[CellRow, int]]) -> None:
    """Refuse to send what is not ours to another site: a transfer books what arrives as our own."""
    bad = [
        BadLine(
            n, "item", f"What lies in {cell.location_code} belongs to somebody else.",
            "Send our own goods; give others back to their owner.",
        )
        for n, (cell, _) in enumerate(asked, start=1)
        if cell.owner_id != OWN
    ]  # fmt: skip
    if bad:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)
