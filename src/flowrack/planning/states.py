"""The life of a proposal."""

from __future__ import annotations

from enum import StrEnum


class ProposalState(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    ORDERED = "ordered"
    REQUESTED = "requested"
    DISMISSED = "dismissed"
    SUPERSEDED = "superseded"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[ProposalState, str], ProposalState] = {
    (ProposalState.OPEN, "order"): ProposalState.ORDERED,
    (ProposalState.OPEN, "request"): ProposalState.REQUESTED,
    (ProposalState.OPEN, "dismiss"): ProposalState.DISMISSED,
    (ProposalState.OPEN, "supersede"): ProposalState.SUPERSEDED,
}
