"""Cross-docks and their policies for devices and other systems."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from flowrack.allocation import commands_cross_docks as commands
from flowrack.allocation import queries_cross_docking, queries_cross_docks
from flowrack.allocation.types_cross_docks import (
    CancelCrossDocks,
    CrossDockingSet,
    CrossDocksCancelled,
    CrossDocksStaged,
    CrossDockUndone,
    SetCrossDocking,
    StageCrossDocks,
    UndoCrossDock,
)
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires

router = Router(tags=["allocation"])


class CrossDockOut(Schema):
    """Units that go from the dock straight to an order: where they stand, where they go, by which door they leave."""

    id: int
    number: str
    state: str
    site: str
    order_id: int
    order_number: str
    tier: str
    customer: str
    requested_on: date
    item_id: int
    sku: str
    units: int
    lot: str
    expires_on: date | None
    lpn: str
    from_code: str
    staging: str
    door: str
    receipt_number: str
    receipt_line_id: int
    order_line_id: int
    planned_at: datetime
    ended_at: datetime | None
    end_reason: str


class StageIn(Schema):
    """Cross-docks that stand at the door; the place left out = each where it was planned."""

    cross_dock_ids: list[BigId] = Field(max_length=1_000)
    location_id: BigId | None = None


class StagedOut(Schema):
    """The posting."""

    cross_dock_ids: list[int]
    posting_id: int
    units: int


class CancelIn(Schema):
    """Cross-docks whose goods are put away instead."""

    cross_dock_ids: list[BigId] = Field(max_length=1_000)
    reason: str = Field("put away instead", max_length=200)


class CancelledOut(Schema):
    """Those that were cancelled."""

    cross_dock_ids: list[int]


class UndoneOut(Schema):
    """The reverse posting, and all cross-docks that went back with it: those of a whole pallet go together."""

    cross_dock_id: int
    posting_id: int
    cross_dock_ids: list[int]


class PolicyIn(Schema):
    """What is cross-docked at a site from now on."""

    site_id: BigId
    is_on: bool
    reason: str = Field(max_length=200)
    staging_id: BigId | None = None
    door_id: BigId | None = None
    families: list[str] = Field([], max_length=200)
    min_tier: str = "C"


class PolicySetOut(Schema):
    """The new version."""

    policy_id: int
    version: int


class PolicyOut(Schema):
    """The policy of a site in force."""

    id: int
    site_id: int
    site: str
    version: int
    is_on: str
    families: str
    min_tier: str
    staging: str
    door: str
    reason: str
    set_by: str
    set_at: datetime


@router.get("/cross-docks", response=PageOut[CrossDockOut])
@requires("inbound.view")
def cross_docks(
    request: HttpRequest, response: HttpResponse, state: str = "", cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Cross-docks, newest first."""
    caller = caller_of(request)
    site_ids = caller.sites("inbound.view") if caller else frozenset()
    rows = queries_cross_docks.cross_docks(site_ids, state=state, before=after_id(cursor) or None, limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/cross-docks/stage", response=StagedOut)
def stage(request: HttpRequest, body: StageIn) -> CrossDocksStaged:
    """The goods stand at the outbound door, picked for their orders."""
    req = StageCrossDocks(list(body.cross_dock_ids), body.location_id or 0)
    return commands.stage_cross_docks(context_from(request), req)


@router.post("/cross-docks/cancel", response=CancelledOut)
def cancel(request: HttpRequest, body: CancelIn) -> CrossDocksCancelled:
    """The goods are put away instead."""
    return commands.cancel_cross_docks(context_from(request), CancelCrossDocks(list(body.cross_dock_ids), body.reason))


@router.post("/cross-docks/{int:cross_dock_id}/undo", response=UndoneOut)
def undo(request: HttpRequest, cross_dock_id: BigId) -> CrossDockUndone:
    """The goods go back from the door to the dock."""
    return commands.undo_cross_dock(context_from(request), UndoCrossDock(cross_dock_id))


@router.get("/cross-docking", response=list[PolicyOut])
@requires("inbound.view")
def policies(request: HttpRequest) -> Any:
    """The policies in force, newest first, up to 200."""
    caller = caller_of(request)
    return queries_cross_docking.policies(caller.sites("inbound.view") if caller else frozenset())


@router.post("/cross-docking", response={201: PolicySetOut})
def set_policy(request: HttpRequest, body: PolicyIn) -> Status[CrossDockingSet]:
    """A new version of what is cross-docked at a site."""
    req = SetCrossDocking(
        site_id=body.site_id,
        is_on=body.is_on,
        reason=body.reason,
        staging_id=body.staging_id or 0,
        door_id=body.door_id or 0,
        families=list(body.families),
        min_tier=body.min_tier,
    )
    return Status(201, commands.set_cross_docking(context_from(request), req))
