"""What carriers bill: what is asked, answered and refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flowrack.shared.errors import FlowrackError, Invalid, NotFound

INVOICE = "freight.invoice"


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line of a carrier's invoice. 0, "" and None: the carrier does not say it."""

    reference: str
    amount: Decimal
    weight_g: int = 0
    zone: str = ""
    surcharges: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EnterFreightInvoice:
    """An invoice of a carrier (by code) under his own number. Without a currency it is in that of the house."""

    carrier: str
    number: str
    invoiced_on: date
    lines: list[BilledLine] = field(default_factory=list)
    currency: str = ""


@dataclass(frozen=True, slots=True)
class FreightInvoiceEntered:
    """The invoice, and how much of it was expected."""

    invoice_id: int
    charges: int
    matched: int
    billed: Decimal
    expected: Decimal


@dataclass(frozen=True, slots=True)
class DecideCharges:
    """What becomes of charges: accept, dispute or credit; and why."""

    charge_ids: list[int]
    action: str
    note: str


@dataclass(frozen=True, slots=True)
class ChargesDecided:
    """The charges and the state in which they are now; `requests` are approvals for which their release waits."""

    charge_ids: list[int]
    state: str
    requests: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ApproveFreightInvoice:
    """Release what is payable."""

    invoice_id: int


@dataclass(frozen=True, slots=True)
class DropFreightInvoice:
    """An invoice that was entered by mistake."""

    invoice_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class FreightInvoiceSettled:
    """The invoice as it stands now; `request` is the approval for which it waits, `why` the policies that ask."""

    invoice_id: int
    state: str
    payable: Decimal
    request: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class DecidedFreight:
    """What people decided about the release of an invoice, and of which content."""

    invoice_id: int
    state: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class ApplyFreightApprovals:
    """Release what was approved, return what was rejected."""

    decided: list[DecidedFreight]


@dataclass(frozen=True, slots=True)
class FreightApprovalsApplied:
    """The invoices that were released, and those that were returned."""

    released: list[int]
    returned: list[int]


@dataclass(frozen=True, slots=True)
class FreightTerms:
    """What counts as matched (the greater of percentage and amount), up to what difference a clerk accepts, how many
    days an invoice's date may lie back or ahead, and the currency of the house's freight (empty: it was not said)."""

    tolerance_pct: Decimal = Decimal(2)
    tolerance_amount: Decimal = Decimal("0.50")
    limit_amount: Decimal = Decimal(50)
    days_back: int = 300
    days_ahead: int = 31
    currency: str = ""


@dataclass(frozen=True, slots=True)
class SetFreightTerms:
    """Other terms, for invoices that are entered from now on."""

    terms: FreightTerms


@dataclass(frozen=True, slots=True)
class FreightTermsSet:
    """The terms are kept."""

    terms: FreightTerms


class BadFreightInvoice(Invalid):
    """An invoice that makes no sense; names every bad line."""

    code = "bad_freight_invoice"


class BadFreightTerms(Invalid):
    """Terms that make no sense."""

    code = "bad_freight_terms"


class FreightNoteMissing(Invalid):
    """Nobody says why."""

    code = "freight_note_missing"


class FreightInvoiceNotFound(NotFound):
    """There is no such invoice."""

    code = "freight_invoice_not_found"


class FreightChargeNotFound(NotFound):
    """There is no such charge."""

    code = "freight_charge_not_found"


class WrongFreightState(FlowrackError):
    """The charge or invoice is not in a state for this."""

    code = "wrong_freight_state"


class FreightOpen(FlowrackError):
    """Charges wait for a decision."""

    code = "freight_open"


class FreightOverLimit(FlowrackError):
    """The difference is above what this person may accept."""

    code = "freight_over_limit"
