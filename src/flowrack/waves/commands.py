"""Plans: what goes to which wave by which cut-off, what waits and at which penalty; and their release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from flowrack.fulfilment import steps_release as floor
from flowrack.fulfilment.types import ReleaseOrders
from flowrack.platform.runner import Context, command
from flowrack.sales.types import ORDER
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref
from flowrack.waves import (
    locks,
    queries,
    queries_moves,
    queries_pool,
    queries_trucks,
    queries_windows,
    rules_trucks,
    steps,
    steps_moves,
)
from flowrack.waves.locks import LockedPlanWave
from flowrack.waves.queries import PlannedLine
from flowrack.waves.queries_pool import Here
from flowrack.waves.rules_plan import Plan
from flowrack.waves.rules_plan import make_plan as plan_of
from flowrack.waves.rules_solver import improve
from flowrack.waves.states import PlanState, PlanWaveState
from flowrack.waves.types import (
    Dropped,
    DropPlan,
    LinesMoved,
    MakePlan,
    MoveLines,
    NothingToPlan,
    PlanChanged,
    Planned,
    PlanNotFound,
    PlanOver,
    ReleaseWaves,
    WaitsBy,
    WavePlanned,
    WaveStarted,
)
from flowrack.waves.types_trucks import WaveTooLate

PLAN, RELEASE = "waves.plan", "waves.release"
NAMED = 50


@command(permission="waves.plan", result=Planned)
def make_plan(ctx: Context, req: MakePlan) -> Planned:
    """Plan what goes to which wave and what waits at the least penalty; nothing is reserved, nobody gets work.

    The greedy answer is there at once; `improve` looks for a better one for some seconds. Stores why each line goes or
    waits. What older plans of the site have not released is dropped: what of it is due is planned anew.
    Emits waves.planned. Refuses with NothingToPlan.
    """
    ctx.require(PLAN, req.site_id)
    here, plan = _planned(ctx, req.site_id, req.ahead_days, {}, with_solver=req.improve)
    policy = queries_pool.policy(req.site_id)
    locks.site_templates(req.site_id)
    dropped = steps.drop_live_plans(req.site_id)
    plan_id, number = steps.write_plan(ctx, here, plan, policy, req.ahead_days)
    waiting = plan.of("waits")
    steps.tell_why(ctx, [(x.line.line_id, x.why) for x in waiting], rule=policy.name, answer="wave.waits")
    ctx.subject = ref(steps.PLAN, plan_id)
    ctx.about(steps.PLAN, [old for old, _ in dropped])
    lines = len(plan.of("goes"))
    ctx.emit(WavePlanned(plan_id, req.site_id, here.local.date(), lines, len(waiting)))
    fit, instead_of = plan.fit, [number for _, number in dropped]
    return Planned(plan_id, number, len(plan.waves), lines, len(waiting), fit.points, fit.method, fit.gap, instead_of)


def _planned(
    ctx: Context, site_id: int, ahead_days: int, fixed: Mapping[int, tuple[int, str]], *, with_solver: bool
) -> tuple[Here, Plan]:
    here = queries_pool.here(site_id, ctx.now)
    if here is None:
        raise PlanNotFound("There is no such site.", fix="Choose a site.")
    orders = queries_pool.pool(here, ahead_days=max(0, min(ahead_days, 60)))
    plan = plan_of(queries_pool.site_of(here, fixed), orders, improve if with_solver else None)
    if not plan.of("goes") and not plan.of("waits"):
        raise NothingToPlan(
            "No order that is due has anything reserved that is not with a picker.",
            fix="Run the allocation first, or look further ahead.",
        )
    return here, plan


@command(permission="waves.plan", result=LinesMoved)
def move_lines(ctx: Context, req: MoveLines) -> LinesMoved:
    """The planner decides that lines go or wait, whatever they cost: the draft is made anew around that.

    Where orders wait as a whole, the other lines of theirs follow. What else waits is chosen anew.
    """
    plan = locks.plan(req.plan_id)
    if plan is None or not ctx.may(PLAN, plan.site_id):
        raise PlanNotFound("There is no such plan.", fix="Look at the list of plans.")
    if plan.state != PlanState.DRAFT:
        raise PlanOver(f"{plan.number} is no draft any more.", fix="Plan again.")
    if not req.reason.strip() or len(req.reason) > 160:
        raise Invalid("Say why, in up to 160 letters.", lines=[BadLine(0, "reason", "Say why.")])
    head = queries.plan_head(req.plan_id)
    assert head is not None
    known = {x.line_id: x for x in queries.lines_of(req.plan_id) if x.fate != "out"}
    if bad := [line_id for line_id in req.line_ids if line_id not in known]:
        raise PlanNotFound(f"{len(bad)} of these lines are not in {plan.number}.", fix="Load the page again.")
    said = {x.line_id: (1 if x.fate == "goes" else -1, x.because) for x in known.values() if x.because}
    orders = {known[line_id].order_id for line_id in req.line_ids}
    by_order = queries_pool.policy(plan.site_id).waits_by == WaitsBy.ORDER
    chosen = [x for x in known.values() if x.line_id in req.line_ids or (by_order and x.order_id in orders)]
    for x in chosen:
        said[x.line_id] = (1 if req.goes else -1, req.reason.strip())
    here, anew = _planned(ctx, plan.site_id, head.ahead_days, said, with_solver=True)
    moved = queries_moves.moved(plan.plan_id)
    steps.rewrite_plan(plan.plan_id, here, anew)
    steps_moves.move_again(here, queries_pool.site_of(here), plan.plan_id, moved)
    policy = queries_pool.policy(plan.site_id)
    waiting = [(x.line.line_id, x.why) for x in anew.of("waits")]
    steps.tell_why(ctx, waiting, rule=policy.name, answer="wave.waits")
    ctx.subject = ref(steps.PLAN, plan.plan_id)
    over = max((w.floor + queries_windows.work_until(anew, w) - w.hands for w in anew.windows), default=0)
    return LinesMoved(len(chosen), max(0, over) if anew.knows_hands else 0)


@command(permission="waves.release", result=WaveStarted)
def release_wave(ctx: Context, req: ReleaseWaves) -> WaveStarted:
    """Give a planned wave to the floor: cells, picks and cartons in one transaction, as fulfilment releases orders.

    Refuses with PlanChanged, naming every line, when lines are not any more what was planned; `without_changed` leaves
    those out. Refuses with WaveTooLate, naming every order that misses its truck or cut-off, its next departure and the
    ways out; `although_late` releases it for the next departure. Stores why each line went.
    """
    wave = locks.plan_wave(req.plan_wave_id)
    if wave is None or not ctx.may(RELEASE, wave.plan.site_id):
        raise PlanNotFound("There is no such wave in a plan.", fix="Look at the list of plans.")
    if wave.state != PlanWaveState.PLANNED or wave.plan.state == PlanState.DROPPED:
        word = "on the floor already" if wave.state == PlanWaveState.RELEASED else "dropped"
        raise PlanOver(f"This wave of {wave.plan.number} is {word}.", fix="Plan again.")
    leaves = _leaves(ctx, wave, req.although_late)
    lines = queries.lines_of_wave(wave.plan.plan_id, wave.place)
    going = _unchanged(wave, lines, req.without_changed)
    left_out = [f"{x.number} line {x.line_no}: {x.changed}" for x in lines if x not in going]
    order_ids = sorted({x.order_id for x in going})
    asked = ReleaseOrders(wave.plan.site_id, order_ids, line_ids=[x.line_id for x in going])
    until = leaves - (wave.cut_off_at - wave.pick_until)
    done = floor.release(ctx, asked, until, wave.method)
    left_out += [f"{skip.number}: {skip.why}" for skip in done.skipped]
    _start(ctx, wave, done.wave_id, [x for x in going if x.order_id in set(done.order_ids)])
    if leaves != wave.cut_off_at:
        steps.move_run(done.wave_id, leaves, f"released too late for what it was planned for in {wave.plan.number}")
    ctx.about(steps.PLAN, [wave.plan.plan_id])
    ctx.about(ORDER, done.order_ids)
    return WaveStarted(done.wave_id, done.number, len(done.order_ids), len(done.pick_ids), done.units, left_out)


def _leaves(ctx: Context, wave: LockedPlanWave, although_late: bool) -> datetime:
    """By which cut-off a planned wave leaves: its own, or, where that can not be met any more and whoever releases it
    knows, the next departure of its orders. Refuses with WaveTooLate."""
    here = queries_pool.here(wave.plan.site_id, ctx.now)
    assert here is not None
    site, dock = queries_pool.site_of(here), wave.cut_off_at - wave.pick_until
    of = queries_trucks.orders_planned([wave.plan_wave_id]).get(wave.plan_wave_id, [])
    orders = queries_trucks.orders(here, of)
    slots = rules_trucks.departures(site, orders, dock)
    missed = rules_trucks.misses(site, orders, slots, here.clock(wave.cut_off_at), dock)
    if missed and not although_late:
        ways = "Move its truck's cut-off, take it off the load, or choose another carrier for it."
        raise WaveTooLate(
            f"{len(missed)} of {len(orders)} orders of this wave can not be picked in time.",
            lines=[BadLine(n, "order", one.sentence(here.local), ways) for n, one in enumerate(missed[:NAMED], 1)],
            fix="Plan again, change the truck, or release it all the same.",
        )
    slot = rules_trucks.first(slots.values())
    return here.at(slot.cut_off_at) if slot and wave.pick_until <= ctx.now else wave.cut_off_at


def _unchanged(wave: LockedPlanWave, lines: Sequence[PlannedLine], without: bool) -> list[PlannedLine]:
    """The lines that are still as planned; of an order that goes whole all or none."""
    changed = [x for x in lines if x.changed]
    if changed and not without:
        raise PlanChanged(
            f"{len(changed)} lines of {len(lines)} are not as they were planned in {wave.plan.number}.",
            lines=[
                BadLine(n, "line", f"{x.number} line {x.line_no}: {x.changed}.", "Plan again, or release without it.")
                for n, x in enumerate(changed[:NAMED], 1)
            ],
            fix="Plan again, or release the wave without them.",
        )
    broken = {x.order_id for x in changed if x.goes_whole}
    going = [x for x in lines if not x.changed and x.order_id not in broken]
    if not going:
        raise PlanChanged("Nothing of this wave is as it was planned.", fix="Plan again.")
    return going


def _start(ctx: Context, wave: LockedPlanWave, wave_id: int, lines: Sequence[PlannedLine]) -> None:
    """What was planned about the wave stays with it, and every line knows why it went."""
    plan = wave.plan
    steps.start_run(wave_id, wave.plan_wave_id, wave.why or f"planned in {plan.number} for its cut-off")
    rule = f"waves.plan {plan.number}, template {wave.template}"
    steps.tell_wave(ctx, wave_id, f"It was planned in {plan.number} by the template {wave.template}", rule=rule)
    steps.tell_why(ctx, [(x.line_id, x.why) for x in lines], rule=rule, answer="wave.goes")
    is_last = not queries.planned_waves(plan.plan_id)
    steps.set_plan_state(plan.plan_id, PlanState.RELEASED if is_last else PlanState.RELEASING)


@command(permission="waves.plan", result=Dropped)
def drop_plan(ctx: Context, req: DropPlan) -> Dropped:
    """A plan is not followed any more; waves of it that are on the floor stay there."""
    plan = locks.plan(req.plan_id)
    if plan is None or not ctx.may(PLAN, plan.site_id):
        raise PlanNotFound("There is no such plan.", fix="Look at the list of plans.")
    if plan.state in (PlanState.DROPPED, PlanState.RELEASED):
        raise PlanOver(f"{plan.number} is {plan.state}.", fix="There is nothing to drop.")
    steps.set_plan_state(plan.plan_id, PlanState.DROPPED)
    ctx.subject = ref(steps.PLAN, plan.plan_id)
    return Dropped(plan.plan_id, steps.drop_waves(plan.plan_id))
