"""States of pick lists, pick lines and cartons."""

from __future__ import annotations

from enum import StrEnum


class PickState(StrEnum):
    """Where one pick stands. A pick is done in one go: what is picked of it in part is split off.

    What goes back was picked and is wanted no more: it is no order's, until somebody brings it into its bin.
    """

    OPEN = "open"
    PICKED = "picked"
    SHORT = "short"
    GOING_BACK = "going_back"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[PickState, str], PickState] = {
    (PickState.OPEN, "confirm"): PickState.PICKED,
    (PickState.OPEN, "short"): PickState.SHORT,
    (PickState.OPEN, "recall"): PickState.CANCELLED,
    (PickState.PICKED, "undo"): PickState.OPEN,
    (PickState.PICKED, "send back"): PickState.GOING_BACK,
    (PickState.GOING_BACK, "undo"): PickState.CANCELLED,
    (PickState.SHORT, "find"): PickState.OPEN,
}


class ListState(StrEnum):
    """Where a pick list stands."""

    OPEN = "open"
    TAKEN = "taken"
    PARKED = "parked"
    DONE = "done"
    CANCELLED = "cancelled"


LIST_TRANSITIONS: dict[tuple[ListState, str], ListState] = {
    (ListState.OPEN, "take"): ListState.TAKEN,
    (ListState.TAKEN, "take"): ListState.TAKEN,
    (ListState.PARKED, "take"): ListState.TAKEN,
    (ListState.TAKEN, "return"): ListState.OPEN,
    (ListState.TAKEN, "park"): ListState.PARKED,
    (ListState.OPEN, "finish"): ListState.DONE,
    (ListState.TAKEN, "finish"): ListState.DONE,
    (ListState.PARKED, "finish"): ListState.DONE,
    (ListState.OPEN, "recall"): ListState.CANCELLED,
    (ListState.TAKEN, "recall"): ListState.CANCELLED,
    (ListState.PARKED, "recall"): ListState.CANCELLED,
    (ListState.DONE, "undo"): ListState.OPEN,
    (ListState.CANCELLED, "undo"): ListState.OPEN,
}


class Method(StrEnum):
    """How the picks of a list are made."""

    DISCRETE = "discrete"
    CLUSTER = "cluster"
    BATCH = "batch"
    ZONE = "zone"


class UnitKind(StrEnum):
    """What is handled: whole pallets, whole cases, or units one by one."""

    PALLET = "pallet"
    CASE = "case"
    EACH = "each"


class AtShort(StrEnum):
    """Where the rest of a short pick comes from before it waits for stock again."""

    WAIT = "wait"
    BINS = "bins"
    SUBSTITUTES = "substitutes"


METHOD_WORDS = {
    Method.DISCRETE: "Order by order",
    Method.CLUSTER: "Cart of totes",
    Method.BATCH: "All together, sorted later",
    Method.ZONE: "Zone by zone, brought together",
}
KIND_WORDS = {UnitKind.PALLET: "Pallets", UnitKind.CASE: "Cases", UnitKind.EACH: "Units"}


class CartonState(StrEnum):
    """Where a packed carton stands."""

    PACKED = "packed"
    SHIPPED = "shipped"
    UNPACKED = "unpacked"


class Checked(StrEnum):
    """How what went into a carton was checked: by scans, at least one item by a typed count, all with one tap, or it
    was verified and nobody told how.
    """

    SCANNED = "scanned"
    COUNTED = "counted"
    AT_ONCE = "at_once"
    NOT_TOLD = "not_told"


CHECKED_WORDS = {
    Checked.SCANNED: "every unit scanned",
    Checked.COUNTED: "counted by eye",
    Checked.AT_ONCE: "all at once, without a scan",
    Checked.NOT_TOLD: "checked, nobody told how",
    "": "not checked",
}


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
