"""The life of a planned move, and of a transfer between sites."""

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


class TransferState(StrEnum):
    """Where a transfer stands."""

    ON_THE_WAY = "on_the_way"
    RECEIVED = "received"


TRANSFER_TRANSITIONS: dict[tuple[TransferState, str], TransferState] = {
    (TransferState.ON_THE_WAY, "receive_part"): TransferState.ON_THE_WAY,
    (TransferState.ON_THE_WAY, "receive_rest"): TransferState.RECEIVED,
}
