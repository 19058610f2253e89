"""What people do with counts: ask, open, enter, finish, recount, approve, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.counting import locks, queries, rules, states, steps, steps_approve, steps_count
from flowrack.counting.models import Count, CountLine, CountPolicy
from flowrack.counting.states import TaskState
from flowrack.counting.types import (
    TASK,
    ApproveVariances,
    AskRecount,
    CancelCount,
    Cause,
    CountEntered,
    CountFinished,
    CountOpened,
    CountRefused,
    CountsRequested,
    Decision,
    EnterCount,
    FinishCount,
    NotYourCount,
    OpenCount,
    PlanCounts,
    PolicySet,
    RefreshCount,
    RequestCounts,
    SameCounter,
    SetPolicy,
    TaskChanged,
    VariancesApproved,
)
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, WrongState
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref

Kind = queries.Kind


@command(permission="counting.plan", result=CountsRequested)
def request_counts(ctx: Context, req: RequestCounts) -> CountsRequested:
    """Have bins counted. A bin that waits for a count already gets no second one.

    Posts and emits nothing. Refuses with CountRefused naming every place that cannot be counted.
    """
    ctx.require("counting.plan", req.site_id)
    if req.cause not in list(Cause):
        raise CountRefused("A count needs a cause.", fix=f"Use one of: {', '.join(Cause)}.")
    wanted = list(dict.fromkeys(req.location_ids))
    known = queries.locations_of(wanted, req.site_id)
    bad = [
        BadLine(n, "location_ids", "There is no such bin at this site.", "Scan the bin.")
        for n, key in enumerate(wanted, start=1)
        if key not in known
    ]
    if bad or not wanted:
        raise CountRefused("Some bins cannot be counted.", lines=bad, fix="Name at least one bin of the site.")
    return _made(ctx, req.site_id, wanted, cause=req.cause, due_on=req.due_on or ctx.now.date(), note=req.note)


@command(permission="counting.plan", result=CountsRequested)
def plan_counts(ctx: Context, req: PlanCounts) -> CountsRequested:
    """Make the day's counts of a site from the count policy: bins whose class is due, greatest expected loss first.

    Posts and emits nothing.
    """
    ctx.require("counting.plan", req.site_id)
    every = {velocity: policy.every_days for velocity, policy in queries.policies().items()}
    today = ctx.now.date()
    chosen = rules.choose_bins(queries.bins_due(req.site_id), every, today=today, limit=req.limit)
    return _made(ctx, req.site_id, [b.location_id for b in chosen], cause=Cause.PLAN, due_on=today, note="")


def _made(ctx: Context, site_id: int, wanted: Sequence[int], *, cause: str, due_on: date, note: str) -> CountsRequested:
    made = steps.make_tasks(ctx, site_id=site_id, location_ids=wanted, cause=cause, due_on=due_on, note=note)
    return CountsRequested(
        task_ids=[key for key, _ in made],
        numbers=[number for _, number in made],
        already_due=len(wanted) - len(made),
    )


@command(permission="counting.count", result=CountOpened)
def open_count(ctx: Context, req: OpenCount) -> CountOpened:
    """Start the blind count of a bin, and remember what the books say at this moment.

    Posts nothing. Refuses with WrongState (somebody counts it) or SameCounter (a recount needs another person).
    """
    task = locks.task(req.task_id)
    ctx.require("counting.count", task.site_id)
    ctx.subject = ref(TASK, task.pk)
    task.state = states.advance(TaskState(task.state), "open")
    steps_count.refuse_others(ctx, task)
    steps_count.end_lease(task)
    counters = list(Count.objects.filter(task=task).values_list("counter_id", flat=True))
    if ctx.actor_id in counters:
        raise SameCounter("You counted this bin before.", fix="Let a colleague count it this time.")
    last_move_id, books = queries.bin_now(task.location_id)
    count = Count.objects.create(
        task=task,
        round_no=len(counters) + 1,
        counter_id=ctx.actor_id,
        opened_at=ctx.now,
        opened_move_id=last_move_id,
    )
    CountLine.objects.bulk_create(steps_count.line_of(count, kind, units) for kind, units in books.items())
    task.save(update_fields=["state", *steps_count.LEASE_FIELDS])
    return CountOpened(count_id=count.pk, task_id=task.pk, round_no=count.round_no)


@command(permission="counting.count", result=CountEntered)
def enter_count(ctx: Context, req: EnterCount) -> CountEntered:
    """Enter what was seen in the bin; an item entered again replaces what was entered before; blank is not zero.

    Units counted together over several LPNs of the bin are spread over them. Posts nothing, tells nothing of what
    is expected. Refuses with NotYourCount, WrongState or CountRefused naming every bad line.
    """
    count = _own_open_count(ctx, req.count_id)
    lines = {steps_count.kind_of(line): line for line in CountLine.objects.filter(count=count).order_by("pk")}
    steps_count.check_seen(req.lines)
    entered = []
    for seen in req.lines:
        for kind, units in steps_count.shares(seen, lines):
            line = lines.get(kind)
            if line is None:
                line = lines[kind] = steps_count.line_of(count, kind, 0)
                line.save()
            line.counted_units = units
            line.entered_at = ctx.now
            entered.append(line)
    steps.compare(entered, count.task.location_id, since_move_id=count.opened_move_id)
    CountLine.objects.bulk_update(
        {line.pk: line for line in entered}.values(), ["counted_units", "expected_units", "entered_at"]
    )
    return CountEntered(count_id=count.pk, lines=sum(line.counted_units is not None for line in lines.values()))


def _own_open_count(ctx: Context, count_id: int) -> Count:
    count = locks.count(count_id)
    ctx.require("counting.count", count.task.site_id)
    ctx.subject = ref(TASK, count.task_id)
    if count.counter_id != ctx.actor_id:
        raise NotYourCount("Somebody else counts this bin.", fix="Take the next bin.")
    if count.finished_at is not None:
        raise WrongState("This count is finished.", fix="Ask for a recount if it was wrong.")
    return count


@command(permission="counting.count", result=CountFinished)
def finish_count(ctx: Context, req: FinishCount) -> CountFinished:
    """Say that the bin is counted; `empty` says that nothing else is in it.

    Posts what is inside tolerance; emits counting.posted. What is larger, and what was left blank, waits for review.
    Refuses with NotYourCount or WrongState.
    """
    count = _own_open_count(ctx, req.count_id)
    task = count.task
    lines = list(CountLine.objects.filter(count=count).order_by("pk"))
    unseen = [line for line in lines if line.counted_units is None]
    for line in unseen:
        if req.empty:
            line.counted_units = 0
            line.entered_at = ctx.now
    steps.compare(unseen, task.location_id, since_move_id=count.opened_move_id)
    CountLine.objects.bulk_update(unseen, ["counted_units", "expected_units", "entered_at"])
    count.finished_at = ctx.now
    count.save(update_fields=["finished_at"])
    variances = steps.make_variances(count, lines)
    return steps_count.settle(ctx, task, variances)


@command(permission="counting.plan", result=CountFinished)
def refresh_count(ctx: Context, req: RefreshCount) -> CountFinished:
    """Compare the last count with the books of now, because what moved since was part of what was counted.

    Posts nothing; a difference that is gone is dropped, and what was in doubt of it is free. Refuses with WrongState.
    """
    task = locks.task(req.task_id)
    ctx.require("counting.plan", task.site_id)
    ctx.subject = ref(TASK, task.pk)
    if task.state != TaskState.REVIEW:
        raise WrongState("Only a count in review can be compared anew.", fix="Finish the count first.")
    count = Count.objects.filter(task=task).order_by("-round_no")[0]
    count.task = task
    lines = list(CountLine.objects.filter(count=count).order_by("pk"))
    now = steps.compare(lines, task.location_id, since_move_id=count.opened_move_id)
    for line in lines:
        line.expected_units = Units(now[line.pk])
    CountLine.objects.bulk_update(lines, ["expected_units"])
    facts = queries.items([line.item_id for line in lines], task.site_id)
    open_ones = steps.renew_variances(task, lines, facts)
    steps.post(ctx, task, [], Decision.POLICY, still_open=open_ones)
    if not open_ones:
        task.state = states.advance(TaskState(task.state), "finish")
        task.finished_at = ctx.now
        task.save(update_fields=["state", "finished_at"])
    return CountFinished(task_id=task.pk, state=task.state, posted_units=0, open_variances=len(open_ones))


@command(permission="counting.plan", result=TaskChanged)
def ask_recount(ctx: Context, req: AskRecount) -> TaskChanged:
    """Have the bin counted again by somebody who has not counted it. Posts nothing. Refuses with WrongState."""
    task = locks.task(req.task_id)
    ctx.require("counting.plan", task.site_id)
    ctx.subject = ref(TASK, task.pk)
    task.state = states.advance(TaskState(task.state), "recount")
    task.save(update_fields=["state"])
    return TaskChanged(task_id=task.pk, state=task.state)


@command(permission="counting.plan", result=TaskChanged)
def cancel_count(ctx: Context, req: CancelCount) -> TaskChanged:
    """Call a count off that nobody has begun. Posts nothing. Refuses with WrongState or CountRefused."""
    task = locks.task(req.task_id)
    ctx.require("counting.plan", task.site_id)
    ctx.subject = ref(TASK, task.pk)
    if not req.reason.strip():
        raise CountRefused("Calling a count off needs a reason.", fix="Say why.")
    task.state = states.advance(TaskState(task.state), "cancel")
    task.note = f"{task.note}\n{req.reason}".strip()
    task.finished_at = ctx.now
    task.save(update_fields=["state", "note", "finished_at"])
    return TaskChanged(task_id=task.pk, state=task.state)


@command(permission="counting.approve", result=VariancesApproved)
def approve_variances(ctx: Context, req: ApproveVariances) -> VariancesApproved:
    """Accept differences of a count; above the first limit, for lots and serials, and where counts disagree, two must.

    Posts bin <-> ADJUSTMENT for what has enough approvals, after taking promises back where the shortage needs it;
    emits counting.posted. Refuses with DutiesConflict S06, RecountFirst, OverYourLimit, WrongState, CountRefused.
    """
    task = locks.task(req.task_id)
    ctx.require("counting.approve", task.site_id)
    ctx.subject = ref(TASK, task.pk)
    states.advance(TaskState(task.state), "approve")
    if req.reason not in rules.REASONS:
        raise CountRefused("Approving needs a reason code.", fix=f"Use one of: {', '.join(rules.REASONS)}.")
    counters = list(Count.objects.filter(task=task).values_list("counter_id", flat=True))
    for counter_id in counters:
        ctx.require_other_person(counter_id, rule="S06", sentence="You counted this bin; somebody else must approve.")
    chosen = steps.open_variances(task, req.variance_ids)
    ready, waiting = steps_approve.approve(ctx, task, chosen, req.reason)
    posting_id = steps.post(ctx, task, ready, Decision.APPROVED, still_open=steps.left_open(task, ready))
    steps.save_first_approvals(waiting)
    if steps.is_settled(task):
        task.state = states.advance(TaskState(task.state), "finish")
        task.finished_at = ctx.now
        task.save(update_fields=["state", "finished_at"])
    return VariancesApproved(
        task_id=task.pk,
        state=task.state,
        posted_ids=[v.pk for v in ready],
        waiting_ids=[v.pk for v in waiting],
        posting_id=posting_id,
    )


@command(permission="counting.policy", result=PolicySet)
def set_policy(ctx: Context, req: SetPolicy) -> PolicySet:
    """Change how items of one velocity class are counted and approved. Posts nothing. Refuses with CountRefused."""
    if req.velocity not in ("A", "B", "C"):
        raise CountRefused("Classes are A, B and C.", fix="Choose one of them.")
    if req.every_days < 1 or req.tolerance_percent < 0 or req.tolerance_value < 0:
        raise CountRefused("Days are 1 or more, tolerances 0 or more.", fix="Correct the figures.")
    if not req.tolerance_value <= req.first_limit <= req.second_limit:
        raise CountRefused("Limits must rise: tolerance, first, second.", fix="Correct the figures.")
    CountPolicy.objects.update_or_create(
        velocity=req.velocity,
        defaults={
            "every_days": req.every_days,
            "tolerance_percent": req.tolerance_percent,
            "tolerance_value": req.tolerance_value,
            "first_limit": req.first_limit,
            "second_limit": req.second_limit,
            "is_auto": req.is_auto,
            "needs_recount": req.needs_recount,
        },
    )
    return PolicySet(velocity=req.velocity)
