"""Counting without network: a device takes counts along, and tells of each bin when it is counted."""

from __future__ import annotations

from datetime import datetime

from flowrack.counting import locks, queries, rules, states, steps, steps_count
from flowrack.counting.models import Count, CountLine, CountTask
from flowrack.counting.queries import CellPast, Kind
from flowrack.counting.states import WAITING, TaskState
from flowrack.counting.types import (
    MOST_TAKEN,
    TASK,
    AlreadyCounting,
    CountBin,
    CountFinished,
    CountRefused,
    CountsTaken,
    SameCounter,
    TakeCounts,
)
from flowrack.platform.runner import Context, command
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref


@command(permission="counting.count", result=CountsTaken)
def take_counts(ctx: Context, req: TakeCounts) -> CountsTaken:
    """Take bins along on a device: for an hour nobody else is offered them. What it has already it keeps for longer.

    A lease that is over binds nobody. Posts and emits nothing. Refuses with CountRefused what is no device.
    """
    ctx.require("counting.count", req.site_id)
    if not ctx.device:
        raise CountRefused("Only a device takes counts along.", fix="Open the scan app on it.")
    if not 0 <= req.count <= MOST_TAKEN:
        raise CountRefused(f"A device takes at most {MOST_TAKEN} counts at a time.", fix="Ask for fewer.")
    kept = steps.keep_leases(ctx, req.site_id)
    fresh = locks.takeable(ctx, req.site_id, req.zone_ids, limit=req.count) if req.count else []
    if fresh:
        steps.lease(ctx, fresh)
    return CountsTaken([*kept, *fresh])


@command(permission="counting.count", result=CountFinished)
def count_bin(ctx: Context, req: CountBin) -> CountFinished:
    """Take down a bin that was counted from beginning to end without the house, at the times of the floor.

    Each line is compared with what the books say lay there from the opening to that line by the floor's clocks: what
    was moved afterwards and is booked already makes no difference, nor does what was moved before and is booked since.
    Whoever has the bin along on a device finds it counted.

    Posts what is inside tolerance; emits counting.posted; the rest waits for review, as by finish_count. Refuses with
    AlreadyCounting (somebody else counted it meanwhile, or it was called off), SameCounter or CountRefused.
    """
    task = locks.task(req.task_id)
    ctx.require("counting.count", task.site_id)
    ctx.subject = ref(TASK, task.pk)
    _check(ctx, req)
    last_move_id, past = queries.bin_since(task.location_id, req.opened_at)
    count, lines = _opened(ctx, task, req.opened_at, last_move_id, past)
    known = list(lines.values())
    for one in req.lines:
        for kind, units in steps_count.shares(one.seen, lines):
            line = lines.setdefault(kind, steps_count.line_of(count, kind, 0))
            line.counted_units, line.entered_at = units, one.at
            _expect(line, past.get(kind), count.opened_at, one.at)
    for line in lines.values():
        if line.counted_units is None:
            if req.empty:
                line.counted_units, line.entered_at = 0, ctx.now
            _expect(line, past.get(steps_count.kind_of(line)), count.opened_at, ctx.now)
    CountLine.objects.bulk_update(known, ["counted_units", "expected_units", "entered_at"])
    CountLine.objects.bulk_create(line for line in lines.values() if line.pk is None)
    count.finished_at = ctx.now
    count.save(update_fields=["finished_at"])
    steps_count.end_lease(task)
    task.save(update_fields=steps_count.LEASE_FIELDS)
    return steps_count.settle(ctx, task, steps.make_variances(count, list(lines.values())))


def _check(ctx: Context, req: CountBin) -> None:
    """Refuse with CountRefused what nobody can have seen."""
    if not req.lines and not req.empty:
        raise CountRefused("Nothing was counted.", fix="Say what is in the bin, or that it is empty.")
    if any(not req.opened_at <= one.at <= ctx.now for one in req.lines) or req.opened_at > ctx.now:
        raise CountRefused("The times of this count are not in order.", fix="Count the bin again.")
    if req.lines:
        steps_count.check_seen([one.seen for one in req.lines])


def _opened(
    ctx: Context, task: CountTask, opened_at: datetime, last_move_id: int, past: dict[Kind, CellPast]
) -> tuple[Count, dict[Kind, CountLine]]:
    """The count with its lines: the one that this person began in the house, or a new one as the bin was then."""
    counts = list(Count.objects.filter(task=task).order_by("round_no"))
    begun = next((one for one in counts if one.counter_id == ctx.actor_id and one.finished_at is None), None)
    if begun is not None and task.state == TaskState.COUNTING:
        found = {steps_count.kind_of(line): line for line in CountLine.objects.filter(count=begun).order_by("pk")}
        return begun, found
    if task.state not in WAITING:
        who = queries.last_counter(task.pk)
        what = f"{who} counted this bin meanwhile." if who else f"The count {task.number} was called off."
        raise AlreadyCounting(what, fix="Drop this count; have the bin counted anew if you saw something else.")
    if any(one.counter_id == ctx.actor_id for one in counts):
        raise SameCounter("You counted this bin before.", fix="Let a colleague count it this time.")
    task.state = states.advance(TaskState(task.state), "open")
    count = Count.objects.create(
        task=task, round_no=len(counts) + 1, counter_id=ctx.actor_id, opened_at=opened_at, opened_move_id=last_move_id
    )
    then = {kind: rules.balances_between(cell.on_hand, cell.moves, opened_at, opened_at)[-1]
            for kind, cell in past.items()}  # fmt: skip
    made = CountLine.objects.bulk_create(
        steps_count.line_of(count, kind, units) for kind, units in then.items() if units
    )
    return count, {steps_count.kind_of(line): line for line in made}


def _expect(line: CountLine, cell: CellPast | None, opened_at: datetime, at: datetime) -> None:
    """What a line is compared with, of what the bin held from the opening to a time on the floor."""
    until = at + rules.CLOCKS_AGREE
    path = rules.balances_between(cell.on_hand, cell.moves, opened_at, until) if cell else [0]
    balances = [line.opened_units, *path]
    counted = line.counted_units
    line.expected_units = Units(path[-1] if counted is None else rules.expectation(counted, balances))
