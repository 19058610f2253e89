"""Aisles that are full, by their own limit or the site's."""

from __future__ import annotations

from dataclasses import replace

from flowrack.walks.rules_congestion import full_aisles, in_full_aisles, occupancy
from flowrack.walks.tests.floors import block


def test_an_aisle_is_full_when_as_many_people_work_in_it_as_it_takes():
    found = block({1: (0, 2_000), 2: (0, 9_000), 3: (1, 2_000), 4: (2, 2_000)}).layout
    aisles = (replace(found.aisles[0], most_people=2), replace(found.aisles[1], most_people=2), *found.aisles[2:])
    layout = replace(found, aisles=aisles)
    assert [(o.code, o.people, o.is_full) for o in occupancy(layout, [1, 2, 3, 4, 999])] == [
        ("00", 2, True), ("01", 1, False), ("02", 1, False),
    ]  # fmt: skip
    assert full_aisles(layout, [1, 2, 3, 4]) == {0}
    assert full_aisles(layout, [1, 2, 3, 4], most_people=1) == {0, 2}
    assert in_full_aisles(layout, [1, 2, 3, 999], {0}) == 2
