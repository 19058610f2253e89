"""Very many orders into trips by the aisles that they share."""

from __future__ import annotations

import random

import pytest

from flowrack.walks.rules_batches import batches
from flowrack.walks.rules_routes import route
from flowrack.walks.rules_seeds import quick_batches
from flowrack.walks.tests.floors import block
from flowrack.walks.types import Cart, Job, Stop, TripRefused

FLOOR = block({aisle * 100 + bay: (aisle, 500 + bay * 1_000) for aisle in range(6) for bay in range(19)}, aisles=6)


def test_orders_of_the_same_aisles_share_a_trip_and_the_limits_of_the_cart_hold():
    jobs = [Job((1,), totes=1), Job((501,), totes=1), Job((2, 103), totes=2), Job((502, 403), totes=2),
            Job((3,), totes=1), Job((503,), totes=1)]  # fmt: skip
    assert quick_batches(jobs, Cart(orders=3), FLOOR) == [(0, 2, 4), (1, 3, 5)]
    assert quick_batches(jobs, Cart(totes=2), FLOOR) == [(0, 4), (1, 5), (2,), (3,)]
    with pytest.raises(TripRefused):
        quick_batches(jobs, Cart(totes=1), FLOOR)


def test_hundreds_of_orders_are_each_in_one_trip_and_walk_less_than_as_they_came():
    chance = random.Random(4)
    places = sorted(FLOOR.layout.spots)
    jobs = [Job(tuple(chance.sample(places, 2))) for _ in range(300)]
    trips = quick_batches(jobs, Cart(orders=8), FLOOR)
    assert sorted(job for trip in trips for job in trip) == list(range(300))
    assert max(len(trip) for trip in trips) == 8
    as_they_came = [tuple(range(n, min(n + 8, 300))) for n in range(0, 300, 8)]
    assert walked(jobs, trips) * 100 < walked(jobs, as_they_came) * 60


def test_orders_beyond_a_few_are_still_put_together_by_their_walks():
    """More than 64 orders: not every pair is tried, and the answer stays nearer to all pairs than to first come."""
    chance = random.Random(4)
    places = sorted(FLOOR.layout.spots)
    jobs = [Job(tuple(chance.sample(range(len(places)), 2))) for _ in range(70)]
    matrix = FLOOR.matrix([*(FLOOR.at(place) for place in places), FLOOR.start, FLOOR.end])
    n = len(places)
    found = batches(jobs, Cart(orders=8), matrix, start=n, end=n + 1, effort=0)
    assert sorted(job for trip in found for job in trip.jobs) == list(range(70))
    named = [Job(tuple(places[point] for point in job.points)) for job in jobs]
    quick = quick_batches(named, Cart(orders=8), FLOOR)
    assert sum(trip.mm for trip in found) < walked(named, quick)


def walked(jobs: list[Job], trips: list[tuple[int, ...]]) -> int:
    return sum(route([Stop(place) for job in trip for place in jobs[job].points], FLOOR).mm for trip in trips)
