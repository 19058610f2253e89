"""The order of points on a walk from a start to an end: nearest first, then made shorter by 2-opt and Or-opt. Pure.

Points are rows of a matrix of millimetres; a tour is the list of points between start and end. The matrix need not be
symmetric (one-way aisles): a turn that would be longer backwards is seen as such.
"""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.walks.types import Matrix

LONGEST_MOVED = 3  # points that Or-opt moves together
MOST_ROUNDS = 40


def length(matrix: Matrix, start: int, tour: Sequence[int], end: int) -> int:
    """Millimetres from the start through the points in this order to the end."""
    total, at = 0, start
    for point in tour:
        total += matrix[at][point]
        at = point
    return total + matrix[at][end]


def nearest(matrix: Matrix, start: int, points: Sequence[int]) -> list[int]:
    """The points, always going to the nearest that is left; of two equally near ones the first."""
    left, tour, at = list(points), [], start
    while left:
        row = matrix[at]
        at = min(left, key=row.__getitem__)
        left.remove(at)
        tour.append(at)
    return tour


def shorten(matrix: Matrix, start: int, tour: Sequence[int], end: int, *, symmetric: bool = True) -> list[int]:
    """The tour after 2-opt and Or-opt, until neither finds anything shorter."""
    path = [start, *tour, end]
    turn = _two_opt if symmetric else _two_opt_directed
    for _ in range(MOST_ROUNDS):
        turned = turn(matrix, path)
        if not _or_opt(matrix, path) and not turned:
            break
    return path[1:-1]


def only_two_opt(matrix: Matrix, start: int, tour: Sequence[int], end: int) -> list[int]:
    """The tour after 2-opt alone, measured both ways."""
    path = [start, *tour, end]
    while _two_opt_directed(matrix, path):
        pass
    return path[1:-1]


def _two_opt(matrix: Matrix, path: list[int]) -> bool:
    """Turn stretches around wherever that is shorter."""
    changed, last = False, len(path) - 1
    for i in range(last - 1):
        a, b = path[i], path[i + 1]
        row_a, row_b, ab = matrix[a], matrix[b], matrix[a][b]
        j = i + 2
        while j < last:
            c, d = path[j], path[j + 1]
            if row_a[c] + row_b[d] < ab + matrix[c][d]:
                path[i + 1 : j + 1] = path[j:i:-1]
                b = path[i + 1]
                row_b, ab = matrix[b], row_a[b]
                changed = True
            j += 1
    return changed


def _two_opt_directed(matrix: Matrix, path: list[int]) -> bool:
    """The same where the way back may be longer: the stretch itself is measured both ways."""
    changed, last = False, len(path) - 1
    for i in range(last - 1):
        forth = back = 0
        j = i + 1
        while j < last - 1:
            forth += matrix[path[j]][path[j + 1]]
            back += matrix[path[j + 1]][path[j]]
            j += 1
            a, b, c, d = path[i], path[i + 1], path[j], path[j + 1]
            if matrix[a][c] + back + matrix[b][d] < matrix[a][b] + forth + matrix[c][d]:
                path[i + 1 : j + 1] = path[j:i:-1]
                forth, back = back, forth
                changed = True
    return changed


def _or_opt(matrix: Matrix, path: list[int]) -> bool:
    """Move stretches of up to three points to where they lie better."""
    changed = False
    for size in range(1, LONGEST_MOVED + 1):
        i = 1
        while i + size < len(path):
            if _move(matrix, path, i, size):
                changed = True
            i += 1
    return changed


def _move(matrix: Matrix, path: list[int], i: int, size: int) -> bool:
    before, first, last, after = path[i - 1], path[i], path[i + size - 1], path[i + size]
    gain = matrix[before][first] + matrix[last][after] - matrix[before][after]
    if gain <= 0:
        return False
    best, place, row_last = 0, -1, matrix[last]
    for k in range(len(path) - 1):
        if i - 1 <= k < i + size:
            continue
        a, b = path[k], path[k + 1]
        saved = gain - (matrix[a][first] + row_last[b] - matrix[a][b])
        if saved > best:
            best, place = saved, k
    if place < 0:
        return False
    stretch = path[i : i + size]
    del path[i : i + size]
    at = place + 1 if place < i else place + 1 - size
    path[at:at] = stretch
    return True
