"""The outbox: facts of finished commands, delivered to later stages at least once and in order of their id.

A stage says `@subscriber("inbound.received")` on a function in its `subscribers.py`. The function gets a context of the
system user whose key is `outbox:<event>:<subscriber>`, so that a command called with it happens once however often
the event is delivered, also where it would be asked otherwise by now, because stock or orders moved meanwhile. A
subscriber that calls several commands gives each `ctx.keyed("name")`. One that fails does not keep the others from the
event, which comes again until all have done their part.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import connection
from pydantic import TypeAdapter

from flowrack.platform import sql
from flowrack.platform.http import now as clock
from flowrack.platform.permissions import grants_of
from flowrack.platform.runner import Context

log = structlog.get_logger()

SYSTEM_USERNAME = "system"
MAX_ATTEMPTS = 8
LEASE_SECONDS = 60
BATCH = 100
WORKER = "worker"

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One event as a subscriber sees it."""

    id: int
    kind: str
    body: dict[str, Any]
    occurred_at: datetime
    command_id: int
    attempts: int = 0

    def as_type(self, shape: type[Shape]) -> Shape:
        """The body as the event's dataclass."""
        return _adapter(shape).validate_python(self.body)  # type: ignore[no-any-return]


Handler = Callable[[Context, OutboxMessage], None]


class DeliveryFailed(Exception):
    """A subscriber failed while events were drained strictly; the cause says why."""


_adapters: dict[type, TypeAdapter[Any]] = {}
_handlers: dict[str, list[tuple[str, Handler]]] = {}
_loaded = False


def _adapter(shape: type) -> TypeAdapter[Any]:
    if shape not in _adapters:
        _adapters[shape] = TypeAdapter(shape)
    return _adapters[shape]


def subscriber(kind: str) -> Callable[[Handler], Handler]:
    """Call the function for every event of this kind."""

    def register(handler: Handler) -> Handler:
        stage = handler.__module__.split(".")[1]
        name = f"{stage}.{handler.__name__}"
        handlers = [h for h in _handlers.get(kind, []) if h[0] != name]
        _handlers[kind] = sorted([*handlers, (name, handler)], key=lambda h: h[0])
        return handler

    return register


def load_subscribers() -> None:
    """Import every stage's subscribers once."""
    global _loaded  # noqa: PLW0603 - a process loads its stages once
    if not _loaded:
        for stage in settings.STAGES:
            if importlib.util.find_spec(f"flowrack.{stage}.subscribers"):
                importlib.import_module(f"flowrack.{stage}.subscribers")
        _loaded = True


def handlers_of(kind: str) -> list[tuple[str, Handler]]:
    """The subscribers of a kind of event, in the order in which they are called."""
    return _handlers.get(kind, [])


def context_for_system(now: datetime, key: str) -> Context:
    """The context in which Flowrack itself acts: the user `system` and its grants. Two queries."""
    actor_id = sql.fetch_value("SELECT id FROM platform_user WHERE username = %s", (SYSTEM_USERNAME,))
    if actor_id is None:
        raise LookupError("The user `system` is missing: run `flowrack migrate`, which makes it.")
    return Context(actor_id=actor_id, key=key, now=now, grants=grants_of(actor_id), device=WORKER)


def drain(limit: int = 100_000, *, strict: bool = True, now: datetime | None = None, device: str = "") -> int:
    """Deliver what is due in this process, in order of id, until nothing is left; the number of events delivered.

    For tests, replay and the command line. Each event is handled at `now`, or else at the time it occurred, so
    that a replay gives the same result every time. `strict` raises the first failure instead of retrying later.
    With a device, only what happened on it is delivered, and in its name: two simulated sites do not wait for each
    other's events, and neither takes the other's away.
    """
    load_subscribers()
    delivered = 0
    while delivered < limit:
        batch = _claim(min(BATCH, limit - delivered), device)
        if not batch:
            break
        delivered += _deliver(batch, strict=strict, now=now, device=device or WORKER)
    return delivered


def deliver_due() -> int:
    """Deliver one batch of what is due, as the worker does; failures are tried again later. How many were taken."""
    load_subscribers()
    batch = _claim(BATCH)
    return _deliver(batch, strict=False, now=clock(), device=WORKER) if batch else 0


def _claim(size: int, device: str = "") -> list[OutboxMessage]:
    """Lease the oldest open events (of a device, if one is named) to this process; others skip them meanwhile."""
    rows = sql.fetch_all(
        """
        UPDATE platform_outboxevent e
        SET leased_until = clock_timestamp() + make_interval(secs => %s)
        FROM (
            SELECT id FROM platform_outboxevent
            WHERE done_at IS NULL AND parked_reason = ''
              AND next_try_at <= clock_timestamp() AND (leased_until IS NULL OR leased_until < clock_timestamp())
              AND (%s = '' OR EXISTS (
                  SELECT FROM platform_commandrecord r WHERE r.id = command_id AND r.device = %s))
            ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
        ) AS due
        WHERE e.id = due.id
        RETURNING e.id, e.kind, e.body::json, e.occurred_at, e.command_id, e.attempts
        """,
        (LEASE_SECONDS, device, device, size),
    )
    return [OutboxMessage(*row) for row in sorted(rows)]


def _deliver(batch: list[OutboxMessage], *, strict: bool, now: datetime | None, device: str) -> int:
    """Hand each event to all its subscribers, whichever of them fail; mark it before the next one begins.

    A worker that is killed leaves at most one event half done. Those without subscribers are marked with their next.
    """
    done: list[int] = []
    system: Context | None = None
    try:
        for message in batch:
            failed: list[tuple[str, Exception]] = []
            handlers = handlers_of(message.kind)
            for name, handler in handlers:
                at = now or message.occurred_at
                system = system or context_for_system(at, "")
                ctx = Context(
                    actor_id=system.actor_id,
                    key=f"outbox:{message.id}:{name}",
                    now=at,
                    grants=system.grants,
                    device=device,
                    answered=set(),
                )
                try:
                    handler(ctx, message)
                except Exception as error:
                    if strict or connection.in_atomic_block or not connection.is_usable():
                        raise DeliveryFailed(
                            f"{name} failed on event {message.id} ({message.kind}): {error}"
                        ) from error
                    failed.append((name, error))
            if failed:
                _put_back(message, failed)
            else:
                done.append(message.id)
            if handlers and done:
                _finish(done, done)
                done = []
    finally:
        if not connection.needs_rollback:
            _finish(done, [m.id for m in batch])
    return len(batch)


def _finish(done: list[int], claimed: list[int]) -> None:
    """Mark what is done and give back the rest. Does not wait for the disk: a mark that a crash takes away means that
    the event comes again, and its commands happen once."""
    sql.execute(
        """
        UPDATE platform_outboxevent
        SET done_at = CASE WHEN id = ANY(%s::bigint[]) THEN clock_timestamp() END, leased_until = NULL
        WHERE id = ANY(%s::bigint[]) AND done_at IS NULL
        RETURNING CASE WHEN %s THEN set_config('synchronous_commit', 'off', true) END
        """,
        (done, claimed, not connection.in_atomic_block),
    )


def _put_back(message: OutboxMessage, failed: list[tuple[str, Exception]]) -> None:
    """Try again later, ever more slowly; after the last attempt park the event with the reason for a person to see."""
    reason = "; ".join(f"{name}: {type(error).__name__}: {error}" for name, error in failed)[:2000]
    attempts = message.attempts + 1
    log.warning("event_failed", event_id=message.id, kind=message.kind, attempts=attempts, reason=reason)
    sql.execute(
        """
        UPDATE platform_outboxevent
        SET attempts = %s, parked_reason = %s, last_error = %s,
            next_try_at = clock_timestamp() + make_interval(secs => %s)
        WHERE id = %s
        """,
        (attempts, reason if attempts >= MAX_ATTEMPTS else "", reason, min(2**attempts, 900), message.id),
    )
