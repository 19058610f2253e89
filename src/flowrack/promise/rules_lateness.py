"""How late suppliers deliver, and when an open delivery therefore counts. Pure; days are whole, shares are fractions.

Percentiles are by nearest rank: the smallest number of days that at least so many of all deliveries do not exceed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

ENOUGH = 10  # deliveries, to speak for themselves


class Scope(StrEnum):
    """Whose deliveries were compared."""

    ITEM = "item"
    SUPPLIER = "supplier"
    COMPANY = "company"
    NONE = "none"


class Record(NamedTuple):
    """Deliveries on record: (days after the confirmed day, how many), by days."""

    scope: Scope
    days: tuple[tuple[int, int], ...]

    @property
    def total(self) -> int:
        """How many deliveries these are."""
        return sum(n for _, n in self.days)


NOTHING = Record(Scope.NONE, ())


class Chance(NamedTuple):
    """So many of so many comparable deliveries were there in time."""

    there: int
    of: int

    @property
    def percent(self) -> int | None:
        """Whole percent, rounded half up, but 100 only of all: 199 of 200 is not sure. None without any."""
        if not self.of:
            return None
        return 100 if self.there >= self.of else min(99, (200 * self.there + self.of) // (2 * self.of))


def choose(records: Sequence[Record]) -> Record:
    """The first record with enough deliveries, in the order given; else the last one with any."""
    for record in records:
        if record.total >= ENOUGH:
            return record
    return next((record for record in reversed(records) if record.total), NOTHING)


def still_out(record: Record, late: int) -> Record:
    """The deliveries that were not complete before they were so many days late."""
    return Record(record.scope, tuple((days, n) for days, n in record.days if days >= late))


class Arrival(NamedTuple):
    """When an open delivery is expected: by share of comparable deliveries, and which these were.

    `on` is None when no delivery on record was ever so late: nobody can say when it comes.
    """

    on: date | None
    p50: date | None
    p90: date | None
    scope: Scope
    deliveries: int


def arrival(record: Record, expected_on: date, *, today: date, percent: int, unknown_days: int) -> Arrival:
    """When a delivery that is expected on a day counts, for a share of `percent`.

    One that is overdue is compared only with deliveries at least as late. Without a record `unknown_days` are added.
    """
    late = (today - expected_on).days
    if not record.total:
        on = max(expected_on, today) + timedelta(days=unknown_days)
        return Arrival(on, max(expected_on, today), on, Scope.NONE, 0)
    alike = still_out(record, late) if late > 0 else record
    days = [_day(alike, share, expected_on, today) for share in (percent, 50, 90)]
    return Arrival(days[0], days[1], days[2], record.scope, alike.total)


def _day(record: Record, percent: int, expected_on: date, today: date) -> date | None:
    days = percentile(record, percent)
    return None if days is None else max(expected_on + timedelta(days=days), today)


def percentile(record: Record, percent: int) -> int | None:
    """The days that at least `percent` of the deliveries do not exceed; None without any."""
    rank = -(-percent * record.total // 100)
    seen = 0
    for days, n in record.days:
        seen += n
        if seen >= rank:
            return days
    return None


def chance(record: Record, expected_on: date, by: date, *, today: date) -> Chance:
    """How many of the comparable deliveries were complete by a day."""
    late = (today - expected_on).days
    alike = still_out(record, late) if late > 0 else record
    most = (by - expected_on).days
    return Chance(sum(n for days, n in alike.days if days <= most), alike.total)
