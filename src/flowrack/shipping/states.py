"""States of a shipment."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class ShipmentState(StrEnum):
    """A shipment is prepared, then leaves or is called off."""

    OPEN = "open"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[ShipmentState, str], ShipmentState] = {
    (ShipmentState.OPEN, "confirm"): ShipmentState.SHIPPED,
    (ShipmentState.OPEN, "cancel"): ShipmentState.CANCELLED,
}

WORDS = {
    ShipmentState.OPEN: "prepared",
    ShipmentState.SHIPPED: "on its way",
    ShipmentState.CANCELLED: "called off",
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
