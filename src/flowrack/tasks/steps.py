"""What stages do with tasks inside their own commands. Each step is a constant number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.tasks import locks, rules
from flowrack.tasks.models import COLUMNS
from flowrack.tasks.states import sources
from flowrack.tasks.types import (
    MAX_CLAIM,
    ClaimNext,
    Finish,
    Lease,
    NewTask,
    SetCapacity,
    TaskGone,
    TaskRow,
    TasksDone,
    TaskTaken,
)

CLAIM_WINDOW = 32


def create_tasks(ctx: Context, wanted: Sequence[NewTask]) -> list[int]:
    """Make tasks; their ids in the order given. One statement."""
    if not wanted:
        return []
    rows = sql.fetch_all(
        """
        INSERT INTO tasks_task (kind, origin, site_id, zone_id, from_location_id, to_location_id, lpn_id, item_id,
                                units, priority, due_at, standard_seconds, sequence, end_sequence, created_at)
        SELECT n.kind, n.origin, n.site_id, n.zone_id, n.from_id, n.to_id, n.lpn_id, n.item_id, n.units,
               n.priority, n.due_at, n.seconds, n.sequence, coalesce(n.end_sequence, n.sequence), %s
        FROM (SELECT unnest(%s::text[]) AS kind, unnest(%s::text[]) AS origin, unnest(%s::bigint[]) AS site_id,
                     unnest(%s::bigint[]) AS zone_id, unnest(%s::bigint[]) AS from_id, unnest(%s::bigint[]) AS to_id,
                     unnest(%s::bigint[]) AS lpn_id, unnest(%s::bigint[]) AS item_id, unnest(%s::bigint[]) AS units,
                     unnest(%s::smallint[]) AS priority, unnest(%s::timestamptz[]) AS due_at,
                     unnest(%s::int[]) AS seconds, unnest(%s::bigint[]) AS sequence,
                     unnest(%s::bigint[]) AS end_sequence, generate_series(1, %s::int) AS place) AS n
        ORDER BY n.place
        RETURNING id
        """,
        (
            ctx.now,
            [t.kind for t in wanted],
            [t.origin for t in wanted],
            [t.site_id for t in wanted],
            [t.zone_id for t in wanted],
            [t.from_location_id for t in wanted],
            [t.to_location_id for t in wanted],
            [t.lpn_id for t in wanted],
            [t.item_id for t in wanted],
            [int(t.units) for t in wanted],
            [t.priority for t in wanted],
            [t.due_at for t in wanted],
            [t.standard_seconds for t in wanted],
            [t.sequence for t in wanted],
            [t.end_sequence for t in wanted],
            len(wanted),
        ),
    )
    return [task_id for (task_id,) in rows]


def expire_leases(ctx: Context, site_id: int) -> int:
    """Give back the tasks of a site whose device has not been heard of in time; how many. One statement."""
    return sql.execute(
        """
        UPDATE tasks_task t SET state = 'open', lease_token = NULL, leased_by_id = NULL, lease_until = NULL, device = ''
        FROM (
            SELECT id FROM tasks_task WHERE site_id = %s AND state = 'leased' AND lease_until < %s
            ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
        ) AS over
        WHERE t.id = over.id
        """,
        (site_id, ctx.now),
    )


def claim_next(ctx: Context, req: ClaimNext) -> list[TaskRow]:
    """Lease the most urgent tasks nearest to where the person stands; an empty list when there are none.

    Urgent first, then near in the walk, then old. Candidates are looked for around the place in both directions,
    without locks; what another device takes meanwhile is skipped.
    """
    last_place, is_any_over = _before_claiming(ctx, req.site_id)
    if is_any_over:
        expire_leases(ctx, req.site_id)
    count = max(1, min(req.count, MAX_CLAIM))
    near = req.near if req.near is not None else last_place
    window = max(CLAIM_WINDOW, 2 * count)
    while True:
        claimed = _claim_window(ctx, req, near=near, count=count, window=window)
        if claimed or window > 10_000:
            return claimed
        if not _is_work_left(req):
            return []
        window *= 8


def _before_claiming(ctx: Context, site_id: int) -> tuple[int, bool]:
    """Where the person's last task ended, and whether any lease of the site is over. One statement."""
    row = sql.fetch_one(
        """
        SELECT coalesce((SELECT end_sequence FROM tasks_task WHERE finished_by_id = %s AND state = 'done'
                         ORDER BY finished_at DESC LIMIT 1), 0),
               EXISTS (SELECT FROM tasks_task WHERE site_id = %s AND state = 'leased' AND lease_until < %s)
        """,
        (ctx.actor_id, site_id, ctx.now),
    )
    assert row is not None
    return row[0], row[1]


_MATCHES = """
    t.site_id = %(site)s AND t.state = 'open'
    AND (%(zones)s::bigint[] = '{}' OR t.zone_id = ANY(%(zones)s::bigint[]))
    AND (%(kinds)s::text[] = '{}' OR t.kind = ANY(%(kinds)s::text[]))
"""


def _claim_window(ctx: Context, req: ClaimNext, *, near: int, count: int, window: int) -> list[TaskRow]:
    rows = sql.fetch_all(
        f"""
        WITH ahead AS MATERIALIZED (
            SELECT t.id FROM tasks_task t WHERE {_MATCHES} AND t.sequence >= %(near)s
            ORDER BY t.priority, t.sequence, t.id LIMIT %(window)s
        ), behind AS MATERIALIZED (
            SELECT t.id FROM tasks_task t WHERE {_MATCHES} AND t.sequence < %(near)s
            ORDER BY t.priority, t.sequence DESC, t.id LIMIT %(window)s
        ), chosen AS MATERIALIZED (
            SELECT t.id FROM tasks_task t
            WHERE t.id IN (SELECT id FROM ahead UNION ALL SELECT id FROM behind) AND t.state = 'open'
            ORDER BY t.priority, abs(t.sequence - %(near)s), t.sequence, t.id
            LIMIT %(count)s FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE tasks_task t
        SET state = 'leased', lease_token = gen_random_uuid(), leased_by_id = %(actor)s, lease_until = %(until)s,
            device = %(device)s, started_at = coalesce(t.started_at, %(now)s)
        FROM chosen WHERE t.id = chosen.id
        RETURNING {COLUMNS}
        """,  # noqa: S608
        {
            "site": req.site_id,
            "zones": list(req.zone_ids),
            "kinds": list(req.kinds),
            "near": near,
            "window": window,
            "count": count,
            "actor": ctx.actor_id,
            "until": ctx.now + timedelta(seconds=req.lease_seconds),
            "device": ctx.device,
            "now": ctx.now,
        },
    )
    tasks = [TaskRow(*row) for row in rows]
    return sorted(tasks, key=lambda t: (t.priority, abs(t.sequence - near), t.sequence, t.id))


def _is_work_left(req: ClaimNext) -> bool:
    """Whether anybody could still claim something: the window may have held only tasks that others were taking."""
    params = {"site": req.site_id, "zones": list(req.zone_ids), "kinds": list(req.kinds)}
    return bool(
        sql.fetch_value(
            f"SELECT EXISTS (SELECT FROM tasks_task t WHERE {_MATCHES} FOR NO KEY UPDATE SKIP LOCKED)",  # noqa: S608
            params,
        )
    )


def claim(ctx: Context, task_ids: Sequence[int], *, lease_seconds: int) -> list[TaskRow]:
    """Lease these very tasks to the actor; refuses with TaskTaken or TaskGone, listing each."""
    found = locks.tasks(task_ids)
    _refuse("claim", [Finish(task_id) for task_id in task_ids], found, ctx)
    rows = sql.fetch_all(
        f"""
        UPDATE tasks_task t
        SET state = 'leased', lease_token = gen_random_uuid(), leased_by_id = %s, lease_until = %s, device = %s,
            started_at = coalesce(t.started_at, %s)
        WHERE t.id = ANY(%s::bigint[])
        RETURNING {COLUMNS}
        """,  # noqa: S608
        (ctx.actor_id, ctx.now + timedelta(seconds=lease_seconds), ctx.device, ctx.now, list(task_ids)),
    )
    by_id = {row[0]: TaskRow(*row) for row in rows}
    return [by_id[task_id] for task_id in task_ids]


def renew(ctx: Context, leases: Sequence[Lease], *, lease_seconds: int) -> int:
    """Keep leases for longer; refuses with TaskTaken when one was lost."""
    found = locks.tasks([lease.task_id for lease in leases])
    _refuse("renew", [Finish(lease.task_id, lease.token) for lease in leases], found, ctx)
    return sql.execute(
        "UPDATE tasks_task SET lease_until = %s WHERE id = ANY(%s::bigint[])",
        (ctx.now + timedelta(seconds=lease_seconds), [lease.task_id for lease in leases]),
    )


def release(ctx: Context, leases: Sequence[Lease]) -> int:
    """Give leased tasks back; refuses with TaskTaken when one was lost."""
    found = locks.tasks([lease.task_id for lease in leases])
    _refuse("release", [Finish(lease.task_id, lease.token) for lease in leases], found, ctx)
    return sql.execute(
        """
        UPDATE tasks_task SET state = 'open', lease_token = NULL, leased_by_id = NULL, lease_until = NULL, device = ''
        WHERE id = ANY(%s::bigint[])
        """,
        ([lease.task_id for lease in leases],),
    )


def complete(ctx: Context, finished: Sequence[Finish]) -> list[TaskRow]:
    """Mark tasks done and tell it as `tasks.done`; the tasks in the order given. Two statements.

    Refuses with TaskGone or TaskTaken; see `rules.problems_with` for who may finish what.
    """
    found = _end(ctx, finished, action="finish", state="done", reason="")
    if found:
        ctx.emit(
            TasksDone(
                site_ids=sorted({t.site_id for t in found}),
                task_ids=[t.id for t in found],
                kinds=[t.kind for t in found],
                origins=[t.origin for t in found],
                actor_id=ctx.actor_id,
            )
        )
    return found


def set_aside(ctx: Context, tasks: Sequence[Finish], *, reason: str) -> list[TaskRow]:
    """End tasks that cannot be done as planned (bin empty, goods damaged); the reason is kept. Two statements."""
    return _end(ctx, tasks, action="except", state="excepted", reason=reason)


def cancel(ctx: Context, task_ids: Sequence[int], *, reason: str) -> int:
    """Cancel tasks whose document no longer wants them, leased ones too; how many were not ended yet. One statement."""
    return sql.execute(
        """
        UPDATE tasks_task t
        SET state = 'cancelled', finished_at = %s, finished_by_id = %s, reason = left(%s, 200), lease_until = NULL
        FROM (
            SELECT id FROM tasks_task WHERE id = ANY(%s::bigint[]) AND state IN ('open', 'leased')
            ORDER BY id FOR NO KEY UPDATE
        ) AS unfinished
        WHERE t.id = unfinished.id
        """,
        (ctx.now, ctx.actor_id, reason, list(task_ids)),
    )


def cancel_of_origins(ctx: Context, origins: Sequence[str], *, reason: str) -> int:
    """Cancel the unfinished tasks of documents. Two statements."""
    rows = sql.fetch_all(
        "SELECT id FROM tasks_task WHERE origin = ANY(%s::text[]) AND state IN ('open', 'leased')", (list(origins),)
    )
    return cancel(ctx, [task_id for (task_id,) in rows], reason=reason)


def reprioritise(task_ids: Sequence[int], *, priority: int) -> int:
    """Make unfinished tasks more or less urgent. One statement."""
    return sql.execute(
        """
        UPDATE tasks_task t SET priority = %s
        FROM (
            SELECT id FROM tasks_task WHERE id = ANY(%s::bigint[]) AND state IN ('open', 'leased')
            ORDER BY id FOR NO KEY UPDATE
        ) AS unfinished
        WHERE t.id = unfinished.id
        """,
        (priority, list(task_ids)),
    )


def _end(ctx: Context, asked: Sequence[Finish], *, action: str, state: str, reason: str) -> list[TaskRow]:
    if not asked:
        return []
    found = locks.tasks([one.task_id for one in asked])
    _refuse(action, asked, found, ctx)
    sql.execute(
        """
        UPDATE tasks_task
        SET state = %s, finished_at = %s, finished_by_id = %s, reason = left(%s, 200), lease_until = NULL,
            started_at = coalesce(started_at, %s)
        WHERE id = ANY(%s::bigint[])
        """,
        (state, ctx.now, ctx.actor_id, reason, ctx.now, [one.task_id for one in asked]),
    )
    return [found[one.task_id] for one in asked]


def _refuse(action: str, asked: Sequence[Finish], found: dict[int, TaskRow], ctx: Context) -> None:
    lines = rules.problems_with(asked, found, states=sources(action), actor_id=ctx.actor_id, now=ctx.now)
    if lines:
        is_taken = any(line.message.startswith("Somebody") for line in lines)
        raise (TaskTaken if is_taken else TaskGone)(lines[0].message, fix="Take the next task.", lines=lines)


def set_capacity(req: SetCapacity) -> int:
    """Write one capacity, replacing what was said before. One statement."""
    return sql.execute(
        """
        INSERT INTO tasks_capacity (site_id, zone_id, kind, weekday, shift, people, hours, starts_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT ON CONSTRAINT capacity_once DO UPDATE
        SET people = excluded.people, hours = excluded.hours, starts_at = excluded.starts_at
        """,
        (req.site_id, req.zone_id, req.kind, req.weekday, req.shift, req.people, req.hours, req.starts_at),
    )
