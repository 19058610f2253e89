"""What a tolerance says about a counted line."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrack.inbound.rules_tolerance import HOUSE, Counted, Tolerance, faults, judge, missing, share_of, worst
from flowrack.inbound.types_discrepancies import Kind, Outcome

DAY = date(2026, 3, 2)
LINE = Counted("V-200", ordered=1_000, before=0, units=1_000, line_over_units=20, due_on=DAY, today=DAY)


def said(counted: Counted, tolerance: Tolerance = HOUSE) -> list[tuple[str, int, str]]:
    return [(str(f.kind), f.units, str(f.outcome)) for f in judge(counted, tolerance)]


def test_exactly_the_tolerance_is_accepted_and_one_unit_more_is_what_the_policy_says():
    assert said(replace(LINE, before=940, units=80)) == [("over", 20, "accept")]
    assert said(replace(LINE, before=1_020, units=1)) == [("over", 1, "refuse")]
    flags = replace(HOUSE, over_pct=Decimal(1), on_over=Outcome.HOLD)
    assert said(replace(LINE, before=940, units=80), flags) == [("over", 10, "accept"), ("over", 10, "hold")]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=20), st.integers(0, 40), st.integers(0, 40))
def test_in_whatever_portions_units_come_the_same_ones_are_over(portions, agreed, cap):
    tolerance = replace(HOUSE, over_units=cap, on_over=Outcome.FLAG)
    line = replace(LINE, ordered=100, line_over_units=agreed)

    def sums(parts: list[int]) -> dict[str, int]:
        found: dict[str, int] = {}
        before = 0
        for units in parts:
            for f in judge(replace(line, before=before, units=units), tolerance):
                found[f.outcome] = found.get(f.outcome, 0) + f.units
            before += units
        return found

    assert sums(portions) == sums([sum(portions)])


def test_zero_tolerates_nothing_and_part_units_are_dropped():
    assert said(replace(LINE, ordered=10, units=11, line_over_units=0)) == [("over", 1, "refuse")]
    assert share_of(40, Decimal("2.4"), None, 7) == 0
    assert share_of(100, Decimal(5), 3, 7) == 3
    assert share_of(100, None, None, 7) == 7


@pytest.mark.parametrize(
    ("days", "expected"), [(-3, [("late", 9, "hold")]), (-2, []), (0, []), (1, []), (2, [("early", 9, "refuse")])]
)
def test_days_early_and_late(days, expected):
    tolerance = replace(HOUSE, early_days=1, late_days=2, on_early=Outcome.REFUSE, on_late=Outcome.HOLD)
    assert said(replace(LINE, units=9, due_on=DAY + timedelta(days)), tolerance) == expected


@pytest.mark.parametrize(
    ("expires", "expected"),
    [
        (None, []),
        (DAY - timedelta(1), [("expired", 9, "hold")]),
        (DAY, [("short_dated", 9, "hold")]),
        (DAY + timedelta(59), [("short_dated", 9, "hold")]),
        (DAY + timedelta(60), []),
    ],
)
def test_remaining_life(expires, expected):
    tolerance = replace(HOUSE, min_life_days=60, on_short_dated=Outcome.HOLD)
    assert said(replace(LINE, units=9, expires_on=expires), tolerance) == expected


@pytest.mark.parametrize(
    ("life", "on_short_dated", "expected"),
    [
        (0, "accept", [("short_dated", 9, "hold")]),
        (29, "flag", [("short_dated", 9, "hold")]),
        (29, "refuse", [("short_dated", 9, "refuse")]),
        (30, "flag", []),
    ],
)
def test_goods_that_would_have_to_leave_the_pick_face_at_once_are_held(life, on_short_dated, expected):
    counted = replace(LINE, units=9, expires_on=DAY + timedelta(life), removal_days=30)
    assert said(counted, replace(HOUSE, on_short_dated=Outcome(on_short_dated))) == expected


def test_missing_units_are_tolerated_up_to_the_share():
    def of(units: int, tolerance: Tolerance = HOUSE, agreed: int = 0) -> str:
        found = missing(sku="V-200", ordered=1_000, missing_units=units, line_under_units=agreed, tolerance=tolerance)
        assert (found.kind, found.units) == (Kind.SHORT, units)
        return found.outcome

    five = replace(HOUSE, under_pct=Decimal(5), on_under=Outcome.REFUSE)
    assert (of(1), of(20, agreed=20), of(50, five), of(51, five)) == ("flag", "accept", "accept", "refuse")


def test_the_strictest_outcome_counts_and_nonsense_is_named():
    strict = replace(HOUSE, early_days=0, on_early=Outcome.HOLD)
    assert worst(judge(replace(LINE, before=1_000, units=1, due_on=DAY + timedelta(1)), strict)) == Outcome.HOLD
    assert worst([]) == Outcome.ACCEPT
    bad = replace(HOUSE, over_pct=Decimal(100), early_days=-1, on_late="shrug")
    assert [name for name, _ in faults(bad)] == ["over_pct", "early_days", "on_late"]
