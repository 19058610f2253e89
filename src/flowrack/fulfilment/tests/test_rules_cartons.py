"""Which cartons an order goes into."""

from __future__ import annotations

import time
from decimal import Decimal

from flowrack.fulfilment.rules_cartons import AS_IT_IS, CartonKind, Wish, plan

SMALL = CartonKind(1, "S", (200, 200, 200), 5_000, 100, Decimal("0.30"))
LARGE = CartonKind(2, "L", (400, 400, 400), 20_000, 500, Decimal("1.10"))
HOUSE = [LARGE, SMALL]
CUBE = (100, 100, 100)


def planned(*wishes: Wish) -> list[tuple[int, dict[int, int], int, int]]:
    return [(one.type_id, dict(one.units), one.weight_g, one.filled) for one in plan(wishes, HOUSE).cartons]


def test_the_cheapest_single_carton_is_taken():
    assert planned(Wish(7, 8, CUBE, 200)) == [(1, {7: 8}, 1_700, 1_000)]
    assert planned(Wish(7, 9, CUBE, 200)) == [(2, {7: 9}, 2_300, 140)]


def test_too_heavy_for_the_small_one():
    assert planned(Wish(7, 8, CUBE, 700)) == [(2, {7: 8}, 6_100, 125)]


def test_many_units_go_into_the_fewest_cartons_and_the_last_is_as_small_as_may_be():
    assert planned(Wish(7, 70, CUBE, 100)) == [(2, {7: 64}, 6_900, 1_000), (1, {7: 6}, 700, 750)]


def test_goods_that_may_not_travel_together_are_apart():
    assert planned(Wish(1, 1, CUBE, 10, apart="3"), Wish(2, 1, CUBE, 10), Wish(3, 1, CUBE, 10, apart="3")) == [
        (1, {2: 1}, 110, 125),
        (1, {1: 1, 3: 1}, 120, 250),
    ]


def test_a_full_case_travels_in_its_own_box_and_the_rest_in_a_carton():
    case = Wish(7, 27, CUBE, 100, case_units=12, case_sides=(310, 210, 210), case_weight_g=1_350)
    assert planned(case) == [
        (1, {7: 3}, 400, 375),
        (AS_IT_IS, {7: 12}, 1_350, 1_000),
        (AS_IT_IS, {7: 12}, 1_350, 1_000),
    ]


def test_what_fits_into_no_carton_goes_as_it_is_and_what_nobody_measured_is_named():
    found = plan([Wish(7, 2, (900, 50, 50), 800), Wish(8, 1, CUBE, 50), Wish(9, 1, None)], HOUSE)
    assert [(one.type_id, dict(one.units)) for one in found.cartons] == [(1, {8: 1}), (0, {7: 1}), (0, {7: 1})]
    assert found.unmeasured == [9]


def test_a_bottle_stays_upright_even_when_that_takes_a_larger_carton():
    bottle = Wish(7, 1, (80, 80, 300), 900)
    assert planned(bottle)[0][0] == 2
    lying = CartonKind(3, "F", (320, 100, 100), 5_000, 90, Decimal("0.20"))
    assert [one.type_id for one in plan([bottle], [*HOUSE, lying]).cartons] == [3]
    assert [one.type_id for one in plan([bottle._replace(keep_upright=True)], [*HOUSE, lying]).cartons] == [2]


def test_what_is_more_than_anybody_packs_by_the_carton_goes_as_one():
    assert planned(Wish(7, 2_001, CUBE, 100)) == [(AS_IT_IS, {7: 2_001}, 200_100, 1_000)]


def test_a_large_order_is_planned_at_once_for_its_stock_is_locked_meanwhile():
    sides = [(30 + 37 * n % 170, 30 + 53 * n % 160, 30 + 71 * n % 120) for n in range(40)]
    house = [
        CartonKind(n, f"K{n}", (150 + 90 * n, 100 + 70 * n, 100 + 50 * n), 30_000, 300, Decimal(n)) for n in range(1, 9)
    ]
    began = time.process_time()
    found = plan([Wish(n, 50, one, 800) for n, one in enumerate(sides)], house)
    assert time.process_time() - began < 1  # each plan tried to its end took two seconds
    assert not found.is_too_large and sum(units for one in found.cartons for _, units in one.units) == 2_000


def test_an_order_that_would_take_too_long_is_not_planned():
    found = plan([Wish(n, 300, CUBE, 500) for n in range(40)] + [Wish(99, 1, None)], HOUSE)
    assert (found.cartons, found.unmeasured, found.is_too_large) == ([], [99], True)
