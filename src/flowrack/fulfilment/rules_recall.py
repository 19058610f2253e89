"""Which open picks are called back when a customer wants fewer units: only as many as are wanted no more. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class OpenPick(NamedTuple):
    """A pick that nobody has done; a whole pallet is taken as it stands or not at all."""

    pick_id: int
    list_id: int
    place: int
    units: int
    is_pallet: bool


def to_call_back(picks: Sequence[OpenPick], units: int) -> list[tuple[int, int]]:
    """So many units of the picks of a line: (pick, units) of each that is made smaller, or is called back with all of
    them.

    What comes last in a walk goes first, so that nobody is called off what he is at. A pallet that is more than what is
    left goes only where nothing else is: then whole, as the smallest that will do.
    """
    found: dict[int, int] = {}
    left = max(units, 0)
    order = sorted(picks, key=lambda one: (-one.place, -one.list_id, -one.pick_id))
    for one in order:
        taken = 0 if one.is_pallet and one.units > left else min(one.units, left)
        if taken:
            found[one.pick_id] = taken
            left -= taken
    for one in sorted(order, key=lambda one: one.units):
        if left > 0 and one.is_pallet and one.pick_id not in found:
            found[one.pick_id] = one.units
            left -= one.units
    return sorted(found.items())
