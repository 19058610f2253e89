"""States of a version of a rate card."""

from __future__ import annotations

from enum import StrEnum

from flowrack.carriers.types import CardNotDraft


class CardState(StrEnum):
    """Written by one person, approved by another; it then prices from its day on until a later one does."""

    DRAFT = "draft"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[CardState, str], CardState] = {
    (CardState.DRAFT, "write"): CardState.DRAFT,
    (CardState.DRAFT, "approve"): CardState.APPROVED,
    (CardState.DRAFT, "drop"): CardState.DROPPED,
    (CardState.APPROVED, "withdraw"): CardState.WITHDRAWN,
}


def advance(state: str, action: str) -> CardState:
    """The next state, or a refusal that says where the version stands."""
    try:
        return TRANSITIONS[CardState(state), action]
    except KeyError:
        raise CardNotDraft(f"This version is {state}.", fix="Copy it as a new version.", state=state) from None
