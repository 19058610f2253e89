"""Routes: distances round the racks, the named ways, the exact walk, one-way aisles, heavy and fragile goods."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrack.walks import rules_tours as tours
from flowrack.walks.rules_routes import route
from flowrack.walks.tests.floors import APART, DEPTH, block
from flowrack.walks.types import Handling, Method, OneWay, Stop, TripRefused

ALL_WAYS = [Method.AS_GIVEN, Method.S_SHAPE, Method.RETURN, Method.LARGEST_GAP]


def test_the_way_to_the_next_aisle_leads_round_the_rack_by_its_nearer_end():
    floor = block({1: (0, 4_000), 2: (1, 6_000), 3: (1, 18_000), 4: (0, 16_000)})
    mm = lambda a, b: floor.mm(floor.at(a), floor.at(b))  # noqa: E731
    assert mm(1, 2) == 4_000 + APART + 6_000
    assert mm(4, 3) == 4_000 + APART + 2_000
    assert mm(1, 4) == 12_000
    assert floor.way(floor.at(1), floor.at(2)) == [(5_000, 4_000), (5_000, 0), (10_000, 0), (10_000, 6_000)]


def test_a_middle_cross_aisle_shortens_the_way():
    places = {1: (0, 9_000), 2: (1, 9_000)}
    assert route([Stop(1), Stop(2)], block(places)).mm == 5_000 + 9_000 + 23_000 + 9_000 + 10_000
    middle = block(places, middle=True)
    assert middle.mm(middle.at(1), middle.at(2)) == 1_000 + APART + 1_000
    found = route([Stop(1), Stop(2)], middle)
    assert (found.mm, sorted(found.alternatives)) == (  # three cross aisles: no exact answer is claimed
        5_000 + 9_000 + 7_000 + 9_000 + 10_000, ["2-opt", "S-shape", "as given", "largest gap", "return"],
    )  # fmt: skip


def test_every_method_is_measured_and_the_exact_one_is_walked():
    # Two picks deep in aisle 0, one near the front of aisle 1, one near the back of aisle 2, one half-way in aisle 3.
    floor = block({1: (0, 18_000), 2: (0, 15_000), 3: (1, 2_000), 4: (2, 18_000), 5: (3, 10_000)})
    found = route([Stop(n) for n in (1, 2, 3, 4, 5)], floor)
    assert found.method == Method.EXACT
    assert found.alternatives == {
        "as given": 120_000, "S-shape": 120_000, "return": 120_000, "largest gap": 88_000, "exact": 88_000,
    }  # fmt: skip
    assert found.mm == 88_000
    assert found.order == (1, 0, 3, 4, 2)


def test_a_one_way_aisle_is_not_walked_against_its_sign():
    ways = [OneWay.FORWARD, OneWay.BACKWARD]
    floor = block({1: (0, 4_000), 2: (0, 2_000)}, aisles=2, one_way=ways)
    mm = lambda a, b: floor.mm(floor.at(a), floor.at(b))  # noqa: E731
    assert mm(2, 1) == 2_000
    assert mm(1, 2) == (DEPTH - 4_000) + APART + DEPTH + APART + 2_000
    found = route([Stop(1), Stop(2)], floor)
    assert (found.order, Method.EXACT in found.alternatives) == ((1, 0), False)
    assert found.mm == APART + DEPTH + APART + DEPTH + 2 * APART


def test_heavy_goods_come_first_and_fragile_ones_last_unless_the_detour_is_too_long():
    floor = block({1: (0, 2_000), 2: (1, 2_000), 3: (2, 2_000)})
    stops = [Stop(1, 500, is_fragile=True), Stop(2, 25_000), Stop(3, 800)]
    handling = Handling(heavy_g=20_000, fragile_last=True, most_detour_pct=50)
    found = route(stops, floor, handling)
    assert (found.order, found.method, found.mm) == ((1, 2, 0), Method.HEAVY_FIRST, 42_000)
    assert found.alternatives["exact"] == 42_000
    through = block({1: (0, 2_000), 3: (2, 2_000)}, start=(0, 0), end=(20_000, 0))
    far = route([Stop(1, 500), Stop(3, 25_000)], through, handling)
    assert (far.order, far.method, far.mm, far.alternatives["heavy first"]) == ((0, 1), Method.EXACT, 28_000, 48_000)
    assert far.why == "The shortest of 5 ways. Heavy before light would be 20 m more, which is too much."


def test_picks_at_one_place_are_taken_together_and_what_is_not_on_the_floor_is_named():
    floor = block({1: (0, 2_000), 2: (2, 2_000)})
    assert route([Stop(1), Stop(2), Stop(1)], floor).order in ((0, 2, 1), (1, 0, 2))
    with pytest.raises(TripRefused) as refused:
        route([Stop(1), Stop(77), Stop(78)], floor)
    assert [line.line for line in refused.value.lines] == [2, 3]


@settings(max_examples=100, deadline=None)
@given(
    picks=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20)), min_size=1, max_size=5),
    start=st.tuples(st.integers(0, 25), st.sampled_from([-2, 0, 20])),
    end=st.tuples(st.integers(0, 25), st.sampled_from([0, 20, 22])),
    loose=st.lists(st.tuples(st.integers(0, 25), st.sampled_from([-3, 0, 20])), max_size=2),
)
def test_the_exact_walk_is_the_shortest_of_all_orders(picks, start, end, loose):
    points = {100 + n: (x * 1_000, y * 1_000) for n, (x, y) in enumerate(loose)}
    begin, finish = [(x * 1_000, y * 1_000) for x, y in (start, end)]
    places = {n: (aisle, mm * 1_000) for n, (aisle, mm) in enumerate(picks)}
    floor = block(places, start=begin, end=finish, loose=points)
    stops = [Stop(key) for key in floor.layout.spots]
    found = route(stops, floor)
    matrix = floor.matrix([*(floor.at(stop.location_id) for stop in stops), floor.start, floor.end])
    n = len(stops)
    shortest = min(tours.length(matrix, n, order, n + 1) for order in permutations(range(n)))
    assert found.alternatives["exact"] == found.mm == shortest
    assert tours.length(matrix, n, found.order, n + 1) == found.mm
    assert sorted(found.order) == list(range(n))
    assert all(found.alternatives[method] >= found.mm for method in ALL_WAYS)


@settings(max_examples=60, deadline=None)
@given(
    picks=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20)), min_size=1, max_size=5),
    ways=st.lists(st.sampled_from([OneWay.FORWARD, OneWay.BACKWARD]), min_size=4, max_size=4, unique=False),
)
def test_with_one_way_aisles_the_way_found_is_no_longer_than_any_named_one(picks, ways):
    floor = block({n: (aisle, mm * 1_000) for n, (aisle, mm) in enumerate(picks)}, aisles=6,
                  one_way=[*ways, OneWay.FORWARD, OneWay.BACKWARD])  # fmt: skip
    found = route([Stop(n) for n in range(len(picks))], floor)
    assert found.mm == min(found.alternatives.values())
    assert sorted(found.order) == list(range(len(picks)))
