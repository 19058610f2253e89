"""The states of a cross-dock."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class CrossDockState(StrEnum):
    """Where the units of a cross-dock are: still at the dock, at the outbound door, or on their way into a bin."""

    PLANNED = "planned"
    STAGED = "staged"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the table in the docs is this one.
TRANSITIONS: dict[tuple[CrossDockState, str], CrossDockState] = {
    (CrossDockState.PLANNED, "stage"): CrossDockState.STAGED,
    (CrossDockState.PLANNED, "cancel"): CrossDockState.CANCELLED,
    (CrossDockState.STAGED, "undo"): CrossDockState.PLANNED,
}


def advance(state: CrossDockState, action: str, *, number: str) -> CrossDockState:
    """The next state; refuses with WrongState."""
    found = TRANSITIONS.get((state, action))
    if found is None:
        raise WrongState(f"{number} is {state}.", fix="Look at it again.", state=str(state))
    return found
