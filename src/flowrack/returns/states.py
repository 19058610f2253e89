"""States of an RMA: one table of transitions."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class RmaState(StrEnum):
    """Where a return stands as a whole."""

    ANNOUNCED = "announced"
    RECEIVING = "receiving"
    CLOSED = "closed"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the table in docs/stages/returns.md is this one.
TRANSITIONS: dict[tuple[RmaState, str], RmaState] = {
    (RmaState.ANNOUNCED, "receive"): RmaState.RECEIVING,
    (RmaState.ANNOUNCED, "cancel"): RmaState.CANCELLED,
    (RmaState.RECEIVING, "receive"): RmaState.RECEIVING,
    (RmaState.RECEIVING, "dispose"): RmaState.RECEIVING,
    (RmaState.RECEIVING, "close"): RmaState.CLOSED,
}

OPEN = (RmaState.ANNOUNCED, RmaState.RECEIVING)


def advance(state: RmaState, action: str) -> RmaState:
    """The next state, or a refusal that says where the return stands."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise WrongState(
            f"The return is {state}; it cannot {action} any more.",
            fix="Announce a new return for further goods.",
            state=str(state),
            action=action,
        ) from None
