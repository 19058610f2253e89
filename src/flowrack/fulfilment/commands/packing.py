"""Cartons: packed with their own SSCC after verification, and opened again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flowrack.fulfilment import (
    locks,
    queries,
    queries_cartons,
    queries_packing,
    queries_totes,
    rules_packing,
    steps,
    steps_packing,
    steps_totes,
)
from flowrack.fulfilment.states import CartonState, Checked
from flowrack.fulfilment.types import (
    AlreadyPacked,
    CartonsPacked,
    NotStaged,
    Pack,
    Packed,
    PackedCarton,
    PackOrders,
    StagedUnits,
    UnpackCarton,
    Unpacked,
)
from flowrack.fulfilment.types_cartons import BadCartonType
from flowrack.fulfilment.types_packing import NotChecked
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Claim, Move, Place
from flowrack.locations import steps as places
from flowrack.locations.types import LpnKind
from flowrack.platform.runner import Context, command
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, ORDER, LockedLine
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref

CARTON = "fulfilment.carton"
CHECK_IT = "Scan or count its items at the pack station. The packing rules say where that may be left out, and why."
Take = tuple[StagedUnits, int]


@command(permission="fulfilment.pack", result=Packed, is_small=lambda req: len(req.cartons) <= 20)
def pack_orders(ctx: Context, req: PackOrders) -> Packed:
    """Pack verified goods into new cartons, each with its own SSCC.

    Posts PACK within the staging location, onto the carton; emits fulfilment.cartons_packed. Refuses with NotStaged,
    naming every content line of which fewer units are staged than were verified, and with NotChecked, naming every
    carton whose content nobody checked.
    """
    for carton in req.cartons:
        if carton.kind not in list(LpnKind):
            raise Invalid(f"“{carton.kind}” is no kind of carton.", fix=f"Use one of {', '.join(LpnKind)}.")
        if carton.checked not in ("", *Checked):
            raise Invalid(f"“{carton.checked[:20]}” is no way of checking.", fix=f"Use one of {', '.join(Checked)}.")
    type_ids = _types(req.cartons)
    lines = sales.claim_orders(sorted({carton.order_id for carton in req.cartons}))
    site_of = {line.order_id: line.site_id for line in lines}
    for site_id in set(site_of.values()):
        ctx.require("fulfilment.pack", site_id)
    if not req.cartons or any(carton.order_id not in site_of for carton in req.cartons):
        raise NotStaged("There is no such order to pack.", fix="Scan the tote or the order again.")
    packed_lpns = {carton.lpn_id for carton in queries.cartons(sorted(site_of)) if carton.state == CartonState.PACKED}
    staged = [row for row in queries.staged(sorted(site_of)) if row.lpn_id not in packed_lpns]
    if not all(carton.contents for carton in req.cartons):
        staged = _here(staged)
    _refuse_unchecked(req.cartons)
    takes = _contents(req.cartons, lines, staged)
    _refuse_aboard(takes)
    plates = _new_plates(req.cartons, site_of)
    moves = [
        _carry(row, units, lpn_id, reason="PACK")
        for of, (lpn_id, _) in zip(takes, plates, strict=True)
        for row, units in of
    ]
    posting = ledger.post(ctx, moves)
    emptied = {row.lpn_id for of in takes for row, _ in of if row.lpn_id}
    if emptied:
        steps_totes.free_if_empty(emptied)
    planned = queries_cartons.next_planned(sorted(site_of))
    fills = _fills(req.cartons, takes)
    ids = steps.insert_cartons(
        ctx,
        posting.posting_id,
        [
            steps.NewCarton(
                lpn_id,
                sscc,
                carton.order_id,
                site_of[carton.order_id],
                carton.weight_g,
                type_ids.get(_code(carton)),
                planned[carton.order_id].pop(0) if planned.get(carton.order_id) else type_ids.get(_planned(carton)),
                (carton.checked or Checked.NOT_TOLD) if carton.contents else "",
                fills[n],
            )
            for n, (carton, (lpn_id, sscc)) in enumerate(zip(req.cartons, plates, strict=True))
        ],
        [
            (sscc, row.line_id, row.item_id, row.lot_id, units)
            for of, (_, sscc) in zip(takes, plates, strict=True)
            for row, units in of
        ],
    )
    out: list[PackedCarton] = []
    for carton, (lpn_id, sscc), of in zip(req.cartons, plates, takes, strict=True):
        out.append(PackedCarton(ids[sscc], lpn_id, sscc, carton.order_id, sum(units for _, units in of)))
    ctx.emit(CartonsPacked(sorted(site_of), [one.carton_id for one in out]))
    ctx.subject = ref(CARTON, out[0].carton_id)
    ctx.about(ORDER, [one.order_id for one in out])
    return Packed(out)


def _refuse_aboard(takes: Sequence[Sequence[Take]]) -> None:
    """Refuse with NotStaged what stands on a truck: the truck would leave without what was loaded."""
    rows = [row for of in takes for row, _ in of]
    steps_packing.refuse_kept(
        sorted({row.lpn_id for row in rows if row.lpn_id}),
        loose_of=sorted({row.order_id for row in rows if not row.lpn_id}),
    )


def _refuse_unchecked(cartons: Sequence[Pack]) -> None:
    """What goes into a carton is checked before it is closed, unless a rule says why not. One tap for all is none."""
    unchecked = [carton.order_id for carton in cartons if _is_unchecked(carton)]
    if not unchecked:
        return
    rules = queries_packing.rules_of(unchecked)
    bad = [
        BadLine(n, "contents", f"Nobody checked what goes into carton {n}.", CHECK_IT)
        for n, carton in enumerate(cartons, 1)
        if _is_unchecked(carton) and rules[carton.order_id].must_check
    ]
    if bad:
        raise NotChecked(bad[0].message, lines=bad, fix=bad[0].fix)


def _is_unchecked(carton: Pack) -> bool:
    return not carton.contents or carton.checked == Checked.AT_ONCE


def _here(staged: Sequence[StagedUnits]) -> list[StagedUnits]:
    """What stands in totes that no list fills any more. Refuses with NotStaged when that is nothing."""
    away = queries_totes.on_the_way(row.lpn_id for row in staged)
    here = [row for row in staged if row.lpn_id not in away]
    if away and not here:
        raise NotStaged(next(iter(away.values())).words, fix="Wait until the list is done, or scan the tote you have.")
    return here


def _fills(cartons: Sequence[Pack], takes: Sequence[Sequence[Take]]) -> list[int | None]:
    """How full each carton is, in permille; None where its type or the room of something in it is not known."""
    known = {kind.code: kind for kind in queries_cartons.kinds()} if any(map(_code, cartons)) else {}
    rooms: list[int] = []
    contents: list[Counter[int]] = []
    for carton, of in zip(cartons, takes, strict=True):
        kind = known.get(_code(carton))
        rooms.append(kind.inside[0] * kind.inside[1] * kind.inside[2] if kind else 0)
        units: Counter[int] = Counter()
        for row, many in of if kind else ():
            units[row.item_id] += many
        contents.append(units)
    inside = queries_packing.inside_of(contents)
    return [rules_packing.filled(held, room) if room else None for held, room in zip(inside, rooms, strict=True)]


def _code(carton: Pack) -> str:
    return carton.carton_type.strip().upper()


def _planned(carton: Pack) -> str:
    return carton.planned_type.strip().upper()


def _types(cartons: Sequence[Pack]) -> dict[str, int]:
    """The carton types that were named, by code. Refuses with BadCartonType, naming every carton of no known type."""
    known = queries_cartons.type_ids_of(code for one in cartons for code in (_code(one), _planned(one)) if code)
    bad = [
        BadLine(n, "carton_type", f"There is no carton {_code(carton)}.", "Scan the code on the carton's rack.")
        for n, carton in enumerate(cartons, 1)
        if _code(carton) and _code(carton) not in known
    ]
    if bad:
        raise BadCartonType(bad[0].message, lines=bad, fix=bad[0].fix)
    return known


def _new_plates(cartons: Sequence[Pack], site_of: dict[int, int]) -> list[tuple[int, str]]:
    """A new license plate for each carton, in order; one call for each site and kind."""
    groups: dict[tuple[int, str], list[int]] = {}
    for n, carton in enumerate(cartons):
        groups.setdefault((site_of[carton.order_id], carton.kind), []).append(n)
    plates: dict[int, tuple[int, str]] = {}
    for (site_id, kind), members in groups.items():
        plates.update(zip(members, places.new_lpns(site_id, len(members), kind=kind), strict=True))
    return [plates[n] for n in range(len(cartons))]


def _contents(cartons: Sequence[Pack], lines: Sequence[LockedLine], staged: Sequence[StagedUnits]) -> list[list[Take]]:
    """What goes into each carton: all that is staged for the order, or the verified contents, checked."""
    left = {n: row.units for n, row in enumerate(staged)}
    known = {line.line_id for line in lines}
    out: list[list[Take]] = []
    bad: list[BadLine] = []
    for carton in cartons:
        takes: list[Take] = []
        for n, row in enumerate(staged):
            if not carton.contents and row.order_id == carton.order_id and left[n]:
                takes.append((row, left[n]))
                left[n] = 0
        for line_no, content in enumerate(carton.contents, 1):
            wanted = content.units if content.line_id in known else 0
            for n, row in enumerate(staged):
                same = (row.line_id, row.lot_id, row.lpn_id) == (content.line_id, content.lot_id, content.from_lpn_id)
                units = min(wanted, left[n]) if same and row.order_id == carton.order_id else 0
                if units > 0:
                    takes.append((row, units))
                    left[n] -= units
                    wanted -= units
            if wanted or content.units <= 0 or content.line_id not in known:
                bad.append(
                    BadLine(
                        line_no,
                        "units",
                        f"{content.units} were verified, {content.units - wanted} are staged there.",
                        "Count the tote again, or pick what is missing.",
                    )
                )
        if not takes and not bad:
            bad.append(BadLine(0, "order_id", "Nothing of this order is staged unpacked.", "Pick it first."))
        out.append(takes)
    if bad:
        raise NotStaged(bad[0].message, lines=bad, fix=bad[0].fix)
    return out


def _carry(row: StagedUnits, units: int, lpn_id: int, *, reason: str) -> Move:
    return Move(
        item_id=row.item_id,
        units=units,
        source=Place(row.location_id, row.lpn_id, row.quality),
        target=Place(row.location_id, lpn_id, row.quality),
        reason=reason,
        lot_id=row.lot_id,
        owner_id=row.owner_id,
        origin=ref("sales.order", row.order_id),
        demand=ref(LINE, row.line_id),
        claim=Claim.CARRY,
    )


@command(permission="fulfilment.pack", result=Unpacked)
def unpack_carton(ctx: Context, req: UnpackCarton) -> Unpacked:
    """Open a carton that has not left: its contents stand loose on the staging location, its SSCC is used up.

    Posts UNPACK. Refuses with AlreadyPacked when the carton has left or was opened before, and with NotStaged when what
    is in it stands at no staging place for its order.
    """
    sales.claim_orders(queries_packing.orders_of([req.carton_id]))  # before the carton, as a departure does
    carton = locks.carton(req.carton_id)
    if carton is None:
        raise NotStaged("There is no such carton.", fix="Scan its label again.")
    ctx.require("fulfilment.pack", carton.site_id)
    if carton.state != CartonState.PACKED:
        raise AlreadyPacked(f"This carton is {carton.state}.", fix="What has left comes back as a return.")
    steps_packing.refuse_kept([carton.lpn_id])
    rows = [row for row in queries.staged([carton.order_id]) if row.lpn_id == carton.lpn_id]
    if rows:
        ledger.post(ctx, [_carry(row, row.units, 0, reason="UNPACK") for row in rows])
    elif not queries_packing.is_plate_empty(carton.lpn_id):
        raise NotStaged(
            "What is in this carton is not staged for its order any more.",
            fix="Take it off the truck first, or move its goods by the plate.",
        )
    steps.void_carton(carton.carton_id, carton.lpn_id, ctx.now)
    ctx.subject = ref(CARTON, carton.carton_id)
    return Unpacked(carton.carton_id, sum(row.units for row in rows))
