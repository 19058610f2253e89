"""Transfers to other sites as work of the people who pick: how much, and by when. Pure; times are the site's clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flowrack.promise.rules_house import House, Work, last_trip
from flowrack.waves.rules_templates import STANDARD


@dataclass(frozen=True, slots=True)
class TransferWork:
    """A transfer that has not left: what of it is to be staged and how long that takes, by zone, and who does it.

    `until` is by when it must be staged to be there on its day; None where that can not be met, or it has no day.
    """

    transfer_id: int
    number: str
    state: str
    to_site: str
    due_on: date | None
    until: datetime | None
    units: int
    staged: int
    lines: int
    seconds: tuple[tuple[int, int], ...]
    person: str = ""
    truck: str = ""

    @property
    def minutes(self) -> int:
        """Its work in minutes of one person."""
        return -(-sum(seconds for _, seconds in self.seconds) // 60)


def stage_until(house: House, due_on: date | None, now: datetime) -> datetime | None:
    """By when goods must be staged that should be at another site on a day: before the last departure that brings them
    there, less the minutes at the dock. None where nothing does."""
    if due_on is None:
        return None
    calm = replace(house, load={}, queue=0)  # the calendar and the cut-offs, without the work of the day
    trip = last_trip(calm, Work(0), now=now, not_before=now.date(), arrives_by=due_on)
    if trip is None:
        return None
    until = datetime.combine(trip.ships_on, trip.cut_off) - timedelta(minutes=STANDARD.dock_minutes)
    return until if until > now else None


def beside(
    floor: dict[tuple[datetime, int], int], transfers: Iterable[TransferWork], now: datetime
) -> dict[tuple[datetime, int], int]:
    """The work on the floor with that of transfers; what is late, or has no day, is to be done at once."""
    found = dict(floor)
    for one in transfers:
        for zone_id, seconds in one.seconds:
            key = (one.until or now, zone_id)
            found[key] = found.get(key, 0) + seconds
    return found
