"""What happens by itself when stock becomes free: modes and their gates, suggestions and what people make of them."""

from __future__ import annotations

from flowrack.allocation import queries_modes, steps_modes, steps_overriding, steps_run, steps_runs
from flowrack.allocation.types import AllocationRun
from flowrack.allocation.types_modes import (
    GATES,
    MODES,
    VELOCITIES,
    AcceptSuggestions,
    BadMode,
    DropSuggestions,
    FollowFree,
    FreeFollowed,
    GateClosed,
    ModeSet,
    NoSuchSuggestion,
    SetMode,
    SuggestionsDecided,
)
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine


@command(permission="allocation.modes", result=ModeSet)
def set_allocation_mode(ctx: Context, req: SetMode) -> ModeSet:
    """Say what happens by itself when stock becomes free; the mode before ends. Down is always possible.

    Up it goes one step at a time, and the last two steps only where people agreed often enough to what was suggested.
    Refuses with BadMode and GateClosed.
    """
    ctx.require("allocation.modes", req.site_id)
    bad = []
    if req.mode not in MODES:
        bad.append(BadLine(0, "mode", f"{req.mode} is no mode.", f"Choose of {', '.join(MODES)}."))
    if req.velocity not in VELOCITIES:
        bad.append(BadLine(0, "velocity", f"There is no velocity class {req.velocity}.", "A, B, C, or empty for all."))
    if not req.reason.strip():
        bad.append(BadLine(0, "reason", "It needs a reason.", "Say why."))
    if bad:
        raise BadMode(bad[0].message, lines=bad, fix=bad[0].fix)
    current_id, version, now_in = queries_modes.mode_in_force(req.site_id, req.velocity)
    _refuse_unless_earned(ctx, req, now_in)
    mode_id = steps_modes.replace(ctx, req, current_id, version + 1)
    return ModeSet(mode_id, version + 1, req.mode)


def _refuse_unless_earned(ctx: Context, req: SetMode, now_in: str) -> None:
    step = MODES.index(req.mode) - MODES.index(now_in)
    if step > 1:
        between = MODES[MODES.index(now_in) + 1]
        raise GateClosed(f"It is {now_in} now: the next step is {between}.", fix=f"Choose {between} first.")
    gate = GATES.get(req.mode)
    if step <= 0 or gate is None:
        return
    agreed, decided = queries_modes.agreement(req.site_id, req.velocity, now=ctx.now)
    percent = 100 * agreed // decided if decided else 0
    if decided < gate.decided or percent < gate.agreed_percent:
        raise GateClosed(
            f"{req.mode.capitalize()} takes {gate.agreed_percent} % agreement over {gate.decided} suggestions: people "
            f"decided {decided} and agreed to {percent} %.",
            fix="Decide on what is suggested.",
            agreed=agreed,
            decided=decided,
        )


@command(permission="allocation.follow", result=FreeFollowed)
def follow_free(ctx: Context, req: FollowFree) -> FreeFollowed:
    """Stock became free: promise it, or suggest to whom, as the mode of each item says. Nothing where it is off.

    What was suggested for these items before and nobody decided is replaced. Emits allocation.run_finished.
    """
    on_the_way, force = steps_run.ground(req.site_id, req.item_ids)
    by_mode: dict[str, list[int]] = {}
    modes = queries_modes.modes_of(req.item_ids, req.site_id)
    for item_id, (mode, _) in modes.items():
        by_mode.setdefault(mode, []).append(item_id)
    units = 0
    if by_mode.get("automatic"):
        ran = steps_runs.serve(ctx, req.site_id, by_mode["automatic"], on_the_way, force)
        if ran is not None:
            units = ran.units
            ctx.emit(AllocationRun(req.site_id, len(ran.decision.shares), units, sum(ran.waiting), ran.unpromised))
    asked = sorted([*by_mode.get("suggest", []), *by_mode.get("approve", [])])
    made: list[int] = []
    if asked:
        given = steps_runs.would_serve(ctx, req.site_id, asked, on_the_way, force)
        velocities = {item_id: velocity for item_id, (_, velocity) in modes.items()}
        made = steps_modes.suggest(ctx, req, asked, given, velocities)
    return FreeFollowed(units, made)


@command(permission="allocation.run", result=SuggestionsDecided)
def accept_suggestions(ctx: Context, req: AcceptSuggestions) -> SuggestionsDecided:
    """Promise what is suggested. Where stock or orders moved meanwhile, what the rules give now: then it is changed.

    Refuses with NoSuchSuggestion what is not open any more.
    """
    asked = queries_modes.open_suggestions(req.suggestion_ids)
    if not asked or len(asked) != len(set(req.suggestion_ids)):
        raise NoSuchSuggestion("One of these is not open any more.", fix="Look at the list again.")
    states: dict[int, str] = {}
    units = 0
    for site_id in sorted({one.site_id for one in asked}):
        ctx.require("allocation.run", site_id)
        here = [one for one in asked if one.site_id == site_id]
        items = sorted({one.item_id for one in here})
        on_the_way, force = steps_run.ground(site_id, items)
        ran = steps_runs.serve(ctx, site_id, items, on_the_way, force)
        gained = ran.gained if ran is not None else {}
        if ran is not None:
            units += ran.units
            ctx.emit(AllocationRun(site_id, len(ran.decision.shares), ran.units, sum(ran.waiting), ran.unpromised))
        for one in here:
            got = {line_id: gained.get(line_id, 0) for line_id in one.lines}
            states[one.id] = "agreed" if got == one.lines else "changed"
    steps_modes.end(ctx, states)
    return SuggestionsDecided(sorted(states), [states[key] for key in sorted(states)], units)


@command(permission="allocation.run", result=SuggestionsDecided)
def drop_suggestions(ctx: Context, req: DropSuggestions) -> SuggestionsDecided:
    """Do not promise what is suggested. It counts against the step to the next mode, and is an override.

    Emits allocation.overridden. Refuses with NoSuchSuggestion.
    """
    asked = queries_modes.open_suggestions(req.suggestion_ids)
    if not asked or len(asked) != len(set(req.suggestion_ids)):
        raise NoSuchSuggestion("One of these is not open any more.", fix="Look at the list again.")
    if not req.reason.strip():
        raise BadMode("Say why not.", lines=[BadLine(0, "reason", "Say why not.", "")])
    for site_id in sorted({one.site_id for one in asked}):
        ctx.require("allocation.run", site_id)
    ids = sorted(one.id for one in asked)
    steps_modes.end(ctx, dict.fromkeys(ids, "dropped"), req.reason)
    steps_overriding.dropped(ctx, asked, req.reason)
    return SuggestionsDecided(ids, ["dropped"] * len(ids), 0)
