"""The door of slotting: look for faces that belong elsewhere, accept or reject."""

from __future__ import annotations

from datetime import timedelta

from flowrack.locations import queries as locations
from flowrack.platform.decisions import DecisionRow, record
from flowrack.platform.runner import Context, command
from flowrack.replenishment import locks, queries_plan, queries_slotting, rules_slotting, steps_plan, steps_slotting
from flowrack.replenishment.rules_slotting import Suggestion, Terms
from flowrack.replenishment.states import SLOT_TRANSITIONS, SlotState
from flowrack.replenishment.types import SUGGESTION
from flowrack.replenishment.types_slotting import (
    AcceptSlot,
    BadSlotting,
    NoSuchSuggestion,
    RejectSlot,
    SlotAccepted,
    SlotDecided,
    SlotsSuggested,
    SuggestSlots,
)
from flowrack.shared.errors import NotFound
from flowrack.shared.refs import ref
from flowrack.storage import queries as bins
from flowrack.storage import steps as storage
from flowrack.storage import steps_census as census
from flowrack.walks import queries as walks

MM_A_SECOND = 1_000
REMEMBERED = timedelta(days=90)
MOST = 50


@command(permission="replenishment.slot", result=SlotsSuggested)
def suggest_slots(ctx: Context, req: SuggestSlots) -> SlotsSuggested:
    """Look which items belong in which faces by order lines, room and what is ordered together; open suggestions are
    replaced. Each says what it saves a day, what the move takes, and when it has paid. Refuses with BadSlotting."""
    ctx.require("replenishment.slot", req.site_id)
    if not 1 <= req.days <= 366 or not 1 <= req.pays_within_days <= 3_650:
        raise BadSlotting("Look at 1 to 366 days, and let a move pay within 1 to 3,650.", fix="Change the days.")
    floor = walks.floor_of(req.site_id)
    clock = queries_plan.clock(req.site_id, now=ctx.now)
    goods = queries_slotting.goods_of(req.site_id, days=req.days, now=ctx.now)
    slots = queries_slotting.slots_of(req.site_id)

    def way(place: int) -> int:
        return floor.mm(floor.start, floor.at(place))

    def between(one: int, other: int) -> int:
        return floor.mm(floor.at(one), floor.at(other))

    found = rules_slotting.suggest(
        goods, slots, way=way, between=between,
        rejected=queries_slotting.rejected(req.site_id, since=ctx.now - REMEMBERED),
        terms=Terms(req.days, MM_A_SECOND, clock.task_seconds, req.pays_within_days, MOST),
    )  # fmt: skip
    ids, replaced = steps_slotting.replace_open(ctx, req.site_id, found, days=req.days)
    record(ctx, [_why(suggestion_id, one, req) for suggestion_id, one in zip(ids, found, strict=True)])
    return SlotsSuggested(ids, replaced)


def _why(suggestion_id: int, one: Suggestion, req: SuggestSlots) -> DecisionRow:
    goods, tenths = one.goods, one.tenths_of_days
    company = f", {goods.together:,} of them with the same other item" if goods.together else ""
    other = f" The item there was wanted by {one.swaps.lines:,} lines and takes its place." if one.swaps else ""
    return DecisionRow(
        kind="slotting",
        subject=ref(SUGGESTION, suggestion_id),
        sentence=(
            f"{goods.lines:,} order lines in {req.days:,} days{company}; the way from the start is"
            f" {one.from_mm // 1_000:,} m now and {one.to_mm // 1_000:,} m there.{other} The move takes"
            f" {one.move_seconds:,} s and saves {one.saved_seconds_a_day:,} s a day: it has paid after"
            f" {tenths // 10:,}.{tenths % 10} days."
        ),
        rule=rules_slotting.RULE,
        detail={
            "lines": goods.lines, "units": goods.units, "days": req.days, "together": goods.together,
            "from_mm": one.from_mm, "to_mm": one.to_mm, "mm_a_second": MM_A_SECOND,
            "swapped_lines": one.swaps.lines if one.swaps else 0, "unit_ml": goods.size.volume_ml(1),
            "unit_g": goods.size.grams(1),
        },
    )  # fmt: skip


@command(permission="replenishment.slot", result=SlotAccepted)
def accept_slot(ctx: Context, req: AcceptSlot) -> SlotAccepted:
    """The item gets the face: levels change at once, what is free in the old face follows it before anything comes from
    reserve. In a swap both items change places. Refuses with NoSuchSuggestion, also where the levels do not fit."""
    site_id = _claimed(ctx, req.suggestion_id, "accept")
    seen = queries_slotting.slot_line(req.suggestion_id)
    assert seen is not None, "it was locked"
    old, new = seen.from_location_id, seen.to_location_id
    locks.faces(site_id, location_ids=[place for place in (old, new) if place])
    known = queries_slotting.levels_at([place for place in (old, new) if place])
    holder = known[new][0] if new in known else 0
    if holder != seen.swaps_item_id or (old and known.get(old, (0,))[0] != seen.item_id):
        raise NoSuchSuggestion("The faces were changed since.", fix="Look for suggestions again.")
    trigger = known[old][3] if old else "run_out"
    faces = [(new, seen.item_id, *_within(new, seen.item_id, seen.min_units, seen.max_units), trigger)]
    moved = [(seen.item_id, old, new)] if old else []
    if old and seen.swaps_item_id:
        item_id, low, high, its = known[new]
        faces.append((old, item_id, *_within(old, item_id, low, high), its))
        moved.append((item_id, new, old))
    elif old:
        faces.append((old, seen.item_id, 1, 0, trigger))
    storage.write_faces(faces)
    census.look_at(site_id, [face[0] for face in faces])
    steps_slotting.follow(moved)
    steps_slotting.decide(ctx, req.suggestion_id, SlotState.ACCEPTED, "")
    items = sorted({face[1] for face in faces})
    done = steps_plan.replan(ctx, site_id, items, because="its face was moved")
    return SlotAccepted(req.suggestion_id, done.refill_ids)


def _within(location_id: int, item_id: int, low: int, high: int) -> tuple[int, int]:
    """The levels as the bin can hold them. Refuses with NoSuchSuggestion where it holds no face of the item."""
    place, needs = locations.locations([location_id])[location_id], bins.item_needs([item_id])[item_id]
    fits = needs.size.most_in(place.max_volume_ml, place.max_weight_g)
    levels = rules_slotting.bounded(low, high, fits)
    if levels is None:
        raise NoSuchSuggestion(f"{place.code} is too small for {needs.sku}.", fix="Look for suggestions again.")
    return levels


@command(permission="replenishment.slot", result=SlotDecided)
def reject_slot(ctx: Context, req: RejectSlot) -> SlotDecided:
    """Not this move, and why: it is not suggested again for 90 days. Refuses with NoSuchSuggestion or BadSlotting."""
    if not req.reason.strip():
        raise BadSlotting("A reason is needed.", fix="Say in a few words why not.")
    _claimed(ctx, req.suggestion_id, "reject")
    steps_slotting.decide(ctx, req.suggestion_id, SlotState.REJECTED, req.reason.strip())
    return SlotDecided(req.suggestion_id, SlotState.REJECTED)


def _claimed(ctx: Context, suggestion_id: int, action: str) -> int:
    """The site of the suggestion, which is locked and open."""
    found = locks.slot_suggestion(suggestion_id)
    if found is None:
        raise NotFound(f"There is no suggestion {suggestion_id}.")
    site_id, state = found
    ctx.require("replenishment.slot", site_id)
    if (SlotState(state), action) not in SLOT_TRANSITIONS:
        raise NoSuchSuggestion(f"This suggestion is {state}.", fix="Look at the open ones.")
    ctx.subject = ref(SUGGESTION, suggestion_id)
    return site_id
