"""Floors: drawn from codes where nobody measured, as measured where somebody did."""

from __future__ import annotations

from flowrack.walks import rules_layout as layouts
from flowrack.walks.types import Aisle, Ends, Heading, PlaceRow, Spot

PLACES = [
    PlaceRow(1, 7, "PICK", "bin", "forward_pick", "02", "10", "02-10"),
    PlaceRow(2, 7, "PICK", "bin", "forward_pick", "02", "9", "02-9"),
    PlaceRow(3, 7, "PICK", "bin", "forward_pick", "01", "1", "01-1"),
    PlaceRow(4, 8, "STAGE", "staging", "staged", "", "", "STAGE-1"),
    PlaceRow(5, 8, "STAGE", "door", "staged", "", "", "DOOR-1"),
    PlaceRow(6, 9, "BULK", "bin", "reserve", "", "", "FLOOR"),
]


def test_a_drawn_floor_has_the_aisles_side_by_side_and_bays_in_the_order_of_their_numbers():
    found = layouts.layout(1, PLACES)
    assert [(a.code, a.x_mm, a.length_mm) for a in found.aisles] == [
        ("FRONT", 0, 10_000), ("BACK", 0, 10_000), ("01", 2_500, 8_700), ("02", 7_500, 8_700),
    ]  # fmt: skip
    assert (found.spots[2], found.spots[1]) == (Spot(7_500, 3_000, 3, 3_000), Spot(7_500, 5_700, 3, 5_700))
    assert (found.spots[4], found.spots[5], found.spots[6]) == (
        Spot(5_000, -6_000),
        Spot(5_000, -10_000),
        Spot(5_000, -3_000),
    )
    assert (found.start, found.end, found.is_measured) == (Spot(5_000, -6_000), Spot(5_000, -6_000), False)
    assert layouts.out_of_reach(found) == []


def test_a_measured_floor_is_taken_as_it_is_and_lists_what_is_not_on_it():
    aisles = [
        Aisle("X", 0, 0, Heading.EAST, 9_000, is_cross=True),
        Aisle("02", 4_000, 12_000, Heading.SOUTH, 12_000, 7, 1_000, 2_000),
        Aisle("09", 50_000, 0, Heading.NORTH, 5_000, 7, 1_000),
    ]
    found = layouts.layout(1, PLACES, aisles, Ends((0, 0), (9_000, 0)))
    assert found.is_measured
    assert found.spots[2] == Spot(4_000, 10_000, 1, 2_000)
    assert found.spots[1] == Spot(4_000, 9_000, 1, 3_000)
    assert found.spots[3] == found.start == Spot(0, 0)
    assert layouts.unmeasured(PLACES, aisles) == [(7, "01")]
    assert layouts.out_of_reach(found) == [2]


def test_a_site_without_places_has_a_floor_too():
    assert layouts.layout(1, []).spots == {}


def test_aisle_and_bay_are_read_from_the_code_where_they_are_not_entered():
    row = PlaceRow(1, 7, "PICK", "bin", "reserve", "", "", "B-05-1-2")
    assert (layouts.coded(row).aisle, layouts.coded(row).bay) == ("B", "05")
    for other in ("FLOOR-1", "--1", "B0512"):
        assert layouts.coded(PlaceRow(1, 7, "PICK", "bin", "reserve", "", "", other)).aisle == ""
    assert [aisle.code for aisle in layouts.layout(1, [row]).aisles] == ["FRONT", "BACK", "B"]
