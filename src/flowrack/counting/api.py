"""Counts for other systems and counting devices."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime

from flowrack.counting import commands, commands_floor, queries
from flowrack.counting.types import (
    ApproveVariances,
    AskRecount,
    BinLine,
    CountBin,
    CountEntered,
    CountFinished,
    CountOpened,
    CountsRequested,
    CountsTaken,
    EnterCount,
    FinishCount,
    OpenCount,
    PlanCounts,
    RefreshCount,
    RequestCounts,
    SeenLine,
    TakeCounts,
    TaskChanged,
    VariancesApproved,
)
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires

router = Router(tags=["counting"])


class RequestIn(Schema):
    """Bins to be counted."""

    site_id: int
    location_ids: list[int] = Field(max_length=5000)
    due_on: date | None = None
    note: str = Field("", max_length=500)


class PlanIn(Schema):
    """Make the day's counts of a site."""

    site_id: int
    limit: int = Field(200, ge=1, le=5000)


class RequestedOut(Schema):
    """The tasks made; bins that already waited got no second one."""

    task_ids: list[int]
    numbers: list[str]
    already_due: int


class TaskOut(Schema):
    """A bin that waits to be counted. It says nothing of what is expected."""

    task_id: int
    number: str
    site: str
    location_id: int
    location: str
    cause: str
    state: str
    due_on: date


class OpenedOut(Schema):
    """The count that was started."""

    count_id: int
    task_id: int
    round_no: int


class SeenIn(Schema):
    """Units of one item as seen; `units` null is a blank, which is not zero."""

    item_id: int
    units: int | None = Field(None, ge=0, le=2**53)
    lot_id: int = 0
    lpn_id: int = 0
    quality: str = Field("available", max_length=12)


class EnterIn(Schema):
    """Lines seen in the bin."""

    lines: list[SeenIn] = Field(max_length=2000)


class EnteredOut(Schema):
    """How many lines the count has now."""

    count_id: int
    lines: int


class TakeIn(Schema):
    """Keep what this device has along for longer, and take `count` bins more; no zones mean the whole site."""

    site_id: int
    zone_ids: list[int] = Field(default_factory=list, max_length=200)
    count: int = Field(5, ge=0, le=50)


class CountsTakenOut(Schema):
    """The tasks that the device has along now."""

    task_ids: list[int]


class SeenThenIn(SeenIn):
    """Units of one item as seen, and when."""

    seen_at: AwareDatetime


class BinIn(Schema):
    """A bin that was counted from beginning to end; `empty` says that nothing else was in it."""

    opened_at: AwareDatetime
    lines: list[SeenThenIn] = Field(max_length=2000)
    empty: bool = False


class FinishIn(Schema):
    """Whether nothing else is in the bin."""

    empty: bool = False


class FinishedOut(Schema):
    """What came of the count. Figures stay with those who review."""

    task_id: int
    state: str


class ApproveIn(Schema):
    """Differences to accept; none named means all that are open."""

    reason: str = Field(max_length=20)
    variance_ids: list[int] = Field(default_factory=list, max_length=2000)


class ApprovedOut(Schema):
    """What was posted and what still needs a second approver."""

    task_id: int
    state: str
    posted_ids: list[int]
    waiting_ids: list[int]
    posting_id: int


class ChangedOut(Schema):
    """The task and its new state."""

    task_id: int
    state: str


@router.get("/counts/due", response=list[TaskOut])
@requires("counting.count")
def due(request: HttpRequest, limit: int = 100) -> list[queries.TaskRow]:
    """Bins that wait to be counted, in walking order."""
    caller = caller_of(request)
    assert caller is not None
    sites = caller.sites("counting.count")
    return queries.tasks(
        None if 0 in sites else sorted(sites), states=("due", "recount"), limit=max(1, min(limit, 500))
    )


@router.post("/counts", response={201: RequestedOut})
@requires("counting.plan")
def request_counts(request: HttpRequest, body: RequestIn) -> Status[CountsRequested]:
    """Have bins counted."""
    return Status(201, commands.request_counts(context_from(request), RequestCounts(**body.dict())))


@router.post("/counts/plan", response={201: RequestedOut})
@requires("counting.plan")
def plan_counts(request: HttpRequest, body: PlanIn) -> Status[CountsRequested]:
    """Make the day's counts of a site from the policy."""
    return Status(201, commands.plan_counts(context_from(request), PlanCounts(**body.dict())))


@router.post("/counts/{int:task_id}/open", response={201: OpenedOut})
@requires("counting.count")
def open_count(request: HttpRequest, task_id: BigId) -> Status[CountOpened]:
    """Start the blind count of a bin."""
    return Status(201, commands.open_count(context_from(request), OpenCount(task_id)))


@router.post("/counts/rounds/{int:count_id}/lines", response=EnteredOut)
@requires("counting.count")
def enter_count(request: HttpRequest, count_id: BigId, body: EnterIn) -> CountEntered:
    """Enter what was seen; an item entered again replaces what was entered before."""
    lines = [SeenLine(**line.dict()) for line in body.lines]
    return commands.enter_count(context_from(request), EnterCount(count_id, lines))


@router.post("/counts/rounds/{int:count_id}/finish", response=FinishedOut)
@requires("counting.count")
def finish_count(request: HttpRequest, count_id: BigId, body: FinishIn) -> CountFinished:
    """Say that the bin is counted."""
    return commands.finish_count(context_from(request), FinishCount(count_id, body.empty))


@router.post("/counts/take", response=CountsTakenOut)
@requires("counting.count")
def take_counts(request: HttpRequest, body: TakeIn) -> CountsTaken:
    """Take bins along on the device that `Flowrack-Device` names: for an hour nobody else is offered them."""
    return commands_floor.take_counts(context_from(request), TakeCounts(**body.dict()))


@router.post("/counts/{int:task_id}/bin", response=FinishedOut)
@requires("counting.count")
def count_bin(request: HttpRequest, task_id: BigId, body: BinIn) -> CountFinished:
    """Take down a bin that was counted without the house: lines with the times at which they were seen."""
    lines = [BinLine(SeenLine(**line.dict(exclude={"seen_at"})), line.seen_at) for line in body.lines]
    req = CountBin(task_id, body.opened_at, lines, body.empty)
    return commands_floor.count_bin(context_from(request), req)


@router.post("/counts/{int:task_id}/recount", response=ChangedOut)
@requires("counting.plan")
def ask_recount(request: HttpRequest, task_id: BigId) -> TaskChanged:
    """Have the bin counted again by somebody else."""
    return commands.ask_recount(context_from(request), AskRecount(task_id))


@router.post("/counts/{int:task_id}/refresh", response=FinishedOut)
@requires("counting.plan")
def refresh_count(request: HttpRequest, task_id: BigId) -> CountFinished:
    """Compare the last count with the books of now."""
    return commands.refresh_count(context_from(request), RefreshCount(task_id))


@router.post("/counts/{int:task_id}/approve", response=ApprovedOut)
@requires("counting.approve")
def approve_variances(request: HttpRequest, task_id: BigId, body: ApproveIn) -> VariancesApproved:
    """Accept differences of a count."""
    req = ApproveVariances(task_id, body.reason, body.variance_ids)
    return commands.approve_variances(context_from(request), req)
