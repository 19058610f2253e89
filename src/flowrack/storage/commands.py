"""The door of storage: plan and confirm carries, move, hold, adjust."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.catalog import queries as catalog
from flowrack.catalog import steps as lots
from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place, Posting
from flowrack.locations import queries as locations
from flowrack.platform.decisions import record
from flowrack.platform.runner import Context, command
from flowrack.purchasing.queries import business_days
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.money import to_money
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import locks, moves, queries, rules, steps
from flowrack.storage.locks import LockedMove
from flowrack.storage.states import PlanState, advance
from flowrack.storage.types import (
    ADJUST_REASONS,
    HOLD_QUALITIES,
    SCRAP_REASONS,
    Adjusted,
    AdjustStock,
    BadAdjustment,
    Cancelled,
    CancelPutaways,
    Carried,
    CarriedLine,
    CarryDone,
    ConfirmPutaway,
    ConfirmRefill,
    FacesSet,
    HoldStock,
    Moved,
    MoveStock,
    NoSuchPlan,
    NothingThere,
    PlanKind,
    Planned,
    PlanPutaways,
    PlanRefills,
    PutAway,
    PutawayNeed,
    PutawaysPlanned,
    QualityChanged,
    ReasonNeeded,
    Refilled,
    RefillsPlanned,
    ReleaseStock,
    ReplanPutaways,
    ScrapStock,
    SetPickFaces,
    StockAdjusted,
    StockAt,
    StockMoved,
    UnpackLpns,
)
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import NewTask


@command(permission="storage.plan", result=PutawaysPlanned)
def plan_putaways(ctx: Context, req: PlanPutaways) -> PutawaysPlanned:
    """Choose a bin for goods at the dock and make the work; each choice is stored with its reasons.

    Goods for which no bin fits stay open without a target.
    """
    ctx.require("storage.plan", req.site_id)
    if not req.needs:
        raise Invalid("There is nothing to put away.")
    planned = steps.plan(ctx, req.site_id, req.needs)
    return PutawaysPlanned(moves=[Planned(move_id, location_id) for move_id, location_id in planned])


@command(permission="storage.plan", result=PutawaysPlanned)
def replan_putaways(ctx: Context, req: ReplanPutaways) -> PutawaysPlanned:
    """Choose again for open putaways: those named, or all of the site that have no bin."""
    ctx.require("storage.plan", req.site_id)
    ids = req.planned_move_ids or queries.open_without_bin(req.site_id)
    locked = [m for m in locks.planned_moves(ids).values() if m.state == "open" and m.site_id == req.site_id]
    if not locked:
        return PutawaysPlanned(moves=[])
    needs = [
        PutawayNeed(
            m.origin, m.from_location_id, m.item_id, Units(m.units - m.done_units), m.lot_id, m.lpn_id, m.quality
        )
        for m in locked
    ]
    facts = queries.item_needs(sorted({m.item_id for m in locked}))
    groups = steps.group_needs(needs, facts)
    choices = steps.choose(req.site_id, groups, without_moves=[m.planned_move_id for m in locked])
    found = [
        Planned(locked[i].planned_move_id, choice.chosen.location_id if choice.chosen else 0)
        for group, choice in zip(groups, choices, strict=True)
        for i in group.places
    ]
    steps.set_targets([(p.planned_move_id, p.location_id) for p in found if p.location_id])
    record(
        ctx,
        [
            steps.decision(locked[g.places[0]].planned_move_id, choice, [needs[i] for i in g.places], facts)
            for g, choice in zip(groups, choices, strict=True)
        ],
    )
    return PutawaysPlanned(moves=found)


@command(permission="storage.plan", result=Cancelled)
def cancel_putaways(ctx: Context, req: CancelPutaways) -> Cancelled:
    """Cancel the open putaways of these origins: their goods are not at the dock any more."""
    found = queries.planned_moves(site_ids=[0], origins=req.origins, limit=len(req.origins) + 1_000)
    return Cancelled(count=steps.cancel_moves(ctx, [m.id for m in found], reason=req.reason))


@command(permission="storage.putaway", result=CarryDone)
def confirm_putaway(ctx: Context, req: ConfirmPutaway) -> CarryDone:
    """Goods reached their bins: the suggested ones, or others with a reason and room.

    Posts PUTAWAY dock -> bin; ends planned moves and tasks; emits storage.put_away. Refuses with NoSuchPlan,
    ReasonNeeded, NotAllowedThere, OverCapacity, and with the ledger's InsufficientStock.
    """
    locked, posting, lines, still_open = _confirm(ctx, req.lines, PlanKind.PUTAWAY, "PUTAWAY")
    ctx.emit(PutAway(site_id=locked[0].site_id, posting_id=posting.posting_id, lines=lines))
    return CarryDone(posting.posting_id, sum(line.units for line in lines), still_open)


@command(permission="storage.move", result=CarryDone)
def confirm_refill(ctx: Context, req: ConfirmRefill) -> CarryDone:
    """Pick faces were filled. Posts REFILL reserve -> face; emits storage.refilled. Refuses as confirm_putaway."""
    locked, posting, lines, still_open = _confirm(ctx, req.lines, PlanKind.REFILL, "REFILL")
    ctx.emit(Refilled(site_id=locked[0].site_id, posting_id=posting.posting_id, lines=lines))
    return CarryDone(posting.posting_id, sum(line.units for line in lines), still_open)


def _confirm(
    ctx: Context, asked: Sequence[Carried], kind: PlanKind, reason: str
) -> tuple[list[LockedMove], Posting, list[CarriedLine], list[int]]:
    locked = _open_plans(ctx, asked, kind)
    done = [
        (move, line.units or move.units - move.done_units, line.location_id or move.to_location_id, line.reason.strip())
        for move, line in zip(locked, asked, strict=True)
    ]
    to_post = [
        Move(
            item_id=move.item_id,
            units=units,
            source=Place(move.from_location_id, move.lpn_id, move.quality),
            target=Place(location_id, move.lpn_id if kind is PlanKind.PUTAWAY else 0, move.quality),
            reason=reason,
            lot_id=move.lot_id,
            owner_id=move.owner_id,
            origin=ref("storage.planned_move", move.planned_move_id),
        )
        for move, units, location_id, _ in done
    ]
    others = [m for m, (move, _, location, _) in zip(to_post, done, strict=True) if location != move.to_location_id]
    if others:
        moves.check_places(locked[0].site_id, others)
        moves.check_room(others, without_moves=[move.planned_move_id for move in locked])
    posting = ledger.post(ctx, to_post)
    still_open = steps.finish(ctx, done)
    ctx.subject = ref("storage.planned_move", locked[0].planned_move_id)
    return (
        locked,
        posting,
        [
            CarriedLine(
                move.planned_move_id, move.item_id, units, move.from_location_id, location, move.lpn_id, move.origin
            )
            for move, units, location, _ in done
        ],
        still_open,
    )


def _open_plans(ctx: Context, asked: Sequence[Carried], kind: PlanKind) -> list[LockedMove]:
    if not asked:
        raise NothingThere("Nothing was carried.", fix="Name at least one planned move.")
    found = locks.planned_moves(sorted({line.planned_move_id for line in asked}))
    gone: list[BadLine] = []
    unexplained: list[BadLine] = []
    for i, line in enumerate(asked, start=1):
        move = found.get(line.planned_move_id)
        if move is None or move.kind != kind:
            gone.append(BadLine(i, "planned_move", f"There is no {kind} {line.planned_move_id}.", "Scan it again."))
            continue
        left = move.units - move.done_units
        if move.state != "open":
            gone.append(BadLine(i, "planned_move", f"This {kind} is {move.state}.", "Take the next one."))
        elif not 0 <= line.units <= left:
            gone.append(BadLine(i, "units", f"{left} units are left of it, not {line.units}.", f"Carry up to {left}."))
        elif not (line.location_id or move.to_location_id):
            gone.append(BadLine(i, "location", "No bin was found for it.", "Scan the bin you put it into."))
        elif line.location_id not in (0, move.to_location_id) and not line.reason.strip():
            unexplained.append(BadLine(i, "reason", "This is another bin than suggested.", "Choose a reason."))
        else:
            advance(PlanState(move.state), "confirm" if line.units in (0, left) else "confirm_part")
    if len({line.planned_move_id for line in asked}) < len(asked):
        gone.append(BadLine(0, "planned_move", "A planned move is named twice.", "Name each once."))
    if gone:
        raise NoSuchPlan(gone[0].message, lines=gone + unexplained, fix=gone[0].fix)
    if unexplained:
        raise ReasonNeeded(unexplained[0].message, lines=unexplained, fix=unexplained[0].fix)
    locked = [found[line.planned_move_id] for line in asked]
    for site_id in sorted({move.site_id for move in locked}):
        ctx.require("storage.putaway" if kind is PlanKind.PUTAWAY else "storage.move", site_id)
    if len({move.site_id for move in locked}) > 1:
        raise Invalid("These moves belong to different sites.", fix="Confirm them site by site.")
    return locked


@command(permission="storage.move", result=Moved)
def move_stock(ctx: Context, req: MoveStock) -> Moved:
    """Move LPNs, items or whole bins inside a site.

    Posts MOVE; planned moves whose goods left are cancelled; emits storage.moved. Refuses with NothingThere,
    NotAllowedThere, OverCapacity, and with the ledger's InsufficientStock and CommittedStock.
    """
    ctx.require("storage.move", req.site_id)
    wanted = moves.of_request(req, reason="MOVE")
    moves.check_places(req.site_id, wanted)
    leaving = {m.source.location_id for m in wanted}
    moves.check_room(wanted)
    posting = ledger.post(ctx, wanted)
    steps.follow_moved_stock(ctx, req.site_id, sorted(leaving))
    ctx.emit(StockMoved(req.site_id, posting.posting_id, sorted({m.item_id for m in wanted})))
    return Moved(posting.posting_id, len(wanted), sum(m.units for m in wanted))


@command(permission="storage.move", result=Moved)
def unpack_lpn(ctx: Context, req: UnpackLpns) -> Moved:
    """Take everything off LPNs; it stands loose where they were. Posts UNPACK. Refuses with NothingThere."""
    ctx.require("storage.move", req.site_id)
    cells = [c for c in stock.cells_at(lpn_ids=req.lpn_ids) if c.site_id == req.site_id]
    empty = [
        BadLine(i, "lpn", "Nothing is on this LPN here.", "Scan another LPN.")
        for i, lpn_id in enumerate(req.lpn_ids, start=1)
        if lpn_id not in {c.lpn_id for c in cells}
    ]
    if empty or not cells:
        raise NothingThere("Nothing is on this LPN here.", lines=empty, fix="Scan another LPN.")
    wanted = [
        moves.of_cell(c, Place(c.location_id, 0, c.quality), units=c.on_hand, reason="UNPACK") for c in cells
    ]
    posting = ledger.post(ctx, wanted)
    steps.follow_moved_stock(ctx, req.site_id, sorted({c.location_id for c in cells}))
    ctx.emit(StockMoved(req.site_id, posting.posting_id, sorted({c.item_id for c in cells})))
    return Moved(posting.posting_id, len(wanted), sum(c.on_hand for c in cells))


@command(permission="storage.hold", result=Moved)
def hold_stock(ctx: Context, req: HoldStock) -> Moved:
    """Hold stock where it lies: nobody can promise or pick it. Posts HOLD; emits storage.quality_changed.

    Refuses with NothingThere, and with the ledger's CommittedStock, which names the promises in the way.
    """
    if req.quality not in HOLD_QUALITIES:
        raise Invalid(f"“{req.quality}” is no way to hold stock.", fix=f"Use one of: {', '.join(HOLD_QUALITIES)}.")
    return _change_quality(ctx, req.site_id, req.lines, req.quality, req.reason, "HOLD")


@command(permission="storage.release", result=Moved)
def release_stock(ctx: Context, req: ReleaseStock) -> Moved:
    """Make held stock available again. Posts RELEASE; emits storage.quality_changed. Refuses with NothingThere."""
    return _change_quality(ctx, req.site_id, req.lines, "available", req.reason, "RELEASE")


def _change_quality(
    ctx: Context, site_id: int, lines: Sequence[StockAt], quality: str, reason: str, word: str
) -> Moved:
    ctx.require("storage.release" if word == "RELEASE" else "storage.hold", site_id)
    if not reason.strip():
        raise ReasonNeeded("A reason is needed.", fix="Say in a few words why.")
    asked = moves.cells_asked(lines, site_id)
    same = [BadLine(i, "quality", f"It is {quality} already.", "") for i, (c, _) in enumerate(asked, 1) if c.quality == quality]
    if same:
        raise Invalid(same[0].message, lines=same)
    wanted = [
        moves.of_cell(c, Place(c.location_id, c.lpn_id, quality), units=units, reason=word, origin=reason.strip()[:80])
        for c, units in asked
    ]
    posting = ledger.post(ctx, wanted)
    steps.follow_moved_stock(ctx, site_id, sorted({c.location_id for c, _ in asked}))
    items = sorted({m.item_id for m in wanted})
    ctx.emit(QualityChanged(site_id, posting.posting_id, items, quality, reason.strip()))
    return Moved(posting.posting_id, len(wanted), sum(m.units for m in wanted))


@command(permission="storage.adjust", result=Adjusted)
def adjust_stock(ctx: Context, req: AdjustStock) -> Adjusted:
    """Correct stock for a reason: found units come from ADJUSTMENT at what the item is worth now, lost ones go there.

    Emits storage.adjusted. Refuses with BadAdjustment, and with the ledger's InsufficientStock and CommittedStock.
    """
    ctx.require("storage.adjust", req.site_id)
    bad = [
        BadLine(i, "units", "No units were named.", "Type how many were found, or with a minus how many are missing.")
        for i, line in enumerate(req.lines, start=1)
        if line.units == 0
    ]
    _check_reason(req.reason, ADJUST_REASONS, bad, empty=not req.lines)
    items = catalog.items({line.item_id for line in req.lines})
    missing = [
        BadLine(i, "item", f"There is no item {line.item_id}.", "Choose an item.")
        for i, line in enumerate(req.lines, start=1)
        if line.item_id not in items
    ]
    if missing:
        raise BadAdjustment(missing[0].message, lines=missing)
    lot_ids = lots.ensure_lots([(line.item_id, line.lot.strip(), None) for line in req.lines])
    worth = stock.unit_costs([line.item_id for line in req.lines], req.site_id)
    outside = Place(locations.virtual(req.site_id, "ADJUSTMENT"))
    wanted = []
    for line, lot_id in zip(req.lines, lot_ids, strict=True):
        place = Place(line.location_id, line.lpn_id, line.quality)
        found = line.units > 0
        known = line.unit_value if line.unit_value is not None else worth.get(line.item_id)
        each = known if known is not None else items[line.item_id].standard_cost or Decimal(0)
        wanted.append(
            Move(
                item_id=line.item_id,
                units=abs(line.units),
                source=outside if found else place,
                target=place if found else outside,
                reason=req.reason.upper(),
                lot_id=lot_id,
                value=to_money(each * line.units) if found else None,
                origin=f"storage.adjust:{ctx.command_id}",
            )
        )
    return _post_adjustment(ctx, req.site_id, wanted, req.reason, outside)


@command(permission="storage.adjust", result=Adjusted)
def scrap_stock(ctx: Context, req: ScrapStock) -> Adjusted:
    """Throw stock away. Posts to SCRAP at its cost; emits storage.adjusted. Refuses as adjust_stock."""
    ctx.require("storage.adjust", req.site_id)
    _check_reason(req.reason, SCRAP_REASONS, [], empty=not req.lines)
    outside = Place(locations.virtual(req.site_id, "SCRAP"))
    wanted = [
        moves.of_cell(c, outside, units=units, reason=req.reason.upper(), origin=f"storage.scrap:{ctx.command_id}")
        for c, units in moves.cells_asked(req.lines, req.site_id)
    ]
    return _post_adjustment(ctx, req.site_id, wanted, req.reason, outside)


def _check_reason(reason: str, known: Sequence[str], bad: list[BadLine], *, empty: bool) -> None:
    if reason not in known:
        bad.append(BadLine(0, "reason", f"“{reason}” is no reason here.", f"Use one of: {', '.join(known)}."))
    if empty:
        bad.append(BadLine(0, "lines", "No stock was named.", "Choose at least one line."))
    if bad:
        raise BadAdjustment(bad[0].message, lines=bad, fix=bad[0].fix)


def _post_adjustment(ctx: Context, site_id: int, wanted: list[Move], reason: str, outside: Place) -> Adjusted:
    inside = [m.target if m.source == outside else m.source for m in wanted]
    moves.check_places(site_id, [Move(m.item_id, m.units, p, p, "") for m, p in zip(wanted, inside, strict=True)])
    posting = ledger.post(ctx, wanted)
    steps.follow_moved_stock(ctx, site_id, sorted({p.location_id for p in inside}))
    signs = [1 if m.source == outside else -1 for m in wanted]
    value = sum((s * v for s, v in zip(signs, posting.values, strict=True)), Decimal(0))
    ctx.emit(StockAdjusted(site_id, posting.posting_id, sorted({m.item_id for m in wanted}), reason, value))
    return Adjusted(posting.posting_id, sum(s * m.units for s, m in zip(signs, wanted, strict=True)), value)


@command(permission="storage.plan", result=FacesSet)
def set_pick_faces(ctx: Context, req: SetPickFaces) -> FacesSet:
    """Make, change or end pick faces. Refuses with Invalid naming every bad line."""
    ctx.require("storage.plan", req.site_id)
    places = locations.locations([f.location_id for f in req.faces])
    bad = []
    for i, face in enumerate(req.faces, start=1):
        place = places.get(face.location_id)
        if place is None or place.site_id != req.site_id or place.role != "forward_pick":
            bad.append(BadLine(i, "location", "This is no forward pick bin of the site.", "Choose one."))
        if face.max_units and not 0 < face.min_units <= face.max_units:
            bad.append(
                BadLine(i, "min_units", "The minimum must be at least 1 and no more than the maximum.", "Change it.")
            )
    if bad:
        raise Invalid(bad[0].message, lines=bad)
    steps.write_faces([(f.location_id, f.item_id, f.min_units, f.max_units) for f in req.faces])
    return FacesSet(count=sum(1 for f in req.faces if f.max_units))


@command(permission="storage.plan", result=RefillsPlanned)
def plan_refills(ctx: Context, req: PlanRefills) -> RefillsPlanned:
    """Plan refills for pick faces under their minimum, from reserve, first expiring first; each with its reason."""
    ctx.require("storage.plan", req.site_id)
    locks.faces(req.site_id)
    faces = queries.low_faces(req.site_id, req.item_ids)
    today = business_days([req.site_id], now=ctx.now)[req.site_id]
    sources = queries.refill_sources(req.site_id, sorted({f.item_id for f in faces}), today=today)
    refills, empty_handed = rules.refills(faces, sources)
    task_ids = tasks.create_tasks(
        ctx,
        [
            NewTask(
                kind=PlanKind.REFILL,
                origin=ref("storage.face", r.face.face_id),
                site_id=req.site_id,
                from_location_id=r.source.location_id,
                to_location_id=r.face.location_id,
                lpn_id=r.source.lpn_id,
                item_id=r.face.item_id,
                units=r.units,
                priority=3,
                standard_seconds=steps.REFILL_SECONDS,
            )
            for r in refills
        ],
    )
    plans = [
        (
            PutawayNeed(
                ref("storage.face", r.face.face_id),
                r.source.location_id,
                r.face.item_id,
                Units(r.units),
                r.source.lot_id,
                r.source.lpn_id,
            ),
            r.face.location_id,
            task_id,
            r.source.owner_id,
        )
        for r, task_id in zip(refills, task_ids, strict=True)
    ]
    ids = steps.write_moves(ctx, req.site_id, PlanKind.REFILL, plans)
    record(ctx, [steps.refill_decision(move_id, r) for move_id, r in zip(ids, refills, strict=True)])
    return RefillsPlanned(planned_move_ids=ids, empty_handed_face_ids=[f.face_id for f in empty_handed])


