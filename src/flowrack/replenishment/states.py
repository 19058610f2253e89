"""The life of a refill and of a slotting suggestion."""

from __future__ import annotations

from enum import StrEnum


class RefillState(StrEnum):
    """Where a refill stands."""

    PLANNED = "planned"
    LIFTED = "lifted"
    GOING_BACK = "going_back"
    LANDED = "landed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


OPEN_REFILL = (RefillState.PLANNED, RefillState.LIFTED, RefillState.GOING_BACK)

# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[RefillState, str], RefillState] = {
    (RefillState.PLANNED, "lift"): RefillState.LIFTED,
    (RefillState.PLANNED, "land"): RefillState.LANDED,
    (RefillState.PLANNED, "land_part"): RefillState.PLANNED,
    (RefillState.PLANNED, "hand_over"): RefillState.PLANNED,
    (RefillState.PLANNED, "cancel"): RefillState.CANCELLED,
    (RefillState.LIFTED, "lift"): RefillState.LIFTED,
    (RefillState.LIFTED, "put_down"): RefillState.PLANNED,
    (RefillState.LIFTED, "land"): RefillState.LANDED,
    (RefillState.LIFTED, "land_part"): RefillState.LIFTED,
    (RefillState.LIFTED, "hand_over"): RefillState.PLANNED,
    (RefillState.LIFTED, "send_back"): RefillState.GOING_BACK,
    (RefillState.GOING_BACK, "return"): RefillState.RETURNED,
    (RefillState.GOING_BACK, "want_again"): RefillState.LIFTED,
    (RefillState.PLANNED, "lose"): RefillState.CANCELLED,
    (RefillState.LIFTED, "lose"): RefillState.CANCELLED,
    (RefillState.GOING_BACK, "lose"): RefillState.CANCELLED,
}


class SlotState(StrEnum):
    """Where a slotting suggestion stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPLACED = "replaced"


SLOT_TRANSITIONS: dict[tuple[SlotState, str], SlotState] = {
    (SlotState.OPEN, "accept"): SlotState.ACCEPTED,
    (SlotState.OPEN, "reject"): SlotState.REJECTED,
    (SlotState.OPEN, "replace"): SlotState.REPLACED,
}
