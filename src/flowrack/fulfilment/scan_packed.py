"""What the pack station says of an order for which it has nothing to do: where its cartons are, how it stands."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.fulfilment import queries_packing
from flowrack.fulfilment.queries import StagedRow
from flowrack.platform.web.scan import WrongScan as Wrong

SHOWN = 3
ELSE = {
    "shipped": ("has left", "Scan another tote or order."),
    "cancelled": ("was cancelled", "Scan another tote or order."),
}


def all_in_cartons(number: str, rows: Sequence[StagedRow]) -> Wrong:
    """All that was picked is in cartons: those on a truck are loaded, the others still to be. One query."""
    places = {row.lpn: row.location for row in rows}
    on = queries_packing.went_onto(list(places))
    if len(on) == len(places):
        trucks = sorted(set(on.values()))
        return Wrong(f"All of {number} that was picked is {' and '.join(trucks)}.", "Scan another tote or order.")
    waits = _some([f"{code} at {at}" for code, at in places.items() if code not in on])
    if not on:
        return Wrong(f"All that was picked of {number} is in cartons: {waits}.", "Load it, or scan another order.")
    aboard = _some([f"{code} {where}" for code, where in on.items()])
    return Wrong(
        f"All that was picked of {number} is in cartons: {aboard}; still here {waits}.",
        "Load what is still here, or scan another order.",
    )


def nothing_to_pack(number: str, state: str) -> Wrong:
    """Nothing of an order stands in staging: it has left, was called off, or is not picked."""
    words, way_out = ELSE.get(state, ("", ""))
    if words:
        return Wrong(f"{number} {words}.", way_out)
    return Wrong(f"Nothing of {number} waits for packing.", "Pick it first.")


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:SHOWN]) + (f" and {len(words) - SHOWN} more" if len(words) > SHOWN else "")
