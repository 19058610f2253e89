"""The picture of a floor: everything within it, one-way signs as they look, a walk from its start to its end."""

from __future__ import annotations

import itertools
import re

from flowrack.walks.drawing import floor_plan
from flowrack.walks.tests.floors import block
from flowrack.walks.types import OneWay, PlaceRow

DOOR = PlaceRow(9, 2, "OUT", "door", "staged", "", "", "DOOR-1", point=(5_000, -4_000))


def drawn(walk=(), **kwargs):
    floor = block({1: (0, 4_000), 2: (1, 6_000)}, loose={9: (5_000, -4_000)}, **kwargs)
    return str(floor_plan(floor, [DOOR], walk))


def test_a_walk_leads_from_the_start_through_its_stops_to_the_end_within_the_picture():
    picture = drawn((1, 2), end=(25_000, 0))
    width, height = (int(n) for n in re.search(r'viewBox="0 0 (\d+) (\d+)"', picture).groups())
    line = re.search(r'fl-walk" points="([^"]+)"', picture)[1]
    points = [tuple(int(n) for n in point.split(",")) for point in line.split()]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in itertools.pairwise(points))  # along the aisles
    assert [picture.count(words) for words in ('class="fl-stop"', ">start<", ">end<", "DOOR-1")] == [2, 1, 1, 2]
    assert 'points=""' in drawn()
    assert ">start and end<" in drawn()


def test_a_long_floor_is_turned_and_its_signs_turn_with_it():
    ways = [OneWay.FORWARD, OneWay.BACKWARD]
    wide, long = drawn(aisles=9, one_way=ways), drawn(aisles=2, one_way=ways)
    assert ("00 ↑" in wide, "01 ↓" in wide, "north ↑" in wide) == (True, True, True)
    assert ("00 →" in long, "01 ←" in long, "north →" in long) == (True, True, True)
