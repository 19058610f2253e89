"""How many seconds of work the people of a site do up to a time, by zone. Pure; times are the site's own clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


class Shift(NamedTuple):
    """People of a zone (0 = anywhere) at work on a weekday (1 = Monday) from one time to another."""

    zone_id: int
    weekday: int
    starts_at: time
    ends_at: time
    people: int


class Change(NamedTuple):
    """More or fewer people than the shifts say, from one time to another, with the reason."""

    zone_id: int
    starts_at: datetime
    ends_at: datetime
    people: int
    reason: str

    @property
    def said(self) -> str:
        """2 more, 1 fewer."""
        return f"{abs(self.people)} {'more' if self.people > 0 else 'fewer'}"


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works when; without any shift nobody has said, and the hands are no limit."""

    shifts: tuple[Shift, ...] = ()
    changes: tuple[Change, ...] = ()
    closed: Mapping[date, str] | None = None

    @property
    def is_known(self) -> bool:
        return bool(self.shifts)


def _stretches(crew: Crew, begins: datetime, ends: datetime) -> Iterable[tuple[datetime, datetime]]:
    """Stretches of time in which the same people work."""
    edges = {begins, ends}
    day = begins.date()
    while day <= ends.date():
        edges |= {datetime.combine(day, at) for s in crew.shifts for at in (s.starts_at, s.ends_at)}
        day += DAY
    edges |= {at for change in crew.changes for at in (change.starts_at, change.ends_at)}
    return pairwise(sorted(at for at in edges if begins <= at <= ends))


def people_at(crew: Crew, at: datetime) -> dict[int, int]:
    """People at work at a time, by zone (0 = anywhere). Never fewer than none."""
    found: defaultdict[int, int] = defaultdict(int)
    if at.date() not in (crew.closed or {}):
        for shift in crew.shifts:
            if shift.weekday == at.isoweekday() and shift.starts_at <= at.time() < shift.ends_at:
                found[shift.zone_id] += shift.people
    for change in crew.changes:
        if change.starts_at <= at < change.ends_at:
            found[change.zone_id] += change.people
    return {zone: people for zone, people in found.items() if people > 0}


def most_until(crew: Crew, begins: datetime, ends: datetime, zone_id: int = 0) -> int:
    """The most people at work at once from a time to another, in a zone (0 = in all): whoever comes at eight may be
    missing already at six. Looks at most a week ahead."""
    days = [begins.date() + timedelta(days=n) for n in range(min((ends.date() - begins.date()).days, 7) + 1)]
    comes = [datetime.combine(day, shift.starts_at) for day in days for shift in crew.shifts]
    found = [people_at(crew, at) for at in [begins, *(at for at in comes if begins <= at < ends)]]
    return max(there.get(zone_id, 0) if zone_id else sum(there.values()) for there in found)


def seconds_until(crew: Crew, begins: datetime, ends: Sequence[datetime]) -> list[dict[int, int]]:
    """Seconds of work that the people do from now until each of some times, by zone."""
    found: list[dict[int, int]] = []
    total: defaultdict[int, int] = defaultdict(int)
    at = begins
    for end in ends:
        for start, stop in _stretches(crew, at, max(at, end)):
            for zone, people in people_at(crew, start).items():
                total[zone] += (stop - start) // SECOND * people
        at = max(at, end)
        found.append(dict(total))
    return found


def done_by(crew: Crew, begins: datetime, seconds: int, *, within: timedelta = DAY) -> datetime | None:
    """When so much work of any zone is done with all hands; None when not within a day."""
    left = seconds
    if left <= 0:
        return begins
    for start, stop in _stretches(crew, begins, begins + within):
        people = sum(people_at(crew, start).values())
        can = (stop - start) // SECOND * people
        if people and can >= left:
            return start + -(-left // people) * SECOND
        left -= can
    return None
