"""When goods that leave one of our sites are at another: the stage that knows calendars and cut-offs registers how."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from flowrack.platform import outbox

Trips = Callable[[int, int, datetime], date | None]
_registered: list[Trips] = []


def register(trips: Trips) -> None:
    """Make it known; called once by the stage that knows when goods leave."""
    _registered[:] = [trips]


def arrives_on(site_id: int, to_site_id: int, now: datetime) -> date | None:
    """The first day on which what is ready now at a site can be at another; None when nothing goes there within a year
    or so. Two queries."""
    if not _registered:
        outbox.load_subscribers()
    return _registered[0](site_id, to_site_id, now)
