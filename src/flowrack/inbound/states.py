"""The life of a receipt."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class ReceiptState(StrEnum):
    """Where a receipt stands."""

    OPEN = "open"
    CLOSED = "closed"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[ReceiptState, str], ReceiptState] = {
    (ReceiptState.OPEN, "receive"): ReceiptState.OPEN,
    (ReceiptState.OPEN, "take_back"): ReceiptState.OPEN,
    (ReceiptState.OPEN, "close"): ReceiptState.CLOSED,
}


def advance(state: ReceiptState, action: str, *, number: str) -> ReceiptState:
    """The state after `action`, or a refusal."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise WrongState(
            f"{number} is {state}, so it cannot take “{action}”.", fix="Count on a new receipt.", state=str(state)
        )
    return after
