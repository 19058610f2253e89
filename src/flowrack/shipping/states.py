"""States of a shipment and of a load."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class ShipmentState(StrEnum):
    """A shipment is prepared, leaves, and is proved or refused at its customer; or it is called off."""

    OPEN = "open"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class LoadState(StrEnum):
    """A load is planned, stands at its door, is closed (goods are issued), and the truck is gone."""

    OPEN = "open"
    LOADING = "loading"
    CLOSED = "closed"
    LEFT = "left"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[ShipmentState, str], ShipmentState] = {
    (ShipmentState.OPEN, "confirm"): ShipmentState.SHIPPED,
    (ShipmentState.OPEN, "cancel"): ShipmentState.CANCELLED,
    (ShipmentState.SHIPPED, "prove"): ShipmentState.DELIVERED,
    (ShipmentState.SHIPPED, "refuse"): ShipmentState.REFUSED,
}

LOADS: dict[tuple[LoadState, str], LoadState] = {
    (LoadState.OPEN, "change"): LoadState.OPEN,
    (LoadState.OPEN, "start"): LoadState.LOADING,
    (LoadState.OPEN, "cancel"): LoadState.CANCELLED,
    (LoadState.LOADING, "change"): LoadState.LOADING,
    (LoadState.LOADING, "load"): LoadState.LOADING,
    (LoadState.LOADING, "take off"): LoadState.LOADING,
    (LoadState.LOADING, "cancel"): LoadState.CANCELLED,
    (LoadState.LOADING, "close"): LoadState.CLOSED,
    (LoadState.CLOSED, "leave"): LoadState.LEFT,
}

WORDS = {
    ShipmentState.OPEN: "prepared",
    ShipmentState.SHIPPED: "on its way",
    ShipmentState.DELIVERED: "delivered",
    ShipmentState.REFUSED: "refused by its customer",
    ShipmentState.CANCELLED: "called off",
}

LOAD_WORDS = {
    LoadState.OPEN: "planned",
    LoadState.LOADING: "being loaded",
    LoadState.CLOSED: "closed: its goods were issued",
    LoadState.LEFT: "gone",
    LoadState.CANCELLED: "called off",
}


def advance(state: ShipmentState, action: str, *, number: str) -> ShipmentState:
    """The next state, or a refusal that says where the shipment stands."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise WrongState(
            f"Shipment {number} is {WORDS[state]}.",
            fix="Open it to see who did it and when.",
            state=str(state),
            action=action,
        ) from None


def advance_load(state: LoadState, action: str, *, number: str) -> LoadState:
    """The next state of a load, or a refusal that says where it stands and what is possible."""
    after = LOADS.get((state, action))
    if after is None:
        possible = sorted(act for (start, act) in LOADS if start == state)
        raise WrongState(
            f"Load {number} is {LOAD_WORDS[state]}.",
            fix=f"Possible now: {', '.join(possible)}." if possible else "Plan another load.",
            state=str(state),
            action=action,
        )
    return after
