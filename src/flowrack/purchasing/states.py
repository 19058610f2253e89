"""The life of a PO."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class PoState(StrEnum):
    """Where a PO stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    RECEIVING = "receiving"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[PoState, str], PoState] = {
    (PoState.DRAFT, "change"): PoState.DRAFT,
    (PoState.DRAFT, "approve"): PoState.APPROVED,
    (PoState.DRAFT, "cancel"): PoState.CANCELLED,
    (PoState.APPROVED, "revise"): PoState.APPROVED,
    (PoState.RECEIVING, "revise"): PoState.RECEIVING,
    (PoState.APPROVED, "receive"): PoState.RECEIVING,
    (PoState.APPROVED, "complete"): PoState.RECEIVED,
    (PoState.APPROVED, "cancel"): PoState.CANCELLED,
    (PoState.APPROVED, "close"): PoState.CLOSED,
    (PoState.RECEIVING, "receive"): PoState.RECEIVING,
    (PoState.RECEIVING, "complete"): PoState.RECEIVED,
    (PoState.RECEIVING, "close"): PoState.CLOSED,
    (PoState.RECEIVED, "receive"): PoState.RECEIVED,
    (PoState.RECEIVED, "reopen"): PoState.RECEIVING,
    (PoState.RECEIVED, "close"): PoState.CLOSED,
}

TAKES_RECEIPTS = tuple(state for (state, action) in TRANSITIONS if action == "receive")
OPEN = (PoState.APPROVED, PoState.RECEIVING)


def advance(state: PoState, action: str, *, number: str) -> PoState:
    """The state after `action`, or a refusal that says what is possible instead."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        possible = sorted(a for (s, a) in TRANSITIONS if s == state and a not in ("complete", "reopen"))
        fix = f"Possible now: {', '.join(possible)}." if possible else "Nothing more can be done with it."
        raise WrongState(f"{number} is {state}, so it cannot take “{action}”.", fix=fix, state=str(state))
    return after
