"""When goods can come and how much to order."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrack.parties import rules
from flowrack.parties.types import CustomerFields, PartyFields, SupplierFields

MONDAY = date(2026, 3, 2)


def test_goods_come_on_the_next_delivery_day_after_the_lead_time() -> None:
    days = {"lead_time_days": 4, "delivery_weekdays": [2, 5]}
    assert rules.supply_date(ordered_on=MONDAY, holidays=(), **days) == date(2026, 3, 6)
    assert rules.supply_date(ordered_on=MONDAY, holidays={date(2026, 3, 6)}, **days) == date(2026, 3, 10)


@given(
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    lead=st.integers(0, 90),
    weekdays=st.sets(st.integers(1, 7), min_size=1),
    closed=st.sets(st.integers(0, 120), max_size=20),
)
def test_the_supply_date_is_the_first_day_that_fits(
    start: date, lead: int, weekdays: set[int], closed: set[int]
) -> None:
    holidays = {start + timedelta(days=n) for n in closed}
    found = rules.supply_date(
        ordered_on=start, lead_time_days=lead, delivery_weekdays=sorted(weekdays), holidays=holidays
    )
    fits = [
        day
        for n in range(400)
        if (day := start + timedelta(days=lead + n)).isoweekday() in weekdays and day not in holidays
    ]
    assert found == fits[0]


def test_a_calendar_without_delivery_days_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no delivery day"):
        rules.supply_date(ordered_on=MONDAY, lead_time_days=1, delivery_weekdays=[], holidays=())


@given(wanted=st.integers(1, 10**6), moq=st.integers(1, 10**5), multiple=st.integers(1, 10**4))
def test_an_order_meets_minimum_and_multiple_and_no_more(wanted: int, moq: int, multiple: int) -> None:
    units = rules.order_units(wanted, moq=moq, multiple=multiple)
    assert units % multiple == 0
    assert units >= max(wanted, moq) > units - multiple


def test_what_is_wrong_with_a_company_is_named_field_by_field() -> None:
    bad = rules.check_party(
        PartyFields("", country="gb", gln="123", supplier=SupplierFields(delivery_weekdays=[8], order_multiple_units=0))
    )
    assert [b.field for b in bad] == ["name", "gln", "country", "delivery_weekdays", "order_multiple_units"]
    assert [b.field for b in rules.check_party(PartyFields("Nobody"))] == ["parts"]
    assert rules.check_party(PartyFields("Shop", customer=CustomerFields())) == []
