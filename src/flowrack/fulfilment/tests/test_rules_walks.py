"""The walk of a list round the racks, and which orders share a cart by it."""

from __future__ import annotations

from datetime import date

from flowrack.fulfilment import rules_walks
from flowrack.fulfilment.rules import Demand, PickCell, PickPlan
from flowrack.fulfilment.rules_lists import House, Measure, Policy, make_lists
from flowrack.fulfilment.rules_walks import Goods
from flowrack.walks import rules_layout
from flowrack.walks.rules_floor import Floor
from flowrack.walks.types import PlaceRow

AISLES, BAYS = 4, 10


def floor() -> Floor:
    """Four aisles of ten bays: bin 101 is aisle 1 bay 1, 410 aisle 4 bay 10; 900 is where walks begin and end."""
    rows = [
        PlaceRow(100 * aisle + bay, 1, "A", "bin", "forward_pick", f"{aisle:02}", f"{bay:02}", "", 100 * aisle + bay)
        for aisle in range(1, AISLES + 1)
        for bay in range(1, BAYS + 1)
    ]
    rows.append(PlaceRow(900, 2, "S", "bin", "staged", "", "", "ST-1"))
    return Floor(rules_layout.layout(1, rows, [], None))


def plan(order: int, bin_id: int, *, item: int = 1) -> PickPlan:
    return PickPlan(Demand(order, order, item, 0, 1), PickCell(bin_id, item, 0, bin_id, 0, "", bin_id, 9, 9), 1)


def test_a_walk_is_no_longer_than_any_way_people_know_by_name():
    goods = [Goods(bin_id) for bin_id in (101, 110, 201, 210, 301, 310)]
    answer = rules_walks.walk(goods, floor())
    assert answer is not None
    order, walk = answer
    assert sorted(order) == list(range(6))
    assert walk.mm == min(walk.alternatives.values()) < walk.alternatives["as given"]
    assert {"S-shape", "return", "largest gap"} <= set(walk.alternatives)


def test_the_order_of_the_bins_stays_where_nothing_is_shorter():
    answer = rules_walks.walk([Goods(101), Goods(102), Goods(103)], floor())
    assert answer is not None
    assert (answer[0], answer[1].method) == ([0, 1, 2], "as given")


def test_a_heavy_pick_comes_before_light_ones_when_the_detour_is_small():
    answer = rules_walks.walk([Goods(101, 200), Goods(102, 15_000), Goods(103, 200)], floor())
    assert answer is not None
    assert answer[0][0] == 1 and answer[1].method == "heavy first"


def test_a_place_that_is_not_on_the_floor_leaves_the_order_of_the_bins():
    assert rules_walks.walk([Goods(101), Goods(999)], floor()) is None


def test_orders_of_the_same_aisles_share_a_cart():
    plans = sorted(
        (plan(order, bin_id) for order, bin_id in
         ((1, 101), (1, 110), (2, 401), (2, 410), (3, 102), (3, 109), (4, 402), (4, 409))),
        key=lambda p: p.cell.pick_sequence,
    )  # fmt: skip
    house = House({}, frozenset(), {}, {0: Policy(positions=2)}, dict.fromkeys(range(9), date(2026, 3, 4)))
    drafts = make_lists(plans, house, rules_walks.group_by(plans, floor()))
    assert sorted(tuple(sorted(draft.orders)) for draft in drafts) == [(1, 3), (2, 4)]


def test_very_many_orders_share_carts_by_their_aisles():
    bins = [100 * aisle + bay for bay in range(1, BAYS + 1) for aisle in range(1, AISLES + 1)]
    plans = sorted((plan(n, bin_id) for n, bin_id in enumerate((bins * 2)[:60])), key=lambda p: p.cell.pick_sequence)
    house = House({}, frozenset(), {}, {0: Policy(positions=5)}, dict.fromkeys(range(60), date(2026, 3, 4)))
    drafts = make_lists(plans, house, rules_walks.group_by(plans, floor()))
    assert sorted(order for draft in drafts for order in draft.orders) == list(range(60))
    aisles = [{plans[n].cell.location_id // 100 for n in draft.picks} for draft in drafts]
    assert (len(drafts), {len(found) for found in aisles}) == (12, {1})


def test_a_very_large_wave_is_walked_list_by_list_when_it_is_taken(monkeypatch):
    monkeypatch.setattr(rules_walks, "MOST_STOPS", 2)
    plans = [plan(order, 100 * order + 1) for order in (1, 2, 3)]
    house = House({}, frozenset(), {}, {0: Policy(method="discrete")}, dict.fromkeys(range(9), date(2026, 3, 4)))
    drafts = make_lists(plans, house)
    walks = rules_walks.walks(drafts, plans, {1: Measure()}, floor())
    assert [walk is not None for _, walk in walks] == [True, True, False]
