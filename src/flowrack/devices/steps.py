"""Writes of the devices kernel, inside the command that asked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.devices.types import AskEnrolment, NewEntry, Settled, TakeIn
from flowrack.platform import sql
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context

LETTERS = "ACDEFHJKLMNPRTUVWXY34679"  # those that nobody takes for another


def insert_device(ctx: Context, req: AskEnrolment, *, replaces_id: int | None) -> tuple[int, str, str]:
    """A device that waits for somebody to approve it: id, number, letters on its screen."""
    code, letters = next_number("DEV"), "".join(secrets.choice(LETTERS) for _ in range(6))
    device_id = sql.fetch_value(
        """
        INSERT INTO devices_device
               (code, model, public_key, approval_code, replaces_id, asked_at, last_seen_at, asked_from)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s::inet) RETURNING id
        """,
        (code, req.model[:120], req.public_key, letters, replaces_id, ctx.now, ctx.now, ctx.address),
    )
    return device_id, code, letters


def drop_asks(before: datetime) -> int:
    """Devices that have asked since before a time are forgotten; how many."""
    return sql.execute(
        """
        DELETE FROM devices_device d WHERE d.state = 'asked' AND d.asked_at < %s
          AND NOT EXISTS (SELECT FROM devices_device o WHERE o.replaces_id = d.id)
        """,
        (before,),
    )


def approve(ctx: Context, device_id: int, *, name: str, site_id: int, zone_ids: Sequence[int]) -> None:
    """The device works at the site from now on."""
    sql.execute(
        """
        UPDATE devices_device SET state = 'enrolled', name = %s, site_id = %s, approved_by_id = %s, approved_at = %s
        WHERE id = %s
        """,
        (name, site_id, ctx.actor_id, ctx.now, device_id),
    )
    _set_place(ctx, device_id, site_id, zone_ids)


def move(ctx: Context, device_id: int, *, site_id: int, zone_ids: Sequence[int]) -> None:
    """The device works at this site, in these zones, from now on."""
    sql.execute("UPDATE devices_device SET site_id = %s WHERE id = %s", (site_id, device_id))
    sql.execute("DELETE FROM devices_devicezone WHERE device_id = %s", (device_id,))
    _set_place(ctx, device_id, site_id, zone_ids)


def _set_place(ctx: Context, device_id: int, site_id: int, zone_ids: Sequence[int]) -> None:
    sql.execute(
        "INSERT INTO devices_devicezone (device_id, zone_id) SELECT %s, unnest(%s::bigint[])",
        (device_id, sorted(set(zone_ids))),
    )
    sql.execute(
        """
        INSERT INTO devices_devicestay (device_id, site_id, since) VALUES (%s, %s, %s)
        ON CONFLICT (device_id, since) DO UPDATE SET site_id = excluded.site_id
        """,
        (device_id, site_id, ctx.now),
    )


def set_state(device_id: int, state: str, reason: str) -> None:
    """The device's new state and why."""
    sql.execute(
        "UPDATE devices_device SET state = %s, state_reason = %s WHERE id = %s", (state, reason[:200], device_id)
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry with its time by our clock, its state, and why a person must look at it, if one must."""

    entry: NewEntry
    occurred_at: datetime
    state: str
    code: str = ""
    message: str = ""
    fix: str = ""


def insert_entries(ctx: Context, device_id: int, placed: Sequence[Placed], *, offset: int) -> list[int]:
    """Write entries down as they came; which of them a person must look at. One statement."""
    rows = sql.fetch_all(
        """
        INSERT INTO devices_journalentry
               (device_id, site_id, seq, key, person_id, run_as_id, flow, payload, claimed_at, occurred_at, offset_ms,
                received_at, prev_hash, hash, state, code, message, fix)
        SELECT %(device)s, (
                   SELECT s.site_id FROM devices_devicestay s WHERE s.device_id = %(device)s
                   ORDER BY s.since <= e.occurred_at DESC, CASE WHEN s.since <= e.occurred_at THEN s.since END DESC,
                            s.since LIMIT 1
               ), e.seq, e.key, e.person_id, e.person_id, e.flow, e.payload, e.claimed_at, e.occurred_at,
               %(offset)s, %(now)s, e.prev_hash, e.hash, e.state, e.code, e.message, e.fix
        FROM (SELECT unnest(%(seq)s::bigint[]) AS seq, unnest(%(key)s::text[]) AS key,
                     unnest(%(person)s::bigint[]) AS person_id, unnest(%(flow)s::text[]) AS flow,
                     unnest(%(payload)s::text[]) AS payload, unnest(%(claimed)s::text[]) AS claimed_at,
                     unnest(%(occurred)s::timestamptz[]) AS occurred_at, unnest(%(prev)s::text[]) AS prev_hash,
                     unnest(%(hash)s::text[]) AS hash, unnest(%(state)s::text[]) AS state,
                     unnest(%(code)s::text[]) AS code, unnest(%(message)s::text[]) AS message,
                     unnest(%(fix)s::text[]) AS fix) AS e
        RETURNING id, state
        """,
        {
            "device": device_id,
            "offset": offset,
            "now": ctx.now,
            "seq": [one.entry.seq for one in placed],
            "key": [one.entry.key for one in placed],
            "person": [one.entry.person_id for one in placed],
            "flow": [one.entry.flow for one in placed],
            "payload": [one.entry.payload for one in placed],
            "claimed": [one.entry.claimed_at for one in placed],
            "occurred": [one.occurred_at for one in placed],
            "prev": [one.entry.prev_hash for one in placed],
            "hash": [one.entry.hash for one in placed],
            "state": [one.state for one in placed],
            "code": [one.code for one in placed],
            "message": [one.message for one in placed],
            "fix": [one.fix for one in placed],
        },
    )
    return sorted(entry_id for entry_id, state in rows if state == "review")


def let_arrive(device_id: int, seqs: Sequence[int]) -> list[int]:
    """What was parked can be applied: what was missing before it has come; which of it a person must look at."""
    rows = sql.fetch_all(
        """
        UPDATE devices_journalentry SET state = CASE WHEN code = '' THEN 'ready' ELSE 'review' END
        WHERE device_id = %s AND seq = ANY(%s::bigint[]) AND state = 'parked' RETURNING id, state
        """,
        (device_id, list(seqs)),
    )
    return sorted(entry_id for entry_id, state in rows if state == "review")


def note_message(ctx: Context, req: TakeIn, *, last_seq: int, last_hash: str, offset: int) -> None:
    """What the device told of itself, and where its unbroken journal ends."""
    sql.execute(
        """
        UPDATE devices_device
        SET last_seen_at = %s, outbox_told = %s, app_version = %s, clock_offset_ms = %s, last_seq = %s, last_hash = %s
        WHERE id = %s
        """,
        (ctx.now, max(req.outbox, 0), req.app_version[:40], offset, last_seq, last_hash, req.device_id),
    )


def settle(ctx: Context, answers: Sequence[Settled]) -> int:
    """Write what came of entries that were tried; how many changed. Only what still waits to be applied."""
    return sql.execute(
        """
        UPDATE devices_journalentry e
        SET state = CASE WHEN a.is_applied THEN 'applied' ELSE 'review' END, code = a.code, message = a.message,
            fix = a.fix, settled_at = %(now)s
        FROM (SELECT unnest(%(id)s::bigint[]) AS id, unnest(%(applied)s::boolean[]) AS is_applied,
                     unnest(%(code)s::text[]) AS code, unnest(%(message)s::text[]) AS message,
                     unnest(%(fix)s::text[]) AS fix) AS a
        WHERE e.id = a.id AND e.state = 'ready'
        """,
        {
            "now": ctx.now,
            "id": [one.entry_id for one in answers],
            "applied": [one.is_applied for one in answers],
            "code": [one.code for one in answers],
            "message": [one.message for one in answers],
            "fix": [one.fix for one in answers],
        },
    )


def give_up_gaps(ctx: Context, before: datetime) -> list[tuple[int, int]]:
    """Put what waited since before a time for a missing entry before a person, with all that waits behind it; the
    journal goes on after it. Gives (device, entry)."""
    rows = sql.fetch_all(
        """
        WITH stale AS (
            SELECT DISTINCT device_id FROM devices_journalentry WHERE state = 'parked' AND received_at < %(before)s
        ), moved AS (
            UPDATE devices_journalentry e
            SET state = 'review', code = 'gap', settled_at = %(now)s,
                message = 'Something that was done before this has not arrived.',
                fix = 'Look at the goods. Redo it if the device did it, or drop it with a reason.'
            FROM stale WHERE e.device_id = stale.device_id AND e.state = 'parked'
            RETURNING e.id, e.device_id, e.seq, e.hash
        ), ends AS (
            SELECT DISTINCT ON (device_id) device_id, seq, hash FROM moved ORDER BY device_id, seq DESC
        ), told AS (
            UPDATE devices_device d SET last_seq = ends.seq, last_hash = ends.hash
            FROM ends WHERE d.id = ends.device_id AND d.last_seq < ends.seq
        )
        SELECT device_id, id FROM moved ORDER BY 1, 2
        """,
        {"before": before, "now": ctx.now},
    )
    return [(row[0], row[1]) for row in rows]


def decide(ctx: Context, entry_ids: Sequence[int], *, action: str, state: str, reason: str, to_id: int | None) -> int:
    """Write down who decided what about entries. To redo is to do it in the name of who decides."""
    return sql.execute(
        """
        UPDATE devices_journalentry
        SET state = %(state)s::text, decision = %(action)s, decided_by_id = %(actor)s::bigint, decided_at = %(now)s,
            reason = %(reason)s, handed_to_id = coalesce(%(to)s::bigint, handed_to_id),
            run_as_id = CASE WHEN %(state)s::text = 'ready' THEN %(actor)s::bigint ELSE run_as_id END
        WHERE id = ANY(%(ids)s::bigint[]) AND state = 'review'
        """,
        {
            "state": state,
            "action": action,
            "actor": ctx.actor_id,
            "now": ctx.now,
            "reason": reason[:200],
            "to": to_id,
            "ids": list(entry_ids),
        },
    )


def begin_session(ctx: Context, device_id: int, person_id: int, method: str) -> None:
    """The person works on the device from now on."""
    sql.execute(
        "INSERT INTO devices_devicesession (device_id, person_id, method, began_at) VALUES (%s, %s, %s, %s)",
        (device_id, person_id, method, ctx.now),
    )


def set_badge(ctx: Context, person_id: int, digest: str) -> int:
    """A new badge; the one before ends."""
    end_badge(ctx, person_id)
    badge_id: int = sql.fetch_value(
        """
        INSERT INTO devices_badge (person_id, digest, issued_by_id, issued_at) VALUES (%s, %s, %s, %s) RETURNING id
        """,
        (person_id, digest, ctx.actor_id, ctx.now),
    )
    return badge_id


def end_badge(ctx: Context, person_id: int) -> int:
    """The person's badge opens nothing any more."""
    return sql.execute(
        "UPDATE devices_badge SET revoked_at = %s WHERE person_id = %s AND revoked_at IS NULL", (ctx.now, person_id)
    )


def set_pin(ctx: Context, digest: str) -> None:
    """The actor's own PIN; what was tried wrongly before counts no more."""
    sql.execute(
        """
        INSERT INTO devices_pin (person_id, digest, set_at) VALUES (%s, %s, %s)
        ON CONFLICT (person_id) DO UPDATE SET digest = excluded.digest, set_at = excluded.set_at
        """,
        (ctx.actor_id, digest, ctx.now),
    )
    sql.execute("DELETE FROM devices_pintry WHERE person_id = %s", (ctx.actor_id,))


def count_try(ctx: Context, device_id: int, person_id: int, *, fits: bool) -> int:
    """Count a PIN that does not fit, or forget those before one that does; how many there are now."""
    if fits:
        forget_tries(device_id, person_id)
        return 0
    failures: int = sql.fetch_value(
        """
        INSERT INTO devices_pintry (device_id, person_id, failures, tried_at) VALUES (%s, %s, 1, %s)
        ON CONFLICT (device_id, person_id)
        DO UPDATE SET failures = least(devices_pintry.failures + 1, 1000), tried_at = excluded.tried_at
        RETURNING failures
        """,
        (device_id, person_id, ctx.now),
    )
    return failures


def forget_tries(device_id: int, person_id: int) -> int:
    """Wrong PINs of the person on the device count no more; whether there were any."""
    return sql.execute("DELETE FROM devices_pintry WHERE device_id = %s AND person_id = %s", (device_id, person_id))


def store_test(ctx: Context, device_id: int, passed: int, faults: str) -> None:
    """What the sheet of ten codes showed."""
    sql.execute(
        "UPDATE devices_device SET tested_at = %s, test_passed = %s, test_faults = %s WHERE id = %s",
        (ctx.now, passed, faults[:300], device_id),
    )
