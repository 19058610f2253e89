"""Goods change their carton: moved to another carton of the order, or into a new one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flowrack.fulfilment import locks, queries, queries_cartons, queries_packing, rules_packing, steps, steps_packing
from flowrack.fulfilment.locks import LockedCarton
from flowrack.fulfilment.states import CartonState, Checked
from flowrack.fulfilment.types import AlreadyPacked, CartonsPacked, NotStaged, StagedUnits
from flowrack.fulfilment.types_cartons import BadCartonType
from flowrack.fulfilment.types_packing import CARTON, CartonNotFound, Repacked, RepackUnits
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Claim, Move, Place
from flowrack.locations import steps as places
from flowrack.platform.runner import Context, command
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref

MOST_LINES = 200


@command(permission="fulfilment.pack", result=Repacked)
def repack_units(ctx: Context, req: RepackUnits) -> Repacked:
    """Move units of a carton into another carton of the same order; without one a new carton takes them.

    Posts PACK within the staging location. What was weighed and labelled of both cartons counts no more; a carton that
    is empty is void, its SSCC used up. Emits fulfilment.cartons_packed for a new one. Refuses with CartonNotFound,
    AlreadyPacked, BadCartonType (also when it is too small), or NotStaged, naming every line of which fewer units are
    in the carton.
    """
    asked = {key for key in (req.carton_id, req.to_carton_id) if key}
    sales.claim_orders(queries_packing.orders_of(asked))  # before the cartons, as a departure does
    source, target = _cartons(ctx, req)
    steps_packing.refuse_kept([one.lpn_id for one in (source, target) if one is not None])
    if not 1 <= len(req.lines) <= MOST_LINES:
        raise Invalid(f"1 to {MOST_LINES} lines are moved at a time.", fix="Say which units go into the other carton.")
    takes = _takes(req, [row for row in queries.staged([source.order_id]) if row.lpn_id == source.lpn_id])
    code = req.carton_type.strip().upper()
    types = queries_cartons.type_ids_of([code] if code else [])
    if code and code not in types:
        raise BadCartonType(f"There is no carton {code}.", fix="Scan the code on the carton's rack.")
    if target is None:
        [(lpn_id, sscc)] = places.new_lpns(source.site_id, 1)
    else:
        lpn_id, sscc = target.lpn_id, ""
    filled = _filled(source, target, takes, code)
    posting = ledger.post(ctx, [_carry(row, units, lpn_id) for row, units in takes])
    if target is None:
        new = steps.NewCarton(
            lpn_id,
            sscc,
            source.order_id,
            source.site_id,
            0,
            types.get(code),
            None,
            Checked.COUNTED,
            filled,
        )
        target_id = steps.insert_cartons(
            ctx,
            posting.posting_id,
            [new],
            [(sscc, row.line_id, row.item_id, row.lot_id, units) for row, units in takes],
        )[sscc]
        ctx.emit(CartonsPacked([source.order_id], [target_id]))
    else:
        target_id = target.carton_id
    left = [row for row in queries.staged([source.order_id]) if row.lpn_id in (source.lpn_id, lpn_id)]
    steps_packing.rewrite_lines(
        ctx, {source.carton_id: source.lpn_id, target_id: lpn_id}, left, fresh=target_id if target is None else 0,
        filled={source.carton_id: _filled_with(source, left), target_id: filled},
    )  # fmt: skip
    is_empty = not any(row.lpn_id == source.lpn_id for row in left)
    if is_empty:
        steps.void_carton(source.carton_id, source.lpn_id, ctx.now)
    ctx.about(CARTON, [source.carton_id, target_id])
    return Repacked(source.carton_id, target_id, sscc, sum(units for _, units in takes), is_empty)


def _filled(
    source: LockedCarton, target: LockedCarton | None, takes: Sequence[tuple[StagedUnits, int]], code: str
) -> int | None:
    """How full the other carton gets, in permille, where that is known. Refuses with BadCartonType what cannot fit."""
    named = code if target is None else queries_packing.access_carton(target.carton_id, frozenset({0})).carton_type
    kind = next((one for one in queries_cartons.kinds() if one.code == named), None) if named else None
    if kind is None:
        return None
    units: Counter[int] = Counter()
    for row, many in takes:
        units[row.item_id] += many
    if target is not None:
        for held in queries.staged([source.order_id]):
            units[held.item_id] += held.units if held.lpn_id == target.lpn_id else 0
    [inside] = queries_packing.inside_of([units])
    wrong = rules_packing.too_small(named, inside, kind.volume)
    if wrong:
        raise BadCartonType(wrong, fix="Take a larger carton, or move less.")
    return rules_packing.filled(inside, kind.volume)


def _filled_with(source: LockedCarton, left: Sequence[StagedUnits]) -> int | None:
    """How full a carton is with what stays in it, in permille, where that is known."""
    named = queries_packing.access_carton(source.carton_id, frozenset({0})).carton_type
    kind = next((one for one in queries_cartons.kinds() if one.code == named), None) if named else None
    units: Counter[int] = Counter()
    for row in left:
        units[row.item_id] += row.units if row.lpn_id == source.lpn_id else 0
    return rules_packing.filled(queries_packing.inside_of([+units])[0], kind.volume) if kind and +units else None


def _cartons(ctx: Context, req: RepackUnits) -> tuple[LockedCarton, LockedCarton | None]:
    """Both cartons, locked in order of id: closed, in the house and of one order."""
    if req.carton_id == req.to_carton_id:
        raise Invalid("That is the same carton.", fix="Scan the other one, or take a new one.")
    asked = sorted(key for key in (req.carton_id, req.to_carton_id) if key)
    found = {key: locks.carton(key) for key in asked}
    for key in asked:
        carton = found[key]
        if carton is None:
            raise CartonNotFound("There is no such carton.", fix="Scan its label again.")
        ctx.require("fulfilment.pack", carton.site_id)
        if carton.state != CartonState.PACKED:
            raise AlreadyPacked(f"A carton is {carton.state}.", fix="What has left comes back as a return.")
    source, target = found[req.carton_id], found.get(req.to_carton_id)
    assert source is not None
    if target is not None and target.order_id != source.order_id:
        raise NotStaged("The cartons are of two orders.", fix="Move goods between cartons of one order.")
    return source, target


def _takes(req: RepackUnits, inside: list[StagedUnits]) -> list[tuple[StagedUnits, int]]:
    left = {n: row.units for n, row in enumerate(inside)}
    takes: list[tuple[StagedUnits, int]] = []
    bad: list[BadLine] = []
    for line_no, line in enumerate(req.lines, 1):
        wanted = line.units
        for n, row in enumerate(inside):
            units = min(wanted, left[n]) if (row.line_id, row.lot_id) == (line.line_id, line.lot_id) else 0
            if units > 0:
                takes.append((row, units))
                left[n] -= units
                wanted -= units
        if wanted or line.units <= 0:
            said = f"{line.units} were said, {line.units - wanted} are in the carton."
            bad.append(BadLine(line_no, "units", said, "Count what is in the carton."))
    if bad:
        raise NotStaged(bad[0].message, lines=bad, fix=bad[0].fix)
    return takes


def _carry(row: StagedUnits, units: int, lpn_id: int) -> Move:
    return Move(
        item_id=row.item_id,
        units=units,
        source=Place(row.location_id, row.lpn_id, row.quality),
        target=Place(row.location_id, lpn_id, row.quality),
        reason="PACK",
        lot_id=row.lot_id,
        owner_id=row.owner_id,
        origin=ref("sales.order", row.order_id),
        demand=ref(LINE, row.line_id),
        claim=Claim.CARRY,
    )
