"""The words of claims and debit notes: money asked for discrepancies."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import Invalid

CLAIM = "inbound.claim"


class ClaimKind(StrEnum):
    """What asks for the money: a claim, or a debit note that takes it off the supplier's account."""

    CLAIM = "claim"
    DEBIT_NOTE = "debit_note"


@dataclass(frozen=True, slots=True)
class SendClaim:
    """The draft goes out: whoever answers for it knows from now on."""

    claim_id: int


@dataclass(frozen=True, slots=True)
class SettleClaim:
    """What came of it: the money that was agreed; None = all that was asked for."""

    claim_id: int
    amount: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CancelClaim:
    """The money is not asked for any more; its discrepancies are open again."""

    claim_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class ClaimNow:
    """A claim or debit note as it now stands."""

    claim_id: int
    number: str
    state: str
    amount: Decimal
    settled_amount: Decimal


@dataclass(frozen=True, slots=True)
class ClaimChangedEvent:
    """A claim or debit note was sent, settled or cancelled; finance may book what was agreed."""

    claim_id: int
    number: str
    state: str
    amount: Decimal
    settled_amount: Decimal
    kind: str = "inbound.claim_changed"


class BadClaim(Invalid):
    """An amount or reason that makes no sense."""

    code = "bad_claim"
