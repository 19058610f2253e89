"""Which picks are one list: by kind of units, zone, method and what a cart holds."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from flowrack.fulfilment import rules_lists
from flowrack.fulfilment.rules import Demand, PickCell, PickPlan
from flowrack.fulfilment.rules_lists import House, Measure, Policy, make_lists

DAY = date(2026, 3, 4)


def plan(order: int, units: int, *, item: int = 1, bin_id: int = 1, lpn: int = 0, on_hand: int = 1_000) -> PickPlan:
    cell = PickCell(bin_id, item, 0, bin_id, lpn, "forward_pick", bin_id, on_hand, on_hand)
    return PickPlan(Demand(order, order, item, 0, units), cell, units)


def house(*policies: Policy, zone_of=None, pallets=(), measures=None) -> House:
    return House(
        zone_of=zone_of or {},
        pallets=frozenset(pallets),
        measures=measures or {},
        policies={policy.zone_id: policy for policy in policies},
        due_on=dict.fromkeys(range(100), DAY),
    )


def shape(drafts):
    return [(d.method, d.unit_kind, d.picks, d.orders) for d in drafts]


def test_full_pallets_and_full_cases_are_apart_from_units():
    plans = [plan(1, 40, lpn=7, on_hand=40), plan(1, 24, bin_id=2), plan(1, 25, bin_id=3), plan(2, 5, bin_id=4)]
    drafts = make_lists(plans, house(pallets=[7], measures={1: Measure(case_units=12)}))
    assert shape(drafts) == [
        ("discrete", "pallet", (0,), (1,)),
        ("discrete", "case", (1,), (1,)),
        ("cluster", "each", (2, 3), (1, 2)),
    ]
    assert drafts[0].why == "a full pallet is one trip"
    assert drafts[2].why == (
        "2 orders, 2 lines; at most 8 orders and 60 lines go on a cart; the rule of the site is cluster"
    )


def test_a_pallet_that_is_opened_is_picked_by_the_unit():
    assert make_lists([plan(1, 39, lpn=7, on_hand=40)], house(pallets=[7]))[0].unit_kind == "each"


def test_a_cart_takes_orders_until_positions_lines_weight_or_volume_are_full():
    five = [plan(order, 10, bin_id=order) for order in range(1, 6)]
    known = {1: Measure(weight_g=100, volume_ml=50)}

    def orders(policy):
        return [draft.orders for draft in make_lists(five, house(policy, measures=known))]

    assert orders(Policy(positions=3)) == [(1, 2, 3), (4, 5)]
    assert orders(Policy(max_lines=2)) == [(1, 2), (3, 4), (5,)]
    assert orders(Policy(max_weight_g=4_000)) == [(1, 2, 3, 4), (5,)]
    assert orders(Policy(max_volume_ml=1_000)) == [(1, 2), (3, 4), (5,)]
    assert orders(Policy(method="discrete")) == [(1,), (2,), (3,), (4,), (5,)]


def test_an_order_beyond_one_cart_is_picked_in_several_loads():
    plans = [plan(1, 10, bin_id=n) for n in range(1, 6)]
    drafts = make_lists(plans, house(Policy(max_lines=2)))
    assert [draft.picks for draft in drafts] == [(0, 1), (2, 3), (4,)]
    assert drafts[1].why == "load 2 of 3 of an order beyond one cart"


def test_a_zone_with_a_rule_of_its_own_is_picked_apart_and_names_its_place():
    zone = Policy(zone_id=5, method="zone", consolidation_id=77)
    plans = [plan(1, 1, bin_id=1), plan(1, 1, bin_id=2), plan(2, 1, bin_id=3)]
    drafts = make_lists(plans, house(zone, zone_of={1: 4, 2: 5, 3: 5}))
    assert shape(drafts) == [("discrete", "each", (0,), (1,)), ("zone", "each", (1, 2), (1, 2))]
    assert [draft.consolidation_id for draft in drafts] == [None, 77]


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 30), st.integers(1, 9)), min_size=1, max_size=40),
    st.sampled_from(["discrete", "cluster", "batch", "zone"]),
    st.integers(1, 4),
    st.integers(1, 7),
)
def test_each_pick_is_on_one_list_and_no_list_is_beyond_its_rule(rows, method, positions, lines):
    plans = [plan(order, units, bin_id=bin_id) for order, units, bin_id in sorted(rows, key=lambda row: row[2])]
    drafts = make_lists(plans, house(Policy(method=method, positions=positions, max_lines=lines)))
    assert sorted(n for draft in drafts for n in draft.picks) == list(range(len(plans)))
    assert all(len(draft.picks) <= lines and len(draft.orders) <= positions for draft in drafts)
    assert all(list(draft.picks) == sorted(draft.picks) for draft in drafts)


def test_orders_that_wait_for_the_same_lists_are_told_together():
    assert rules_lists.waits_elsewhere([]) == ""
    parts = [("SO-1", ["PL-5"]), ("SO-2", ["PL-5", "PL-6"]), ("SO-3", ["PL-5"])]
    assert rules_lists.waits_elsewhere(parts) == "SO-1 and SO-3 wait for PL-5 more. SO-2 waits for PL-5 and PL-6 more."
