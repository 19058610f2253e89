"""What of the stock of a site can go elsewhere without taking it from those who count on it there: the stage that gives
promises registers how it reads that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flowrack.platform import outbox
from flowrack.storage.rules_transfers import Spare

Reads = Callable[[Sequence[int], int, datetime], dict[int, Spare]]
_registered: list[Reads] = []


def register(reads: Reads) -> None:
    """Make it known; called once by the stage that gives promises."""
    _registered[:] = [reads]


def spare(item_ids: Sequence[int], site_id: int, now: datetime) -> dict[int, Spare]:
    """Of items at a site what can go: whatever is to come there and is promised counts. Four queries."""
    if not item_ids:
        return {}
    if not _registered:
        outbox.load_subscribers()
    return _registered[0](item_ids, site_id, now)
