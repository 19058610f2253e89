"""Picks: confirmed, short, put back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flowrack.allocation import steps as allocation
from flowrack.allocation.types import GivenUp, PoolShortfall
from flowrack.fulfilment import (
    locks,
    queries,
    queries_putback,
    queries_totes,
    rules,
    rules_totes,
    steps,
    steps_lists,
    steps_totes,
)
from flowrack.fulfilment.locks import LockedPick
from flowrack.fulfilment.rules import Demand, PickPlan
from flowrack.fulfilment.rules_totes import IntoTote
from flowrack.fulfilment.states import PickState, ShortReason, UnitKind
from flowrack.fulfilment.types import (
    AlreadyPacked,
    ConfirmPicks,
    Pick,
    PickClosed,
    Picked,
    PickNotFound,
    PicksConfirmed,
    PickShort,
    PickTooMany,
    PickUndone,
    ShortPick,
    ShortPicked,
    UndoPick,
    WrongTote,
)
from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import CellClaim, Claim, LedgerRefusal, Move, Place, PoolClaim
from flowrack.locations import queries as places
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, UnitsChange
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import Finish

PICK = "fulfilment.pick"


@command(permission="fulfilment.pick", result=Picked, is_small=lambda req: len(req.picks) <= 100)
def confirm_picks(ctx: Context, req: ConfirmPicks) -> Picked:
    """Book picks: the units stand on the staging location, loose or in a tote, reserved for their order line.

    Posts PICK bin -> staging; emits fulfilment.picks_confirmed. Part of a pick may be confirmed; the rest stays open as
    a new pick. Refuses with PickNotFound, PickClosed (somebody did it), PickTooMany or WrongTote, naming every line.
    """
    done = _checked(ctx, req.picks)
    _set_totes(done)
    if len(done) > 1:
        sales.claim_lines([pick.line_id for pick, _, _ in done])
    sales.apply_units(
        UnitsChange(pick.line_id, allocated=-units, released=-units, picked=units) for pick, units, _ in done
    )
    posting = ledger.post(ctx, [_pick_move(pick, units, tote_id) for pick, units, tote_id in done])
    rest_ids = steps.close_picks(ctx, done, posting_id=posting.posting_id)
    pick_ids = [pick.pick_id for pick, _, _ in done]
    units_done = [units for _, units, _ in done]
    ctx.emit(PicksConfirmed(done[0][0].site_id, sorted({p.order_id for p, _, _ in done}), pick_ids, units_done))
    ctx.subject = ref(PICK, pick_ids[0])
    return Picked(pick_ids, units_done, rest_ids, posting.posting_id)


def _checked(ctx: Context, picks: Sequence[Pick]) -> list[tuple[LockedPick, int, int]]:
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


def _set_totes(done: Sequence[tuple[LockedPick, int, int]]) -> None:
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
    steps_totes.bind(bound)


def _pick_move(pick: LockedPick, units: int, tote_id: int) -> Move:
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


@command(permission="fulfilment.pick", result=ShortPicked)
def short_pick(ctx: Context, req: ShortPick) -> ShortPicked:
    """Book a pick of which fewer units were found.

    What was found is picked. What was not found stays in the books of its bin, but is for nobody until the bin is
    counted. Where that leaves less than was promised, the lowest rank gives way, which may be another order. The rest
    comes from another bin with free units of the same lot, as new picks; what no bin has waits for stock. Emits
    fulfilment.pick_short, from which counting opens a count of the bin. Refuses like confirm_picks.
    """
    if req.reason not in list(ShortReason):
        raise Invalid(f"“{req.reason}” is not a reason.", fix=f"Use one of {', '.join(ShortReason)}.")
    done = _checked(ctx, [Pick(req.pick_id, req.found_units, req.tote_id)])
    _set_totes(done)
    [(pick, _, _)] = done
    rest = pick.units - req.found_units
    if rest <= 0:
        raise PickTooMany(f"The pick asks for {pick.units}; that many is not short.", fix="Confirm the pick instead.")
    kept = rest - _give_way(ctx, pick, rest)
    plans = _elsewhere(ctx, pick, kept, req.reason) if kept else []
    elsewhere = sum(plan.units for plan in plans)
    here = CellClaim(pick.cell_id, rest, ref(LINE, pick.line_id))
    ledger.uncommit(ctx, [_promise(pick, kept - elsewhere, ref(LINE, pick.line_id))] if kept > elsewhere else [])
    ledger.commit(ctx, [_promise(pick, rest, ref(PICK, pick.pick_id))])
    lists = [(pick.list_id, pick.place)] * len(plans)  # first, so that the list is not over
    new_ids = steps.insert_picks(pick.wave_id, plans, lists, first_sequence=pick.sequence) if plans else []
    _book_found(ctx, pick, req)
    ledger.unreserve(ctx, [here])
    ledger.reserve(
        ctx,
        [CellClaim(pick.cell_id, rest, ref(PICK, pick.pick_id))]
        + [CellClaim(plan.cell.cell_id, plan.units, here.ref) for plan in plans],
    )
    steps_lists.settle([pick.list_id], at=ctx.now)
    sales.apply_units(
        [
            UnitsChange(
                pick.line_id,
                allocated=-req.found_units - (kept - elsewhere),
                released=-req.found_units + elsewhere,
                picked=req.found_units,
            )
        ]
    )
    sales.mark_recalled([pick.order_id])
    _tell_short(ctx, pick, req, rest, plans)
    return ShortPicked(req.pick_id, req.found_units, new_ids, elsewhere, rest - elsewhere)


def _promise(pick: LockedPick, units: int, of: str) -> PoolClaim:
    return PoolClaim(pick.item_id, pick.site_id, units, of, pick.lot_id, pick.owner_id)


def _give_way(ctx: Context, pick: LockedPick, rest: int) -> int:
    """Free as many promises as units are in doubt, by rank; how many the pick's own line lost of them."""
    of = (pick.item_id, pick.lot_id, pick.site_id, pick.owner_id)
    victims = allocation.displace(
        ctx,
        [PoolShortfall(*of, rest)],
        f"a picker found {rest} less in a bin than the books say",
        given_up=[GivenUp(pick.line_id, *of, rest)],
    )
    return sum(victim.units for victim in victims if victim.line_id == pick.line_id)


def _elsewhere(ctx: Context, pick: LockedPick, units: int, reason: str) -> list[PickPlan]:
    """Where else the units are: first on another pallet of the same bin, if it can be reached, then in other bins."""
    cells = locks.cells_around(pick, now=ctx.now)
    here = [c for c in cells if c.location_id == pick.location_id and reason != ShortReason.CANNOT_REACH]
    demand = Demand(pick.line_id, pick.order_id, pick.item_id, pick.lot_id, units)
    plans = rules.plan_picks([demand], here)
    rest = replace(demand, units=units - sum(plan.units for plan in plans))
    return plans + rules.plan_picks([rest], [c for c in cells if c.location_id != pick.location_id])


def _book_found(ctx: Context, pick: LockedPick, req: ShortPick) -> None:
    """Pick what was found; the rest of the pick is short."""
    if not req.found_units:
        steps.mark_short(ctx, pick, req.reason)
        return
    posting = ledger.post(ctx, [_pick_move(pick, req.found_units, req.tote_id)])
    steps.close_picks(
        ctx, [(pick, req.found_units, req.tote_id)], posting_id=posting.posting_id, rest_reason=req.reason
    )


def _tell_short(ctx: Context, pick: LockedPick, req: ShortPick, rest: int, plans: Sequence[PickPlan]) -> None:
    elsewhere = sum(plan.units for plan in plans)
    word = req.reason.replace("_", " ")
    here = plans and all(plan.cell.location_id == pick.location_id for plan in plans)
    other = "another pallet there" if here else "another bin"
    tail = f"{elsewhere} come from {other}" if elsewhere == rest else f"{rest - elsewhere} wait for stock again"
    row = DecisionRow(
        kind="short_pick",
        subject=ref(LINE, pick.line_id),
        sentence=f"{rest} of {pick.units} were not found in the bin ({word}): {tail}.",
        rule="short-pick/1",
        detail={"pick": pick.pick_id, "missing": rest, "elsewhere": [[p.cell.location_id, p.units] for p in plans]},
    )
    decisions.record(ctx, [row])
    ctx.subject = ref(PICK, pick.pick_id)
    ctx.emit(
        PickShort(
            site_id=pick.site_id,
            location_id=pick.location_id,
            item_id=pick.item_id,
            lot_id=pick.lot_id,
            pick_id=pick.pick_id,
            order_line_id=pick.line_id,
            expected_units=pick.units,
            found_units=req.found_units,
            reason=req.reason,
        )
    )


def _plate_there(pick: LockedPick) -> int:
    """The LPN that was picked from, if it is in use and stands nowhere else; 0 = none.

    A pallet that was taken as it stood goes back with its goods.
    """
    if pick.lpn_id and pick.tote_id == pick.lpn_id:
        return pick.lpn_id
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

    A pick that was asked back (ask_put_back) is called back as well, and its task done. Posts UNPICK staging -> bin,
    onto the pallet they came from unless it stands elsewhere now: then they lie loose. Refuses with
    AlreadyPacked when the goods are in a carton or have left.
    """
    pick = locks.picks([req.pick_id]).get(req.pick_id)
    if pick is None:
        raise PickNotFound("There is no such pick.", fix="Load the wave again.")
    ctx.require("fulfilment.pick", pick.site_id)
    if pick.state != PickState.PICKED:
        raise PickClosed(f"This pick is {pick.state}; there is nothing to put back.", fix="Load the wave again.")
    sales.claim_lines([pick.line_id])
    lpn_id = _plate_there(pick)
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
        for stands_on, units in _stands_on(pick)
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
        steps_totes.unbind_if_empty(pick.list_id, pick.tote_id)
    sales.apply_units([UnitsChange(pick.line_id, allocated=pick.units, released=pick.units, picked=-pick.units)])
    asked = queries_putback.tasks_of([pick.pick_id])
    if asked:
        tasks.complete(ctx, [Finish(task_id) for task_id in asked.values()])
        steps.call_back(ctx, list(locks.picks([pick.pick_id]).values()))
    ctx.subject = ref(PICK, pick.pick_id)
    return PickUndone(pick.pick_id, pick.units)
