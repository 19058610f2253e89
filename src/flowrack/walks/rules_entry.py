"""What may be entered as the floor of a site. Pure; every fault names its line: of the aisles, or of `places`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flowrack.shared.errors import BadLine
from flowrack.walks.rules_layout import layout, out_of_reach
from flowrack.walks.types import Aisle, AisleOf, Ends, PlaceOf, PlaceRow, SetFloor

FARTHEST = 10_000_000  # 10 km
MOST_AISLES, MOST_CROSSINGS = 500, 1_200
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,9}")
NO_WAY = "Let a cross aisle meet it, and look at the one-way signs."


def check(req: SetFloor, zones: Mapping[str, int], places: Sequence[PlaceRow]) -> list[BadLine]:
    """What is wrong with a floor; the ways are only followed where the measures are sound."""
    bad = [line for n, one in enumerate(req.aisles, 1) for line in _aisle(n, one, zones)]
    bad += _twice([(f"{one.zone} {one.code}".strip(), "code") for one in req.aisles])
    known = {place.code: place for place in places}
    bad += [line for n, point in enumerate(req.places, 1) for line in _point(n, point, known)]
    bad += _twice([(point.location, "places") for point in req.places])
    for name, at in (("start", req.start), ("end", req.end)):
        if not _is_near(*at):
            bad.append(BadLine(0, name, f"The {name} lies more than 10 km away.", "Measure in millimetres."))
    crosses = sum(one.is_cross for one in req.aisles)
    crossings = crosses * (len(req.aisles) - crosses)
    if len(req.aisles) > MOST_AISLES or crossings > MOST_CROSSINGS:
        bad.append(BadLine(0, "aisles", f"A floor has at most {MOST_AISLES:,} aisles and {MOST_CROSSINGS:,} crossings.",
                           "Enter only the aisles that people walk."))  # fmt: skip
    if bad or not req.aisles:
        return bad
    return _unreached(req, zones)


def aisle_of(one: AisleOf, zones: Mapping[str, int]) -> Aisle:
    """The aisle with its zone's id."""
    return Aisle(one.code, one.x_mm, one.y_mm, one.heading, one.length_mm, zones.get(one.zone, 0), one.bay_mm,
                 one.first_bay_mm, one.width_mm, one.is_cross, one.one_way, one.most_people)  # fmt: skip


def _unreached(req: SetFloor, zones: Mapping[str, int]) -> list[BadLine]:
    lines = {(zones.get(one.zone, 0), one.code, one.is_cross): n for n, one in enumerate(req.aisles, 1)}
    found = layout(req.site_id, [], [aisle_of(one, zones) for one in req.aisles], Ends(req.start, req.end))
    bad = []
    for n in out_of_reach(found):
        aisle = found.aisles[n]
        line = lines[(aisle.zone_id, aisle.code, aisle.is_cross)]
        bad.append(BadLine(line, "code", f"No way leads into aisle {aisle.code} and out again.", NO_WAY))
    return sorted(bad, key=lambda fault: fault.line)


def _aisle(line: int, one: AisleOf, zones: Mapping[str, int]) -> list[BadLine]:
    bad = []
    if not CODE.fullmatch(one.code):
        bad.append(BadLine(line, "code", "An aisle needs a code.", "Use the code that its places carry, as 07."))
    if one.is_cross and one.zone:
        bad.append(BadLine(line, "zone", "A cross aisle has no zone.", "Leave it empty."))
    elif not one.is_cross and one.zone not in zones:
        what = f"This site has no zone {one.zone}." if one.zone else "An aisle with places needs its zone."
        bad.append(BadLine(line, "zone", what, "Enter the zone's code, or mark a cross aisle."))
    if not 0 < one.length_mm <= FARTHEST:
        bad.append(BadLine(line, "length_mm", "The length is between 1 mm and 10 km.", "Measure in millimetres."))
    if not _is_near(one.x_mm, one.y_mm):
        bad.append(BadLine(line, "x_mm", "The aisle begins more than 10 km away.", "Measure in millimetres."))
    if one.is_cross and one.bay_mm:
        bad.append(BadLine(line, "bay_mm", "A cross aisle has no bays.", "Leave it empty."))
    elif not one.is_cross and not 0 < one.bay_mm <= FARTHEST:
        bad.append(BadLine(line, "bay_mm", "Say how far apart the bays are.", "From middle to middle, in millimetres."))
    if not 0 <= one.first_bay_mm <= FARTHEST:
        bad.append(BadLine(line, "first_bay_mm", "The first bay is 0 mm to 10 km from the start.", "Change it."))
    if not 0 < one.width_mm <= FARTHEST:
        bad.append(BadLine(line, "width_mm", "The width is between 1 mm and 10 km.", "Change it."))
    if not 0 <= one.most_people <= 1_000:
        bad.append(BadLine(line, "most_people", "Between 0 (no limit) and 1,000 people.", "Change the number."))
    return bad


def _point(line: int, point: PlaceOf, known: Mapping[str, PlaceRow]) -> list[BadLine]:
    bad = []
    if point.location not in known:
        bad.append(BadLine(line, "places", f"This site has no place “{point.location}”.", "Use a code of the site."))
    if not _is_near(point.x_mm, point.y_mm):
        bad.append(BadLine(line, "places", f"{point.location} lies more than 10 km away.", "Measure in millimetres."))
    return bad


def _twice(names: Sequence[tuple[str, str]]) -> list[BadLine]:
    seen: set[str] = set()
    bad = []
    for line, (name, column) in enumerate(names, 1):
        if name in seen:
            bad.append(BadLine(line, column, f"{name} is there twice.", "Enter each once."))
        seen.add(name)
    return bad


def _is_near(*measures: int) -> bool:
    return all(-FARTHEST <= one <= FARTHEST for one in measures)
