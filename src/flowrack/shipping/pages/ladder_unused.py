"""What of an item was looked at for a line and not used, and why: for the picture of its ladder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.allocation import queries_supply
from flowrack.allocation.queries import Supply
from flowrack.locations import queries as places
from flowrack.platform.http import now
from flowrack.platform.web import ladder as drawing
from flowrack.platform.web.format import number
from flowrack.sales.queries import LineRow, OrderHead

MOST = 8


def elsewhere(item_id: int, site_id: int) -> list[tuple[int, str, int]]:
    """Units at other sites that nobody has a claim on there: id, code and units."""
    codes = {s.site_id: s.code for s in places.sites()}
    free = queries_supply.free_elsewhere([item_id], site_id, now())
    return [(at, codes[at], units) for (_, at), units in sorted(free.items())]


def rows(
    head: OrderHead,
    line: LineRow,
    supply: Sequence[Supply],
    away: Sequence[tuple[int, str, int]],
    today: date,
    *,
    is_dock_drawn: bool,
) -> list[drawing.Unused]:
    """What nobody can have as it is; goods at the dock are none of it where they are drawn as supply."""
    found = []
    for pool in supply:
        left = (pool.expires_on - today).days if pool.expires_on else None
        free = pool.allocatable - pool.committed
        if free > 0 and left is not None and left < head.min_life_days:
            why = f"{left} days left, this customer needs {head.min_life_days}"
            found.append(drawing.Unused(pool.lot, f"{number(free)} {line.base_uom}", why))
        blocked, why = pool.blocked_beside_dock if is_dock_drawn else (pool.blocked, pool.blocked_as)
        if blocked:
            found.append(drawing.Unused(pool.lot or "In the house", f"{number(blocked)} {line.base_uom}", why))
    found += [
        drawing.Unused(code, f"{number(free)} {line.base_uom} free", "at another site: needs a transfer")
        for _, code, free in away
    ]
    return found[:MOST]
