"""Background jobs: long work that a person started, with progress, log, cancel and result, as rows of platform_job.

    @job("catalog.import", permission="catalog.import")
    def import_items(run: JobRun) -> dict[str, Any]:
        for number, chunk in enumerate(chunks_of(run.arguments["file"]), 1):
            commands.import_items(run.context(f"chunk-{number}"), chunk)
            run.progress(number * 1000, total)
        return {"items": total}

A stage puts such functions into its `jobs.py`. `start` queues a job in the caller's transaction. A job that dies with
its worker is run again, so its commands must use `run.context(name)`: the keys are the same the second time and what is
done already is answered from the record (ADR 0007 says why this is not procrastinate).
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from pydantic_core import to_json

from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.platform.permissions import grants_of
from flowrack.platform.runner import Context
from flowrack.shared.errors import FlowrackError, NotFound

log = structlog.get_logger()

DEAD_AFTER_SECONDS = 60
MAX_ATTEMPTS = 3
PROGRESS_EVERY_SECONDS = 0.5
LOG_LIMIT = 100_000
USUAL = gc.get_threshold()  # how many new objects there are before cycles are looked for
SELDOM = USUAL[0] * 10


class JobCancelled(Exception):
    """The person asked to stop."""


class JobLost(Exception):
    """Another worker has taken the job over, because this one was not heard of for too long."""


@dataclass
class JobRun:
    """A running job, as its function sees it."""

    id: int
    kind: str
    actor_id: int
    arguments: dict[str, Any]
    attempt: int
    _told_at: float = field(default=0.0)

    def context(self, name: str) -> Context:
        """The context of one command of this job; the same name has the same key, whenever the job runs again."""
        return Context(
            actor_id=self.actor_id,
            key=f"job:{self.id}:{name}",
            now=now(),
            grants=grants_of(self.actor_id),
            device="job",
        )

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Tell how far the job is. Stops it with JobCancelled when the person asked for that. Cheap: written twice a
        second at most."""
        at = time.monotonic()
        is_last = total is not None and done >= total
        if at - self._told_at < PROGRESS_EVERY_SECONDS and not is_last:
            return
        self._told_at = at
        row = _on_side_connection(
            """
            UPDATE platform_job
            SET done_count = %s, total_count = coalesce(%s, total_count), message = %s, heartbeat_at = clock_timestamp()
            WHERE id = %s AND state = 'running' AND attempts = %s RETURNING cancel_asked
            """,
            (done, total, message, self.id, self.attempt),
        )
        if row is None:
            raise JobLost(f"job {self.id} is no longer ours")
        if row[0]:
            raise JobCancelled

    def log(self, line: str) -> None:
        """Add a line to the job's log."""
        _on_side_connection(
            "UPDATE platform_job SET log = right(log || %s, %s) WHERE id = %s RETURNING id",
            (line.rstrip() + "\n", LOG_LIMIT, self.id),
        )


JobFunction = Callable[[JobRun], Any]


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job: its function and the permission of whoever starts it."""

    kind: str
    permission: str
    run: JobFunction


_kinds: dict[str, JobKind] = {}


def job(kind: str, *, permission: str) -> Callable[[JobFunction], JobFunction]:
    """Make a function a kind of job."""

    def register(function: JobFunction) -> JobFunction:
        _kinds[kind] = JobKind(kind, permission, function)
        return function

    return register


def load_jobs() -> None:
    """Import every stage's jobs."""
    for stage in settings.STAGES:
        if stage != "platform" and importlib.util.find_spec(f"flowrack.{stage}.jobs"):
            importlib.import_module(f"flowrack.{stage}.jobs")


def start(ctx: Context, kind: str, arguments: dict[str, Any], *, title: str, total: int | None = None) -> int:
    """Queue a job for the actor; its id. Joins the caller's transaction: rolled back, the job never was."""
    load_jobs()
    ctx.require(_kinds[kind].permission)
    return int(
        sql.fetch_value(
            """
            INSERT INTO platform_job (kind, title, actor_id, arguments, state, done_count, total_count, message, log,
                                      cancel_asked)
            VALUES (%s, %s, %s, %s::jsonb, 'queued', 0, %s, '', '', false) RETURNING id
            """,
            (kind, title[:160], ctx.actor_id, to_json(arguments).decode(), total),
        )
    )


def cancel(actor_id: int, job_id: int) -> None:
    """Stop a job of the actor: at once while it waits, at its next step while it runs."""
    count = sql.execute(
        """
        UPDATE platform_job
        SET cancel_asked = true,
            state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
            finished_at = CASE state WHEN 'queued' THEN clock_timestamp() END
        WHERE id = %s AND actor_id = %s AND state IN ('queued', 'running')
        """,
        (job_id, actor_id),
    )
    if not count:
        raise NotFound("There is no such job under way.")


def run_next(taken: Callable[[int], None] = lambda _: None) -> int | None:
    """Take the oldest waiting job and run it to its end; its id, or None when there is none.

    `taken` is told the id before the job begins, so that the worker can beat for it.
    """
    load_jobs()
    row = sql.fetch_one(
        """
        UPDATE platform_job j
        SET state = 'running', attempts = attempts + 1, heartbeat_at = clock_timestamp(),
            started_at = coalesce(started_at, clock_timestamp())
        WHERE id = (
            SELECT id FROM platform_job
            WHERE state = 'queued'
               OR state = 'running' AND heartbeat_at < clock_timestamp() - make_interval(secs => %s)
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
        )
        RETURNING id, kind, actor_id, arguments::json, attempts
        """,
        (DEAD_AFTER_SECONDS,),
    )
    if row is None:
        return None
    run = JobRun(*row)
    taken(run.id)
    if run.attempt > MAX_ATTEMPTS:
        _finish(run, "failed", message=f"It died {MAX_ATTEMPTS} times with its worker.")
    else:
        _run(run)
    return run.id


def _run(run: JobRun) -> None:
    kind = _kinds.get(run.kind)
    try:
        if kind is None:
            raise LookupError(f"this version knows no job {run.kind}")
        if kind.permission not in grants_of(run.actor_id):
            raise PermissionError(f"the person no longer holds {kind.permission}")
        with _many_objects():
            result = kind.run(run)
    except JobCancelled:
        _finish(run, "cancelled", message="Cancelled. What was done before stays done.")
    except JobLost:
        log.warning("job_lost", job_id=run.id)
    except FlowrackError as refusal:
        lines = "".join(f"\n  line {line.line} {line.field}: {line.message} {line.fix}" for line in refusal.lines[:200])
        run.log(f"{refusal.message} {refusal.fix}{lines}")
        _finish(run, "failed", message=refusal.message, result=refusal.problem())
    except DatabaseError:
        if not connection.is_usable():
            raise  # the database is gone: the job is taken up again when its heartbeat is old
        _fail(run)
    except Exception:
        _fail(run)
    else:
        _finish(run, "done", result=result)


@contextmanager
def _many_objects() -> Iterator[None]:
    """Looks for cycles ten times as seldom: a job makes objects by the hundred thousand, drops them when it has done a
    part, and hardly ever leaves a cycle."""
    gc.set_threshold(SELDOM, *USUAL[1:])
    try:
        yield
    finally:
        gc.set_threshold(*USUAL)  # not what was found: of two runs that overlap, the later one finds the other's


def _fail(run: JobRun) -> None:
    log.exception("job_failed", job_id=run.id, kind=run.kind)
    run.log(traceback.format_exc(limit=5))
    _finish(run, "failed", message="Something went wrong on our side; the log has the details.")


def _finish(run: JobRun, state: str, *, message: str = "", result: Any = None) -> None:
    sql.execute(
        """
        UPDATE platform_job
        SET state = %s, message = %s, result = %s::jsonb, finished_at = clock_timestamp(),
            done_count = CASE WHEN %s = 'done' THEN coalesce(total_count, done_count) ELSE done_count END
        WHERE id = %s AND attempts = %s
        """,
        (state, message[:2000], json.dumps(json.loads(to_json(result))), state, run.id, run.attempt),
    )


def beat(job_id: int) -> None:
    """Say that the worker of a running job is alive; called by the worker beside the job."""
    sql.execute(
        "UPDATE platform_job SET heartbeat_at = clock_timestamp() WHERE id = %s AND state = 'running'", (job_id,)
    )


def _on_side_connection(statement: str, params: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Run a statement so that others see it now, even while the job is inside a long transaction."""
    if not connection.in_atomic_block:
        return sql.fetch_one(statement, params)
    side = connection.copy()
    try:
        with side.cursor() as cursor:
            cursor.execute(statement, params)
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row
    finally:
        side.close()
