"""The floor of a site: aisles as somebody measured them, else drawn from the codes of the places. Pure.

A drawn floor has the aisles of all zones side by side, in the order of their zones and codes, between a cross aisle in
front and one at the back; doors and staging places lie before the front. It is no measure of metres, but it keeps the
order of things, so that walks can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from flowrack.walks.rules_floor import FAR, Floor, along
from flowrack.walks.types import Aisle, Ends, Heading, Layout, PlaceRow, Point, Spot

SPACING = (
    5_000  # from the middle of one aisle to the next: an aisle of 3 m and half a rack of 1.1 m on each side, twice
)
BAY = 2_700  # a bay of three pallets
MARGIN = 3_000  # from the middle of the cross aisle to the first bay
STAGING, DOORS, FLOOR_PLACES = -6_000, -10_000, -3_000
FRONT, BEHIND = "FRONT", "BACK"
Key = tuple[int, str]


def layout(site_id: int, places: Sequence[PlaceRow], aisles: Sequence[Aisle] = (), ends: Ends | None = None) -> Layout:
    """The floor of a site: as measured where aisles are given, else drawn from the codes of its places."""
    places = [coded(place) for place in places]
    if aisles:
        return _measured(site_id, places, aisles, ends)
    drawn = draw(places)
    return _placed(site_id, places, drawn, ends, is_measured=False)


def coded(place: PlaceRow) -> PlaceRow:
    """A bin with its aisle and bay; where none are entered they are read from a code of three parts or more: A-05-1."""
    parts = re.split(r"[-./_]", place.code)
    if place.aisle or place.kind != "bin" or len(parts) < 3 or not all(parts):
        return place
    return replace(place, aisle=parts[0][:10], bay=parts[1][:10])


def draw(places: Sequence[PlaceRow]) -> list[Aisle]:
    """Aisles for a site that nobody measured, the cross aisles first."""
    bays = _bays(places)
    zones = {place.zone_id: place.zone for place in places}
    keys = sorted(bays, key=lambda key: (_natural(zones[key[0]]), _natural(key[1])))
    depth = 2 * MARGIN + max((len(found) - 1 for found in bays.values()), default=0) * BAY
    width = max(len(keys), 1) * SPACING
    found = [
        Aisle(FRONT, 0, 0, Heading.EAST, width, is_cross=True),
        Aisle(BEHIND, 0, depth, Heading.EAST, width, is_cross=True),
    ]
    for n, (zone_id, code) in enumerate(keys):
        x = n * SPACING + SPACING // 2
        found.append(Aisle(code, x, 0, Heading.NORTH, depth, zone_id, BAY, MARGIN))
    return found


def _measured(site_id: int, places: Sequence[PlaceRow], aisles: Sequence[Aisle], ends: Ends | None) -> Layout:
    return _placed(site_id, places, sorted(aisles, key=lambda a: (not a.is_cross, a.zone_id, a.code)), ends,
                   is_measured=True)  # fmt: skip


def _placed(
    site_id: int, places: Sequence[PlaceRow], aisles: Sequence[Aisle], ends: Ends | None, *, is_measured: bool
) -> Layout:
    """Every place on the floor: by its own point, by its aisle and bay, or in the rows before the front.

    A place of an aisle that is not on a measured floor stands at the start, so that work can be given out; the page of
    the floor lists such places.
    """
    at = {(aisle.zone_id, aisle.code): n for n, aisle in enumerate(aisles) if not aisle.is_cross}
    ranks = {key: {bay: n for n, bay in enumerate(found)} for key, found in _bays(places).items()}
    rows = _rows(places, max((aisle.length_mm for aisle in aisles if aisle.is_cross), default=SPACING))
    start = ends.start if ends else next((rows[p.location_id] for p in places if p.role == "staged"), (0, 0))
    spots: dict[int, Spot] = {}
    for place in places:
        n = at.get((place.zone_id, place.aisle))
        if place.point is not None:
            spots[place.location_id] = Spot(*place.point)
        elif n is not None:
            aisle = aisles[n]
            mm = aisle.first_bay_mm + ranks[(place.zone_id, place.aisle)][place.bay] * aisle.bay_mm
            mm = min(mm, aisle.length_mm)
            spots[place.location_id] = Spot(*along(aisle, mm), n, mm)
        elif is_measured:
            spots[place.location_id] = Spot(*start)
        else:
            spots[place.location_id] = Spot(*rows[place.location_id])
    end = ends.end if ends else start
    return Layout(site_id, tuple(aisles), spots, Spot(*start), Spot(*end), is_measured)


def _rows(places: Sequence[PlaceRow], width: int) -> dict[int, Point]:
    """Places without an aisle in three rows before the front: floor places, staging, doors."""
    found: dict[int, Point] = {}
    for kind, y in (("bin", FLOOR_PLACES), ("staging", STAGING), ("door", DOORS)):
        row = [place for place in places if place.kind == kind and not (place.aisle and kind == "bin")]
        for n, place in enumerate(sorted(row, key=lambda p: (p.pick_sequence, _natural(p.code), p.location_id))):
            found[place.location_id] = ((2 * n + 1) * width // (2 * len(row)), y)
    for place in places:
        found.setdefault(place.location_id, (0, FLOOR_PLACES))
    return found


def _bays(places: Sequence[PlaceRow]) -> dict[Key, list[str]]:
    """The bays of each aisle in the order of their codes."""
    found: dict[Key, set[str]] = {}
    for place in places:
        if place.aisle and place.kind == "bin":
            found.setdefault((place.zone_id, place.aisle), set()).add(place.bay)
    return {key: sorted(bays, key=_natural) for key, bays in found.items()}


def _natural(code: str) -> tuple[tuple[int, int, str], ...]:
    """Bay 2 before bay 10, and numbers before letters."""
    parts = re.findall(r"\d+|\D+", code)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def unmeasured(places: Sequence[PlaceRow], aisles: Sequence[Aisle]) -> list[Key]:
    """Aisles that places name and that are not on the floor."""
    known = {(aisle.zone_id, aisle.code) for aisle in aisles if not aisle.is_cross}
    return sorted(set(_bays([coded(place) for place in places])) - known, key=lambda key: (key[0], _natural(key[1])))


def out_of_reach(found: Layout) -> list[int]:
    """Positions of aisles that nobody reaches from the start, or from which nobody comes to the end."""
    floor = Floor(found)
    return [
        n
        for n, aisle in enumerate(found.aisles)
        for middle in [floor.stand(Spot(0, 0, n, aisle.length_mm // 2))]
        if floor.mm(floor.start, middle) >= FAR or floor.mm(middle, floor.end) >= FAR
    ]
