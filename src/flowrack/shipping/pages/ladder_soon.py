"""What is to come and who gets it, as the trial of a line shared it out: for the picture of its ladder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flowrack.allocation.queries import Ladder
from flowrack.allocation.queries_tried import Standing
from flowrack.allocation.rules import Claim
from flowrack.allocation.rules_arrivals import Coming
from flowrack.purchasing.queries_pages import Incoming
from flowrack.sales import queries_soon


def kept(standing: Standing | None, found: Ladder, item_id: int, site_id: int, at: datetime) -> int:
    """Units of the stock at hand that nobody holds and nobody new can have: for promised days, for who waits, and as
    safety stock. What is left is free as order entry and promises tell it. Six queries."""
    free = sum(max(pool.allocatable - pool.committed, 0) for pool in found.supply)
    for_days = standing.kept if standing is not None else 0
    steps = queries_soon.free([item_id], site_id, at).get(item_id) if free else None
    return max(for_days, free - steps[0][1]) if steps else for_days


def held_besides(found: Ladder) -> dict[int, int]:
    """Units of each lot that are held and not by the claims that are drawn: by quotes, transfers and other work."""
    held = {pool.pool_id: pool.committed for pool in found.supply}
    for (pool_id, _), units in found.promised.items():
        held[pool_id] = held.get(pool_id, 0) - units
    return {pool_id: units for pool_id, units in held.items() if units > 0}


def beside(standing: Standing | None, shown: set[int]) -> list[tuple[Coming, int, int]]:
    """Who gets what transfers bring and what stands at the dock, as the trial shared it out."""
    found = standing.outlook.expected_by if standing is not None else []
    return [(one, line_id, units) for one, line_id, units in found if one.kind != "po" and line_id in shown]


def quoted(
    quotes: Sequence[tuple[Coming, Claim, int]], coming: Sequence[Incoming]
) -> list[tuple[tuple[str, object], Claim, int]]:
    """What of what comes stays for quotes: source, quote, units."""
    at = _places(coming)
    found: list[tuple[tuple[str, object], Claim, int]] = []
    for one, claim, units in quotes:
        n = at.get((one.id, one.due_on)) if one.kind == "po" else None
        if n is not None or one.kind != "po":
            found.append((("at", one.number) if n is None else ("po", n), claim, units))
    return found


def spent(beside: Sequence[tuple[Coming, int, int]], quotes: Sequence[tuple[Coming, Claim, int]]) -> dict[Coming, int]:
    """How much of each transfer, and of what stands at the dock, is spoken for."""
    found: dict[Coming, int] = {}
    for one, _, units in [*beside, *(pair for pair in quotes if pair[0].kind != "po")]:
        found[one] = found.get(one, 0) + units
    return found


def as_tried(standing: Standing, coming: Sequence[Incoming], shown: set[int]) -> list[tuple[int, int, int]]:
    """Who gets what comes, as the trial shared it out: (delivery, line, units)."""
    at = _places(coming)
    found = []
    for one, line_id, units in standing.outlook.expected_by:
        n = at.get((one.id, one.due_on)) if one.kind == "po" else None
        if n is not None and line_id in shown:
            found.append((n, line_id, units))
    return found


def _places(coming: Sequence[Incoming]) -> dict[tuple[int, date | None], int]:
    at: dict[tuple[int, date | None], int] = {}
    for n, incoming in enumerate(coming):
        at.setdefault((incoming.po_id, incoming.due_on), n)
    return at
