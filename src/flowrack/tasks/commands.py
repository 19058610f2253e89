"""What people do with tasks themselves: take, keep, give back, make urgent; and the hands of a shift."""

from __future__ import annotations

from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Invalid, NotFound
from flowrack.tasks import queries, steps
from flowrack.tasks.types import (
    MAX_CLAIM,
    Changed,
    Claimed,
    ClaimNext,
    ClaimTasks,
    ReleaseTasks,
    RenewLeases,
    Reprioritise,
    SetCapacity,
)

LONGEST_LEASE_SECONDS = 3600


@command(permission="tasks.work", result=Claimed)
def claim_next(ctx: Context, req: ClaimNext) -> Claimed:
    """Take the next tasks at a site: the most urgent, nearest to where the person stands.

    Answers with an empty list when there is nothing to do.
    """
    ctx.require("tasks.work", req.site_id)
    _check(count=req.count, lease_seconds=req.lease_seconds)
    return Claimed(steps.claim_next(ctx, req))


@command(permission="tasks.work", result=Claimed)
def claim(ctx: Context, req: ClaimTasks) -> Claimed:
    """Take these very tasks. Refuses with TaskTaken or TaskGone, one line for each task."""
    _check(count=len(req.task_ids), lease_seconds=req.lease_seconds)
    _require_sites(ctx, "tasks.work", req.task_ids)
    return Claimed(steps.claim(ctx, list(dict.fromkeys(req.task_ids)), lease_seconds=req.lease_seconds))


@command(permission="tasks.work", result=Changed)
def renew(ctx: Context, req: RenewLeases) -> Changed:
    """Keep leased tasks for longer. Refuses with TaskTaken when another device has one by now."""
    _check(count=len(req.leases), lease_seconds=req.lease_seconds)
    _require_sites(ctx, "tasks.work", [lease.task_id for lease in req.leases])
    return Changed(steps.renew(ctx, req.leases, lease_seconds=req.lease_seconds))


@command(permission="tasks.work", result=Changed)
def release(ctx: Context, req: ReleaseTasks) -> Changed:
    """Give leased tasks back unfinished. Refuses with TaskTaken when another device has one by now."""
    _check(count=len(req.leases), lease_seconds=1)
    _require_sites(ctx, "tasks.work", [lease.task_id for lease in req.leases])
    return Changed(steps.release(ctx, req.leases))


@command(permission="tasks.manage", result=Changed)
def reprioritise(ctx: Context, req: Reprioritise) -> Changed:
    """Make open tasks more or less urgent: 1 is first, 9 last."""
    if not 1 <= req.priority <= 9:
        raise Invalid("A priority is a number from 1 (first) to 9 (last).", lines=[BadLine(0, "priority", "1 to 9")])
    _require_sites(ctx, "tasks.manage", req.task_ids)
    return Changed(steps.reprioritise(req.task_ids, priority=req.priority))


@command(permission="tasks.manage", result=Changed)
def set_capacity(ctx: Context, req: SetCapacity) -> Changed:
    """Say how many people work on a kind of task in a zone on a weekday and shift."""
    ctx.require("tasks.manage", req.site_id)
    lines = []
    if not 0 <= req.weekday <= 6:
        lines.append(BadLine(0, "weekday", "A weekday is 0 (Monday) to 6 (Sunday)."))
    if req.people < 0:
        lines.append(BadLine(0, "people", "People cannot be fewer than none."))
    if not 0 <= req.hours <= 24:
        lines.append(BadLine(0, "hours", "A shift has 0 to 24 hours."))
    if lines:
        raise Invalid(lines[0].message, lines=lines)
    return Changed(steps.set_capacity(req))


def _check(*, count: int, lease_seconds: int) -> None:
    lines = []
    if not 1 <= count <= MAX_CLAIM:
        lines.append(BadLine(0, "count", f"1 to {MAX_CLAIM} tasks at a time."))
    if not 1 <= lease_seconds <= LONGEST_LEASE_SECONDS:
        lines.append(BadLine(0, "lease_seconds", f"A lease lasts 1 to {LONGEST_LEASE_SECONDS} seconds."))
    if lines:
        raise Invalid(lines[0].message, lines=lines)


def _require_sites(ctx: Context, permission: str, task_ids: list[int]) -> None:
    """The person must hold the permission at the site of every task; unknown tasks are not found."""
    found = queries.tasks(task_ids)
    missing = [
        BadLine(number, "task_id", f"There is no task {task_id}.")
        for number, task_id in enumerate(task_ids, 1)
        if task_id not in found or not ctx.may(permission, found[task_id].site_id)
    ]
    if missing:
        raise NotFound(missing[0].message, lines=missing)
