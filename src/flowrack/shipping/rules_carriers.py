"""When goods of a site leave by which service: its calendar in the form that the choice of carriers reads. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from flowrack.carriers.rules_choice import Departure
from flowrack.promise.rules_house import DAY, House, hours_on, services_on

AHEAD = 14  # days


def departures(house: House, region: str, now: datetime) -> dict[int, tuple[Departure, ...]]:
    """The days on which goods leave for a region, with their cut-offs, by service (0 = any without its own)."""
    found: dict[int, list[Departure]] = {}
    for n in range(AHEAD):
        day = now.date() + n * DAY
        for one in services_on(house, day, region) if hours_on(house, day) else []:
            found.setdefault(one.service_id, []).append(Departure(day, one.at))
    return {service_id: tuple(days) for service_id, days in found.items()}


def ready_at(house: House, now: datetime, *, is_packed: bool) -> datetime:
    """When goods can stand at the door: at once when they are packed, else after the minutes of the site's policy."""
    return now if is_packed else now + timedelta(minutes=house.policy.prepare_minutes)
