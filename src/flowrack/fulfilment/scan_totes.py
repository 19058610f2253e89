"""The totes of an order that is packed: those that are here, and those that still stand on a cart in the aisles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowrack.fulfilment import queries, queries_totes
from flowrack.fulfilment.queries import StagedRow
from flowrack.fulfilment.queries_totes import OnTheWay
from flowrack.shared import gs1

Moving = tuple[StagedRow, OnTheWay]


def parted(state: dict[str, Any]) -> tuple[list[StagedRow], list[Moving]]:
    """What of the order can be packed here, and what is on the way in totes that nobody scanned here. Two queries."""
    rows = [row for row in queries.staged_in_words(state["order"]) if not row.is_packed]
    away = queries_totes.on_the_way(row.lpn_id for row in rows)
    here = set(state.get("totes", []))
    moving = [(row, away[row.lpn_id]) for row in rows if row.lpn_id in away and row.lpn_id not in here]
    gone = {row.lpn_id for row, _ in moving}
    return [row for row in rows if row.lpn_id not in gone], moving


def words(moving: Sequence[Moving]) -> str:
    """How much is where; empty when nothing is on the way."""
    units: dict[str, int] = {}
    for row, at in moving:
        where = f"on {at.cart} of {at.number}" if at.cart else f"in {at.tote} of {at.number}"
        units[where] = units.get(where, 0) + row.units
    if not units:
        return ""
    [first, *more] = [f"{many:,} are still {where}" for where, many in units.items()]
    return ", ".join([first, *more]) + "."


def to_come(state: dict[str, Any]) -> str:
    """How much of the order lists have still to pick; empty when nothing. One query."""
    lists = [f"{units:,} on {number}" for number, units in queries_totes.to_pick(state["order"])]
    return f"Still to pick of it: {', '.join(lists)}." if lists else ""


def brought(state: dict[str, Any], code: str) -> bool:
    """Whether the code is of a tote of the order that was on the way: it is in a packer's hands now."""
    scan = gs1.parse(code)
    said = scan.sscc or scan.raw.strip().upper()
    found = next((at.lpn_id for _, at in parted(state)[1] if at.tote == said), 0)
    if found:
        state["totes"] = [*state.get("totes", []), found][-50:]
    return bool(found)
