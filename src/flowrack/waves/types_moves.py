"""A planned wave that leaves at another time than its plan said: what is asked and answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

AHEAD = timedelta(days=14)
TOO_FAR = "A planned wave leaves within 14 days."


@dataclass(frozen=True, slots=True)
class MovePlanned:
    """A wave of a plan leaves at another time, with the reason."""

    plan_wave_id: int
    cut_off_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class PlannedMoved:
    """When the wave leaves now, by when it must be picked, and when it left before."""

    plan_wave_id: int
    plan_id: int
    plan: str
    cut_off_at: datetime
    pick_until: datetime
    was_at: datetime
