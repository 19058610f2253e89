"""The words of purchasing: requests, results, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.quantity import Units

PO_KIND = "purchasing.po"  # how approvals call a PO


@dataclass(frozen=True, slots=True)
class Counted:
    """Units of what is coming until a day that were taken off by whoever decided on the units of a line."""

    units: int
    until: date


@dataclass(frozen=True, slots=True)
class NewPoLine:
    """Units of one item to order. No unit cost = the supplier's agreed one.

    `over_pct` and `under_pct` are tolerances agreed for this line; None = the house rule (2 % over, at most one case;
    nothing under). `counted`: what is coming was taken off the units already.
    """

    item_id: int
    units: Units
    unit_cost: Decimal | None = None
    over_pct: Decimal | None = None
    under_pct: Decimal | None = None
    counted: Counted | None = None


@dataclass(frozen=True, slots=True)
class NewPo:
    """One order to write. `override_reason` allows lines below the supplier's minimum or off its multiple,
    `cover_reason` units that are coming already."""

    supplier_id: int
    site_id: int
    lines: list[NewPoLine]
    due_on: date | None = None
    supplier_reference: str = ""
    note: str = ""
    override_reason: str = ""
    cover_reason: str = ""


@dataclass(frozen=True, slots=True)
class CreatePo:
    """Orders to write as drafts."""

    orders: list[NewPo]


@dataclass(frozen=True, slots=True)
class PoCreated:
    """A draft that was written."""

    po_id: int
    number: str
    line_ids: list[int]
    total: Decimal


@dataclass(frozen=True, slots=True)
class PosCreated:
    """The drafts, in the order of the request."""

    pos: list[PoCreated]


@dataclass(frozen=True, slots=True)
class ChangePo:
    """New content for a draft: replaces all its lines. `version` is the one that was read."""

    po_id: int
    version: int
    order: NewPo


@dataclass(frozen=True, slots=True)
class SubmitPo:
    """Drafts to ask approval for."""

    po_ids: list[int]


@dataclass(frozen=True, slots=True)
class ApplyApprovals:
    """POs that were approved, and the request by which each was; in the same order."""

    po_ids: list[int]
    request_ids: list[int]


@dataclass(frozen=True, slots=True)
class SetBudget:
    """What a site may order in a period, in all or of one item family; `month` is any day of its first month.

    Replaces what was said before for the same site, family and period. A period lasts 1, 3, 6 or 12 months.
    """

    site_id: int
    month: date
    amount: Decimal
    reason: str = ""
    months: int = 1
    family_id: int | None = None


@dataclass(frozen=True, slots=True)
class BudgetSet:
    """The budget as it counts now, and what is left of it."""

    site_id: int
    month: date
    amount: Decimal
    left: Decimal
    months: int = 1
    family_id: int | None = None


@dataclass(frozen=True, slots=True)
class ApprovePo:
    """Drafts to approve. `content_hashes` (same order) says what the approver saw; empty = as they stand."""

    po_ids: list[int]
    content_hashes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ClosePo:
    """Expect nothing more of these POs."""

    po_ids: list[int]
    reason: str


@dataclass(frozen=True, slots=True)
class CancelPo:
    """Withdraw POs of which nothing has come."""

    po_ids: list[int]
    reason: str


@dataclass(frozen=True, slots=True)
class PoStates:
    """The POs and the state they are in now; `waiting_ids` are those that still wait for somebody's approval."""

    po_ids: list[int]
    state: str
    waiting_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LineForReceipt:
    """A PO line as a receipt needs it, with the facts of its item, while its PO is locked."""

    po_id: int
    po_number: str
    po_state: str
    site_id: int
    supplier_id: int
    writer_ids: list[int]
    po_line_id: int
    line_no: int
    item_id: int
    sku: str
    ordered: int
    received: int
    short: int
    over_units: int
    unit_cost: Decimal
    tracking: str
    has_expiry: bool
    expected_on: date
    allowed_units: int = 0

    @property
    def owed(self) -> int:
        """Units still expected; never below zero."""
        return max(self.ordered - self.received - self.short, 0)

    @property
    def most(self) -> int:
        """The most that may still come, over units included."""
        return max(self.ordered + self.over_most - self.received - self.short, 0)

    @property
    def over_most(self) -> int:
        """Units more than ordered that may come: tolerated, and allowed by approval."""
        return self.over_units + self.allowed_units


@dataclass(frozen=True, slots=True)
class ShortLine:
    """Units of a line that will not come any more, with the reason."""

    po_line_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class PosCreatedEvent:
    """Drafts were written."""

    po_ids: list[int]
    kind: str = "purchasing.pos_created"


@dataclass(frozen=True, slots=True)
class PosApproved:
    """POs became binding."""

    po_ids: list[int]
    kind: str = "purchasing.pos_approved"


@dataclass(frozen=True, slots=True)
class PosClosed:
    """Nothing more is expected of these POs."""

    po_ids: list[int]
    reason: str
    kind: str = "purchasing.po_closed"


@dataclass(frozen=True, slots=True)
class PosCancelled:
    """POs were withdrawn."""

    po_ids: list[int]
    reason: str
    kind: str = "purchasing.po_cancelled"


class BadBudget(Invalid):
    """A budget that cannot be."""

    code = "bad_budget"


class BadPo(Invalid):
    """An order that cannot be written as it stands."""

    code = "bad_po"


class BelowMinimum(Invalid):
    """A line under the supplier's minimum, or off its multiple."""

    code = "below_minimum"


class PoLineUnknown(FlowrackError):
    """No such PO line, or its PO takes no receipts."""

    code = "po_line_unknown"
    status = 404


class OverReceipt(FlowrackError):
    """More than was ordered plus what the line's tolerance takes."""

    code = "over_receipt"
    status = 409
