"""Decisions about a load, without a database."""

from __future__ import annotations

from dataclasses import replace

from flowrack.shipping import rules_loads, states
from flowrack.shipping.rules_loads import Content
from flowrack.shipping.states import LOADS, LoadState

ONE = Content(1, 10, "SO-10", "North", 5, "P-5", "pallet", 1, "4711", "", 3, 300, 3_000, "S-1", 5)


def test_goods_on_a_pallet_and_on_cartons_of_it_are_one_plate_with_the_weight_of_the_scales():
    contents = [
        ONE,
        replace(ONE, inner_id=6, item_id=2, hazard="3", sku="FUEL", units=2, packed_g=900),
        replace(ONE, inner_id=6, item_id=3, hazard="8", sku="ACID", units=1, packed_g=900, order_id=11, order="SO-11"),
        replace(ONE, lpn_id=0, code="", inner_id=0, units=4, weight_g=40),
    ]
    pallet, loose = rules_loads.plates(contents).values()
    assert (pallet.key, pallet.units, pallet.weight_g) == ((5, 0, 0), 6, 1_200)
    assert (pallet.hazards, pallet.inner) == ({"3": "FUEL", "8": "ACID"}, {5, 6})
    assert pallet.orders == {10: "SO-10", 11: "SO-11"}
    assert (loose.key, loose.name, loose.weight_g) == ((0, 10, 0), "loose goods of SO-10", 40)


def test_later_stops_go_on_first_the_last_of_all_foremost():
    waiting = rules_loads.plates(
        replace(ONE, lpn_id=n, code=f"P-{n}", inner_id=n, stop_no=stop) for n, stop in ((1, 3), (2, 2), (3, 1), (4, 3))
    ).values()
    assert [p.code for p in rules_loads.out_of_turn(1, waiting)] == ["P-1", "P-4", "P-2"]
    assert rules_loads.out_of_turn(3, waiting) == []


def test_the_strictest_pair_comes_first_and_free_pairs_are_none():
    found = rules_loads.pairs({"5.1": "OXID"}, {"3": "FUEL", "9": "CELL", "1.1": "BANG"})
    assert [(p.one, p.other, p.cell) for p in found] == [("5.1", "1.1", "X"), ("5.1", "3", "O")]
    assert rules_loads.pairs({"9": "CELL"}, {"3": "FUEL"}) == []
    assert rules_loads.pairs({"5.1 LQ": "BLEACH"}, {"3": "FUEL"}) == [], "limited quantities are left out of the table"
    assert rules_loads.pairs({"3": "FUEL"}, {"3": "GAS"}) == []


def test_of_two_orders_that_may_not_meet_the_later_gives_way():
    of_orders = [("A", {"8": "ACID"}), ("B", {}), ("C", {"1.1": "BANG"}), ("D", {"1.1": "BANG"}), ("E", {"9": "CELL"})]
    assert rules_loads.two_trucks(of_orders) == ["C", "D"]


def test_weight_and_room_are_told_only_where_the_truck_says_what_it_takes():
    assert rules_loads.too_much(5_000_000, 5_000_000, 0, 0) == ""
    assert rules_loads.too_much(5_000_000, 2_500_000, 4_000_000, 2_000_000) == (
        "Too much for the truck: 5,000 kg of 4,000 kg and 2.5 m³ of 2.0 m³."
    )


def test_the_first_thing_that_keeps_a_truck_is_said():
    ready = {"has_door": True, "waiting": 2, "to_come": 0, "minutes_left": 30, "still_minutes": 0}
    assert rules_loads.stuck(state="loading", **ready) == ""
    assert rules_loads.stuck(state="loading", **{**ready, "minutes_left": -139}) == "The cut-off was 2 h 19 min ago"
    assert rules_loads.stuck(state="open", **{**ready, "has_door": False}) == "Has no door"
    assert rules_loads.stuck(state="open", **{**ready, "to_come": 1_200}) == "1,200 units are not staged yet"
    assert rules_loads.stuck(state="loading", **{**ready, "still_minutes": 21}) == "Nothing was loaded for 21 min"
    assert rules_loads.stuck(state="loading", **{**ready, "waiting": 0}) == "All is on: close it"
    assert rules_loads.stuck(state="closed", **ready) == "Closed, and has not left its door"
    assert rules_loads.stuck(state="left", **ready) == ""


def test_a_load_that_is_gone_or_called_off_takes_nothing_more():
    ends = set(LoadState) - {start for start, _ in LOADS}
    assert ends == {LoadState.LEFT, LoadState.CANCELLED}
    assert states.advance_load(LoadState.LOADING, "close", number="LD-1") == LoadState.CLOSED
