"""Where held units stand: holds go along when their stock is moved. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Spot = tuple[int, int]  # location, LPN (0 = loose)


@dataclass(frozen=True, slots=True)
class HeldAt:
    """What is held of one hold: which stock, so many units, and where."""

    hold_id: int
    kind: tuple[int, int, str]  # item, lot, quality
    units: int
    places: Mapping[Spot, int]


@dataclass(frozen=True, slots=True)
class Gone:
    """Units of a kind that left a spot; `to` another one at the site, or (None) their hold."""

    kind: tuple[int, int, str]
    spot: Spot
    units: int
    to: Spot | None = None


def settled_by(holds: Sequence[HeldAt], gone: Sequence[Gone]) -> dict[int, int]:
    """How many units of each hold are settled by units that are held no more: of the holds on units that stand there
    first, then of the oldest, for where stock stands that was never moved under a hold nobody knows."""
    left = [one.units for one in gone]
    taken = dict.fromkeys((hold.hold_id for hold in holds), 0)
    at = {hold.hold_id: dict(hold.places) for hold in holds}
    for is_there in (True, False):
        for hold in holds:
            for n, one in enumerate(gone):
                if one.kind != hold.kind:
                    continue
                most = hold.units - taken[hold.hold_id]
                if is_there:
                    most = min(most, at[hold.hold_id].get(one.spot, 0))
                take = min(left[n], most)
                taken[hold.hold_id] += take
                left[n] -= take
                if is_there:
                    at[hold.hold_id][one.spot] = at[hold.hold_id].get(one.spot, 0) - take
    return {hold_id: units for hold_id, units in taken.items() if units}


def left_at(places: Mapping[Spot, int], units: int, *, near: Sequence[Spot]) -> dict[Spot, int]:
    """The places of a hold when `units` of it are settled: those near are emptied first, then the others in order."""
    found = dict(places)
    for spot in sorted(found, key=lambda s: (s not in near, s)):
        take = min(units, found[spot])
        found[spot] -= take
        units -= take
    return {spot: count for spot, count in found.items() if count}


def moved(holds: Sequence[HeldAt], moves: Sequence[Gone]) -> dict[int, dict[Spot, int]]:
    """The new places of the holds whose stock was moved, the oldest holds first. What no hold names goes alone."""
    places = {hold.hold_id: dict(hold.places) for hold in holds}
    changed: set[int] = set()
    for move in moves:
        if move.to is None:
            continue
        left = move.units
        for hold in holds:
            at = places[hold.hold_id]
            take = min(left, at.get(move.spot, 0)) if hold.kind == move.kind else 0
            if take:
                at[move.spot] -= take
                at[move.to] = at.get(move.to, 0) + take
                left -= take
                changed.add(hold.hold_id)
    return {hold_id: {s: n for s, n in places[hold_id].items() if n} for hold_id in sorted(changed)}
