"""The door of replenishment: expect draws, plan refills, carry them, keep the policy."""

from __future__ import annotations

from flowrack.platform.runner import Context, command, refuse_on
from flowrack.replenishment import locks, queries, rules_policy, steps, steps_plan
from flowrack.replenishment.locks import LockedRefill
from flowrack.replenishment.states import TRANSITIONS, RefillState
from flowrack.replenishment.types import (
    REFILL,
    BadDraw,
    BadRefillPolicy,
    CancelDraws,
    ConfirmRefill,
    DrawsChanged,
    ExpectDraws,
    LeftoverFound,
    LiftRefill,
    NoSuchRefill,
    NotItsFace,
    PlanRefills,
    PolicySet,
    PutDownRefill,
    RefillDone,
    Refilled,
    RefillMoved,
    RefillsPlanned,
    ReportLeftover,
    SetRefillPolicy,
)
from flowrack.shared.errors import BadLine, NotFound
from flowrack.shared.refs import ref
from flowrack.storage import steps as storage
from flowrack.storage import steps_carries as carries
from flowrack.storage.types import NothingThere, PlanKind
from flowrack.tasks import steps as tasks
from flowrack.tasks.queries import tasks as tasks_of
from flowrack.tasks.types import Lease, TaskTaken

LIFT_SECONDS = 1_800  # a driver with a pallet on the fork is not hurried by his lease

refuse_on(
    "refill_place_once",
    lambda: NoSuchRefill("Somebody planned refills of this face at the same time.", fix="Try again."),
)


@command(permission="replenishment.plan", result=RefillsPlanned)
def plan_refills(ctx: Context, req: PlanRefills) -> RefillsPlanned:
    """Plan what pick faces need before they run out; what is not needed any more is cancelled or sent back.

    Each refill says why. Emits replenishment.planned when something changed.
    """
    ctx.require("replenishment.plan", req.site_id)
    done = steps_plan.replan(ctx, req.site_id, req.item_ids, because=req.because or "the faces were looked at again")
    return RefillsPlanned(
        done.planned_move_ids, done.empty_handed_face_ids, done.refill_ids, done.cancelled_ids, done.sent_back_ids
    )


@command(permission="replenishment.plan", result=DrawsChanged)
def expect_draws(ctx: Context, req: ExpectDraws) -> DrawsChanged:
    """Tell of draws that no order knows of, and net the refills of their faces anew. Refuses with BadDraw."""
    ctx.require("replenishment.plan", req.site_id)
    origin = req.origin.strip()
    items = queries.face_items(req.site_id, [draw.location_id for draw in req.draws])
    bad = rules_policy.bad_draws(origin, req.draws, items, now=ctx.now)
    if bad:
        raise BadDraw(bad[0].message, lines=bad, fix=bad[0].fix)
    locks.faces(req.site_id, location_ids=sorted(items))
    steps.expect(ctx, req.site_id, origin, req.draws, is_of_orders=False)
    done = steps_plan.replan(ctx, req.site_id, sorted(set(items.values())), because=f"{origin} will draw more")
    units = queries.expected(req.site_id, origin)
    return DrawsChanged(units, len(done.refill_ids), len(done.cancelled_ids), len(done.sent_back_ids))


@command(permission="replenishment.plan", result=DrawsChanged)
def cancel_draws(ctx: Context, req: CancelDraws) -> DrawsChanged:
    """Units that were told will not be drawn after all: refills that nobody needs any more are cancelled, and a pallet
    on the fork goes back. Refuses with BadDraw when nothing was told under the name, or less."""
    ctx.require("replenishment.plan", req.site_id)
    known = queries.expected(req.site_id, req.origin)
    if known == 0 or not 0 <= req.units <= known:
        said = f"{known:,} units are expected under “{req.origin[:40]}”." if known else "Nothing is expected under it."
        raise BadDraw(said, fix=f"Take back up to {known:,}." if known else "Look at the board of refills.")
    items = queries.items_drawn(req.site_id, req.origin)
    locks.faces(req.site_id, items)
    taken = steps.cancel(req.site_id, req.origin, req.units)
    because = f"{taken:,} units of {req.origin} were cancelled"
    done = steps_plan.replan(ctx, req.site_id, items, because=because)
    return DrawsChanged(known - taken, len(done.refill_ids), len(done.cancelled_ids), len(done.sent_back_ids))


@command(permission="replenishment.carry", result=RefillMoved)
def lift_refill(ctx: Context, req: LiftRefill) -> RefillMoved:
    """A driver took the goods of a refill: its work is theirs. Refuses with NoSuchRefill, or TaskTaken."""
    held = _open_refill(ctx, req.refill_id)
    _advance(held, "lift")
    task_id = _task_of(held)
    if task_id:
        tasks.claim(ctx, [task_id], lease_seconds=LIFT_SECONDS)
    steps.hold(ctx, held.refill_id)
    steps.lifted(ctx, held.refill_id)
    ctx.subject = ref(REFILL, held.refill_id)
    return RefillMoved(held.refill_id, RefillState.LIFTED)


@command(permission="replenishment.carry", result=RefillMoved)
def put_down_refill(ctx: Context, req: PutDownRefill) -> RefillMoved:
    """The goods stand again where they were taken from. A refill that was sent back is over; another one waits again.

    Refuses with NoSuchRefill, or TaskTaken when somebody else has it on the fork: only who plans may do it for them.
    """
    held = _open_refill(ctx, req.refill_id)
    _on_own_fork(ctx, held)
    ctx.subject = ref(REFILL, held.refill_id)
    if held.state == RefillState.GOING_BACK:
        _advance(held, "return")
        steps.let_go(ctx, [held.refill_id])
        storage.cancel_moves(ctx, [held.planned_move_id], reason="brought back: nobody needs it any more")
        steps_plan.set_state(
            ctx, [held.refill_id], RefillState.RETURNED, was=[RefillState.GOING_BACK], reason="brought back"
        )
        return RefillMoved(held.refill_id, RefillState.RETURNED)
    _advance(held, "put_down")
    task = tasks_of([_task_of(held)]).get(_task_of(held))
    if task is not None and task.state == "leased" and task.leased_by == ctx.actor_id and task.lease_token:
        tasks.release(ctx, [Lease(task.id, task.lease_token)])
    steps.let_go(ctx, [held.refill_id])
    steps.put_down(held.refill_id)
    return RefillMoved(held.refill_id, RefillState.PLANNED)


@command(permission="replenishment.carry", result=RefillMoved)
def report_leftover(ctx: Context, req: ReportLeftover) -> RefillMoved:
    """A driver took the last units by the books, and something is left: the bin is counted.

    Emits replenishment.leftover_found. Refuses with NoSuchRefill, or TaskTaken.
    """
    held = _open_refill(ctx, req.refill_id)
    _on_own_fork(ctx, held)
    seen = queries.refill(held.refill_id)
    if seen is None or held.state != RefillState.LIFTED:
        raise NoSuchRefill(f"This refill is {held.state.replace('_', ' ')}.", fix="Take the next one.")
    ctx.subject = ref(REFILL, held.refill_id)
    ctx.emit(LeftoverFound(held.site_id, seen.from_location_id, held.item_id, held.refill_id))
    return RefillMoved(held.refill_id, held.state)


@command(permission="replenishment.carry", result=RefillDone)
def confirm_refill(ctx: Context, req: ConfirmRefill) -> RefillDone:
    """Refills reached their faces, or the place where they are handed over.

    Posts REFILL reserve -> face; a second carry follows a hand-over. Emits replenishment.refilled. Refuses with
    FaceFull (never more than the face holds), NoSuchRefill (it goes back), NotItsFace (it may land nowhere else),
    TaskTaken (a colleague has it on the fork), and as confirm_putaway.
    """
    seen = {carry.planned_move_id: carry for carry in queries.carries([line.planned_move_id for line in req.lines])}
    for site_id in sorted({carry.site_id for carry in seen.values()}):
        ctx.require("replenishment.carry", site_id)
        locks.faces(site_id, location_ids=sorted({c.face_location_id for c in seen.values() if c.site_id == site_id}))
    held = locks.refills_of_moves(sorted(seen))
    back = [
        BadLine(n, "planned_move", "This refill is not needed any more: it goes back.", "Put it where it came from.")
        for n, line in enumerate(req.lines, 1)
        if line.planned_move_id in held and held[line.planned_move_id].state == RefillState.GOING_BACK
    ]
    if back:
        raise NoSuchRefill(back[0].message, lines=back, fix=back[0].fix)
    for one in held.values():
        _on_own_fork(ctx, one)
    _refuse_elsewhere(req, seen)
    at_hand_over = frozenset(c.hand_over_id for c in seen.values()) - {0}
    _refuse_parts(req, seen)
    steps.refuse_full(req.lines, seen)
    on_fork = [one.refill_id for one in held.values() if one.state == RefillState.LIFTED]
    steps.let_go(ctx, on_fork)
    locked, posting, lines, still_open = carries.confirm(
        ctx, req.lines, PlanKind.REFILL, "REFILL", plates_stay_at=at_hand_over
    )
    first = [line for line in lines if seen[line.planned_move_id].hand_over_id]
    last = [line for line in lines if not seen[line.planned_move_id].hand_over_id]
    next_ids = steps.hand_over(ctx, held, first)
    steps.land(ctx, held, last)
    for refill_id in on_fork:
        if any(
            held[line.planned_move_id].refill_id == refill_id for line in last if line.planned_move_id in still_open
        ):
            steps.hold(ctx, refill_id)
    if last:
        ctx.emit(Refilled(site_id=locked[0].site_id, posting_id=posting.posting_id, lines=last))
    if held:
        ctx.about(REFILL, sorted(one.refill_id for one in held.values()))
    return RefillDone(posting.posting_id, sum(line.units for line in lines), still_open, next_ids)


def _on_own_fork(ctx: Context, held: LockedRefill) -> None:
    """What rides on a colleague's fork is theirs; who plans may say what became of it."""
    if held.state == RefillState.PLANNED or held.lifted_by in (0, ctx.actor_id):
        return
    if not ctx.may("replenishment.plan", held.site_id):
        raise TaskTaken("A colleague has it on the fork.", fix="Take the next one, or ask the lead.")


def _refuse_elsewhere(req: ConfirmRefill, seen: dict[int, queries.CarrySeen]) -> None:
    """A refill lands in its face or where it is handed over: whoever waits for the face is told that it is filled."""
    bad = [
        BadLine(n, "location", "A refill lands in its own face, or where it is handed over.",
                "Bring it there, or put it back and move the goods by hand.")
        for n, line in enumerate(req.lines, 1)
        if line.planned_move_id in seen and line.location_id not in (0, seen[line.planned_move_id].to_location_id)
    ]  # fmt: skip
    if bad:
        raise NotItsFace(bad[0].message, lines=bad, fix=bad[0].fix)


def _refuse_parts(req: ConfirmRefill, seen: dict[int, queries.CarrySeen]) -> None:
    """What is handed over is handed over whole: the second leg carries what the first one brought."""
    parts = [
        BadLine(n, "units", f"{seen[line.planned_move_id].left:,} are to be handed over.", "Bring all, or put it back.")
        for n, line in enumerate(req.lines, 1)
        if line.planned_move_id in seen
        and seen[line.planned_move_id].hand_over_id
        and line.units not in (0, seen[line.planned_move_id].left)
    ]
    if parts:
        raise NothingThere(parts[0].message, lines=parts, fix=parts[0].fix)


@command(permission="replenishment.setup", result=PolicySet)
def set_refill_policy(ctx: Context, req: SetRefillPolicy) -> PolicySet:
    """Keep how a site refills its faces. Refuses with BadRefillPolicy naming every field."""
    ctx.require("replenishment.setup", req.site_id)
    zones, places = queries.zones_and_places(
        req.site_id, [zone for zone, _ in req.hand_overs], [place for _, place in req.hand_overs]
    )
    bad = rules_policy.bad_policy(req, zones, places)
    if bad:
        raise BadRefillPolicy(bad[0].message, lines=bad, fix=bad[0].fix)
    steps.write_policy(req)
    ctx.subject = ref("locations.site", req.site_id)
    return PolicySet(req.site_id)


def _open_refill(ctx: Context, refill_id: int) -> LockedRefill:
    """The refill, locked, at a site where the person may carry."""
    found = locks.refills([refill_id]).get(refill_id)
    if found is None:
        raise NotFound(f"There is no refill {refill_id}.")
    ctx.require("replenishment.carry", found.site_id)
    return found


def _advance(held: LockedRefill, action: str) -> None:
    if (RefillState(held.state), action) not in TRANSITIONS:
        raise NoSuchRefill(f"This refill is {held.state.replace('_', ' ')}.", fix="Take the next one.")


def _task_of(held: LockedRefill) -> int:
    seen = queries.refill(held.refill_id)
    return seen.task_id if seen else 0
