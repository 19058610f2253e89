"""Transfers that wait for a truck over the API: staged, sent without a load, called off."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.responses import Status

from flowrack.platform.apipages import BigId
from flowrack.platform.http import context_from
from flowrack.shared.quantity import Units
from flowrack.storage import commands_staging as commands
from flowrack.storage.api_shapes import StockAtIn
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfers import (
    CancelTransfer,
    SendStaged,
    StageTransfer,
    TransferCancelled,
    TransferLeft,
    TransferStaged,
)


class StageTransferIn(Schema):
    """Stock that waits at a staging place for its truck; `plate` is the pallet on which what is loose stands."""

    site_id: BigId
    to_site_id: BigId
    location_id: BigId
    lines: list[StockAtIn] = Field(min_length=1, max_length=500)
    plate: str = Field("", max_length=40)
    note: str = Field("", max_length=200)
    due_on: date | None = None


class TransferStagedOut(Schema):
    """The transfer that waits; posting 0 = all of it stood there before."""

    transfer_id: int
    number: str
    line_count: int
    units: int
    posting_id: int


class TransferLeftOut(Schema):
    """The transfer that is on its way."""

    transfer_id: int
    number: str
    units: int


class CancelTransferIn(Schema):
    """Why it does not go."""

    reason: str = Field(max_length=200)


class TransferCancelledOut(Schema):
    """The transfer that does not go."""

    transfer_id: int
    number: str


def add_staging(router: Router) -> None:
    """The routes of transfers that wait for a truck."""

    @router.post("/transfers/stage", response={201: TransferStagedOut})
    def stage_transfer(request: HttpRequest, body: StageTransferIn) -> Status[TransferStaged]:
        """Bring stock to staging and keep it for the truck that takes it to another site."""
        lines = [
            StockAt(x.location_id, x.item_id, Units(x.units), x.lot_id, x.lpn_id, x.quality, x.owner_id)
            for x in body.lines
        ]
        req = StageTransfer(body.site_id, body.to_site_id, body.location_id, lines, body.plate, body.note, body.due_on)
        return Status(201, commands.stage_transfer(context_from(request), req))

    @router.post("/transfers/{int:transfer_id}/leave", response=TransferLeftOut)
    def send_staged(request: HttpRequest, transfer_id: BigId) -> TransferLeft:
        """A staged transfer leaves without a load."""
        return commands.send_staged(context_from(request), SendStaged(transfer_id))

    @router.post("/transfers/{int:transfer_id}/cancel", response=TransferCancelledOut)
    def cancel_transfer(request: HttpRequest, transfer_id: BigId, body: CancelTransferIn) -> TransferCancelled:
        """A staged transfer does not go: its goods are free where they stand."""
        return commands.cancel_transfer(context_from(request), CancelTransfer(transfer_id, body.reason))
