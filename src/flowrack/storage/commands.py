"""The door of storage: plan and confirm carries, move, hold, adjust."""

from __future__ import annotations

from decimal import Decimal

from flowrack.catalog import queries as catalog
from flowrack.catalog import steps as lots
from flowrack.inspection import steps_places as holds
from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.locations import queries as locations
from flowrack.platform.decisions import record
from flowrack.platform.importing import ImportFile, ImportReport, load
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.money import to_money
from flowrack.shared.quantity import Units
from flowrack.storage import (
    locks,
    queries,
    steps,
    steps_suggest,  # noqa: F401 - inbound asks it for bins
)
from flowrack.storage import steps_carries as carries
from flowrack.storage import steps_census as census
from flowrack.storage import steps_choose as choosing
from flowrack.storage import steps_moves as moves
from flowrack.storage import steps_opening as opening
from flowrack.storage import steps_transfer_plans as plans
from flowrack.storage.imports import OPENING
from flowrack.storage.rules import beyond_room
from flowrack.storage.steps_choose import FEW_GROUPS
from flowrack.storage.types import (
    ADJUST_REASONS,
    FACE_TRIGGERS,
    Adjusted,
    AdjustStock,
    BadAdjustment,
    Cancelled,
    CancelPutaways,
    CarryDone,
    ConfirmPutaway,
    FacesSet,
    Moved,
    MoveStock,
    NothingThere,
    PlanKind,
    Planned,
    PlanPutaways,
    PutAway,
    PutawayNeed,
    PutawaysPlanned,
    ReplanPutaways,
    SetPickFaces,
    StockMoved,
    UnpackLpns,
)


@command(permission="storage.plan", result=PutawaysPlanned, is_small=lambda req: len(req.needs) <= FEW_GROUPS)
def plan_putaways(ctx: Context, req: PlanPutaways) -> PutawaysPlanned:
    """Choose a bin for goods at the dock and make the work; each choice is stored with its reasons.

    Goods for which no bin fits stay open without a target. Receipt lines that were taken back, and goods that have left
    the place since, need no putaway: they are left out.
    """
    ctx.require("storage.plan", req.site_id)
    if not req.needs:
        raise Invalid("There is nothing to put away.")
    needs = steps.still_received(req.needs)
    if not needs:
        return PutawaysPlanned(moves=[])
    planned = steps.plan(ctx, req.site_id, needs)
    gone = steps.follow_moved_stock(ctx, req.site_id, sorted({need.location_id for need in needs}))
    return PutawaysPlanned(moves=[Planned(*move) for move in planned if move[0] not in gone])


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
    groups = choosing.group_needs(needs, facts)
    chosen = choosing.choose(ctx, req.site_id, groups, without_moves=[m.planned_move_id for m in locked])
    found = [
        Planned(locked[i].planned_move_id, choice.chosen.location_id if choice.chosen else 0)
        for group, choice in zip(groups, chosen.choices, strict=True)
        for i in group.places
    ]
    steps.set_targets([(p.planned_move_id, p.location_id) for p in found if p.location_id])
    record(
        ctx,
        [
            choosing.decision(locked[g.places[0]].planned_move_id, g, choice, needs, facts, chosen.in_use)
            for g, choice in zip(groups, chosen.choices, strict=True)
        ],
    )
    return PutawaysPlanned(moves=found)


@command(permission="storage.plan", result=Cancelled)
def cancel_putaways(ctx: Context, req: CancelPutaways) -> Cancelled:
    """Cancel the open putaways of these origins: their goods are not at the dock any more."""
    found = queries.planned_moves(site_ids=[0], origins=req.origins, limit=None) if req.origins else []
    for site_id in sorted({m.site_id for m in found}):
        ctx.require("storage.plan", site_id)
    return Cancelled(count=steps.cancel_moves(ctx, [m.id for m in found], reason=req.reason))


@command(permission="storage.putaway", result=CarryDone)
def confirm_putaway(ctx: Context, req: ConfirmPutaway) -> CarryDone:
    """Goods reached their bins: the suggested ones, or others with a reason and room.

    Posts PUTAWAY dock -> bin; ends planned moves and tasks; emits storage.put_away. Refuses with NoSuchPlan,
    ReasonNeeded, NotAllowedThere, OverCapacity, and with the ledger's InsufficientStock.
    """
    locked, posting, lines, still_open = carries.confirm(ctx, req.lines, PlanKind.PUTAWAY, "PUTAWAY")
    ctx.emit(PutAway(site_id=locked[0].site_id, posting_id=posting.posting_id, lines=lines))
    record(ctx, carries.overrides(req.lines, locked, lines))
    return CarryDone(posting.posting_id, sum(line.units for line in lines), still_open)


@command(permission="storage.move", result=Moved)
def move_stock(ctx: Context, req: MoveStock) -> Moved:
    """Move LPNs, items or whole bins inside a site.

    Posts MOVE; planned moves whose goods left are cancelled; emits storage.moved. Refuses with NothingThere,
    NotAllowedThere, OverCapacity, KeptForTransfer (the pallet waits for a truck with a transfer), and with the ledger's
    InsufficientStock and CommittedStock.
    """
    ctx.require("storage.move", req.site_id)
    wanted = moves.of_request(req, reason="MOVE")
    places = moves.check_places(req.site_id, wanted)
    leaving = {m.source.location_id for m in wanted}
    moves.check_room(wanted, places)
    plans.refuse_onto_kept(wanted)
    posting = ledger.post(ctx, wanted)
    steps.follow_moved_stock(ctx, req.site_id, sorted(leaving))
    holds.follow(req.site_id, wanted)
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
    wanted = [moves.of_cell(c, Place(c.location_id, 0, c.quality), units=c.on_hand, reason="UNPACK") for c in cells]
    posting = ledger.post(ctx, wanted)
    steps.follow_moved_stock(ctx, req.site_id, sorted({c.location_id for c in cells}))
    holds.follow(req.site_id, wanted)
    ctx.emit(StockMoved(req.site_id, posting.posting_id, sorted({c.item_id for c in cells})))
    return Moved(posting.posting_id, len(wanted), sum(c.on_hand for c in cells))


@command(permission="storage.adjust", result=Adjusted)
def adjust_stock(ctx: Context, req: AdjustStock) -> Adjusted:
    """Correct stock for a reason: found units come from ADJUSTMENT at what the item is worth now, lost ones go there.

    Emits storage.adjusted. Refuses with BadAdjustment, KeptForTransfer (found on a transfer's pallet), and with the
    ledger's InsufficientStock and CommittedStock.
    """
    ctx.require("storage.adjust", req.site_id)
    bad = [
        BadLine(i, "units", "No units were named.", "Type how many were found, or with a minus how many are missing.")
        for i, line in enumerate(req.lines, start=1)
        if line.units == 0
    ]
    carries.check_reason(req.reason, ADJUST_REASONS, bad, empty=not req.lines)
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
    plans.refuse_onto_kept(wanted)
    return carries.post_adjustment(ctx, req.site_id, wanted, req.reason, outside)


@command(permission="storage.plan", result=FacesSet)
def set_pick_faces(ctx: Context, req: SetPickFaces) -> FacesSet:
    """Make, change or end pick faces. Refuses with Invalid naming every bad line: one whose maximum the bin cannot hold
    by the volume and weight that are known says how many it can."""
    ctx.require("storage.plan", req.site_id)
    places = locations.locations([f.location_id for f in req.faces])
    items = queries.item_needs(sorted({f.item_id for f in req.faces if f.max_units}))
    bad = []
    for i, face in enumerate(req.faces, start=1):
        place = places.get(face.location_id)
        if place is None or place.site_id != req.site_id or place.role != "forward_pick":
            bad.append(BadLine(i, "location", "This is no forward pick bin of the site.", "Choose one."))
        if face.max_units and not 0 < face.min_units <= face.max_units:
            bad.append(
                BadLine(i, "min_units", "The minimum must be at least 1 and no more than the maximum.", "Change it.")
            )
        if face.trigger not in FACE_TRIGGERS:
            bad.append(BadLine(i, "trigger", f"“{face.trigger}” asks for nothing.", f"Use {', '.join(FACE_TRIGGERS)}."))
        if place is not None and place.site_id == req.site_id and face.item_id in items:
            fits = items[face.item_id].size.most_in(place.max_volume_ml, place.max_weight_g)
            if fits is not None and face.max_units > fits:
                bad.append(beyond_room(i, place.code, items[face.item_id].sku, fits))
    if bad:
        raise Invalid(bad[0].message, lines=bad)
    steps.write_faces([(f.location_id, f.item_id, f.min_units, f.max_units, f.trigger) for f in req.faces])
    census.look_at(req.site_id, [f.location_id for f in req.faces])
    return FacesSet(count=sum(1 for f in req.faces if f.max_units))


@command(permission="storage.open", result=ImportReport)
def load_opening_stock(ctx: Context, req: ImportFile) -> ImportReport:
    """Load the stock with which the house starts from a file, each line once; lots and LPNs are made where new.

    Posts OPENING -> place at unit cost x units; emits storage.opening_loaded for each site. Refuses with FileRefused,
    ImportRefused (each mistake with row, column and way out), NotPermitted (a site that is not one's own) or
    OpeningAlreadyLoaded.
    """
    ctx.subject = f"platform.importfile:{req.digest[:40]}"
    report = load(OPENING, req)
    opening.post_opening(ctx)
    return report
