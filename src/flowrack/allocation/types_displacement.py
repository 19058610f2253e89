"""The words of urgent orders: what is asked, what others lose, and what the customer is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowrack.shared.errors import FlowrackError, Invalid

PRIORITY = "allocation.priority"
RULE = "displacement/1"


@dataclass(frozen=True, slots=True)
class RequestPriority:
    """An order that is urgent, and why."""

    order_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class UrgentLine:
    """What an urgent line got at once, what waits for somebody's consent, and what still waits for stock."""

    line_id: int
    units: int
    pending: int
    waiting: int


@dataclass(frozen=True, slots=True)
class PriorityRequested:
    """The request: `state` is granted (nothing is left to decide) or waiting, under the named approval."""

    request_id: int
    number: str
    state: str
    approval: str
    lines: list[UrgentLine]


@dataclass(frozen=True, slots=True)
class ApplyPriority:
    """What people said to one request: approved or rejected, of which content."""

    request_id: int
    state: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class PriorityApplied:
    """How the request ended, and the units that moved now."""

    request_id: int
    state: str
    units: int


@dataclass(frozen=True, slots=True)
class WithdrawPriority:
    """A request that is not wanted any more; what was moved at once stays."""

    request_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class FollowUrgent:
    """Orders of which units were cancelled or changed: what they asked for may not be wanted any more."""

    order_ids: list[int]


@dataclass(frozen=True, slots=True)
class UrgentFollowed:
    """The requests that fell away."""

    request_ids: list[int]


@dataclass(frozen=True, slots=True)
class SettleNotices:
    """Drafts of letters to customers: sent (by whatever way), or not needed."""

    notice_ids: list[int]
    state: str


@dataclass(frozen=True, slots=True)
class NoticesSettled:
    """The drafts that are dealt with."""

    notice_ids: list[int]


@dataclass(frozen=True, slots=True)
class PriorityAsked:
    """Event: an order was called urgent."""

    request_id: int
    order_id: int
    site_id: int
    units: int
    pending: int
    kind: str = "allocation.priority_requested"


@dataclass(frozen=True, slots=True)
class LinesDisplaced:
    """Event: lines lost promised units to an urgent order; the promises of `moved_line_ids` moved."""

    request_id: int
    order_id: int
    line_ids: list[int]
    units: list[int]
    moved_line_ids: list[int] = field(default_factory=list)
    kind: str = "allocation.displaced"


@dataclass(frozen=True, slots=True)
class PriorityEnded:
    """Event: somebody decided about an urgent order, or the question fell away."""

    request_id: int
    order_id: int
    state: str
    units: int
    kind: str = "allocation.priority_ended"


@dataclass(frozen=True, slots=True)
class NoticesDrafted:
    """Event: letters to customers whose promise moved were drafted."""

    notice_ids: list[int]
    order_ids: list[int]
    kind: str = "allocation.notices_drafted"


class BadPriority(Invalid):
    """A request that makes no sense: no reason, or a line that is on hold."""

    code = "bad_priority"


class NothingToMove(FlowrackError):
    """All is reserved already, or nobody can give way; each line says why."""

    code = "nothing_to_move"


class NoticeSettled(FlowrackError):
    """The draft is unknown, or dealt with already."""

    code = "notice_settled"
