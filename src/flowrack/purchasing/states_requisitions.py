"""The life of a requisition."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class RequisitionState(StrEnum):
    """Where a requisition stands."""

    REQUESTED = "requested"
    REJECTED = "rejected"
    APPROVED = "approved"
    ORDERED = "ordered"
    CLOSED = "closed"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the table in the docs says the same.
REQUISITION: dict[tuple[RequisitionState, str], RequisitionState] = {
    (RequisitionState.REQUESTED, "change"): RequisitionState.REQUESTED,
    (RequisitionState.REQUESTED, "approve"): RequisitionState.APPROVED,
    (RequisitionState.REQUESTED, "reject"): RequisitionState.REJECTED,
    (RequisitionState.REQUESTED, "cancel"): RequisitionState.CANCELLED,
    (RequisitionState.REJECTED, "change"): RequisitionState.REQUESTED,
    (RequisitionState.REJECTED, "cancel"): RequisitionState.CANCELLED,
    (RequisitionState.APPROVED, "order"): RequisitionState.APPROVED,
    (RequisitionState.APPROVED, "complete"): RequisitionState.ORDERED,
    (RequisitionState.APPROVED, "cancel"): RequisitionState.CANCELLED,
    (RequisitionState.APPROVED, "close"): RequisitionState.CLOSED,
    (RequisitionState.ORDERED, "reopen"): RequisitionState.APPROVED,
    (RequisitionState.ORDERED, "close"): RequisitionState.CLOSED,
}

WANTED = (RequisitionState.REQUESTED, RequisitionState.APPROVED)  # their open units count as coming
BY_ITSELF = ("approve", "reject", "complete", "reopen")


def advance(state: RequisitionState, action: str, *, number: str) -> RequisitionState:
    """The state after `action`, or a refusal that says what is possible instead."""
    after = REQUISITION.get((state, action))
    if after is None:
        possible = sorted(a for (s, a) in REQUISITION if s == state and a not in BY_ITSELF)
        fix = f"Possible now: {', '.join(possible)}." if possible else "Nothing more can be done with it."
        raise WrongState(f"{number} is {state}, so it cannot take “{action}”.", fix=fix, state=str(state))
    return after
