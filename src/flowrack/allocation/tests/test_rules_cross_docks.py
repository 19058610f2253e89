"""Who gets goods straight from the dock, decided without a database."""

from __future__ import annotations

from datetime import date

import pytest

from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_cross_docks import Arrival, offer, sentence, trimmed, without_goods

EVERY = frozenset[int]()
SHIP_ON = date(2026, 3, 4)


def claim(n: int, units: int, tier: str = "B", *, policy: str = "partial", life: int = 0, order: int = 0) -> Claim:
    return Claim(n, order or n, f"SO-{n}", 7, units, tier, SHIP_ON, policy, life)


def arrival(units: int, **more: object) -> Arrival:
    plain = Arrival(item_id=7, lot_id=0, lot="", expires_on=None, units=units, quality="available")
    return plain._replace(**more)


def stock(units: int) -> Pool:
    return Pool(1, 7, 0, "", None, 100, units)


def to(offers: list) -> list[list[tuple[str, int]]]:
    return [[(given.claim.number, given.units) for given in one.given] for one in offers]


def test_forty_units_against_ten_twenty_and_twenty_five_by_class():
    [one] = offer([claim(1, 10, "A"), claim(2, 20), claim(3, 25, "C")], [], [arrival(40)], EVERY)
    assert [(g.claim.number, g.units) for g in one.given] == [("SO-1", 10), ("SO-2", 20), ("SO-3", 10)]
    assert sentence(one, 40) == (
        "Cross-docked in allocation order: 10 to SO-1 (tier A), 20 to SO-2 (tier B), 10 to SO-3 (tier C);"
        " nothing to put away."
    )


def test_free_stock_serves_the_best_rank_and_only_the_rest_comes_from_the_dock():
    [one] = offer([claim(1, 10), claim(2, 20)], [stock(15)], [arrival(40)], EVERY)
    assert [(g.claim.number, g.units) for g in one.given] == [("SO-2", 15)]
    assert sentence(one, 40) == "Cross-docked in allocation order: 15 to SO-2 (tier B); 25 to put away."


def test_a_customer_who_takes_a_line_only_whole_waits_for_allocation_when_a_part_is_in_stock():
    offers = offer([claim(1, 30, policy="line"), claim(2, 5)], [stock(10)], [arrival(40)], EVERY)
    assert to(offers) == [[("SO-2", 5)]]
    assert offers[0].reasons == ["SO-1 takes it only whole, and a part of it is in stock"]


def test_a_customer_who_takes_a_line_only_whole_is_passed_over_when_too_little_came():
    offers = offer([claim(1, 30, policy="line"), claim(2, 5)], [], [arrival(20)], EVERY)
    assert to(offers) == [[("SO-2", 5)]]
    assert offers[0].reasons == ["SO-1 takes it only whole, and not all of it is there"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"quality": "inspection"}, "they are inspected first"),
        ({"quality": "hold"}, "they are on hold"),
        ({"quality": "damaged"}, "they are damaged"),
        ({"quality": "expired"}, "they are past their date"),
        ({"is_ours": False}, "they belong to another owner, and orders take our own stock"),
        ({"is_stored": True}, "they stand in their bin at once, and allocation promises them from there"),
        ({"family_id": 4}, "goods of this family are not cross-docked here"),
    ],
)
def test_goods_that_cannot_go_straight_to_a_door_say_why(more, why):
    [one] = offer([claim(1, 10)], [], [arrival(40, **more)], frozenset({3}))
    assert (one.given, one.reasons) == ([], [why])
    assert sentence(one, 40) == f"Put away, not cross-docked: {why}."


def test_a_lot_with_too_little_life_goes_to_the_next_who_takes_it():
    lot = arrival(40, lot_id=3, lot="L1", expires_on=date(2026, 4, 18))
    [one] = offer([claim(1, 10, "A", life=60), claim(2, 25)], [], [lot], EVERY)
    assert [(g.claim.number, g.units) for g in one.given] == [("SO-2", 25)]
    assert sentence(one, 40).endswith("15 to put away (SO-1 asks for 60 days of life, they have 45).")


def test_a_pallet_of_two_lines_and_an_order_of_two_lines_share_out_once():
    offers = offer([claim(1, 12, order=9), claim(2, 20, order=9)], [], [arrival(15), arrival(30)], EVERY)
    assert to(offers) == [[("SO-1", 12), ("SO-2", 3)], [("SO-2", 17)]]


@pytest.mark.parametrize(("waiting", "gone"), [(30, []), (29, [8]), (20, [8]), (19, [8, 7]), (0, [8, 7])])
def test_the_newest_cross_docks_go_first_when_a_line_wants_less(waiting, gone):
    assert trimmed([(7, 20), (8, 10)], waiting) == gone


def test_the_oldest_keep_what_is_left_each_whole_and_the_rest_needs_a_bin():
    planned = [(3, 10), (1, 10), (2, 20)]
    assert without_goods(planned, 40, 0) == {}
    assert without_goods(planned, 25, 0) == {2: 5}
    assert without_goods(planned, 25, 3) == {2: 2}, "a putaway has three of them already"
    assert without_goods([(1, 20), (2, 20), (3, 20)], 19, 0) == {1: 19, 2: 0, 3: 0}
    assert without_goods(planned, 0, 0) == {1: 0, 2: 0, 3: 0}
