"""Trips: what fits a cart, little walking, the same every time; distances round obstacles."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrack.walks import rules_tours as tours
from flowrack.walks import rules_visibility as visibility
from flowrack.walks.rules_batches import batches, first_come
from flowrack.walks.rules_visibility import cuts, distances, straight
from flowrack.walks.types import Cart, Job, TripRefused

points = st.tuples(st.integers(0, 80), st.integers(0, 80))


def on_a_line(*jobs: tuple[int, ...]) -> tuple[list[list[int]], list[Job]]:
    """Places every metre along a line; 0 is where walks begin and end."""
    return [[abs(a - b) * 1_000 for b in range(100)] for a in range(100)], [Job(job) for job in jobs]


def test_orders_that_lie_together_are_picked_together():
    matrix, jobs = on_a_line((10,), (50,), (11,), (51,), (12,), (52,))
    found = batches(jobs, Cart(orders=3), matrix, start=0, end=0)
    assert [(trip.jobs, sorted(trip.points), trip.mm) for trip in found] == [
        ((0, 2, 4), [10, 11, 12], 24_000), ((1, 3, 5), [50, 51, 52], 104_000),
    ]  # fmt: skip
    assert sum(trip.mm for trip in first_come(jobs, Cart(orders=3), matrix, start=0, end=0)) == 206_000 - 2_000


def test_every_limit_of_the_cart_counts_and_an_order_too_big_for_it_is_named():
    matrix, jobs = on_a_line((1,), (2,), (3,))
    heavy = [replace(job, weight_g=6_000, volume_ml=100, totes=1) for job in jobs]
    for cart in (Cart(weight_g=11_000), Cart(volume_ml=199), Cart(totes=1)):
        assert [trip.jobs for trip in batches(heavy, cart, matrix, start=0, end=0)] == [(0,), (1,), (2,)]
    assert len(batches(heavy, Cart(weight_g=12_000, totes=2), matrix, start=0, end=0)) == 2
    assert len(batches(heavy, Cart(), matrix, start=0, end=0)) == 1
    with pytest.raises(TripRefused) as refused:
        batches([*jobs, replace(jobs[0], weight_g=9_000), Job(())], Cart(weight_g=8_000), matrix, start=0, end=0)
    assert [(line.line, line.field) for line in refused.value.lines] == [(4, "weight_g"), (5, "points")]


@settings(max_examples=20, deadline=None)
@given(places=st.lists(points, min_size=2, max_size=12), sizes=st.lists(st.integers(1, 3), min_size=1, max_size=7),
       capacity=st.integers(1, 4), seed=st.integers(0, 3))  # fmt: skip
def test_each_order_is_in_one_trip_that_visits_its_places_and_is_as_long_as_it_says(places, sizes, capacity, seed):
    matrix = distances([(x * 1_000, y * 1_000) for x, y in places], [])
    jobs = [Job(tuple((n * 5 + k * 3) % len(places) for k in range(size))) for n, size in enumerate(sizes)]
    asked = {"start": 0, "end": len(places) - 1}
    found = batches(jobs, Cart(orders=capacity), matrix, effort=6_000, seed=seed, **asked)
    assert sorted(job for trip in found for job in trip.jobs) == list(range(len(jobs)))
    for trip in found:
        assert len(trip.jobs) <= capacity
        assert set(trip.points) == {point for job in trip.jobs for point in jobs[job].points}
        assert trip.mm == tours.length(matrix, 0, trip.points, len(places) - 1)
    assert found == batches(jobs, Cart(orders=capacity), matrix, effort=6_000, seed=seed, **asked)
    plain = sum(trip.mm for trip in batches(jobs, Cart(orders=capacity), matrix, effort=0, **asked))
    assert sum(trip.mm for trip in found) <= plain


def test_the_way_leads_round_a_rack_by_its_nearer_corner():
    rack = [(2_000, 0), (2_000, 10_000), (4_000, 10_000), (4_000, 0)]
    table = distances([(0, 8_000), (6_000, 8_000), (0, 0), (6_000, 0)], [rack])
    corner = straight((0, 8_000), (2_000, 10_000))
    assert table[0][1] == table[1][0] == 2 * corner + 2_000
    assert table[2][3] == 6_000  # along the rack's side
    assert table[0][2] == 8_000


def test_a_way_into_a_hollow_of_an_obstacle_is_seen_and_one_through_its_arm_is_not():
    horseshoe = [(0, 0), (9_000, 0), (9_000, 9_000), (6_000, 9_000), (6_000, 3_000), (3_000, 3_000), (3_000, 9_000),
                 (0, 9_000)]  # fmt: skip
    inside, outside, above = (4_500, 6_000), (-1_000, 6_000), (4_500, 12_000)
    assert (cuts(inside, outside, horseshoe), cuts(inside, above, horseshoe)) == (True, False)
    around = straight(inside, (3_000, 9_000)) + 3_000 + straight((0, 9_000), outside)
    assert distances([inside, outside], [horseshoe])[0][1] == around


@settings(max_examples=200, deadline=None)
@given(a=points, b=points, corners=st.lists(points, min_size=3, max_size=4, unique=True))
def test_a_convex_obstacle_is_seen_the_same_by_its_sides_as_by_its_crossings(a, b, corners):
    sides = visibility._sides(corners)
    if sides and a != b:
        assert visibility._clips(a, b, sides) == cuts(a, b, corners)


@settings(max_examples=100, deadline=None)
@given(a=points, b=points, c=points)
def test_distances_keep_the_triangle_and_are_never_shorter_than_the_straight_line(a, b, c):
    racks = [[(20, 20), (20, 60), (30, 60), (30, 20)], [(40, 10), (60, 30), (50, 50)]]
    table = distances([a, b, c], racks)
    assert table[0][1] >= straight(a, b) - 1
    assert table[0][2] <= table[0][1] + table[1][2] + 3 or any(
        _within(point, rack) for point in (a, b, c) for rack in racks
    )


def _within(point, polygon):
    xs, ys = [p[0] for p in polygon], [p[1] for p in polygon]
    return min(xs) <= point[0] <= max(xs) and min(ys) <= point[1] <= max(ys)
