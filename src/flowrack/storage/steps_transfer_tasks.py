"""Staging of released transfers as tasks: one for each, leased to whoever stages it; run inside somebody's command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.shared.refs import ref
from flowrack.storage import queries_transfer_plans
from flowrack.storage.locks import StagedTransfer
from flowrack.storage.types_transfer_plans import WithColleague
from flowrack.storage.types_transfers import TRANSFER
from flowrack.tasks import queries as work
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import Finish, Lease, NewTask, TaskRow

STAGE = "stage"
LEASE_SECONDS = 1800


def make(ctx: Context, released: Sequence[StagedTransfer]) -> None:
    """A task for each transfer that was released. Two statements, none for none."""
    if not released:
        return
    left = queries_transfer_plans.left_to_stage([one.transfer_id for one in released])
    tasks.create_tasks(
        ctx,
        [
            NewTask(
                STAGE,
                ref(TRANSFER, one.transfer_id),
                one.site_id,
                units=sum(x.units for x in left[one.transfer_id]),
                standard_seconds=30 * len(left[one.transfer_id]),
            )
            for one in released
        ],
    )


def take(ctx: Context, one: StagedTransfer) -> datetime:
    """Lease the task of a transfer to the person; one that was released before there were tasks gets its task now.

    Refuses with WithColleague, naming who stages it and until when. The transfer is locked.
    """
    task = _task(one.transfer_id)
    if task is None:
        make(ctx, [one])
        task = _task(one.transfer_id)
    assert task is not None
    if task.leased_by not in (None, ctx.actor_id) and task.lease_until is not None and task.lease_until >= ctx.now:
        name = sql.fetch_value("SELECT coalesce(nullif(full_name, ''), username) FROM platform_user WHERE id = %s",
                               (task.leased_by,))  # fmt: skip
        raise WithColleague(f"{name} stages {one.number}.", fix="Take another transfer.")
    tasks.claim(ctx, [task.id], lease_seconds=LEASE_SECONDS)
    return ctx.now + timedelta(seconds=LEASE_SECONDS)


def keep(ctx: Context, transfer_id: int) -> None:
    """Who stages part of a transfer that is theirs keeps it for longer. Three statements at most."""
    task = _task(transfer_id)
    if task is not None and task.leased_by == ctx.actor_id and task.lease_token is not None:
        tasks.renew(ctx, [Lease(task.id, task.lease_token)], lease_seconds=LEASE_SECONDS)


def put_down(ctx: Context, transfer_id: int) -> None:
    """What is left of a transfer is for anybody, where the person held it. Three statements at most."""
    task = _task(transfer_id)
    if task is not None and task.leased_by == ctx.actor_id and task.lease_token is not None:
        tasks.release(ctx, [Lease(task.id, task.lease_token)])


def done(ctx: Context, transfer_id: int) -> None:
    """All of a transfer is staged: its task is done by whoever staged the last of it, though another held it.

    Three statements at most.
    """
    task = _task(transfer_id)
    if task is None:
        return
    if task.leased_by not in (None, ctx.actor_id):
        tasks.cancel(ctx, [task.id], reason="somebody else staged the last of it")
    else:
        tasks.complete(ctx, [Finish(task.id)])


def _task(transfer_id: int) -> TaskRow | None:
    """The task of a transfer that has not ended. One query."""
    return next(iter(work.of_origins([ref(TRANSFER, transfer_id)])), None)
