"""What devices wrote down is done: each entry runs the ordinary command of its flow, once, in the device's order."""

from __future__ import annotations

import structlog
from django.db import DatabaseError, ProgrammingError, connection

from flowrack.devices import commands, locks, queries
from flowrack.devices.queries import ReadyEntry
from flowrack.devices.types import Settle, Settled
from flowrack.platform.constraints import sqlstate_of
from flowrack.platform.http import now
from flowrack.platform.outbox import context_for_system
from flowrack.platform.permissions import grants_of
from flowrack.platform.roles import on_device
from flowrack.platform.runner import RETRY_STATES, Context
from flowrack.platform.web.journal import Asked, all_journal_flows, words_of
from flowrack.shared.errors import Busy, FlowrackError
from flowrack.shared.ids import uuid7

log = structlog.get_logger()
MOST_AT_ONCE = 500


def as_system(device: str) -> Context:
    """Flowrack itself takes down what a device says."""
    ctx = context_for_system(now(), str(uuid7()))
    ctx.device = device
    return ctx


def apply_ready(device_id: int, code: str) -> int:
    """Do what waits of a device, in its order; how many were tried. A refusal goes before a person, `busy` waits."""
    with locks.turn(device_id) as is_ours:
        return _apply_in_turn(device_id, code) if is_ours else 0


def _apply_in_turn(device_id: int, code: str) -> int:
    tried: list[Settled] = []
    waiting = queries.ready(device_id, limit=MOST_AT_ONCE)
    booked = queries.booked(waiting)
    for entry in waiting:
        try:
            # What is in the books is not asked about again: the goods stand where that left them.
            tried.append(Settled(entry.id, True, "", _said(entry)) if entry.id in booked else _apply(entry))
        except Busy:
            break
    if tried:
        commands.settle_entries(as_system(code), Settle(tried))
    return len(tried)


def _said(entry: ReadyEntry) -> str:
    return words_of(entry.flow, entry.payload)[1]


def _apply(entry: ReadyEntry) -> Settled:
    flow = all_journal_flows().get(entry.flow)
    if flow is None:
        return Settled(entry.id, False, "unknown_flow", "This version does not know what this scan is.",
                       "Update the house, then redo it.")  # fmt: skip
    rights = on_device(grants_of(entry.run_as), entry.site_id)
    if entry.run_as == entry.person_id and "devices.use" not in rights:
        return Settled(entry.id, False, "not_permitted", "Whoever did this may not work on devices here any more.",
                       "Ask what was done, then redo it in your name or drop it.")  # fmt: skip
    ctx = Context(actor_id=entry.run_as, key=entry.key, now=entry.occurred_at, grants=rights, device=entry.device)
    try:
        return Settled(entry.id, True, "", flow.apply(ctx, Asked.of(entry.payload)))
    except Busy:
        raise
    except FlowrackError as refusal:
        first = refusal.lines[0] if refusal.lines else None
        fix = refusal.fix or (first.fix if first else "") or "Look at the goods, then decide."
        more = f" {first.message}" if first and first.message not in refusal.message else ""
        return Settled(entry.id, False, refusal.code, refusal.message + more, fix)
    except Exception as error:
        if isinstance(error, DatabaseError) and _is_lost(error):
            raise
        # A mistake of ours in one entry must not keep the device's other entries from being applied.
        log.exception("journal_entry_failed", entry=entry.id, flow=entry.flow)
        return Settled(entry.id, False, "internal", "Something went wrong on our side.",
                       "Redo it later; the error is in the server's log.")  # fmt: skip


def _is_lost(error: DatabaseError) -> bool:
    """Whether the database is away, so that the entry was not tried at all."""
    state = sqlstate_of(error)
    if state is None:
        return not isinstance(error, ProgrammingError)
    return state.startswith("08") or state in RETRY_STATES or not connection.is_usable()
