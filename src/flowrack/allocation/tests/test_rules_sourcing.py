"""Sourcing against a search of everything: as many orders as possible, in rank order, at the least cost."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from flowrack.allocation.rules_sourcing import Bottleneck, Demand, bottleneck, source


def test_an_order_moves_on_so_that_another_can_be_placed():
    demands = [Demand("1", {"A": 1, "B": 5}), Demand("2", {"A": 2}), Demand("3", {"A": 1}), Demand("4", {}, "no site")]
    found = source(demands, {"A": 1, "B": 1})
    assert (found.site_of, found.cost) == ({"1": "B", "2": "A"}, 7)
    assert [(one.order, one.why) for one in found.unplaced] == [
        ("3", "full with orders that rank before it or can go nowhere else: A (1 a day)"), ("4", "no site"),
    ]  # fmt: skip


def test_the_sites_that_orders_cannot_go_round_are_named_and_no_others():
    demands = [
        Demand("1", {"A": 1, "B": 5}), Demand("2", {"A": 2}), Demand("3", {"A": 1}), Demand("4", {}, "no site"),
        Demand("5", {"C": 1}),
    ]  # fmt: skip
    capacity = {"A": 1, "B": 1, "C": 1}
    assert bottleneck(demands, capacity, source(demands, capacity)) == Bottleneck(("A",), 2, 1)
    assert bottleneck(demands[:2], capacity, source(demands[:2], capacity)) is None
    assert bottleneck(demands[3:], capacity, source(demands[3:], capacity)) is None


def test_the_cheapest_site_is_left_to_whom_it_saves_most():
    demands = [Demand("1", {"A": 1, "B": 2}), Demand("2", {"A": 1, "B": 9})]
    assert source(demands, {"A": 1, "B": 1}).site_of == {"1": "B", "2": "A"}
    assert source(demands, {}).site_of == {}


@st.composite
def days(draw):
    sites = "ABCD"[: draw(st.integers(1, 4))]
    capacity = {site: draw(st.integers(0, 3)) for site in sites}
    costs = st.dictionaries(st.sampled_from(sites), st.integers(0, 50), max_size=len(sites))
    return [Demand(str(n), draw(costs)) for n in range(draw(st.integers(0, 6)))], capacity


def best(demands: list[Demand], capacity: dict[str, int]) -> tuple[int, int]:
    """Orders that can be placed at most, and minus their least cost: every way is tried."""
    if not demands:
        return 0, 0
    first, *rest = demands
    found = best(rest, capacity)
    for site, cost in first.costs.items():
        if capacity.get(site, 0) > 0:
            placed, saved = best(rest, {**capacity, site: capacity[site] - 1})
            found = max(found, (placed + 1, saved - cost))
    return found


@settings(max_examples=150, deadline=None)
@given(days())
def test_as_many_as_any_other_choice_places_and_at_the_least_cost(day):
    demands, capacity = day
    found = source(demands, capacity)
    assert all(units <= capacity[site] for site, units in found.load().items())
    assert best(demands, capacity)[0] == len(found.site_of)
    tight = bottleneck(demands, capacity, found)
    nowhere = sum(not capacity.keys() & demand.costs.keys() for demand in demands)
    assert len(found.unplaced) == nowhere + (tight.short if tight else 0)
    mine = [demand for demand in demands if demand.order in found.site_of]
    assert best(mine, capacity) == (len(mine), -found.cost)
    # Rank: an order is left out only where it does not fit beside all that rank before it and were placed.
    placed: list[Demand] = []
    for demand in demands:
        fits = best([*placed, demand], capacity)[0] == len(placed) + 1
        assert fits == (demand.order in found.site_of)
        placed += [demand] if fits else []
