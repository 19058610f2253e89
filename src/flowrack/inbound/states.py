"""The lives of a receipt and of a discrepancy."""

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
    (ReceiptState.CLOSED, "reopen"): ReceiptState.OPEN,
}


class DiscrepancyState(StrEnum):
    """Where a discrepancy stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    CLAIMED = "claimed"
    DEBITED = "debited"
    SETTLED = "settled"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"


DISCREPANCY: dict[tuple[DiscrepancyState, str], DiscrepancyState] = {
    (DiscrepancyState.OPEN, "accept"): DiscrepancyState.ACCEPTED,
    (DiscrepancyState.OPEN, "claim"): DiscrepancyState.CLAIMED,
    (DiscrepancyState.OPEN, "debit"): DiscrepancyState.DEBITED,
    (DiscrepancyState.OPEN, "send_back"): DiscrepancyState.SENT_BACK,
    (DiscrepancyState.OPEN, "put_on_po"): DiscrepancyState.SETTLED,
    (DiscrepancyState.OPEN, "withdraw"): DiscrepancyState.WITHDRAWN,
    (DiscrepancyState.ACCEPTED, "withdraw"): DiscrepancyState.WITHDRAWN,
    (DiscrepancyState.CLAIMED, "settle"): DiscrepancyState.SETTLED,
    (DiscrepancyState.DEBITED, "settle"): DiscrepancyState.SETTLED,
    (DiscrepancyState.CLAIMED, "reopen"): DiscrepancyState.OPEN,
    (DiscrepancyState.DEBITED, "reopen"): DiscrepancyState.OPEN,
}


class OverReceiptState(StrEnum):
    """Where the question whether more may come in stands."""

    WAITING = "waiting"
    ALLOWED = "allowed"
    REJECTED = "rejected"
    VOIDED = "voided"


class ClaimState(StrEnum):
    """Where a claim or debit note stands."""

    DRAFT = "draft"
    SENT = "sent"
    SETTLED = "settled"
    CANCELLED = "cancelled"


CLAIM: dict[tuple[ClaimState, str], ClaimState] = {
    (ClaimState.DRAFT, "send"): ClaimState.SENT,
    (ClaimState.DRAFT, "cancel"): ClaimState.CANCELLED,
    (ClaimState.SENT, "settle"): ClaimState.SETTLED,
    (ClaimState.SENT, "cancel"): ClaimState.CANCELLED,
}


def advance_claim(state: ClaimState, action: str, *, number: str) -> ClaimState:
    """The state after `action`, or a refusal."""
    after = CLAIM.get((state, action))
    if after is None:
        fix = "Send it first." if state == ClaimState.DRAFT else "Look at it again."
        raise WrongState(f"{number} is {state}, so it cannot take “{action}”.", fix=fix, state=str(state))
    return after


def decide(state: DiscrepancyState, verdict: str, *, number: str) -> DiscrepancyState:
    """The state of a discrepancy after a verdict, or a refusal."""
    after = DISCREPANCY.get((state, verdict))
    if after is None:
        words = verdict.replace("_", " ")
        raise WrongState(
            f"{number} is {str(state).replace('_', ' ')}, so it cannot take “{words}”.",
            fix="Choose discrepancies that are open; claimed and debited ones are settled with their claim.",
            state=str(state),
        )
    return after


def advance(state: ReceiptState, action: str, *, number: str) -> ReceiptState:
    """The state after `action`, or a refusal."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise WrongState(
            f"{number} is {state}, so it cannot take “{action}”.", fix="Count on a new receipt.", state=str(state)
        )
    return after
