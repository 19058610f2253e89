"""The words of over-receipts: units beyond the tolerance that somebody may allow."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.shared.errors import Invalid
from flowrack.shared.quantity import Units

OVER = "inbound.over_receipt"


@dataclass(frozen=True, slots=True)
class AskOverReceipt:
    """So many units more than the order and its tolerance take stand at the dock: may they come in? Without a line, the
    last one of the item is meant."""

    po_id: int
    item_id: int
    units: Units
    reason: str = ""
    po_line_id: int = 0


@dataclass(frozen=True, slots=True)
class OverReceiptAsked:
    """What was asked under which number, and whether it may come in now (allowed) or waits for the inbox."""

    over_receipt_id: int
    number: str
    state: str
    approval: str
    units: int


@dataclass(frozen=True, slots=True)
class DecidedOverReceipt:
    """What people said to one: approved or rejected, of which content."""

    over_receipt_id: int
    state: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class ApplyOverReceipts:
    """Approvals that were decided."""

    decided: list[DecidedOverReceipt]


@dataclass(frozen=True, slots=True)
class OverReceiptsApplied:
    """How many may come in now, and how many fell away because the order is another one by now."""

    allowed: int
    voided: int


class BadOverReceipt(Invalid):
    """A question that makes no sense: no units, another item, or units that fit anyhow."""

    code = "bad_over_receipt"
