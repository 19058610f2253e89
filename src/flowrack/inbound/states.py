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
}


def decide(state: DiscrepancyState, verdict: str, *, number: str) -> DiscrepancyState:
    """The state of a discrepancy after a verdict, or a refusal."""
    after = DISCREPANCY.get((state, verdict))
    if after is None:
        words = verdict.replace("_", " ")
        raise WrongState(
            f"{number} is {str(state).replace('_', ' ')}, so it cannot take “{words}”.",
            fix="Choose discrepancies that are open; settle those that are claimed or debited.",
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
