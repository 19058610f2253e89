"""The simulated world: the same seed throws the same dice, and the history turns into the same days."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from flowrack.integrations import sample
from flowrack.integrations.replay import history, rules
from flowrack.integrations.replay.types import Settings, SimPack
from flowrack.shared.check_digits import is_valid

SLICE = Path(sample.__file__).parent / "orders.csv.gz"
WORDS = st.lists(st.text(max_size=8), max_size=3)


@given(seed=st.integers(0, 2**40), words=WORDS)
def test_a_throw_depends_on_seed_and_words_only(seed: int, words: list[str]) -> None:
    assert rules.throw(seed, *words) == rules.throw(seed, *words)
    assert 0 <= rules.throw(seed, *words) < rules.OF


@given(seed=st.integers(0, 2**40), low=st.integers(-50, 50), span=st.integers(0, 500), words=WORDS)
def test_between_stays_between(seed: int, low: int, span: int, words: list[str]) -> None:
    assert low <= rules.between(seed, low, low + span, *words) <= low + span


@given(wanted=st.integers(1, 5_000), order=st.text(max_size=10), case=st.integers(1, 144))
def test_a_truck_never_brings_more_than_a_case_or_two_percent_over(wanted: int, order: str, case: int) -> None:
    supplier = rules.suppliers()["S09"]
    units = rules.delivered_units(7, supplier, order, sku="85048", wanted=wanted, case=case)
    assert 0 <= units <= wanted + min(case, max(1, wanted * 2 // 100))


@given(wanted=st.integers(0, 5_000), line=st.text(max_size=10))
def test_a_picker_never_finds_more_than_wanted(wanted: int, line: str) -> None:
    assert 0 <= rules.found_at_pick(7, "2010-10-01", line, wanted, accuracy=0) <= wanted


def test_different_words_throw_differently() -> None:
    throws = [rules.throw(7, "a", n) for n in range(10_000)]
    assert 4_900 < sum(throws) / len(throws) < 5_100


def test_velocity_classes_follow_the_value() -> None:
    value = {"a": Decimal(80), "b": Decimal(15), "c": Decimal(4), "d": Decimal(1)}
    assert rules.velocity_classes(value) == {"a": "A", "b": "B", "c": "C", "d": "C"}


def test_the_slice_makes_the_same_world_twice() -> None:
    world, wanted = history.survey_world(SLICE, 7)
    again, wanted_again = history.survey_world(SLICE, 7)
    assert (world, wanted) == (again, wanted_again)
    other, _ = history.survey_world(SLICE, 8)
    assert other.items["22423"] != world.items["22423"] or other.items != world.items
    assert (len(world.items), len(world.customers)) == (687, 790)
    assert (world.first_on, world.last_on) == (date(2010, 9, 27), date(2010, 11, 28))
    assert Counter(i.velocity for i in world.items.values()) == {"A": 136, "B": 162, "C": 389}


def test_the_days_hold_every_sale_line_and_every_cancelled_unit() -> None:
    world, wanted = history.survey_world(SLICE, 7)
    days = list(history.days(SLICE, wanted, shift_days=7))
    assert days[0].on == date(2010, 10, 4)
    assert sum(len(o.lines) for d in days for o in d.orders) == 11_797
    assert sum(line.units for d in days for o in d.orders for line in o.lines) == sum(
        i.units_in_all for i in world.items.values()
    )
    assert all(a.at <= b.at for d in days for a, b in zip(d.orders, d.orders[1:], strict=False))
    assert {line.sku for d in days for o in d.orders for line in o.lines} == set(world.items)
    assert {o.customer for d in days for o in d.orders} == set(world.customers)


def test_opening_stock_is_whole_inner_packs() -> None:
    world, _ = history.survey_world(SLICE, 7)
    for item in world.items.values():
        units = rules.opening_units(item)
        assert units % item.pack.inner == 0 and units > item.units_first_month


def test_every_item_has_a_barcode_of_its_own_that_no_real_product_has() -> None:
    skus = [f"S{number}" for number in range(5_000)]
    gtins = rules.gtins(skus)
    assert len(set(gtins.values())) == 5_000
    assert all(code.startswith("952") and len(code) == 13 and is_valid(code) for code in gtins.values())
    assert rules.gtins(reversed(skus)) == gtins
    case = rules.pack_gtin(gtins["S1"], 2)
    assert (case[0], case[1:13], len(case), is_valid(case)) == ("2", gtins["S1"][:12], 14, True)


def test_a_pick_face_holds_a_week_and_is_refilled_at_a_third() -> None:
    world, _ = history.survey_world(SLICE, 7)
    item = replace(world.items["22423"], units_first_month=240, pack=SimPack(6, 24))
    assert rules.face_levels(item) == (24, 60)
    assert rules.face_levels(replace(item, units_first_month=1)) == (6, 18)


def site(customer: str, reference: str = "1", *, country: str = "GB", sites: int = 2, home_percent: int = 51) -> int:
    return rules.site_number(
        7, sites=sites, home_percent=home_percent, country=country, customer=customer, reference=reference
    )


def test_a_customer_buys_from_one_site_and_all_abroad_from_the_second() -> None:
    codes = [str(12_000 + n) for n in range(4_000)]
    assert {site(code, country="FR") for code in codes} == {1}
    assert {site(code, home_percent=100) for code in codes} == {0}
    assert {site(code, sites=1, country="FR") for code in codes} == {0}
    assert all(site(code, "536365") == site(code, "536366") for code in codes)
    assert 1_960 < sum(site(code) for code in codes) < 2_100


def test_counter_sales_are_made_at_both_sites() -> None:
    assert {site(rules.ANONYMOUS, str(n)) for n in range(20)} == {0, 1}


def test_opening_stock_lies_where_the_customers_buy() -> None:
    assert [rules.opening_percent(n, 2, 100) for n in (0, 1)] == [90, 25]
    assert [rules.opening_percent(n, 2, 51) for n in (0, 1)] == [45, 69]
    assert rules.opening_percent(0, 1, 51) == 90


def test_the_sites_days_together_are_the_day() -> None:
    world, wanted = history.survey_world(SLICE, 7)
    settings = Settings(seed=7, days=None, sites=("KW1", "KW2"), home_percent=51)
    for day in history.days(SLICE, wanted):
        parts = history.shared_out(world, day, settings)
        together = sorted((o for part in parts for o in part.orders), key=lambda o: (o.at, o.reference))
        assert together == day.orders
        assert all(part.orders == sorted(part.orders, key=lambda o: (o.at, o.reference)) for part in parts)
        assert sum(len(part.returns) for part in parts) == len(day.returns)
        assert (parts[0].losses, parts[1].losses) == (day.losses, [])
        sold_at = {o.reference: number for number, part in enumerate(parts) for o in part.orders}
        for number, part in enumerate(parts):
            assert all(sold_at.get(back.sale, number) == number for back in part.returns)


def test_weekdays_without_orders_are_the_holidays_of_a_history_that_orders_on_most() -> None:
    """From 17 December 2009 to 8 January 2010 nobody orders on Saturdays and on the weekdays from 28 December on."""
    days = [date(2009, 12, 17) + timedelta(days=n) for n in range(23)]
    holidays = (*days[11:15], date(2010, 1, 1))
    worked = [on for on in days if on.weekday() != 5 and on not in holidays]
    assert rules.closed_days(worked) == ()  # five of sixteen weekdays: it says nothing
    before = [date(2009, 12, 17) - timedelta(days=n) for n in range(1, 15)]
    assert rules.closed_days([*before, *worked]) == holidays
    assert rules.closed_days([date(2010, 3, 1)]) == ()
