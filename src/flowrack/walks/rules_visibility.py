"""Distances round obstacles: the shortest way between points of a floor with racks, walls or machines on it. Pure.

An obstacle is a polygon without holes, convex or not; people may walk along its sides, but not through it. The shortest
way bends only at corners, so that it is enough to know which points and corners see each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import isqrt
from typing import NamedTuple

from flowrack.walks.types import Point

Polygon = Sequence[Point]
Box = tuple[int, int, int, int]
Sides = Sequence[tuple[int, int, int, int]]  # of a convex polygon, its inside to the left: x, y and the way to the next
FAR = 1 << 60
MOST_SIDES = 4  # a star turns left at every corner too, but not with four


class Wall(NamedTuple):
    """An obstacle with its bounds; its sides where it is convex, which is cheaper to look at."""

    box: Box
    polygon: Polygon
    sides: Sides


def distances(points: Sequence[Point], obstacles: Sequence[Polygon]) -> list[list[int]]:
    """Millimetres between all points, round the obstacles; FAR where there is no way.

    A point drawn inside an obstacle (a place entered in the middle of its rack) is reached through that one.
    """
    walls = [Wall(_box(polygon), polygon, _sides(polygon)) for polygon in obstacles]
    corners = list(dict.fromkeys(corner for polygon in obstacles for corner in polygon))
    hops = _between_corners(corners, walls)
    around = [[wall for wall in walls if not _is_inside(point, 1, wall.polygon)] for point in points]
    reach = [_to_corners(point, corners, found) for point, found in zip(points, around, strict=True)]
    ways = [_all_corners(seen, hops) for seen in reach]
    table = [[0] * len(points) for _ in points]
    for i, one in enumerate(points):
        for j in range(i):
            other = points[j]
            if sees(one, other, around[i] if len(around[i]) <= len(around[j]) else around[j]):
                found_mm = straight(one, other)
            else:
                way = ways[i]
                found_mm = min((way[c] + mm for c, mm in reach[j]), default=FAR)
            table[i][j] = table[j][i] = found_mm
    return table


def straight(a: Point, b: Point) -> int:
    """Whole millimetres as the crow flies, to the nearest."""
    squared = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
    return (isqrt(4 * squared) + 1) // 2


def sees(a: Point, b: Point, walls: Sequence[Wall]) -> bool:
    """Whether the straight line between two points goes through no obstacle."""
    left, right = (a[0], b[0]) if a[0] <= b[0] else (b[0], a[0])
    low, high = (a[1], b[1]) if a[1] <= b[1] else (b[1], a[1])
    for (x1, y1, x2, y2), polygon, sides in walls:
        if right <= x1 or left >= x2 or high <= y1 or low >= y2:
            continue
        if _clips(a, b, sides) if sides else cuts(a, b, polygon):
            return False
    return True


def _clips(a: Point, b: Point, sides: Sides) -> bool:
    """The same for a convex polygon: what is left of the line when every side has cut off what is outside."""
    ax, ay = a
    dx, dy = b[0] - ax, b[1] - ay
    from_n, from_d, to_n, to_d = 0, 1, 1, 1  # two fractions of the line
    for px, py, ex, ey in sides:
        inside = ex * (ay - py) - ey * (ax - px)
        turn = ex * dy - ey * dx
        if turn == 0:
            if inside <= 0:
                return False
        elif turn > 0:
            if -inside * from_d > from_n * turn:
                from_n, from_d = -inside, turn
        elif inside * to_d < to_n * -turn:
            to_n, to_d = inside, -turn
        if from_n * to_d >= to_n * from_d:
            return False
    return True


def cuts(a: Point, b: Point, polygon: Polygon) -> bool:
    """Whether the line from a to b has a stretch inside the polygon (touching a side or a corner is none).

    The sides divide the line into stretches; one of them is inside when its middle is. All in whole numbers: a place on
    the line is a fraction of two integers.
    """
    dx, dy = b[0] - a[0], b[1] - a[1]
    marks: list[tuple[int, int]] = [(0, 1), (1, 1)]
    for n, p in enumerate(polygon):
        q = polygon[(n + 1) % len(polygon)]
        ex, ey = q[0] - p[0], q[1] - p[1]
        across = dx * ey - dy * ex
        if across == 0:
            if dx * (p[1] - a[1]) - dy * (p[0] - a[0]) == 0 and (dx or dy):
                marks += [(dx * (c[0] - a[0]) + dy * (c[1] - a[1]), dx * dx + dy * dy) for c in (p, q)]
            continue
        along = (p[0] - a[0]) * ey - (p[1] - a[1]) * ex
        beside = (p[0] - a[0]) * dy - (p[1] - a[1]) * dx
        if 0 <= _signed(beside, across) <= abs(across):
            marks.append((_signed(along, across), abs(across)))
    inside = sorted({mark for mark in marks if 0 <= mark[0] <= mark[1]}, key=lambda mark: mark[0] * FAR // mark[1])
    for (n1, d1), (n2, d2) in itertools.pairwise(inside):
        # the middle of the stretch, as a fraction over 2 * d1 * d2
        numerator, denominator = n1 * d2 + n2 * d1, 2 * d1 * d2
        if n1 * d2 == n2 * d1:
            continue
        middle = (a[0] * denominator + dx * numerator, a[1] * denominator + dy * numerator)
        if _is_inside(middle, denominator, polygon):
            return True
    return False


def _signed(value: int, like: int) -> int:
    return value if like > 0 else -value


def _is_inside(point: Point, scale: int, polygon: Polygon) -> bool:
    """Whether a point (in units of 1/scale) lies truly inside, not on a side."""
    x, y = point
    found = False
    corners = [(px * scale, py * scale) for px, py in polygon]
    for n, (px, py) in enumerate(corners):
        qx, qy = corners[(n + 1) % len(corners)]
        turn = (qx - px) * (y - py) - (qy - py) * (x - px)
        if turn == 0 and min(px, qx) <= x <= max(px, qx) and min(py, qy) <= y <= max(py, qy):
            return False
        if (py > y) != (qy > y) and (turn > 0) == (qy > py):
            found = not found
    return found


def _sides(polygon: Polygon) -> Sides:
    """The sides of a convex polygon, its inside to the left of each; none where it is not convex."""
    corners = list(polygon)
    if sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)) < 0:
        corners.reverse()
    ways = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)]
    turns = [v[0] * w[1] - v[1] * w[0] for v, w in zip(ways, [*ways[1:], ways[0]], strict=True)]
    if len(corners) < 3 or any(turn <= 0 for turn in turns) or len(corners) > MOST_SIDES:
        return ()
    return [(*corner, *way) for corner, way in zip(corners, ways, strict=True)]


def _box(polygon: Polygon) -> Box:
    xs, ys = [corner[0] for corner in polygon], [corner[1] for corner in polygon]
    return min(xs), min(ys), max(xs), max(ys)


def _between_corners(corners: Sequence[Point], walls: Sequence[Wall]) -> list[list[int]]:
    """Shortest ways between all corners (Floyd and Warshall)."""
    count = len(corners)
    table = [[FAR] * count for _ in corners]
    for i in range(count):
        table[i][i] = 0
        for j in range(i):
            if sees(corners[i], corners[j], walls):
                table[i][j] = table[j][i] = straight(corners[i], corners[j])
    for middle in table:
        k = middle.index(0)
        for row in table:
            first = row[k]
            if first < FAR:
                row[:] = [mm if mm <= first + more else first + more for mm, more in zip(row, middle, strict=True)]
    return table


def _to_corners(point: Point, corners: Sequence[Point], walls: Sequence[Wall]) -> list[tuple[int, int]]:
    return [(n, straight(point, corner)) for n, corner in enumerate(corners) if sees(point, corner, walls)]


def _all_corners(seen: Sequence[tuple[int, int]], hops: Sequence[Sequence[int]]) -> list[int]:
    """From a point to every corner, by the corners that it sees."""
    way = [FAR] * len(hops)
    for corner, mm in seen:
        way = [old if old <= mm + hop else mm + hop for old, hop in zip(way, hops[corner], strict=True)]
    return way
