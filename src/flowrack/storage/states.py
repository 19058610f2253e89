"""The life of a planned move."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class PlanState(StrEnum):
    """Where a planned move stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[PlanState, str], PlanState] = {
    (PlanState.OPEN, "confirm_part"): PlanState.OPEN,
    (PlanState.OPEN, "confirm"): PlanState.DONE,
    (PlanState.OPEN, "cancel"): PlanState.CANCELLED,
}


def advance(state: PlanState, action: str) -> PlanState:
    """The state after `action`, or a refusal."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise WrongState(f"This move is {state}, so it cannot take “{action}”.", state=str(state))
    return after
