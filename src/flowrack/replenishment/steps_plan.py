"""A plan of refills: read, let the rule decide for each face, write what changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from flowrack.platform import sql
from flowrack.platform.decisions import DecisionRow, record
from flowrack.platform.runner import Context
from flowrack.replenishment import locks, queries_plan, reasons, rules, steps
from flowrack.replenishment.queries_plan import Clock, StandingSeen
from flowrack.replenishment.queries_scene import Scene, scene
from flowrack.replenishment.rules import FacePlan, Kept, Lead, Planned, Window
from flowrack.replenishment.states import OPEN_REFILL, RefillState
from flowrack.replenishment.types import FACE, REFILL, NoSuchRefill, RefillsChanged
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import steps as storage
from flowrack.storage.types import PlanKind, PutawayNeed
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import NewTask


@dataclass(slots=True)
class Replanned:
    """What a plan changed."""

    refill_ids: list[int] = field(default_factory=list)
    planned_move_ids: list[int] = field(default_factory=list)
    cancelled_ids: list[int] = field(default_factory=list)
    sent_back_ids: list[int] = field(default_factory=list)
    empty_handed_face_ids: list[int] = field(default_factory=list)


def replan(
    ctx: Context, site_id: int, item_ids: Sequence[int] = (), *, because: str, location_ids: Sequence[int] = ()
) -> Replanned:
    """Net the refills of faces anew: keep what is still needed, drop or send back what is not, plan what is missing.

    The faces are locked, so that two plans never bring the same twice, and so are their refills, so that nobody lifts
    one that the plan drops. `because` is what started the plan. Not more statements for more faces.
    """
    locks.faces(site_id, item_ids, location_ids)
    mine = locks.open_refills(site_id, item_ids, location_ids)
    _end_stale_waits(ctx, site_id, item_ids)
    here = _without_lost(ctx, scene(site_id, item_ids, location_ids, now=ctx.now), mine)
    ended = Replanned()
    if here.homeless:
        lost = [one for one in here.homeless if one.standing.refill_id in mine]
        ended = write(ctx, here, [rules.end_of(one.location_id, one.item_id, one.standing) for one in lost], because)
        here = replace(scene(site_id, item_ids, location_ids, now=ctx.now), homeless=[])  # their stock is free again
    found = write(ctx, here, decide(ctx, here), because)
    found.cancelled_ids = sorted({*ended.cancelled_ids, *found.cancelled_ids})
    found.sent_back_ids = sorted({*ended.sent_back_ids, *found.sent_back_ids})
    return found


def _without_lost(ctx: Context, here: Scene, mine: set[int]) -> Scene:
    """Refills whose carry is over without them (somebody moved the goods by hand) are over too, if they are locked."""
    lost = [one.standing.refill_id for one in here.standing if not one.is_move_open and one.standing.refill_id in mine]
    if not lost:
        return here
    steps.let_go(ctx, lost)
    set_state(ctx, lost, "cancelled", was=OPEN_REFILL, reason="its goods were carried elsewhere")
    return replace(here, standing=[one for one in here.standing if one.is_move_open])


def _end_stale_waits(ctx: Context, site_id: int, item_ids: Sequence[int]) -> None:
    """Nobody waits any more for units that a line does not want from stock now. One statement."""
    sql.execute(
        """
        UPDATE replenishment_wait w SET ended_at = greatest(%s, w.since), "end" = 'over'
        FROM sales_orderline l
        WHERE w.site_id = %s AND w.ended_at IS NULL AND (%s::bigint[] = '{}' OR w.item_id = ANY(%s::bigint[]))
          AND l.id = w.order_line_id AND l.allocated_units <= l.released_units
        """,
        (ctx.now, site_id, list(item_ids), list(item_ids)),
    )


def would_change(ctx: Context, site_id: int, item_ids: Sequence[int] = ()) -> bool:
    """Whether a plan of the site would make, cancel or send back anything. Seven queries, one without faces."""
    if item_ids and not queries_plan.faces(site_id, item_ids):
        return False
    if queries_plan.stale_waits(site_id, item_ids):
        return True
    here = scene(site_id, item_ids, now=ctx.now)
    plans = decide(ctx, here)
    return any(not one.is_move_open for one in here.standing) or any(
        plan.new or plan.dropped or plan.sent_back for plan in plans
    )


def decide(ctx: Context, here: Scene) -> list[FacePlan]:
    """What the rule says for each face, the emptiest first."""
    of_face: dict[tuple[int, int], list[StandingSeen]] = {}
    for one in here.standing:
        of_face.setdefault((one.location_id, one.item_id), []).append(one)
    queue = [
        (one.land_by, here.clock.task_seconds, (one.location_id, one.item_id))
        for one in here.standing
        if one.is_move_open and not one.standing.is_going_back
    ]
    plans = [rules.end_of(one.location_id, one.item_id, one.standing) for one in here.homeless]
    order = sorted(here.faces, key=lambda s: (s.face.there * 1_000 // s.face.max_units, s.face.face_id))
    for seen in order:
        face = seen.face
        mine = (face.location_id, face.item_id)
        lead = Lead(
            here.clock.task_seconds, here.clock.spare_seconds, here.clock.people,
            [(due, work) for due, work, whose in queue if whose != mine],
        )  # fmt: skip
        top_off = face.max_units * here.clock.top_off_percent // 100 if here.clock.is_quiet else 0
        plan = rules.plan_face(
            face, here.draws[face.face_id], [one.standing for one in of_face.get(mine, [])],
            here.sources.get(face.item_id, []), lead=lead, now=ctx.now, top_off_under=top_off,
        )  # fmt: skip
        plans.append(plan)
        queue += [(new.window.land_by, here.clock.task_seconds, mine) for new in plan.new]
    return plans


def write(ctx: Context, here: Scene, plans: Sequence[FacePlan], because: str) -> Replanned:
    """Write what plans change, and tell it."""
    found = Replanned(empty_handed_face_ids=[plan.face.face_id for plan in plans if plan.missing and not plan.new])
    seen = {one.standing.refill_id: one for one in here.standing}
    found.cancelled_ids = sorted(one.refill_id for plan in plans for one in plan.dropped)
    found.sent_back_ids = sorted(one.refill_id for plan in plans for one in plan.sent_back)
    _drop(ctx, [seen[refill_id] for refill_id in found.cancelled_ids], because)
    set_state(ctx, found.sent_back_ids, "going_back", was=[RefillState.LIFTED], reason=because)
    kept = [(seen[one.standing.refill_id], one) for plan in plans for one in plan.kept]
    again = [k.standing.refill_id for _, k in kept if k.is_wanted_again]
    set_state(ctx, again, "lifted", was=[RefillState.GOING_BACK], reason="wanted after all")
    moved = _move_windows(ctx, kept)
    _add(ctx, here, plans, found, because)
    _explain_ends(ctx, plans, because)
    record(ctx, [reasons.of_times(seen.standing, seen.land_by, window, because, here.clock) for seen, window in moved])
    if found.refill_ids or found.cancelled_ids or found.sent_back_ids:
        site_id = here.clock.site_id
        ctx.emit(RefillsChanged(site_id, found.refill_ids, found.cancelled_ids, found.sent_back_ids))
    return found


def _drop(ctx: Context, dropped: Sequence[StandingSeen], because: str) -> None:
    if not dropped:
        return
    steps.let_go(ctx, [one.standing.refill_id for one in dropped])
    storage.cancel_moves(ctx, [one.planned_move_id for one in dropped], reason=because)
    dropped_ids = [one.standing.refill_id for one in dropped]
    set_state(ctx, dropped_ids, "cancelled", was=[RefillState.PLANNED], reason=because)


def set_state(ctx: Context, refill_ids: Sequence[int], state: str, *, was: Sequence[RefillState], reason: str) -> None:
    """Move refills to a state that a plan decides. One statement, none for none.

    Refuses with NoSuchRefill when one of them is in no state from which that is possible: somebody was faster.
    """
    if not refill_ids:
        return
    changed = sql.execute(
        """
        UPDATE replenishment_refill
        SET state = %(state)s::text, reason = left(%(reason)s::text, 200),
            ended_at = CASE WHEN %(state)s::text IN ('cancelled', 'returned') THEN %(now)s::timestamptz END,
            ended_by_id = CASE WHEN %(state)s::text IN ('cancelled', 'returned') THEN %(actor)s::bigint END
        WHERE id = ANY(%(ids)s::bigint[]) AND state = ANY(%(was)s::text[])
        """,
        {
            "state": state, "reason": reason, "now": ctx.now, "actor": ctx.actor_id, "ids": list(refill_ids),
            "was": [str(one) for one in was],
        },
    )  # fmt: skip
    if changed != len(set(refill_ids)):
        raise NoSuchRefill("Somebody lifted or landed a refill meanwhile.", fix="Try again.")


def _move_windows(ctx: Context, kept: Sequence[tuple[StandingSeen, Kept]]) -> list[tuple[StandingSeen, Window]]:
    """Times that moved are kept on refills and their tasks; those that must land at another time. Two statements, none
    where nothing moved."""
    changed = [
        (seen, one.window)
        for seen, one in kept
        if (seen.land_by, seen.start_by, max(seen.not_before, ctx.now), seen.standing.missing)
        != (one.window.land_by, one.window.start_by, one.window.not_before, one.window.missing)
    ]
    if not changed:
        return []
    sql.execute(
        """
        UPDATE replenishment_refill r SET not_before = n.not_before, land_by = n.land_by, start_by = n.start_by,
                                          missing_units = n.missing
        FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::bigint[])
             AS n(id, not_before, land_by, start_by, missing)
        WHERE r.id = n.id
        """,
        (
            [seen.standing.refill_id for seen, _ in changed],
            [window.not_before for _, window in changed],
            [window.land_by for _, window in changed],
            [window.start_by for _, window in changed],
            [window.missing for _, window in changed],
        ),
    )
    by_priority: dict[int, list[int]] = {}
    for seen, window in changed:
        if seen.task_id:
            priority = rules.priority_of(window, seen.standing.cause, ctx.now)
            by_priority.setdefault(priority, []).append(seen.task_id)
    for priority, task_ids in by_priority.items():
        tasks.reprioritise(task_ids, priority=priority)
    return [(seen, window) for seen, window in changed if seen.land_by != window.land_by]


def _add(ctx: Context, here: Scene, plans: Sequence[FacePlan], found: Replanned, because: str) -> None:
    """Write new refills with their carries, tasks and reasons. Four statements."""
    new = [(plan, one) for plan in plans for one in plan.new]
    if not new:
        return
    site_id, legs = here.clock.site_id, [one.source.hand_over_id or plan.face.location_id for plan, one in new]
    task_ids = tasks.create_tasks(
        ctx, [task_of(here.clock, plan, one, to, ctx) for (plan, one), to in zip(new, legs, strict=True)]
    )
    found.planned_move_ids = storage.write_moves(
        ctx,
        site_id,
        PlanKind.REFILL,
        [(_need(plan, one), to, task_id, one.source.owner_id)
         for (plan, one), to, task_id in zip(new, legs, task_ids, strict=True)],
    )  # fmt: skip
    places = _free_places(here, found, new)
    found.refill_ids = _insert(ctx, site_id, new, found.planned_move_ids, places)
    codes = {seen.face.face_id: seen for seen in here.faces}
    rows: list[DecisionRow] = []
    for refill_id, move_id, (plan, one) in zip(found.refill_ids, found.planned_move_ids, new, strict=True):
        face_id = plan.face.face_id
        why = reasons.of_refill(codes[face_id], plan, one, here.draws[face_id], because, here.clock, ctx.now)
        subject = ref(REFILL, refill_id)
        rows += [replace(why, subject=subject), replace(why, subject=ref("storage.planned_move", move_id))]
    record(ctx, rows)


def task_of(clock: Clock, plan: FacePlan, one: Planned, to_location_id: int, ctx: Context) -> NewTask:
    """The work of a refill's next carry."""
    return NewTask(
        kind=PlanKind.REFILL,
        origin=ref(FACE, plan.face.face_id),
        site_id=clock.site_id,
        from_location_id=one.source.location_id,
        to_location_id=to_location_id,
        lpn_id=one.source.lpn_id,
        item_id=plan.face.item_id,
        units=one.units,
        priority=rules.priority_of(one.window, one.cause, ctx.now),
        due_at=one.window.land_by,
        standard_seconds=clock.task_seconds,
        sequence=one.source.walk,
        end_sequence=plan.face.walk,
    )


def _need(plan: FacePlan, one: Planned) -> PutawayNeed:
    source = one.source
    origin = ref(FACE, plan.face.face_id)
    return PutawayNeed(origin, source.location_id, plan.face.item_id, Units(one.units), source.lot_id, source.lpn_id)


def _free_places(here: Scene, found: Replanned, new: Sequence[tuple[FacePlan, Planned]]) -> list[int]:
    """A place among the face's open refills for each new one: the lowest that is free."""
    gone = set(found.cancelled_ids)
    taken: dict[int, set[int]] = {}
    for one in here.standing:
        if one.standing.refill_id not in gone:
            taken.setdefault(one.location_id, set()).add(one.place)
    places = []
    for plan, _ in new:
        mine = taken.setdefault(plan.face.location_id, set())
        place = next(n for n in range(1, len(mine) + 2) if n not in mine)
        mine.add(place)
        places.append(place)
    return places


def _insert(
    ctx: Context, site_id: int, new: Sequence[tuple[FacePlan, Planned]], move_ids: Sequence[int], places: Sequence[int]
) -> list[int]:
    rows = sql.fetch_all(
        """
        INSERT INTO replenishment_refill (site_id, location_id, item_id, place, state, cause, units, planned_move_id,
                                          hand_over_id, planned_at, not_before, land_by, start_by, missing_units)
        SELECT %s, n.location_id, n.item_id, n.place, 'planned', n.cause, n.units, n.move_id, nullif(n.hand_over_id, 0),
               %s, n.not_before, n.land_by, n.start_by, n.missing
        FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
                    %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::bigint[]) WITH ORDINALITY
             AS n(location_id, item_id, place, cause, units, move_id, hand_over_id, not_before, land_by, start_by,
                  missing, nth)
        ORDER BY n.nth RETURNING id
        """,
        (
            site_id,
            ctx.now,
            [plan.face.location_id for plan, _ in new],
            [plan.face.item_id for plan, _ in new],
            list(places),
            [str(one.cause) for _, one in new],
            [one.units for _, one in new],
            list(move_ids),
            [one.source.hand_over_id for _, one in new],
            [one.window.not_before for _, one in new],
            [one.window.land_by for _, one in new],
            [one.window.start_by for _, one in new],
            [one.window.missing for _, one in new],
        ),
    )
    return [row[0] for row in rows]


def _explain_ends(ctx: Context, plans: Sequence[FacePlan], because: str) -> None:
    """Why refills were cancelled or go back."""
    record(
        ctx,
        [
            reasons.of_end(plan, one, because, is_back=one in plan.sent_back)
            for plan in plans
            for one in [*plan.dropped, *plan.sent_back]
        ],
    )
