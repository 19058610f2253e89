"""What is free of items, now and later, as promises count it: the stage that gives promises registers its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from flowrack.platform import outbox

Steps = Sequence[tuple[date, int]]  # from this day on so many units can leave; the first day is today


class Reader(Protocol):
    """How free units are read."""

    def free(self, item_ids: Sequence[int], site_id: int, now: datetime, life_days: int) -> Mapping[int, Steps]:
        """The units of items that nobody has claimed at a site, over time, and that live so many days at the door."""
        ...


_registered: list[Reader] = []


def register(reader: Reader) -> None:
    """Make it known; called once by the stage that gives promises."""
    _registered[:] = [reader]


def free(item_ids: Sequence[int], site_id: int, now: datetime, *, life_days: int = 0) -> Mapping[int, Steps]:
    """The units of items that nobody has claimed at a site, over time, and that live so many days at the customer's
    door; nothing where nobody can say. Five queries."""
    if not _registered:
        outbox.load_subscribers()
    return _registered[0].free(sorted(set(item_ids)), site_id, now, life_days) if _registered and item_ids else {}


def first_with(steps: Steps, units: int) -> date | None:
    """The first day from which so many units can leave; None where no day is known."""
    return next((on for on, free in steps if free >= units), None)
