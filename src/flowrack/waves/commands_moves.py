"""A planned wave leaves at another time than its plan said."""

from __future__ import annotations

from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref
from flowrack.waves import locks, queries_pool, steps, steps_moves
from flowrack.waves.states import PlanState, PlanWaveState
from flowrack.waves.types import PlanNotFound, PlanOver
from flowrack.waves.types_moves import AHEAD, TOO_FAR, MovePlanned, PlannedMoved

PLAN = "waves.plan"
MOST = 160


@command(permission="waves.plan", result=PlannedMoved)
def move_planned(ctx: Context, req: MovePlanned) -> PlannedMoved:
    """The planner lets a planned wave leave at another time; the minutes for staging and loading stay.

    Its lines say so, and it leaves then also when the draft is made anew. Refuses with Invalid without a reason, or
    for a time by which nothing can be picked any more or that is further away than AHEAD, and with PlanOver for a wave
    that is on the floor or dropped.
    """
    wave = locks.plan_wave(req.plan_wave_id)
    if wave is None or not ctx.may(PLAN, wave.plan.site_id):
        raise PlanNotFound("There is no such wave in a plan.", fix="Look at the list of plans.")
    if wave.state != PlanWaveState.PLANNED or wave.plan.state == PlanState.DROPPED:
        word = "on the floor already" if wave.state == PlanWaveState.RELEASED else "dropped"
        raise PlanOver(f"This wave of {wave.plan.number} is {word}.", fix="Look at the wave board.")
    here = queries_pool.here(wave.plan.site_id, ctx.now)
    assert here is not None
    reason = req.reason.strip()
    bad = []
    if not reason or len(reason) > MOST:
        bad.append(BadLine(0, "reason", "Say why, in up to 160 letters."))
    if abs(req.cut_off_at - ctx.now) > AHEAD:
        bad.append(BadLine(0, "at", TOO_FAR, "Choose a sooner time."))
    elif (pick_until := req.cut_off_at - (wave.cut_off_at - wave.pick_until)) <= ctx.now:
        over = f"It had to be picked until {here.clock(pick_until):%a %H:%M}: that is over."
        bad.append(BadLine(0, "at", over, "Choose a later time."))
    if bad:
        raise Invalid("The wave cannot leave then.", lines=bad)
    site = queries_pool.site_of(here)
    until = steps_moves.move_planned(here, site, wave, req.cut_off_at, reason)
    ctx.subject = ref(steps.PLAN, wave.plan.plan_id)
    return PlannedMoved(wave.plan_wave_id, wave.plan.plan_id, wave.plan.number, req.cut_off_at, until, wave.cut_off_at)
