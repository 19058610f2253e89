"""Orders that cannot be picked in time for a truck any more: the stage that plans the picking registers its way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from flowrack.platform import outbox
from flowrack.shipping import queries_behind


class TooLate(NamedTuple):
    """An order with units that are not staged, and by when they had to be picked, by the site's clock."""

    order_id: int
    number: str
    units: int
    pick_until: datetime


class Reader(Protocol):
    """How it is known by when orders must be picked for a truck."""

    def over(self, site_id: int, order_ids: Sequence[int], cut_off_at: datetime, now: datetime) -> dict[int, datetime]:
        """Those for which that time is over, with the time by the site's clock."""
        ...


_registered: list[Reader] = []


def register(reader: Reader) -> None:
    """Make it known; called once by the stage that plans the picking."""
    _registered[:] = [reader]


def too_late(site_id: int, order_ids: Sequence[int], cut_off_at: datetime | None, now: datetime) -> list[TooLate]:
    """The orders that cannot reach a truck that leaves then, in their order. Twelve queries, one if all is staged."""
    waiting = queries_behind.unstaged(order_ids) if cut_off_at else []
    if not waiting or cut_off_at is None:
        return []
    if not _registered:
        outbox.load_subscribers()
    over = _registered[0].over(site_id, [row[0] for row in waiting], cut_off_at, now) if _registered else {}
    return [TooLate(*row, over[row[0]]) for row in waiting if row[0] in over]
