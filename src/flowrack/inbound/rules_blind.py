"""Goods without an order: which of them still stand in quarantine, when the ledger knows only how many do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in quarantine: item, lot, site, location and LPN (0 = loose)."""

    item_id: int
    lot_id: int
    site_id: int
    location_id: int
    lpn_id: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units that came in at a spot and did not go back yet."""

    discrepancy_id: int
    spot: Spot
    units: int


@dataclass(frozen=True, slots=True)
class Found:
    """So many of them stand at a spot."""

    spot: Spot
    units: int


def allot(wanted: Sequence[Wanted], free: dict[Spot, int]) -> dict[int, list[Found]]:
    """Where the units of each discrepancy stand: first where they came in, then on their LPN elsewhere, then anywhere.

    `free` tells what stands free in quarantine. Everybody who waits is served where the goods came in before anybody is
    elsewhere; within that the older first. What is not found has left quarantine.
    """
    left = dict(free)
    found: dict[int, list[Found]] = {one.discrepancy_id: [] for one in wanted}
    missing = {one.discrepancy_id: one.units for one in wanted}
    for nearness in (0, 1, 2):
        for one in wanted:
            for spot in sorted((s for s in left if _nearness(one.spot, s) == nearness), key=_by_place):
                units = min(left[spot], missing[one.discrepancy_id])
                if units > 0:
                    found[one.discrepancy_id].append(Found(spot, units))
                    left[spot] -= units
                    missing[one.discrepancy_id] -= units
    return found


def _nearness(came: Spot, at: Spot) -> int | None:
    """0 where they came in, 1 on their LPN, 2 elsewhere at the site; None: these are other goods."""
    if (came.item_id, came.lot_id, came.site_id) != (at.item_id, at.lot_id, at.site_id):
        return None
    if came == at:
        return 0
    return 1 if came.lpn_id and came.lpn_id == at.lpn_id else 2


def _by_place(spot: Spot) -> tuple[int, int]:
    return spot.location_id, spot.lpn_id
