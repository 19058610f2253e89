"""Planned waves that leave at another time, for other systems."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from flowrack.platform.apipages import BigId
from flowrack.platform.http import context_from
from flowrack.waves import commands_moves
from flowrack.waves.types_moves import MovePlanned, PlannedMoved

router = Router(tags=["waves"])


class MovePlannedWaveIn(Schema):
    """When a planned wave leaves instead, and why."""

    cut_off_at: AwareDatetime
    reason: str = Field(max_length=160)


class PlannedWaveMovedOut(Schema):
    """When the wave leaves now, by when it must be picked, and when it left before."""

    plan_wave_id: int
    plan_id: int
    plan: str
    cut_off_at: datetime
    pick_until: datetime
    was_at: datetime


@router.post("/planned-waves/{int:plan_wave_id}/move", response=PlannedWaveMovedOut)
def move_planned(request: HttpRequest, plan_wave_id: BigId, body: MovePlannedWaveIn) -> PlannedMoved:
    """A planned wave leaves at another time; the minutes for staging and loading stay."""
    req = MovePlanned(plan_wave_id, body.cut_off_at, body.reason)
    return commands_moves.move_planned(context_from(request), req)
