from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrack.purchasing import rules

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

costs = st.decimals(min_value=0, max_value=10_000, places=6)


def test_two_percent_of_a_thousand_is_one_case_of_twenty():
    assert rules.over_units(units=1_000, line_pct=None, supplier_pct=None, case_factor=20) == 20


def test_the_house_rule_never_takes_more_than_one_case():
    assert rules.over_units(units=100_000, line_pct=None, supplier_pct=Decimal(2), case_factor=12) == 12


def test_an_item_without_cases_has_no_cap():
    assert rules.over_units(units=10_000, line_pct=None, supplier_pct=Decimal(5), case_factor=1) == 500


def test_a_percentage_of_the_line_wins_and_zero_means_none():
    assert rules.over_units(units=1_000, line_pct=Decimal(10), supplier_pct=Decimal(2), case_factor=20) == 100
    assert rules.over_units(units=1_000, line_pct=Decimal(0), supplier_pct=Decimal(2), case_factor=20) == 0


def test_part_units_of_a_tolerance_are_dropped():
    assert rules.over_units(units=49, line_pct=None, supplier_pct=Decimal(2), case_factor=1) == 0
    assert rules.under_units(units=1_000, pct=Decimal(5)) == 50
    assert rules.under_units(units=1_000, pct=None) == 0


@pytest.mark.parametrize(
    ("units", "moq", "multiple", "fits"),
    [(7, 1, 1, 7), (7, 10, 1, 10), (7, 1, 6, 12), (12, 1, 6, 12), (7, 10, 6, 12), (13, 12, 12, 24)],
)
def test_the_next_quantity_that_the_supplier_takes(units, moq, multiple, fits):
    assert rules.fit_to_agreement(units=units, moq=moq, multiple=multiple) == fits
    assert (rules.off_agreement(units=units, moq=moq, multiple=multiple) == "") == (fits == units)


@CALM
@given(st.integers(1, 10**6), st.integers(1, 10**4), st.integers(1, 10**3))
def test_a_fitting_quantity_is_the_least_that_is_enough(units, moq, multiple):
    fits = rules.fit_to_agreement(units=units, moq=moq, multiple=multiple)
    assert fits >= max(units, moq) and fits % multiple == 0 and fits - multiple < max(units, moq)


@CALM
@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=30), costs)
def test_receipts_in_any_portions_add_up_to_the_line(portions, cost):
    before, total = 0, Decimal(0)
    for units in portions:
        value = rules.receipt_value(before=before, units=units, unit_cost=cost)
        assert value >= 0
        total += value
        before += units
    assert total == rules.line_total(units=before, unit_cost=cost)


def test_a_third_of_a_cent_is_not_lost():
    values = [rules.receipt_value(before=n, units=1, unit_cost=Decimal("0.333333")) for n in range(3)]
    assert values == [Decimal("0.33"), Decimal("0.34"), Decimal("0.33")]


def test_the_fingerprint_sees_every_field_and_no_order_of_lines():
    lines = [(1, 7, 10, Decimal("1.5"), 0), (2, 8, 20, Decimal("2"), 1)]
    same = {"supplier_id": 3, "site_id": 4, "due_on": "2026-03-09"}
    first = rules.content_hash(**same, lines=lines)
    assert rules.content_hash(**same, lines=lines[::-1]) == first
    assert rules.content_hash(**same, lines=[(1, 7, 10, Decimal("1.500000"), 0), lines[1]]) == first
    for other in ((1, 7, 11, Decimal("1.5"), 0), (1, 9, 10, Decimal("1.5"), 0), (1, 7, 10, Decimal("1.6"), 0)):
        assert rules.content_hash(**same, lines=[other, lines[1]]) != first
    assert rules.content_hash(**{**same, "supplier_id": 5}, lines=lines) != first
    assert rules.content_hash(**{**same, "due_on": "2026-03-10"}, lines=lines) != first
