"""The life of a planned move."""

from __future__ import annotations

from enum import StrEnum


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
