"""The states of a quote."""

from __future__ import annotations

from enum import StrEnum

from flowrack.promise.types import QuoteOver


class QuoteState(StrEnum):
    """Where a quote stands."""

    OPEN = "open"
    TAKEN = "taken"
    RELEASED = "released"
    EXPIRED = "expired"


# (state, action) -> next state. Anything absent is refused.
TRANSITIONS: dict[tuple[QuoteState, str], QuoteState] = {
    (QuoteState.OPEN, "take"): QuoteState.TAKEN,
    (QuoteState.OPEN, "release"): QuoteState.RELEASED,
    (QuoteState.OPEN, "expire"): QuoteState.EXPIRED,
}


def advance(state: QuoteState, action: str) -> QuoteState:
    """The state after an action; refuses with QuoteOver."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise QuoteOver(f"The quote is {state} already.", fix="Ask again: the answer may be another one by now.")
    return after
