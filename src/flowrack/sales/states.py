"""States of a customer order: one table of transitions; the units of its lines carry the detail."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class OrderState(StrEnum):
    """Where a customer order stands as a whole."""

    CONFIRMED = "confirmed"
    RELEASED = "released"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[OrderState, str], OrderState] = {
    (OrderState.CONFIRMED, "change"): OrderState.CONFIRMED,
    (OrderState.CONFIRMED, "release"): OrderState.RELEASED,
    (OrderState.CONFIRMED, "cancel"): OrderState.CANCELLED,
    (OrderState.CONFIRMED, "finish"): OrderState.SHIPPED,
    (OrderState.RELEASED, "change"): OrderState.RELEASED,
    (OrderState.RELEASED, "release"): OrderState.RELEASED,
    (OrderState.RELEASED, "recall"): OrderState.CONFIRMED,
    (OrderState.RELEASED, "cancel"): OrderState.CANCELLED,
    (OrderState.RELEASED, "finish"): OrderState.SHIPPED,
}

OPEN = (OrderState.CONFIRMED, OrderState.RELEASED)

WORDS = {
    OrderState.CONFIRMED: "confirmed",
    OrderState.RELEASED: "in picking",
    OrderState.SHIPPED: "shipped",
    OrderState.CANCELLED: "cancelled",
}

ACTIONS = {"change": "be changed", "cancel": "be cancelled", "release": "be released", "recall": "be called back"}


def advance(state: OrderState, action: str) -> OrderState:
    """The next state, or a refusal that says where the order stands."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise WrongState(
            f"The order is {WORDS[state]}; it cannot {ACTIONS.get(action, action)} any more.",
            fix="Enter a new order, or a return for what was shipped.",
            state=str(state),
            action=action,
        ) from None


def sources(action: str) -> list[str]:
    """The states from which an action is allowed, for guarded updates of many orders."""
    return [str(state) for state, name in TRANSITIONS if name == action]
