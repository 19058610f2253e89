"""The states of a request for an urgent order, and of a draft to a customer."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class PriorityState(StrEnum):
    """What became of it. Voided: what was asked is no more."""

    WAITING = "waiting"
    GRANTED = "granted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"


class NoticeState(StrEnum):
    """A letter to a customer."""

    DRAFT = "draft"
    SENT = "sent"
    DROPPED = "dropped"


# (state, action) -> next state. Anything absent is refused; the table in the docs is this one.
TRANSITIONS: dict[tuple[PriorityState, str], PriorityState] = {
    (PriorityState.WAITING, "approve"): PriorityState.GRANTED,
    (PriorityState.WAITING, "reject"): PriorityState.REJECTED,
    (PriorityState.WAITING, "withdraw"): PriorityState.WITHDRAWN,
    (PriorityState.WAITING, "void"): PriorityState.VOIDED,
}


def advance(state: PriorityState, action: str, *, number: str) -> PriorityState:
    """The next state; refuses with WrongState."""
    found = TRANSITIONS.get((state, action))
    if found is None:
        raise WrongState(f"{number} is {state}.", fix="Look at it again.", state=str(state))
    return found
