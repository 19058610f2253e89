"""Waves and the trucks with which they leave: what is asked, answered and refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowrack.shared.errors import FlowrackError


@dataclass(frozen=True, slots=True)
class FollowTruck:
    """A truck leaves at another time than `was_at`, does not go, or left goods of orders behind: waves of these orders
    that were to leave with it get the cut-off that their orders have now."""

    site_id: int
    order_ids: list[int]
    was_at: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class TruckFollowed:
    """The waves on the floor and the planned ones that have another cut-off now."""

    wave_ids: list[int]
    plan_wave_ids: list[int]


class WaveTooLate(FlowrackError):
    """A planned wave can not be picked any more for the departure for which it was planned; names each order."""

    code = "wave_too_late"
