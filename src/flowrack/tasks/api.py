"""Tasks for devices and other systems."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shared.errors import NotPermitted
from flowrack.tasks import commands, queries
from flowrack.tasks.states import TaskState
from flowrack.tasks.types import (
    LEASE_SECONDS,
    Changed,
    Claimed,
    ClaimNext,
    ClaimTasks,
    Lease,
    ReleaseTasks,
    RenewLeases,
    Reprioritise,
    SetCapacity,
)

router = Router(tags=["tasks"])


class TaskOut(Schema):
    """One task. `lease_token` is in the answer to a claim only."""

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
    leased_by: int | None
    lease_until: datetime | None


class LeasedTaskOut(TaskOut):
    """A task with the token of the lease."""

    lease_token: UUID | None


class ClaimedOut(Schema):
    """The leased tasks, most urgent and nearest first; empty when there is nothing to do."""

    tasks: list[LeasedTaskOut]


class ChangedOut(Schema):
    """How many tasks were changed."""

    count: int


class LoadOut(Schema):
    """Work due against hands, in seconds."""

    zone_id: int | None
    kind: str
    on: date
    open_tasks: int
    load_seconds: int
    capacity_seconds: int


class ClaimNextIn(Schema):
    """Which tasks to take; empty lists mean any."""

    site_id: BigId
    kinds: list[str] = []
    zone_ids: list[BigId] = []
    near: int | None = None
    count: int = 1
    lease_seconds: int = LEASE_SECONDS


class ClaimIn(Schema):
    """These very tasks."""

    task_ids: list[BigId]
    lease_seconds: int = LEASE_SECONDS


class LeaseIn(Schema):
    """A task and its lease's token."""

    task_id: BigId
    token: UUID


class RenewIn(Schema):
    """Leases to keep for longer."""

    leases: list[LeaseIn]
    lease_seconds: int = LEASE_SECONDS


class ReleaseIn(Schema):
    """Leases to give back."""

    leases: list[LeaseIn]


class PriorityIn(Schema):
    """Tasks and their new urgency, 1 first to 9 last."""

    task_ids: list[BigId]
    priority: int


class CapacityIn(Schema):
    """People and hours for a kind of task on a weekday (0 = Monday) and shift; without a start, from the opening."""

    site_id: BigId
    zone_id: BigId | None = None
    kind: str
    weekday: int
    shift: str
    people: int
    hours: Decimal
    starts_at: time | None = None


@router.get("/tasks", response=PageOut[TaskOut])
@requires("tasks.view")
def list_tasks(
    request: HttpRequest,
    response: HttpResponse,
    site_id: BigId | None = None,
    state: list[TaskState] = Query([TaskState.OPEN, TaskState.LEASED]),  # type: ignore[type-arg]  # noqa: B008
    kind: list[str] = Query([]),  # type: ignore[type-arg]  # noqa: B008
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Tasks of the sites at which the caller may see them, in order of id."""
    rows = queries.task_list(
        site_ids=_sites(request, site_id), states=state, kinds=kind, after_id=after_id(cursor), limit=limit + 1
    )
    return page_out(request, response, rows, limit=limit)


@router.get("/tasks/load", response=list[LoadOut])
@requires("tasks.view")
def load(request: HttpRequest, site_id: BigId, on: date) -> Any:
    """Work due up to the end of a day against that day's hands, by kind and zone."""
    _sites(request, site_id)
    return queries.load(site_id=site_id, on=on)


@router.post("/tasks/claim-next", response=ClaimedOut)
def claim_next(request: HttpRequest, body: ClaimNextIn) -> Claimed:
    """Take the next tasks of a site."""
    return commands.claim_next(context_from(request), ClaimNext(**body.dict()))


@router.post("/tasks/claim", response=ClaimedOut)
def claim(request: HttpRequest, body: ClaimIn) -> Claimed:
    """Take these very tasks."""
    return commands.claim(context_from(request), ClaimTasks(**body.dict()))


@router.post("/tasks/renew", response=ChangedOut)
def renew(request: HttpRequest, body: RenewIn) -> Changed:
    """Keep leased tasks for longer: the device is alive."""
    return commands.renew(context_from(request), RenewLeases(_leases(body.leases), body.lease_seconds))


@router.post("/tasks/release", response=ChangedOut)
def release(request: HttpRequest, body: ReleaseIn) -> Changed:
    """Give leased tasks back unfinished."""
    return commands.release(context_from(request), ReleaseTasks(_leases(body.leases)))


@router.post("/tasks/priority", response=ChangedOut)
def reprioritise(request: HttpRequest, body: PriorityIn) -> Changed:
    """Make tasks more or less urgent."""
    return commands.reprioritise(context_from(request), Reprioritise(**body.dict()))


@router.put("/tasks/capacity", response=ChangedOut)
def set_capacity(request: HttpRequest, body: CapacityIn) -> Changed:
    """Say how many people work on a kind of task on a weekday and shift."""
    return commands.set_capacity(context_from(request), SetCapacity(**body.dict()))


def _leases(leases: list[LeaseIn]) -> list[Lease]:
    return [Lease(lease.task_id, lease.token) for lease in leases]


def _sites(request: HttpRequest, site_id: int | None) -> list[int] | None:
    """The sites to show: the asked one if the caller may see it, else all of theirs (None = every site)."""
    caller = caller_of(request)
    sites = caller.sites("tasks.view") if caller else frozenset()
    if site_id is not None:
        if caller is None or not caller.may("tasks.view", site_id):
            raise NotPermitted("You may not see the tasks of this site.", permission="tasks.view")
        return [site_id]
    return None if 0 in sites else sorted(sites)
