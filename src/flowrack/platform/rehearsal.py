"""A command that is run and undone: for what it would refuse, and for what it would do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import Error as DatabaseError
from django.db import connection

from flowrack.platform.constraints import refusal_for_constraint
from flowrack.platform.runner import REGISTRY, Context, RightsChanged, once_undone
from flowrack.shared.errors import Busy, FlowrackError

Result = TypeVar("Result")


def rehearse(
    command: Callable[[Context, Any], Any],
    ctx: Context,
    req: Any,
    look: Callable[[Context, Any], None] | None = None,
) -> FlowrackError | None:
    """What a command would refuse; nothing is written, whether it would pass or not.

    For a form that has faults of its own: what the command says about the rest is shown in the same round. `look` sees
    the context and the result before all is undone; it is not called when the database was busy.
    """
    spec = REGISTRY[f"{command.__module__.split('.')[1]}.{command.__name__}"]
    trial = ctx.keyed("rehearsal")
    try:
        trial.require(spec.permission)
        body = spec.request.dump_json(req)
        try:
            once_undone(spec, trial, req, body, hashlib.sha256(body).digest(), look)
        except RightsChanged:
            assert trial.remembered is not None
            trial.grants, trial.remembered = trial.remembered.renew(), None
            trial.require(spec.permission)
            once_undone(spec, trial, req, body, hashlib.sha256(body).digest(), look)
        return None
    except FlowrackError as refusal:
        return refusal
    except DatabaseError as error:
        return refusal_for_constraint(error)


def foreseen(command: Callable[[Context, Any], Result], ctx: Context, req: Any) -> Result:
    """What a command would answer; nothing is written. Raises what it would refuse, and Busy."""
    found: list[Result] = []
    refusal = rehearse(command, ctx, req, lambda _, done: found.append(done))
    if refusal is not None:
        raise refusal
    if not found:
        raise Busy("Somebody else is working on the same orders.", fix="Nothing was changed. Try again in a moment.")
    return found[0]


def rehearsed(command: Callable[[Context, Any], Result], ctx: Context, req: Any) -> Result:
    """Run a command's body within a rehearsal that is under way, which undoes it: to see what would follow."""
    spec = REGISTRY[f"{command.__module__.split('.')[1]}.{command.__name__}"]
    assert connection.in_atomic_block, "only within a rehearsal"
    ctx.require(spec.permission)
    return spec.run(ctx, req)  # type: ignore[no-any-return]
