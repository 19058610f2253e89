"""The words of supplier confirmations: what was confirmed, how it differs, and what the buyer says to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import Invalid
from flowrack.shared.quantity import Units


class Confirmed(StrEnum):
    """Where a confirmed line stands."""

    AS_ORDERED = "as_ordered"
    ACCEPTED = "accepted"
    OPEN = "open"
    REFUSED = "refused"
    ASKED_AGAIN = "asked_again"
    REPLACED = "replaced"


class Verdict(StrEnum):
    """What a buyer says to a difference."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    ASK_AGAIN = "ask_again"


class Means(StrEnum):
    """How an order reached its supplier. Flowrack records it; it does not send."""

    EMAIL = "email"
    DOWNLOAD = "download"
    PORTAL = "portal"
    PHONE = "phone"
    POST = "post"


@dataclass(frozen=True, slots=True)
class ConfirmedLine:
    """What the supplier confirmed of a line: all its units, what came already included. No cost = the ordered one."""

    line_no: int
    units: Units
    confirmed_on: date
    unit_cost: Decimal | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class NewConfirmation:
    """A supplier's answer to one PO. No lines = everything that is owed, as it was ordered."""

    po_id: int
    reference: str = ""
    lines: list[ConfirmedLine] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecordConfirmations:
    """Answers of suppliers, all or none."""

    confirmations: list[NewConfirmation]


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """A confirmed line and what became of it, with the reason."""

    confirmation_line_id: int
    po_id: int
    line_no: int
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConfirmationsRecorded:
    """The confirmations, in the order of the request, and the outcome of each line."""

    confirmation_ids: list[int]
    lines: list[LineOutcome]


@dataclass(frozen=True, slots=True)
class DecideConfirmations:
    """One verdict on confirmed lines that wait for the buyer."""

    confirmation_line_ids: list[int]
    verdict: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmationsDecided:
    """The lines, and the versions that acceptance made."""

    confirmation_line_ids: list[int]
    state: str
    version_ids: list[int]


@dataclass(frozen=True, slots=True)
class ConfirmationTolerance:
    """Which differences are accepted by themselves, and within how many days a supplier must confirm.

    Days late and early against the day asked for; percent of a line's units that may be missing; percent that a unit
    cost may rise, but by no more than `price_up_amount` for the line.
    """

    late_days: int
    early_days: int
    cut_pct: Decimal
    price_up_pct: Decimal
    price_up_amount: Decimal
    confirm_within_days: int


# The house rule until somebody sets another one; prices as the limits for changes of approved orders.
HOUSE = ConfirmationTolerance(2, 3, Decimal(0), Decimal(2), Decimal(100), 2)


@dataclass(frozen=True, slots=True)
class SetConfirmationTolerance:
    """The tolerance of a supplier, or (None) of the house. Replaces what was said before."""

    tolerance: ConfirmationTolerance
    reason: str
    supplier_id: int | None = None


@dataclass(frozen=True, slots=True)
class ConfirmationToleranceSet:
    """The tolerance as it counts now."""

    tolerance_id: int


@dataclass(frozen=True, slots=True)
class SentPo:
    """An order that went to its supplier: which version, how and to whom."""

    po_id: int
    version_no: int
    means: str
    sent_to: str = ""


@dataclass(frozen=True, slots=True)
class RecordSent:
    """Orders that went to their suppliers."""

    sent: list[SentPo]


@dataclass(frozen=True, slots=True)
class SentRecorded:
    """The records, in the order of the request."""

    sent_ids: list[int]


class BadConfirmation(Invalid):
    """A confirmation that cannot be; every bad line is named."""

    code = "bad_confirmation"


class BadSending(Invalid):
    """A sending that cannot be recorded."""

    code = "bad_sending"
