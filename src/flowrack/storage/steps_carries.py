"""What the commands of storage share when stock is carried, held or corrected: check, post, tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from flowrack.inspection import steps as inspection
from flowrack.inspection import steps_places as holds
from flowrack.inspection.types_holds import Cause, HeldLine, NewHold
from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.queries import CellRow
from flowrack.ledger.types import Move, Place, Posting
from flowrack.locations import queries as locations
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref
from flowrack.storage import locks, steps
from flowrack.storage import steps_moves as moves
from flowrack.storage.locks import LockedMove
from flowrack.storage.rules_putaway import PICKABLE
from flowrack.storage.states import TRANSITIONS, PlanState
from flowrack.storage.types import (
    Adjusted,
    BadAdjustment,
    Carried,
    CarriedLine,
    Moved,
    NoSuchPlan,
    NothingThere,
    PlanKind,
    QualityChanged,
    ReasonNeeded,
    StockAdjusted,
    StockAt,
)


def confirm(
    ctx: Context,
    asked: Sequence[Carried],
    kind: PlanKind,
    reason: str,
    *,
    plates_stay_at: frozenset[int] = frozenset(),
) -> tuple[list[LockedMove], Posting, list[CarriedLine], list[int]]:
    """Post planned moves that were carried out and count them: (moves, posting, lines, ids still open).

    A whole LPN stays one in a putaway and at the places named; in a pick face its units are loose.
    """
    locked = open_plans(ctx, asked, kind)
    done = [
        (move, line.units or move.units - move.done_units, line.location_id or move.to_location_id, line.reason.strip())
        for move, line in zip(locked, asked, strict=True)
    ]
    whole = _whole_plates([one for one in done if kind is PlanKind.PUTAWAY or one[2] in plates_stay_at])
    to_post = [
        Move(
            item_id=move.item_id,
            units=units,
            source=Place(move.from_location_id, move.lpn_id, move.quality),
            target=Place(location_id, move.lpn_id if move.lpn_id in whole else 0, move.quality),
            reason=reason,
            lot_id=move.lot_id,
            owner_id=move.owner_id,
            origin=ref("storage.planned_move", move.planned_move_id),
        )
        for move, units, location_id, _ in done
    ]
    others = [m for m, (move, _, location, _) in zip(to_post, done, strict=True) if location != move.to_location_id]
    if others:
        places = moves.check_places(locked[0].site_id, others)
        if kind is PlanKind.PUTAWAY:
            moves.refuse_held(others, places, at=PICKABLE, what="be put where people pick")
        moves.check_room(others, places, without_moves=[move.planned_move_id for move in locked])
    posting = ledger.post(ctx, to_post)
    holds.follow(locked[0].site_id, to_post)
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


def overrides(
    asked: Sequence[Carried], locked: Sequence[LockedMove], lines: Sequence[CarriedLine]
) -> list[DecisionRow]:
    """What people decided against the suggestion: another bin, and why. One query, none when all went as suggested."""
    others = [
        (move, line, said.reason.strip())
        for said, move, line in zip(asked, locked, lines, strict=True)
        if line.to_location_id != move.to_location_id
    ]
    if not others:
        return []
    named = {place for move, line, _ in others for place in (move.to_location_id, line.to_location_id)}
    codes = locations.locations(named)
    rows = []
    for move, line, reason in others:
        went_to = codes[line.to_location_id].code
        suggested = codes[move.to_location_id].code if move.to_location_id in codes else "no bin"
        rows.append(
            DecisionRow(
                kind="putaway_override",
                subject=ref("storage.planned_move", move.planned_move_id),
                sentence=f"{went_to}, though {suggested} was suggested: {reason}.",
                rule="putaway.override v1",
                detail={"went_to": went_to, "suggested": suggested, "reason": reason, "units": line.units},
            )
        )
    return rows


def _whole_plates(done: Sequence[tuple[LockedMove, int, int, str]]) -> set[int]:
    """The LPNs of which everything goes to one place, and which move there; the units of others come off and are loose.

    One query.
    """
    lpn_ids = sorted({move.lpn_id for move, _, _, _ in done} - {0})
    if not lpn_ids:
        return set()
    there = {
        (c.lpn_id, c.location_id, c.item_id, c.lot_id, c.owner_id, c.quality): c.on_hand
        for c in stock.cells_at(lpn_ids=lpn_ids)
    }
    targets: dict[int, set[int]] = {}
    for move, units, location_id, _ in done:
        key = (move.lpn_id, move.from_location_id, move.item_id, move.lot_id, move.owner_id, move.quality)
        there[key] = there.get(key, 0) - units
        targets.setdefault(move.lpn_id, set()).add(location_id)
    stay = {key[0] for key, units in there.items() if units > 0}
    return {lpn_id for lpn_id in lpn_ids if lpn_id not in stay and len(targets[lpn_id]) == 1}


def open_plans(ctx: Context, asked: Sequence[Carried], kind: PlanKind) -> list[LockedMove]:
    """The planned moves that lines name, locked, in order; refuses what cannot be confirmed like this."""
    if not asked:
        raise NothingThere("Nothing was carried.", fix="Name at least one planned move.")
    found = locks.planned_moves(sorted({line.planned_move_id for line in asked}))
    faults = [_fault(i, line, found.get(line.planned_move_id), kind) for i, line in enumerate(asked, start=1)]
    gone = [fault for fault in faults if fault is not None and fault.field != "reason"]
    unexplained = [fault for fault in faults if fault is not None and fault.field == "reason"]
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


def _fault(i: int, line: Carried, move: LockedMove | None, kind: PlanKind) -> BadLine | None:
    if move is None or move.kind != kind:
        return BadLine(i, "planned_move", f"There is no {kind} {line.planned_move_id}.", "Scan it again.")
    left = move.units - move.done_units
    if (PlanState(move.state), "confirm") not in TRANSITIONS:
        return BadLine(i, "planned_move", f"This {kind} is {move.state}.", "Take the next one.")
    if not 0 <= line.units <= left:
        return BadLine(i, "units", f"{left} units are left of it, not {line.units}.", f"Carry up to {left}.")
    if not (line.location_id or move.to_location_id):
        return BadLine(i, "location", "No bin was found for it.", "Scan the bin you put it into.")
    if line.location_id not in (0, move.to_location_id) and not line.reason.strip():
        return BadLine(i, "reason", "This is another bin than suggested.", "Choose a reason.")
    return None


def cells_to_change(lines: Sequence[StockAt], site_id: int, *, quality: str, reason: str) -> list[tuple[CellRow, int]]:
    """The cells that a hold or release names, with the units of each; refuses what makes no sense. One query."""
    if not reason.strip():
        raise ReasonNeeded("A reason is needed.", fix="Say in a few words why.")
    asked = moves.cells_asked(lines, site_id)
    same = [
        BadLine(i, "quality", f"It is {quality} already.", "Leave it out.")
        for i, (cell, _) in enumerate(asked, start=1)
        if cell.quality == quality
    ]
    if same:
        raise Invalid(same[0].message, lines=same)
    if quality == "available":
        asked_for = [(i, c.item_id, c.lot_id, c.quality) for i, (c, _) in enumerate(asked, start=1)]
        inspection.refuse_undecided(site_id, asked_for)
    return asked


def change_quality(
    ctx: Context,
    site_id: int,
    asked: Sequence[tuple[CellRow, int]],
    *,
    quality: str,
    word: str,
    reason: str,
    owner_id: int = 0,
    due_at: datetime | None = None,
    cause: Cause = Cause.QUALITY,
    origin: str = "",
    by_id: int | None = None,
) -> Moved:
    """Post stock into another quality at its place, keep or settle its holds (by `by_id`, else the actor), and tell
    it."""
    wanted = [
        moves.of_cell(c, Place(c.location_id, c.lpn_id, quality), units=units, reason=word, origin=origin)
        for c, units in asked
    ]
    posting = ledger.post(ctx, wanted)
    steps.follow_moved_stock(ctx, site_id, sorted({c.location_id for c, _ in asked}))
    items = sorted({m.item_id for m in wanted})
    if quality != "available":
        inspection.write_holds(
            ctx,
            [
                NewHold(
                    site_id,
                    c.item_id,
                    c.lot_id,
                    c.lpn_id,
                    c.location_id,
                    quality,
                    units,
                    reason,
                    owner_id,
                    due_at,
                    cause=cause,
                )
                for c, units in asked
            ],
        )
    _settle(ctx, site_id, asked, posting.posting_id, reason, is_release=quality == "available", by_id=by_id)
    ctx.emit(QualityChanged(site_id, posting.posting_id, items, quality, reason.strip()))
    return Moved(posting.posting_id, len(wanted), sum(m.units for m in wanted))


def _settle(
    ctx: Context,
    site_id: int,
    asked: Sequence[tuple[CellRow, int]],
    posting_id: int,
    reason: str,
    *,
    is_release: bool,
    by_id: int | None,
) -> None:
    """Whatever quality the stock had before, the holds on it are settled: released, or replaced by the new one."""
    gone = [
        HeldLine(c.location_id, c.lpn_id, c.item_id, c.lot_id, c.owner_id, c.quality, units)
        for c, units in asked
        if c.quality != "available"
    ]
    if gone:
        inspection.settle_holds(
            ctx, site_id, gone, reason=reason, posting_id=posting_id, is_release=is_release, by_id=by_id
        )


def check_reason(reason: str, known: Sequence[str], bad: list[BadLine], *, empty: bool) -> None:
    """Refuse a reason that is not on the list, an empty request, and what else is bad already."""
    if reason not in known:
        bad.append(BadLine(0, "reason", f"“{reason}” is no reason here.", f"Use one of: {', '.join(known)}."))
    if empty:
        bad.append(BadLine(0, "lines", "No stock was named.", "Choose at least one line."))
    if bad:
        raise BadAdjustment(bad[0].message, lines=bad, fix=bad[0].fix)


def post_adjustment(ctx: Context, site_id: int, wanted: list[Move], reason: str, outside: Place) -> Adjusted:
    """Post moves between places of the site and one outside, and tell it with the money that moved."""
    inside = [m.target if m.source == outside else m.source for m in wanted]
    moves.check_places(site_id, [Move(m.item_id, m.units, p, p, "") for m, p in zip(wanted, inside, strict=True)])
    posting = ledger.post(ctx, wanted)
    steps.follow_moved_stock(ctx, site_id, sorted({p.location_id for p in inside}))
    gone = [
        HeldLine(at.location_id, at.lpn_id, m.item_id, m.lot_id, m.owner_id, str(at.quality), m.units)
        for m in wanted
        if m.target == outside and (at := m.source).quality != "available"
    ]
    if gone:
        inspection.settle_holds(ctx, site_id, gone, reason=reason, posting_id=posting.posting_id, is_release=False)
    signs = [1 if m.source == outside else -1 for m in wanted]
    value = sum((s * v for s, v in zip(signs, posting.values, strict=True)), Decimal(0))
    ctx.emit(StockAdjusted(site_id, posting.posting_id, sorted({m.item_id for m in wanted}), reason, value))
    return Adjusted(posting.posting_id, sum(s * m.units for s, m in zip(signs, wanted, strict=True)), value)
