"""Transfers that are planned over the API: planned, changed, released, staged as released."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.responses import Status

from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shared.quantity import Units
from flowrack.storage import commands_staging, queries_transfer_plans
from flowrack.storage import commands_transfer_plans as commands
from flowrack.storage import queries_transfers as queries
from flowrack.storage.api_shapes import StockAtIn
from flowrack.storage.queries_transfer_plans import ToStageRow
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfer_plans import (
    ChangeTransfer,
    EndStaging,
    PlanLine,
    PlanTransfer,
    ReleasedStaged,
    ReleaseTransfers,
    StageReleased,
    StagingEnded,
    TransferPlanned,
    TransfersReleased,
)


class PlanLineIn(Schema):
    """Units of an item that should go; lot 0 = the lots that expire first."""

    item_id: BigId
    units: int = Field(gt=0, le=2**53)
    lot_id: int = Field(0, ge=0, lt=2**63)


class PlanTransferIn(Schema):
    """Goods that should go to another site; without `due_on` the calendar of the sender says when they are there.
    `for_ref` names the demand for which they go, such as sales.line:991. With `takes_promised` they go though orders of
    the sender count on them."""

    site_id: BigId
    to_site_id: BigId
    lines: list[PlanLineIn] = Field(min_length=1, max_length=500)
    due_on: date | None = None
    reason: str = Field("", max_length=200)
    for_ref: str = Field("", max_length=60)
    takes_promised: bool = False


class ChangeTransferIn(Schema):
    """The lines and the day from now on."""

    lines: list[PlanLineIn] = Field(min_length=1, max_length=500)
    due_on: date | None = None
    reason: str = Field("", max_length=200)
    takes_promised: bool = False


class TransferPlannedOut(Schema):
    """The transfer as it is planned; `due_on` is null when nobody can say when it is there."""

    transfer_id: int
    number: str
    line_count: int
    units: int
    due_on: date | None


class ReleaseTransfersIn(Schema):
    """Transfers that people may stage now."""

    transfer_ids: list[BigId] = Field(min_length=1, max_length=500)


class TransfersReleasedOut(Schema):
    """How many were released."""

    count: int


class StageReleasedIn(Schema):
    """Goods of the transfer that reach a staging place; `plate` is the pallet on which what is loose stands."""

    location_id: BigId
    lines: list[StockAtIn] = Field(min_length=1, max_length=500)
    plate: str = Field("", max_length=40)


class ReleasedStagedOut(Schema):
    """What was staged, and what is left to stage; posting 0 = all of it stood there before."""

    transfer_id: int
    number: str
    units: int
    left: int
    posting_id: int


class EndStagingIn(Schema):
    """Why the rest does not go."""

    reason: str = Field(max_length=200)


class StagingEndedOut(Schema):
    """The transfer that waits for its truck, and the units that do not go."""

    transfer_id: int
    number: str
    units: int
    dropped: int


class ToStageOut(Schema):
    """Units that are to be staged, and the first bin that has some ("" = none)."""

    item_id: int
    sku: str
    lot_id: int
    lot: str
    units: int
    place: str
    there: int


def _lines(lines: list[PlanLineIn]) -> list[PlanLine]:
    return [PlanLine(line.item_id, line.units, line.lot_id) for line in lines]


def add_plans(router: Router) -> None:
    """The routes of transfers that are planned."""

    @router.post("/transfers/plan", response={201: TransferPlannedOut})
    def plan_transfer(request: HttpRequest, body: PlanTransferIn) -> Status[TransferPlanned]:
        """Plan goods to another site: they are kept at the sender from now on."""
        req = PlanTransfer(
            body.site_id, body.to_site_id, _lines(body.lines), body.due_on, body.reason, body.for_ref,
            body.takes_promised,
        )  # fmt: skip
        return Status(201, commands.plan_transfer(context_from(request), req))

    @router.post("/transfers/release", response=TransfersReleasedOut)
    def release_transfers(request: HttpRequest, body: ReleaseTransfersIn) -> TransfersReleased:
        """People at the sender may stage planned transfers."""
        return commands.release_transfers(context_from(request), ReleaseTransfers(body.transfer_ids))

    @router.post("/transfers/{int:transfer_id}/change", response=TransferPlannedOut)
    def change_transfer(request: HttpRequest, transfer_id: BigId, body: ChangeTransferIn) -> TransferPlanned:
        """Other lines, or another day, for a transfer of which not all is staged."""
        req = ChangeTransfer(transfer_id, _lines(body.lines), body.due_on, body.reason, body.takes_promised)
        return commands.change_transfer(context_from(request), req)

    @router.get("/transfers/{int:transfer_id}/to-stage", response=list[ToStageOut])
    @requires("storage.view")
    def list_to_stage(request: HttpRequest, transfer_id: BigId) -> list[ToStageRow]:
        """What is left to stage of a transfer, in the order of the walk."""
        caller: Any = caller_of(request)
        queries.access_transfer(transfer_id, caller.sites("storage.view"))
        return queries_transfer_plans.rows_to_stage(transfer_id)

    @router.post("/transfers/{int:transfer_id}/stage", response=ReleasedStagedOut)
    def stage_released(request: HttpRequest, transfer_id: BigId, body: StageReleasedIn) -> ReleasedStaged:
        """Goods of a released transfer reach staging."""
        lines = [
            StockAt(x.location_id, x.item_id, Units(x.units), x.lot_id, x.lpn_id, x.quality, x.owner_id)
            for x in body.lines
        ]
        req = StageReleased(transfer_id, body.location_id, lines, body.plate)
        return commands_staging.stage_released(context_from(request), req)

    @router.post("/transfers/{int:transfer_id}/end-staging", response=StagingEndedOut)
    def end_staging(request: HttpRequest, transfer_id: BigId, body: EndStagingIn) -> StagingEnded:
        """What of a released transfer is not staged does not go."""
        return commands_staging.end_staging(context_from(request), EndStaging(transfer_id, body.reason))
