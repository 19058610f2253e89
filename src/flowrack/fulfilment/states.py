"""States of waves, pick lines and cartons."""

from __future__ import annotations

from enum import StrEnum


class PickState(StrEnum):
    """Where one pick stands. A pick is done in one go: what is picked of it in part is split off."""

    OPEN = "open"
    PICKED = "picked"
    SHORT = "short"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[PickState, str], PickState] = {
    (PickState.OPEN, "confirm"): PickState.PICKED,
    (PickState.OPEN, "short"): PickState.SHORT,
    (PickState.OPEN, "recall"): PickState.CANCELLED,
    (PickState.PICKED, "undo"): PickState.OPEN,
}


class CartonState(StrEnum):
    """Where a packed carton stands."""

    PACKED = "packed"
    SHIPPED = "shipped"
    UNPACKED = "unpacked"


CARTON_TRANSITIONS: dict[tuple[CartonState, str], CartonState] = {
    (CartonState.PACKED, "ship"): CartonState.SHIPPED,
    (CartonState.PACKED, "unpack"): CartonState.UNPACKED,
}


class ShortReason(StrEnum):
    """Why a picker could not take all."""

    NONE_THERE = "none_there"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    CANNOT_REACH = "cannot_reach"


SHORT_WORDS = {
    ShortReason.NONE_THERE: "No more there",
    ShortReason.DAMAGED: "Damaged",
    ShortReason.WRONG_ITEM: "Wrong item",
    ShortReason.CANNOT_REACH: "Cannot reach",
}
