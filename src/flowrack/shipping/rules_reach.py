"""What is said of orders that cannot reach their truck. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

MOST = 5


def cannot_reach(late: Sequence[tuple[str, int]], pick_until: datetime) -> str:
    """SO-1001 (12 units) and SO-1002 (5) are not staged and cannot reach it: they had to be picked by Tue 16:05.

    `late` are the numbers of the orders with what is not staged of them, `pick_until` the first of their times.
    """
    first, rest = late[0], late[1:MOST]
    named = [f"{first[0]} ({first[1]:,} unit{'' if first[1] == 1 else 's'})", *(f"{n} ({u:,})" for n, u in rest)]
    if len(late) > MOST:
        named.append(f"{len(late) - MOST:,} more")
    who = f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else named[0]
    are, they = ("are", "they") if len(late) > 1 else ("is", "it")
    return f"{who} {are} not staged and cannot reach it: {they} had to be picked by {pick_until:%a %H:%M}."
