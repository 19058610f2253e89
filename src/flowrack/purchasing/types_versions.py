"""The words of changing an approved PO: versions, what a change asks, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.quantity import Units

PO_CHANGE_KIND = "purchasing.po_change"  # how approvals call the change of an approved PO


class Origin(StrEnum):
    """Where a version comes from."""

    ORDER = "order"
    CHANGE = "change"
    CONFIRMATION = "confirmation"


class VersionState(StrEnum):
    """What became of a version."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class LineChange:
    """What becomes of one line of an approved PO. None = as it is.

    `line_no` 0 adds a line for `item_id`; `is_dropped` takes a line off, of which nothing may have come.
    """

    line_no: int = 0
    item_id: int = 0
    units: Units | None = None
    unit_cost: Decimal | None = None
    due_on: date | None = None
    is_dropped: bool = False


@dataclass(frozen=True, slots=True)
class PoChange:
    """A change of one approved PO; `version` is the one that was read. A new `due_on` moves every line that was due on
    the order's old date. `cover_reason` buys units on top in spite of what is coming already."""

    po_id: int
    version: int
    reason: str
    lines: list[LineChange] = field(default_factory=list)
    due_on: date | None = None
    supplier_reference: str | None = None
    note: str | None = None
    override_reason: str = ""
    cover_reason: str = ""


@dataclass(frozen=True, slots=True)
class RevisePos:
    """Changes of approved POs, all or none."""

    changes: list[PoChange]


@dataclass(frozen=True, slots=True)
class WithdrawChanges:
    """Give up the changes of POs that wait for approval."""

    po_ids: list[int]
    reason: str


@dataclass(frozen=True, slots=True)
class SettleChanges:
    """What was decided elsewhere about changes of POs: request ids and verdicts, in the same order."""

    po_ids: list[int]
    request_ids: list[int]
    verdicts: list[str]


@dataclass(frozen=True, slots=True)
class VersionNow:
    """A version and its state now; `number` is the PO's."""

    version_id: int
    po_id: int
    number: str
    version_no: int
    state: str


@dataclass(frozen=True, slots=True)
class VersionsNow:
    """The versions, in the order of the request."""

    versions: list[VersionNow]


@dataclass(frozen=True, slots=True)
class ContentLine:
    """A line as a version has it. A dropped line has no units and keeps its number."""

    line_no: int
    item_id: int
    sku: str
    name: str
    units: int
    unit_cost: Decimal
    over_units: int
    under_units: int
    due_on: date
    expected_on: date


@dataclass(frozen=True, slots=True)
class Content:
    """A PO as a version has it."""

    due_on: date
    supplier_reference: str
    note: str
    lines: tuple[ContentLine, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of the head (line 0) or of a line that two versions have differently, in words."""

    line_no: int
    label: str
    field: str
    before: str
    after: str
    is_exception: bool = False


@dataclass(frozen=True, slots=True)
class LineMoved:
    """A line of an approved PO before and after: units still owed, and when they are expected. A new line had none."""

    po_line_id: int
    po_id: int
    item_id: int
    site_id: int
    owed_before: int
    owed: int
    expected_before: date | None
    expected_on: date


@dataclass(frozen=True, slots=True)
class PosChanged:
    """A new version of POs is binding; `lines` are those of which units or dates are different."""

    po_ids: list[int]
    lines: list[LineMoved]
    kind: str = "purchasing.pos_changed"


@dataclass(frozen=True, slots=True)
class ForeseenMoved:
    """What suppliers say of lines, and no buyer has accepted, makes them come later or fewer than ordered, or no more.
    `lines` are what is foreseen of them, before and after; the orders stay as they are."""

    po_ids: list[int]
    lines: list[LineMoved]
    kind: str = "purchasing.foreseen_moved"


class BadChange(Invalid):
    """A change that the order cannot take."""

    code = "bad_change"


class NothingChanges(Invalid):
    """The change leaves everything as it is."""

    code = "nothing_changes"


class NoChangeWaits(FlowrackError):
    """No change of this PO waits for approval."""

    code = "no_change_waits"
