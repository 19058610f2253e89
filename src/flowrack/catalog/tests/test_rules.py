"""Packs, exact conversion, lot dates and substitutes, by property."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrack.catalog import rules
from flowrack.catalog.types import DoesNotDivide, ItemFields, Pack, Tracking
from flowrack.shared.quantity import Units

TREE = [("Unit", 1), ("Box", 50), ("BigBox", 200), ("Pallet", 2000)]


def test_units_break_down_into_the_largest_packs_first() -> None:
    assert rules.breakdown(Units(2655), TREE) == [("Pallet", 1), ("BigBox", 3), ("Box", 1), ("Unit", 5)]
    assert rules.say(Units(2655), TREE) == "Pallet 1, BigBox 3, Box 1, Unit 5"
    assert rules.say(Units(0), TREE) == "0"


@given(units=st.integers(0, 10**12), factors=st.sets(st.integers(2, 10**6), max_size=4))
def test_a_breakdown_adds_up_and_fills_the_larger_pack_first(units: int, factors: set[int]) -> None:
    tree = [("each", 1), *((f"p{f}", f) for f in factors)]
    size = dict(tree)
    found = rules.breakdown(Units(units), tree)
    assert sum(size[name] * count for name, count in found) == units
    assert all(count > 0 for _, count in found)
    assert [size[name] for name, _ in found] == sorted((size[name] for name, _ in found), reverse=True)


@given(count=st.integers(0, 10**9), factor=st.integers(1, 10**6))
def test_packs_to_units_and_back_is_exact(count: int, factor: int) -> None:
    assert rules.to_packs(rules.to_units(count, factor=factor), factor=factor, pack="case") == count


@given(units=st.integers(1, 10**9), factor=st.integers(2, 10**5))
def test_what_does_not_divide_is_refused_with_the_nearest_that_do(units: int, factor: int) -> None:
    if units % factor == 0:
        assert rules.to_packs(Units(units), factor=factor, pack="case") * factor == units
        return
    with pytest.raises(DoesNotDivide) as refused:
        rules.to_packs(Units(units), factor=factor, pack="case")
    near = refused.value.details["nearest"]
    assert all(n % factor == 0 and 0 < abs(n - units) < factor for n in near)
    assert max(near) > units


@given(units=st.integers(1, 10**6), num=st.integers(1, 20), den=st.integers(1, 20))
def test_substitutes_are_exact_or_refused_with_quantities_that_work(units: int, num: int, den: int) -> None:
    try:
        found = rules.substitute_units(Units(units), ratio_num=num, ratio_den=den)
        assert found * den == units * num
    except DoesNotDivide as refused:
        for near in refused.details["nearest"]:
            rules.substitute_units(Units(near), ratio_num=num, ratio_den=den)


def test_a_tree_has_one_each_and_grows() -> None:
    assert rules.check_packs([Pack("each", "", 1), Pack("case", "", 12), Pack("pallet", "", 480)]) == []
    bad = rules.check_packs(
        [Pack("case", "", 12, gtin="123"), Pack("pallet", "", 6), Pack("case", "", 0), Pack("box", "", 3)]
    )
    assert {(b.line, b.field) for b in bad} == {
        (0, "packs"),
        (1, "gtin"),
        (2, "factor"),
        (3, "level"),
        (3, "factor"),
        (4, "level"),
    }


def test_expiry_comes_from_the_label_else_from_shelf_life() -> None:
    days = {"shelf_life_days": 30, "best_before_days": 5, "removal_days": 3, "alert_days": None}
    made = rules.lot_dates(made_on=date(2026, 3, 1), expires_on=None, **days)
    assert (made.expires_on, made.best_before_on, made.remove_on, made.alert_on) == (
        date(2026, 3, 31),
        date(2026, 3, 26),
        date(2026, 3, 28),
        None,
    )
    labelled = rules.lot_dates(made_on=date(2026, 3, 1), expires_on=date(2026, 4, 9), **days)
    assert labelled.expires_on == date(2026, 4, 9)
    assert rules.lot_dates(made_on=None, expires_on=None, **days).expires_on is None


def test_fields_that_do_not_fit_together_are_named() -> None:
    item = ItemFields(
        name=" ", has_expiry=True, hazard_class="3", hazard_division="2.1", reorder_point=9, order_up_to=8
    )
    assert [b.field for b in rules.check_item(item)] == ["name", "tracking", "hazard_division", "order_up_to"]
    for code, is_one in (("xx", False), ("3406.00", False), ("12345", False), ("340600", True), ("", True)):
        assert (rules.check_item(ItemFields(name="Candle", hs_code=code)) == []) is is_one, code
    assert rules.check_item(ItemFields(name="Milk", has_expiry=True, tracking=Tracking.LOT)) == []


def test_every_bad_field_of_an_item_is_told_at_once_with_its_way_out() -> None:
    bad = rules.check_item(
        ItemFields(
            name="Milk",
            has_expiry=True,
            shelf_life_days=-3,
            best_before_days=-1,
            removal_days=-1,
            alert_days=-1,
            standard_cost=Decimal(-1),
            list_price=Decimal("-0.01"),
            hazard_class="X",
            origin_country="Germany",
            reorder_point=-5,
            order_up_to=-1,
        )
    )
    assert sorted(one.field for one in bad) == [
        "alert_days",
        "best_before_days",
        "hazard_class",
        "list_price",
        "order_up_to",
        "origin_country",
        "removal_days",
        "reorder_point",
        "shelf_life_days",
        "standard_cost",
        "tracking",
    ]
    assert all(one.fix for one in bad)
    assert next(one.message for one in bad if one.field == "shelf_life_days") == "A shelf life of -3 days is none."


def test_limited_quantity_is_of_a_hazard_class():
    aerosol = ItemFields(name="Aerosol", hazard_class="2", hazard_division="2.1", is_limited_quantity=True)
    assert rules.check_item(aerosol) == []
    [bad] = rules.check_item(ItemFields(name="Bolt", is_limited_quantity=True))
    assert bad.field == "is_limited_quantity"
