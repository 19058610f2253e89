"""The walk of a picker: in which order to visit the stops of a list, how far that is, and what other ways cost. Pure.

`route` tries every method that fits the floor and takes the shortest, unless heavy or fragile goods ask for another
order and the detour stays small. Where the aisles are parallel between two cross aisles the shortest is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.shared.errors import BadLine
from flowrack.walks import rules_exact as exact
from flowrack.walks import rules_policies as policies
from flowrack.walks import rules_tours as tours
from flowrack.walks.rules_floor import FAR, Floor, Stand, along, is_upright
from flowrack.walks.types import Handling, Matrix, Method, Route, Stop, TripRefused

PLAIN = Handling()


def route(stops: Sequence[Stop], floor: Floor, handling: Handling = PLAIN) -> Route:
    """The walk through the stops from the floor's start to its end, with the length of every other method.

    Stops at one place are visited together. Refuses with TripRefused, naming every stop that is not on the floor.
    """
    check_stops(stops, floor)
    places = list(dict.fromkeys(stop.location_id for stop in stops))
    stands = [floor.at(place) for place in places]
    matrix = floor.matrix([*stands, floor.start, floor.end])
    start, end = len(places), len(places) + 1
    orders: dict[Method, list[int]] = {Method.AS_GIVEN: list(range(len(places)))}
    block = _block(floor, stands)
    if block:
        orders |= _by_policy(block, len(places))
        if block.is_exact:
            orders[Method.EXACT] = _exactly(floor, stands, block)
    if Method.EXACT not in orders:
        first = tours.nearest(matrix, start, range(len(places)))
        orders[Method.IMPROVED] = tours.shorten(matrix, start, first, end, symmetric=floor.is_symmetric)
    lengths = {method: tours.length(matrix, start, order, end) for method, order in orders.items()}
    best: Method = min((m for m in orders if m != Method.AS_GIVEN), key=lambda m: (lengths[m], -list(Method).index(m)))
    if lengths[Method.AS_GIVEN] < lengths[best]:
        best = Method.AS_GIVEN
    why = f"The shortest of {len(orders)} ways."
    careful = _careful(stops, places, matrix, handling, symmetric=floor.is_symmetric)
    if careful and careful != orders[best]:
        orders[Method.HEAVY_FIRST] = careful
        mm = lengths[Method.HEAVY_FIRST] = tours.length(matrix, start, careful, end)
        if mm * 100 <= lengths[best] * (100 + handling.most_detour_pct):
            why = f"Heavy before light, fragile last: {(mm - lengths[best]) // 1000:,} m more than the shortest way."
            best = Method.HEAVY_FIRST
        else:
            why += f" Heavy before light would be {(mm - lengths[best]) // 1000:,} m more, which is too much."
    at = {place: [n for n, stop in enumerate(stops) if stop.location_id == place] for place in places}
    order = tuple(n for place in orders[best] for n in at[places[place]])
    return Route(order, lengths[best], best, {str(m): mm for m, mm in lengths.items()}, why)


def check_stops(stops: Sequence[Stop], floor: Floor) -> None:
    """Refuse stops that are not on the floor, or that cannot be reached and left again."""
    lines = []
    for line, stop in enumerate(stops, start=1):
        if stop.location_id not in floor.layout.spots:
            lines.append(BadLine(line, "location", "This place is not on the floor plan.", "Enter its aisle and bay."))
        else:
            stand = floor.at(stop.location_id)
            if floor.mm(floor.start, stand) >= FAR or floor.mm(stand, floor.end) >= FAR:
                lines.append(BadLine(line, "location", "No way leads to this place and back.", "Change the aisles."))
    if lines:
        raise TripRefused(lines[0].message, lines=lines, fix=lines[0].fix)


@dataclass(frozen=True, slots=True)
class Block:
    """Parallel aisles that the stops lie in: where front and back are, and the picks of each aisle from the front.

    `is_exact` when the whole block lies between two cross aisles and every stop can be taken from it.
    """

    is_upright: bool
    front: int
    depth: int
    lanes: dict[int, list[tuple[int, int]]]  # place of the aisle along the cross aisles -> picks
    is_exact: bool


def _block(floor: Floor, stands: Sequence[Stand]) -> Block | None:
    """The block that the stops lie in, when their aisles are parallel and two cross aisles bound them."""
    picked = {stand.aisle for stand in stands if stand.aisle >= 0 and not floor.aisles[stand.aisle].is_cross}
    if not picked:
        return None
    upright = is_upright(floor.aisles[min(picked)])
    if any(is_upright(floor.aisles[n]) != upright for n in picked):
        return None
    axis = 1 if upright else 0
    aisles = {n for n, aisle in enumerate(floor.aisles) if not aisle.is_cross and is_upright(aisle) == upright}
    bounds = [{floor.nodes[node][axis] for _, node in floor.crossings[n]} for n in picked]
    shared = set.intersection(*bounds)
    if len(shared) < 2:
        return None
    low, high = min(shared), max(shared)
    begin = floor.point(floor.start)[axis]
    front, back = (low, high) if abs(begin - low) <= abs(begin - high) else (high, low)
    lanes: dict[int, list[tuple[int, int]]] = {}
    is_exact = (
        floor.is_symmetric
        and len(shared) == 2
        and all({floor.nodes[node][axis] for _, node in floor.crossings[n]} == shared for n in aisles)
    )
    for n, stand in enumerate(stands):
        point = floor.point(stand)
        depth = abs(point[axis] - front)
        if stand.aisle in picked:
            lanes.setdefault(point[1 - axis], []).append((n, depth))
            is_exact = is_exact and low <= point[axis] <= high and stand.off == 0
        else:
            is_exact = is_exact and point[axis] in shared
    for lane in lanes.values():
        lane.sort(key=lambda pick: (pick[1], pick[0]))
    ends = (floor.start, floor.end)
    is_exact = is_exact and all(floor.point(end)[axis] in shared for end in ends)
    is_exact = is_exact and _reach_across(floor, [*stands, *ends], axis, shared)
    return Block(upright, front, abs(back - front), lanes, is_exact)


def _reach_across(floor: Floor, stands: Sequence[Stand], axis: int, shared: set[int]) -> bool:
    """Whether both cross aisles reach from the first to the last place: a broken one would need another way."""
    places = [floor.point(stand)[1 - axis] for stand in stands]
    for line in shared:
        found = [
            (along(aisle, 0)[1 - axis], along(aisle, aisle.length_mm)[1 - axis])
            for aisle in floor.aisles
            if is_upright(aisle) != (axis == 1) and along(aisle, 0)[axis] == line
        ]
        if not any(min(ends) <= min(places) and max(ends) >= max(places) for ends in found):
            return False
    return True


def _by_policy(block: Block, count: int) -> dict[Method, list[int]]:
    """The named ways; stops outside the aisles (on a cross aisle) come last."""
    lanes = [block.lanes[at] for at in sorted(block.lanes)]
    inside = {n for lane in lanes for n, _ in lane}
    outside = [n for n in range(count) if n not in inside]
    return {
        Method.S_SHAPE: policies.s_shape(lanes) + outside,
        Method.RETURN: policies.there_and_back(lanes) + outside,
        Method.LARGEST_GAP: policies.largest_gap(lanes, block.depth) + outside,
    }


def _exactly(floor: Floor, stands: Sequence[Stand], block: Block) -> list[int]:
    """The exact order: aisles and the places on the cross aisles as columns of one table."""
    axis = 1 if block.is_upright else 0
    points = [floor.point(stand) for stand in stands]
    ends = [floor.point(floor.start), floor.point(floor.end)]
    inside = {n for lane in block.lanes.values() for n, _ in lane}
    outside = [n for n in range(len(stands)) if n not in inside]
    low = min(point[1 - axis] for point in (*points, *ends))
    high = max(point[1 - axis] for point in (*points, *ends))
    places = {
        floor.point(Stand(n, 0, 0, [], []))[1 - axis]
        for n, aisle in enumerate(floor.aisles)
        if not aisle.is_cross and is_upright(aisle) == block.is_upright
    }
    aisles = {at for at in places if low <= at <= high}
    columns = []
    for at in sorted({*aisles, *(points[n][1 - axis] for n in outside), *(end[1 - axis] for end in ends)}):
        here = [[n for n in outside if points[n][1 - axis] == at and (points[n][axis] == block.front) == is_front]
                for is_front in (True, False)]  # fmt: skip
        met = [sum(end[1 - axis] == at and (end[axis] == block.front) == is_front for end in ends)
               for is_front in (True, False)]  # fmt: skip
        columns.append(
            exact.Column(
                at, at in aisles, tuple(block.lanes.get(at, ())),
                (bool(here[0] or met[0]), bool(here[1] or met[1])), (met[0] == 1, met[1] == 1),
                (tuple(here[0]), tuple(here[1])),
            )
        )  # fmt: skip
    begin = next(n for n, column in enumerate(columns) if column.at == ends[0][1 - axis])
    side = exact.FRONT if ends[0][axis] == block.front else exact.BACK
    return exact.shortest(columns, block.depth, (begin, side))


def _careful(
    stops: Sequence[Stop], places: Sequence[int], matrix: Matrix, handling: Handling, *, symmetric: bool
) -> list[int]:
    """Heavy places first, fragile ones last, each part by the shortest way; nothing if all are alike."""
    part = dict.fromkeys(places, 1)
    for stop in stops:
        if handling.heavy_g and stop.weight_g >= handling.heavy_g:
            part[stop.location_id] = 0
        elif handling.fragile_last and stop.is_fragile and part[stop.location_id] == 1:
            part[stop.location_id] = 2
    parts = [[n for n, place in enumerate(places) if part[place] == which] for which in (0, 1, 2)]
    if sum(bool(group) for group in parts) < 2:
        return []
    found: list[int] = []
    at, end = len(places), len(places) + 1
    for group in parts:
        if not group:
            continue
        tour = tours.nearest(matrix, at, group)
        found += tours.shorten(matrix, at, tour, end if group is parts[-1] else tour[-1], symmetric=symmetric)
        at = found[-1]
    return found
