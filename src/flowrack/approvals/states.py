"""The life of an approval request."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class RequestState(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"


class StepState(StrEnum):
    """Where a step of a request stands."""

    AHEAD = "ahead"
    OPEN = "open"
    DONE = "done"


# (state, action) -> next state. `approve` closes the request with its last step.
TRANSITIONS: dict[tuple[RequestState, str], RequestState] = {
    (RequestState.WAITING, "approve"): RequestState.APPROVED,
    (RequestState.WAITING, "reject"): RequestState.REJECTED,
    (RequestState.WAITING, "withdraw"): RequestState.WITHDRAWN,
    (RequestState.WAITING, "void"): RequestState.VOIDED,
    (RequestState.APPROVED, "void"): RequestState.VOIDED,
}

LIVE = (RequestState.WAITING, RequestState.APPROVED)


def advance(state: RequestState, action: str, *, number: str) -> RequestState:
    """The state after `action`, or a refusal."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise WrongState(f"{number} is {state} already.", fix="Nothing needs to be decided.", state=str(state))
    return after
