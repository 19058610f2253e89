"""Which picks are called back or go back when a customer wants fewer units: as many as are wanted no more. Pure."""

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


class MadePick(NamedTuple):
    """A pick that was made: into which tote (0 = loose), and where it was brought."""

    pick_id: int
    lot_id: int
    place_id: int
    tote_id: int
    units: int


class LooseUnits(NamedTuple):
    """Units of a line that stand in no carton, in a tote or loose (LPN 0)."""

    cell_id: int
    lot_id: int
    place_id: int
    lpn_id: int
    units: int


class GoesBack(NamedTuple):
    """So many units of a pick go back, out of this cell."""

    pick_id: int
    cell_id: int
    lpn_id: int
    units: int


def to_send_back(picks: Sequence[MadePick], loose: Sequence[LooseUnits], units: int) -> list[GoesBack]:
    """Which units of a line go back into the bins they came from; fewer than asked where the rest is in cartons.

    What was picked last goes first, out of the tote it was picked into as far as it still is there.
    """
    left = {one.cell_id: one.units for one in loose}
    wanted, found = units, []
    for pick in sorted(picks, key=lambda one: -one.pick_id):
        own = [one for one in loose if (one.lot_id, one.place_id) == (pick.lot_id, pick.place_id)]
        mine = pick.units
        for one in sorted(own, key=lambda one: (one.lpn_id != pick.tote_id, one.cell_id)):
            taken = min(mine, wanted, left[one.cell_id])
            if taken > 0:
                found.append(GoesBack(pick.pick_id, one.cell_id, one.lpn_id, taken))
                left[one.cell_id] -= taken
                mine -= taken
                wanted -= taken
    return found
