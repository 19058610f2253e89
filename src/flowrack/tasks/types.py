"""The words of the tasks kernel: requests, results, events and refusals. Tasks know no documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from flowrack.shared.errors import FlowrackError

NO_LPN = 0
MAX_CLAIM = 50
LEASE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class NewTask:
    """Work to be done. `sequence` is the place in the walk where it begins, `end_sequence` where it ends.

    `priority` 1 comes before 9. `origin` is the reference of the document that wants it.
    """

    kind: str
    origin: str
    site_id: int
    zone_id: int | None = None
    from_location_id: int | None = None
    to_location_id: int | None = None
    lpn_id: int = NO_LPN
    item_id: int | None = None
    units: int = 0
    priority: int = 5
    due_at: datetime | None = None
    standard_seconds: int = 30
    sequence: int = 0
    end_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task as people and later stages see it."""

    id: int
    kind: str
    origin: str
    site_id: int
    zone_id: int | None
    from_location_id: int | None
    to_location_id: int | None
    lpn_id: int
    item_id: int | None
    units: int
    priority: int
    due_at: datetime | None
    standard_seconds: int
    sequence: int
    state: str
    lease_token: UUID | None = None
    leased_by: int | None = None
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClaimNext:
    """Ask for the next tasks of a site; empty lists mean any zone and any kind.

    `near` is the place in the walk where the person stands; without it, where their last task ended.
    """

    site_id: int
    kinds: list[str] = field(default_factory=list)
    zone_ids: list[int] = field(default_factory=list)
    near: int | None = None
    count: int = 1
    lease_seconds: int = LEASE_SECONDS


@dataclass(frozen=True, slots=True)
class ClaimTasks:
    """Ask for these very tasks."""

    task_ids: list[int]
    lease_seconds: int = LEASE_SECONDS


@dataclass(frozen=True, slots=True)
class Lease:
    """A task and the token that came with its lease."""

    task_id: int
    token: UUID


@dataclass(frozen=True, slots=True)
class RenewLeases:
    """Keep leased tasks for longer: the device is alive."""

    leases: list[Lease]
    lease_seconds: int = LEASE_SECONDS


@dataclass(frozen=True, slots=True)
class ReleaseTasks:
    """Give leased tasks back unfinished."""

    leases: list[Lease]


@dataclass(frozen=True, slots=True)
class Finish:
    """A task that is finished: with the lease's token, or without one by the person who holds it or if nobody does."""

    task_id: int
    token: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reprioritise:
    """Make open tasks more or less urgent."""

    task_ids: list[int]
    priority: int


@dataclass(frozen=True, slots=True)
class SetCapacity:
    """How many people work on a kind of task in a zone (None = anywhere) on a weekday (0 = Monday) and shift.

    `starts_at` is when the shift begins by the site's clock; None = when the site opens.
    """

    site_id: int
    kind: str
    weekday: int
    shift: str
    people: int
    hours: Decimal
    zone_id: int | None = None
    starts_at: time | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a claim got: the leased tasks, each with its token."""

    tasks: list[TaskRow]


@dataclass(frozen=True, slots=True)
class Changed:
    """How many tasks a command changed."""

    count: int


@dataclass(frozen=True, slots=True)
class Load:
    """Work due against hands for one kind in one zone on one day, in seconds."""

    zone_id: int | None
    kind: str
    on: date
    open_tasks: int
    load_seconds: int
    capacity_seconds: int


@dataclass(frozen=True, slots=True)
class TasksDone:
    """Tasks came to their end; origins say whose they were."""

    site_ids: list[int]
    task_ids: list[int]
    kinds: list[str]
    origins: list[str]
    actor_id: int
    kind: str = "tasks.done"


class TaskTaken(FlowrackError):
    """Somebody else holds the task, or the lease ended and somebody else took it."""

    code = "task_taken"
    status = 409


class TaskGone(FlowrackError):
    """The task is done, cancelled or never was."""

    code = "task_gone"
    status = 409
