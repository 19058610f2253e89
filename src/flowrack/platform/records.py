"""The record of an accepted command: its key, what was asked, what came of it. It is written once, with the COMMIT.

Two requests with one key may run at once; the unique key lets one of them commit, and the door gives its answer to the
other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from flowrack.platform import sql
from flowrack.shared.errors import KeyReused

if TYPE_CHECKING:
    from flowrack.platform.runner import CommandSpec, Context

ONCE_PER_KEY = "command_record_once_per_key"
Stored = Sequence[Any]  # command, fingerprint, answer
_event_adapters: dict[type, TypeAdapter[Any]] = {}


@dataclass(frozen=True, slots=True)
class Claimed:
    """The id of a new command, the version of all rights, and the record of the key where it was used before."""

    command_id: int
    rights_version: int
    stored: Stored | None


def claim(ctx: Context, *, is_small: bool) -> Claimed:
    """Begin a command: look its key up and take an id. A small one keeps the plans of its statements.

    One statement, which carries the BEGIN.
    """
    row = sql.fetch_one(
        """
        SELECT CASE WHEN r.id IS NULL THEN nextval('platform_commandrecord_id_seq') END,
               coalesce((SELECT version FROM platform_rightsversion), 0), set_config('plan_cache_mode', %s, true),
               r.command, r.fingerprint, r.result::text
        FROM (SELECT %s::bigint AS actor_id, %s::text AS key) AS asked
        LEFT JOIN platform_commandrecord r ON r.actor_id = asked.actor_id AND r.key = asked.key
        """,
        ("force_generic_plan" if is_small else "auto", ctx.actor_id, ctx.key),
    )
    assert row is not None, "one row is asked for"
    return Claimed(row[0] or 0, row[1], None if row[0] else row[3:])


def answer_of(spec: CommandSpec, ctx: Context, fingerprint: bytes, stored: Stored) -> Any:
    """What was answered when the key was used; refuses with KeyReused when it was used for something else.

    An event that is delivered again finds its keys used, and stock and orders other than the first time.
    """
    command, asked, answer = stored
    is_again = ctx.answered is not None and ctx.key not in ctx.answered
    if command != spec.name or (bytes(asked) != fingerprint and not is_again):
        raise KeyReused(
            "This key was already used for another request.",
            fix="Send a new Idempotency-Key for a new request.",
            key=ctx.key,
        )
    return spec.result.validate_json(answer)


def answers_meanwhile(spec: CommandSpec, ctx: Context, fingerprint: bytes) -> list[Any]:
    """The answer that the same key got while this request was at work; [] when it got none. One query."""
    row = sql.fetch_one(
        "SELECT command, fingerprint, result::text FROM platform_commandrecord WHERE actor_id = %s AND key = %s",
        (ctx.actor_id, ctx.key),
    )
    return [] if row is None else [answer_of(spec, ctx, fingerprint, row)]


_RECORD = """
    INSERT INTO platform_commandrecord
           (id, actor_id, key, command, device, address, fingerprint, request, occurred_at, subject, result)
    OVERRIDING SYSTEM VALUE
    VALUES (%s, %s, %s, %s, %s, %s::inet, %s, %s::jsonb, %s, %s, %s::jsonb)
"""


def write(spec: CommandSpec, ctx: Context, request_json: bytes, fingerprint: bytes, result: Any) -> None:
    """Write the record with its answer, what else the command was about, and what it tells. With the COMMIT."""
    record = (
        ctx.command_id,
        ctx.actor_id,
        ctx.key,
        spec.name,
        ctx.device,
        ctx.address,
        fingerprint,
        request_json.decode(),
        ctx.now,
        ctx.subject,
        spec.result.dump_json(result).decode(),
    )
    if not ctx.events and not ctx.subjects:
        sql.execute_at_commit(_RECORD, record)
        return
    sql.execute_at_commit(
        f"""
        WITH answered AS ({_RECORD} RETURNING id), about AS (
            INSERT INTO platform_commandsubject (command_id, subject)
            SELECT answered.id, n.subject FROM answered, unnest(%s::text[]) AS n(subject)
        )
        INSERT INTO platform_outboxevent (command_id, kind, body, occurred_at, attempts, parked_reason)
        SELECT answered.id, e.kind, e.body::jsonb, %s, 0, ''
        FROM answered, (SELECT unnest(%s::text[]) AS kind, unnest(%s::text[]) AS body) AS e
        """,  # noqa: S608 - text of this module
        (
            *record,
            sorted(set(ctx.subjects)),
            ctx.now,
            [event.kind for event in ctx.events],
            [_event_json(event) for event in ctx.events],
        ),
    )


def _event_json(event: Any) -> str:
    adapter = _event_adapters.get(type(event))
    if adapter is None:
        adapter = _event_adapters[type(event)] = TypeAdapter(type(event))
    return adapter.dump_json(event).decode()
