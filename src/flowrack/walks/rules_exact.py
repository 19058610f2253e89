"""The shortest walk through parallel aisles between two cross aisles, exactly (after Ratliff and Rosenthal). Pure.

Aisles are taken from left to right. What has been walked so far matters only by how many ways (none, one or two) lead
on along the front and the back, and whether those hang together; of all that end alike the shortest is kept. The best
set of ways is then walked through without lifting the foot. Walks may end elsewhere than they begin: then an odd number
of ways meets at both ends. Time grows with the number of aisles, not of stops.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

FRONT, BACK = 0, 1


@dataclass(frozen=True, slots=True)
class Column:
    """An aisle from front to back at its place along the cross aisles, or a place on a cross aisle.

    `picks` are positions of stops with their distance from the front, in that order. `touched` says at which ends
    somebody must pass, `odd` at which end the walk begins or ends (but not both).
    """

    at: int
    is_aisle: bool
    picks: tuple[tuple[int, int], ...] = ()  # stop, distance
    touched: tuple[bool, bool] = (False, False)
    odd: tuple[bool, bool] = (False, False)
    stops: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())  # on the cross aisles


class _Entry(NamedTuple):
    """How an aisle is entered: what it costs, ways that meet at front and back, whether they are joined by it."""

    mm: int
    front: int
    back: int
    joins: bool
    from_front: tuple[int, ...]
    from_back: tuple[int, ...]


class _State(NamedTuple):
    front: int  # ways that lead on
    back: int
    is_joined: bool
    is_begun: bool


FRESH = _State(0, 0, False, False)
DONE = _State(0, 0, False, True)
Step = tuple[int, "_State | None", "_Entry | None"]  # millimetres, state before, entry


def shortest(columns: Sequence[Column], depth: int, start: tuple[int, int]) -> list[int]:
    """The stops in the order of the shortest walk; `start` is the column and the end (front or back) where it begins.

    `columns` are in the order of their places; `depth` is the distance between front and back.
    """
    tables: list[dict[_State, Step]] = []
    now: dict[_State, Step] = {FRESH: (0, None, None)}
    for n, column in enumerate(columns):
        gap = columns[n + 1].at - column.at if n + 1 < len(columns) else -1
        now = _advance(now, column, _entries(column, depth), gap)
        tables.append(now)
    state, chosen = DONE, []
    for table in reversed(tables):
        _, before, entry = table[state]
        assert before is not None and entry is not None, "every column has a state before it"
        chosen.append((before, entry, state))
        state = before
    return _walk(columns, chosen[::-1], start)


def _entries(column: Column, depth: int) -> list[_Entry]:
    picks = column.picks
    stops = tuple(stop for stop, _ in picks)
    if not column.is_aisle:
        return [_Entry(0, 0, 0, False, (), ())]
    through = _Entry(depth, 1, 1, True, stops, ())
    if not picks:
        return [_Entry(0, 0, 0, False, (), ()), through]
    found = [
        through,
        _Entry(2 * picks[-1][1], 2, 0, False, stops, ()),
        _Entry(2 * (depth - picks[0][1]), 0, 2, False, (), stops[::-1]),
        _Entry(2 * depth, 2, 2, True, stops, ()),
    ]
    if len(picks) > 1:
        gap, at = max((b[1] - a[1], n) for n, (a, b) in enumerate(itertools.pairwise(picks), start=1))
        found.append(_Entry(2 * (depth - gap), 2, 2, False, stops[:at], stops[at:][::-1]))
    return found


def _advance(now: dict[_State, Step], column: Column, entries: Sequence[_Entry], gap: int) -> dict[_State, Step]:
    """The states after a column; `gap` is the way to the next one, negative behind the last."""
    found: dict[_State, Step] = {}
    way = max(gap, 0)
    for state, (mm, _, _) in now.items():
        for entry in entries:
            so_far = mm + entry.mm
            for after, ways in _onward(state, entry.front, entry.back, entry.joins, column.touched, column.odd):
                if gap < 0 and after != DONE:
                    continue
                total = so_far + ways * way
                known = found.get(after)
                if known is None or total < known[0]:
                    found[after] = (total, state, entry)
    return found


@cache
def _onward(
    state: _State, front: int, back: int, joins: bool, touched: tuple[bool, bool], odd: tuple[bool, bool]
) -> tuple[tuple[_State, int], ...]:
    """The states that may follow when an aisle is entered so, each with how many ways lead on. There are few in all."""
    at_front, at_back = state.front + front, state.back + back
    joined = joins or (state.is_joined and state.front > 0 and state.back > 0)
    found = []
    for on_front in (0, 2) if (at_front + odd[FRONT]) % 2 == 0 else (1,):
        for on_back in (0, 2) if (at_back + odd[BACK]) % 2 == 0 else (1,):
            after = _after(state, touched, (at_front, on_front), (at_back, on_back), joined)
            if after is not None:
                found.append((after, on_front + on_back))
    return tuple(found)


def _after(
    state: _State, touched: tuple[bool, bool], front: tuple[int, int], back: tuple[int, int], joined: bool
) -> _State | None:
    """What leads on, or nothing where the walk would fall apart."""
    at_front, at_back = sum(front) > 0, sum(back) > 0
    if (touched[FRONT] and not at_front) or (touched[BACK] and not at_back):
        return None
    on_front, on_back = front[1], back[1]
    if not at_front and not at_back:
        return state
    if on_front == 0 and on_back == 0:
        falls_apart = at_front and at_back and not joined
        return None if falls_apart or state == DONE else DONE
    ends_alone = (at_front and on_front == 0) or (at_back and on_back == 0)
    if state == DONE or (ends_alone and not joined):
        return None  # what is closed may not go on, and no part may end for itself
    return _State(on_front, on_back, joined and on_front > 0 and on_back > 0, True)


Vertex = tuple[int, int]


def _walk(columns: Sequence[Column], chosen: Sequence[tuple[_State, _Entry, _State]], start: Vertex) -> list[int]:
    """Walk every way once (Hierholzer); the stops in the order in which they are passed."""
    ways: list[tuple[Vertex, Vertex, tuple[int, ...]]] = []
    for n, (_, entry, after) in enumerate(chosen):
        front, back = (n, FRONT), (n, BACK)
        ways += [(front, (n + 1, FRONT), ())] * after.front + [(back, (n + 1, BACK), ())] * after.back
        if entry.joins:
            ways.append((front, back, entry.from_front))
            ways += [(front, back, ())] * (entry.front - 1)
        else:
            ways += [(front, front, entry.from_front)] * (entry.front > 0) + [(back, back, entry.from_back)] * (
                entry.back > 0
            )
    at: dict[Vertex, list[int]] = {}
    for key, (one, other, _) in enumerate(ways):
        at.setdefault(one, []).append(key)
        if other != one:
            at.setdefault(other, []).append(key)
    used = [False] * len(ways)
    trail: list[tuple[Vertex, tuple[int, ...]]] = []
    stack: list[tuple[Vertex, tuple[int, ...]]] = [(start, ())]
    while stack:
        vertex = stack[-1][0]
        left = at.get(vertex, [])
        while left and used[left[-1]]:
            left.pop()
        if not left:
            trail.append(stack.pop())
            continue
        key = left.pop()
        used[key] = True
        one, other, stops = ways[key]
        stack.append((other, stops) if one == vertex else (one, stops[::-1]))
    passed: list[int] = []
    for (n, side), stops in reversed(trail):
        passed += [*stops, *columns[n].stops[side]]
    return list(dict.fromkeys(passed))
