"""What the database refuses, as typed refusals: named constraints, and values that it cannot hold."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from flowrack.shared.errors import FlowrackError, Invalid


def sqlstate_of(error: BaseException) -> str | None:
    """The database's SQLSTATE behind a Django error, None when the connection broke."""
    cause = error.__cause__
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None


def constraint_of(error: BaseException) -> str:
    """The name of the constraint that was violated; "" for every other error."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""


CONSTRAINT_REFUSALS: dict[str, Callable[[], FlowrackError]] = {}


def refuse_on(constraint: str, refusal: Callable[[], FlowrackError]) -> None:
    """Translate a named constraint into a typed refusal; called by the stage that owns the constraint."""
    CONSTRAINT_REFUSALS[constraint] = refusal


def refusal_for_constraint(error: BaseException) -> FlowrackError | None:
    """The refusal registered for the violated constraint, or a plain one that names it."""
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error) or not (cause.sqlstate or "").startswith("23"):
        return refusal_for_data(error)
    name = cause.diag.constraint_name or ""
    make = CONSTRAINT_REFUSALS.get(name)
    if make is not None:
        return make()
    return Invalid("This would break a rule that the database keeps.", fix=f"Rule: {name}.", constraint=name)


BAD_DATA = {
    "22003": "A number is larger than can be stored.",
    "22021": "A text has characters that cannot be stored.",
    "22P05": "A text has characters that cannot be stored.",
    "22001": "A text is longer than can be stored.",
    "22008": "A date is outside the calendar.",
}


def refusal_for_data(error: BaseException) -> FlowrackError | None:
    """The refusal for a value that PostgreSQL cannot hold; None for anything else."""
    cause = error.__cause__
    sentence = BAD_DATA.get(getattr(cause, "sqlstate", None) or "")
    if sentence is None and isinstance(cause, psycopg.DataError) and "NUL" in str(cause):
        sentence = "A text has characters that cannot be stored."
    return Invalid(sentence, fix="Check the values and send the request again.") if sentence else None
