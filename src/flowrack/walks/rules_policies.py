"""The ways through parallel aisles that pickers know by name: S-shape, return and largest gap. Pure.

Each gives an order of the stops; how far that is, the floor says.
"""

from __future__ import annotations

from collections.abc import Sequence

Pick = tuple[int, int]  # stop, distance from the front
Lane = Sequence[Pick]  # the picks of an aisle, from the front


def s_shape(lanes: Sequence[Lane]) -> list[int]:
    """Up one aisle and down the next, through every aisle that has a stop."""
    found: list[int] = []
    for n, lane in enumerate(lanes):
        found += [stop for stop, _ in (lane if n % 2 == 0 else lane[::-1])]
    return found


def there_and_back(lanes: Sequence[Lane]) -> list[int]:
    """Into every aisle from the front as far as its last stop, and back."""
    return [stop for lane in lanes for stop, _ in lane]


def largest_gap(lanes: Sequence[Lane], depth: int) -> list[int]:
    """Through the first and the last aisle; the others from both ends, up to the largest stretch without a stop."""
    if len(lanes) < 2:
        return [stop for lane in lanes for stop, _ in lane]
    behind: list[int] = []
    before: list[list[int]] = []
    for lane in lanes[1:-1]:
        at = _gap(lane, depth)
        behind += [stop for stop, _ in lane[at:][::-1]]
        before.append([stop for stop, _ in lane[:at]])
    first = [stop for stop, _ in lanes[0]]
    last = [stop for stop, _ in lanes[-1][::-1]]
    return [*first, *behind, *last, *(stop for lane in reversed(before) for stop in lane)]


def _gap(lane: Lane, depth: int) -> int:
    """How many stops of a lane are reached from the front."""
    marks = [0, *(mm for _, mm in lane), depth]
    widest = max(range(len(marks) - 1), key=lambda n: (marks[n + 1] - marks[n], -n))
    return widest
