"""What counting is asked, answers and tells: tasks, blind counts, variances, decisions and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid, NotFound

TASK = "counting.task"
VARIANCE = "counting.variance"
LEASE = timedelta(hours=1)  # how long a device keeps a count that it took along
MOST_TAKEN = 50


class Cause(StrEnum):
    """Why a bin is counted."""

    PLAN = "plan"
    SHORT_PICK = "short_pick"
    REQUEST = "request"


class Decision(StrEnum):
    """How a variance was settled."""

    OPEN = "open"
    POLICY = "policy"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """Bins to be counted, why and by when."""

    site_id: int
    location_ids: list[int]
    cause: str = Cause.REQUEST
    due_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CountsRequested:
    """The tasks made; bins that were already waiting for a count get no second one."""

    task_ids: list[int]
    numbers: list[str]
    already_due: int


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """Make the day's counts of a site from the policy: bins whose class is due, riskiest first, at most `limit`."""

    site_id: int
    limit: int = 200


@dataclass(frozen=True, slots=True)
class OpenCount:
    """Stand before a bin and start its blind count; for a recount it is another person."""

    task_id: int


@dataclass(frozen=True, slots=True)
class CountOpened:
    """The count that was started. It says nothing of what is expected."""

    count_id: int
    task_id: int
    round_no: int


@dataclass(frozen=True, slots=True)
class SeenLine:
    """Units of one item as seen in the bin; `units` None is a blank, which is not zero."""

    item_id: int
    units: int | None
    lot_id: int = 0
    lpn_id: int = 0
    quality: str = "available"


@dataclass(frozen=True, slots=True)
class EnterCount:
    """Lines seen in the bin; a line entered again replaces the earlier one."""

    count_id: int
    lines: list[SeenLine]


@dataclass(frozen=True, slots=True)
class CountEntered:
    """How many lines the count has now. It says nothing of what is expected."""

    count_id: int
    lines: int


@dataclass(frozen=True, slots=True)
class FinishCount:
    """The bin is counted. `empty` says that nothing else is in it: what was not entered is zero, not blank."""

    count_id: int
    empty: bool = False


@dataclass(frozen=True, slots=True)
class CountFinished:
    """What came of the count: agreed, posted by policy, or waiting for review."""

    task_id: int
    state: str
    posted_units: int
    open_variances: int


@dataclass(frozen=True, slots=True)
class TakeCounts:
    """Keep the counts that this person took along on this device for longer, and take `count` more along, in walking
    order; no zones mean the whole site."""

    site_id: int
    zone_ids: list[int] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True, slots=True)
class CountsTaken:
    """The tasks that the device has along now."""

    task_ids: list[int]


@dataclass(frozen=True, slots=True)
class BinLine:
    """What was seen of one item in a bin, and when."""

    seen: SeenLine
    at: datetime


@dataclass(frozen=True, slots=True)
class CountBin:
    """A bin that was counted from beginning to end before the house heard of it; `empty` as in FinishCount."""

    task_id: int
    opened_at: datetime
    lines: list[BinLine]
    empty: bool = False


@dataclass(frozen=True, slots=True)
class RefreshCount:
    """Compare the last count with the books of now: what moved since was part of what was counted."""

    task_id: int


@dataclass(frozen=True, slots=True)
class AskRecount:
    """Have the bin counted again by somebody else."""

    task_id: int


@dataclass(frozen=True, slots=True)
class ApproveVariances:
    """Accept differences of a task, with the reason code; `variance_ids` empty means all that are open."""

    task_id: int
    reason: str
    variance_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class VariancesApproved:
    """What was posted, what still needs a second approver, and the task's state."""

    task_id: int
    state: str
    posted_ids: list[int]
    waiting_ids: list[int]
    posting_id: int


@dataclass(frozen=True, slots=True)
class CancelCount:
    """A count that is not wanted any more, and why."""

    task_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class TaskChanged:
    """The task and its new state."""

    task_id: int
    state: str


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """Change how items of one velocity class are counted and approved."""

    velocity: str
    every_days: int
    tolerance_percent: Decimal
    tolerance_value: Decimal
    first_limit: Decimal
    second_limit: Decimal
    is_auto: bool = True
    needs_recount: bool = True


@dataclass(frozen=True, slots=True)
class PolicySet:
    """The policy as it is now."""

    velocity: str


@dataclass(frozen=True, slots=True)
class PostedVariance:
    """One difference that reached the ledger."""

    variance_id: int
    item_id: int
    lot_id: int
    location_id: int
    units: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class CountPosted:
    """Event: differences of a bin were posted."""

    task_id: int
    site_id: int
    variances: list[PostedVariance]
    kind: str = "counting.posted"


class CountRefused(Invalid):
    """A count that does not make sense as it stands; every bad line is named."""

    code = "count_refused"


class AlreadyCounting(FlowrackError):
    """Somebody is counting this bin, has it along on a device, or it was counted already."""

    code = "already_counting"


class SameCounter(FlowrackError):
    """A recount needs another person than the counts before."""

    code = "same_counter"
    status = 403


class NotYourCount(FlowrackError):
    """The count belongs to somebody else."""

    code = "not_your_count"
    status = 403


class RecountFirst(FlowrackError):
    """The difference is too large to approve after one count."""

    code = "recount_first"


class OverYourLimit(FlowrackError):
    """The difference is above what this person may approve."""

    code = "over_your_limit"
    status = 403


class CountNotFound(NotFound):
    """There is no such count."""

    code = "count_not_found"
