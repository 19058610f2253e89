"""States of charges and of carriers' invoices."""

from __future__ import annotations

from enum import StrEnum

from flowrack.freight.types import WrongFreightState


class ChargeState(StrEnum):
    """Matched by itself, or decided by a person."""

    MATCHED = "matched"
    OPEN = "open"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    CREDITED = "credited"
    VOIDED = "voided"


class InvoiceState(StrEnum):
    """Entered, waiting for the person whom a policy asks, released for payment, or entered by mistake."""

    OPEN = "open"
    WAITING = "waiting"
    APPROVED = "approved"
    DROPPED = "dropped"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[ChargeState, str], ChargeState] = {
    (ChargeState.OPEN, "accept"): ChargeState.ACCEPTED,
    (ChargeState.OPEN, "dispute"): ChargeState.DISPUTED,
    (ChargeState.ACCEPTED, "dispute"): ChargeState.DISPUTED,
    (ChargeState.DISPUTED, "credit"): ChargeState.CREDITED,
    (ChargeState.DISPUTED, "accept"): ChargeState.ACCEPTED,
    (ChargeState.DISPUTED, "void"): ChargeState.VOIDED,
    (ChargeState.CREDITED, "void"): ChargeState.VOIDED,
}
INVOICE_TRANSITIONS: dict[tuple[InvoiceState, str], InvoiceState] = {
    (InvoiceState.OPEN, "approve"): InvoiceState.APPROVED,
    (InvoiceState.OPEN, "ask"): InvoiceState.WAITING,
    (InvoiceState.OPEN, "drop"): InvoiceState.DROPPED,
    (InvoiceState.WAITING, "release"): InvoiceState.APPROVED,
    (InvoiceState.WAITING, "return"): InvoiceState.OPEN,
    (InvoiceState.WAITING, "drop"): InvoiceState.DROPPED,
    (InvoiceState.APPROVED, "ask"): InvoiceState.WAITING,
}
ACTIONS = ("accept", "dispute", "credit", "void")


def advance(state: str, action: str, *, reference: str) -> ChargeState:
    """The next state of a charge, or a refusal that says where it stands."""
    try:
        return TRANSITIONS[ChargeState(state), action]
    except KeyError:
        said = f"The charge for {reference} is {state}."
        raise WrongFreightState(said, fix="Open the list of charges.", state=state) from None


def advance_invoice(state: str, action: str, *, number: str) -> InvoiceState:
    """The next state of an invoice, or a refusal that says where it stands."""
    try:
        return INVOICE_TRANSITIONS[InvoiceState(state), action]
    except KeyError:
        said = f"Invoice {number} is {state}."
        raise WrongFreightState(said, fix="Open the list of freight invoices.", state=state) from None
