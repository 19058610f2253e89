"""The words of requisitions: what somebody asks for, what comes of it, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from flowrack.purchasing.types import Counted
from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.quantity import Units

REQUISITION_KIND = "purchasing.requisition"  # how approvals call a requisition


@dataclass(frozen=True, slots=True)
class NewRequisitionLine:
    """Units of one item, wanted on a day; from a supplier, if somebody prefers one.

    `counted`: what is coming was taken off the units already (by a proposal).
    """

    item_id: int
    units: Units
    wanted_on: date
    supplier_id: int | None = None
    counted: Counted | None = None


@dataclass(frozen=True, slots=True)
class NewRequisition:
    """What a site needs and why. `cover_reason` asks in spite of what is coming already."""

    site_id: int
    lines: list[NewRequisitionLine]
    reason: str
    cover_reason: str = ""


@dataclass(frozen=True, slots=True)
class CreateRequisitions:
    """Requisitions to write; each asks for approval at once."""

    requisitions: list[NewRequisition]


@dataclass(frozen=True, slots=True)
class RequisitionCreated:
    """A requisition that was written: `state` requested, or approved when no policy asks."""

    requisition_id: int
    number: str
    state: str
    line_ids: list[int]


@dataclass(frozen=True, slots=True)
class RequisitionsCreated:
    """The requisitions, in the order of the request."""

    requisitions: list[RequisitionCreated]


@dataclass(frozen=True, slots=True)
class ChangeRequisition:
    """New content for a requisition that is not approved: replaces its lines and asks anew."""

    requisition_id: int
    version: int
    requisition: NewRequisition


@dataclass(frozen=True, slots=True)
class ApplyRequisitions:
    """Requisitions that people decided on: the request of each and what it ended as, in the same order."""

    requisition_ids: list[int]
    request_ids: list[int]


@dataclass(frozen=True, slots=True)
class LineToOrder:
    """A line of an approved requisition; other units or another supplier than asked for, if wanted."""

    line_id: int
    units: Units | None = None
    supplier_id: int | None = None


@dataclass(frozen=True, slots=True)
class OrderRequisitions:
    """Lines to turn into draft POs, one for each supplier and site. No lines = all open lines of `requisition_ids`."""

    lines: list[LineToOrder] = field(default_factory=list)
    requisition_ids: list[int] = field(default_factory=list)
    override_reason: str = ""
    cover_reason: str = ""


@dataclass(frozen=True, slots=True)
class RequisitionsOrdered:
    """The drafts that lines became."""

    po_ids: list[int]
    numbers: list[str]


@dataclass(frozen=True, slots=True)
class EndRequisitions:
    """Requisitions that nobody wants any more, and why."""

    requisition_ids: list[int]
    reason: str


@dataclass(frozen=True, slots=True)
class RequisitionStates:
    """The requisitions and the state they are in now."""

    requisition_ids: list[int]
    state: str


@dataclass(frozen=True, slots=True)
class RequisitionsAsked:
    """Event: requisitions were written."""

    requisition_ids: list[int]
    kind: str = "purchasing.requisitions_created"


@dataclass(frozen=True, slots=True)
class RequisitionsEnded:
    """Event: requisitions were cancelled or closed."""

    requisition_ids: list[int]
    reason: str
    kind: str = "purchasing.requisitions_ended"


class BadRequisition(Invalid):
    """A requisition that cannot be written, or a line that cannot be ordered, as it stands."""

    code = "bad_requisition"


class RequisitionLineGone(FlowrackError):
    """The line is not open any more: ordered, closed or not approved."""

    code = "requisition_line_gone"
    status = 409
