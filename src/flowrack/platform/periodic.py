"""Work that comes round by the clock: a stage's `jobs.py` registers it, the worker runs it.

    @periodic("dock.release_no_shows", every_seconds=60)
    def release(ctx: Context) -> None:
        if queries_calendar.overdue(ctx.now):
            commands_appointments.release_no_shows(ctx, ReleaseNoShows())

The function gets a context of the system user. Its key names the round, so that several workers do a round once; a
function that calls several commands gives each `ctx.keyed("name")`. It should read first and call only when there is
something to do: an idle round leaves no trace. One that goes through sites puts each in `one_of_many`: the refusal of
one does not stop the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog

from flowrack.platform.outbox import context_for_system
from flowrack.platform.runner import Context
from flowrack.shared.errors import FlowrackError

log = structlog.get_logger()

Work = Callable[[Context], None]


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work by the clock: its name, how often, and what is done."""

    name: str
    every_seconds: int
    run: Work


_known: dict[str, Periodic] = {}


def periodic(name: str, *, every_seconds: int) -> Callable[[Work], Work]:
    """Run the function every so many seconds in some worker."""

    def register(work: Work) -> Work:
        _known[name] = Periodic(name, every_seconds, work)
        return work

    return register


def all_periodic() -> list[Periodic]:
    """Everything that comes round, by name."""
    return [_known[name] for name in sorted(_known)]


@contextmanager
def one_of_many(name: str) -> Iterator[None]:
    """A part of a round: its refusal is logged, and the other parts go on."""
    try:
        yield
    except FlowrackError as refusal:
        log.warning("periodic_refused", name=name, code=refusal.code, message=refusal.message)


def run_round(one: Periodic, now: datetime) -> None:
    """One round of one piece of work. A refusal is logged and waits for the next round."""
    number = int(now.timestamp()) // one.every_seconds
    with one_of_many(one.name):
        one.run(context_for_system(now, f"periodic:{one.name}:{number}"))
