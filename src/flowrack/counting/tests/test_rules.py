from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from flowrack.counting.rules import (
    Approver,
    BinDue,
    Difference,
    Policy,
    Said,
    approvers_needed,
    balances_over,
    choose_bins,
    disagrees,
    expectation,
    is_within_tolerance,
    may_give_last_approval,
    spread,
    unit_accuracy,
)

C = Policy("C", 180, Decimal("1"), Decimal("50"), Decimal("500"), Decimal("5000"), True)
TODAY = date(2026, 5, 14)


def difference(units, expected=1000, value="1", tracked=False, blank=False):
    return Difference(units, expected, Decimal(value), tracked, blank)


@given(st.integers(0, 100), st.lists(st.integers(-5, 5), max_size=12), st.data())
def test_a_count_that_equals_any_balance_in_between_is_no_variance(opened, changes, data):
    balances = balances_over(opened, changes)
    counted = data.draw(st.sampled_from(balances))
    assert counted - expectation(counted, balances) == 0


@given(st.integers(0, 100), st.lists(st.integers(0, 100), min_size=1, max_size=12))
def test_the_expectation_is_the_nearest_balance_in_the_range(counted, balances):
    expected = expectation(counted, balances)
    assert min(balances) <= expected <= max(balances)
    assert all(abs(counted - expected) <= abs(counted - b) for b in balances)


def test_twelve_picks_during_a_count_raise_no_false_variance():
    balances = balances_over(60, [-1] * 12)
    assert [expectation(c, balances) - c for c in range(48, 61)] == [0] * 13
    assert expectation(47, balances) == 48


def test_counts_disagree_where_the_last_found_what_none_before_it_did():
    def disagree(*counted):
        return disagrees([Said(units, 100) for units in counted])

    assert [disagree(60), disagree(60, 60), disagree(60, 70), disagree(60, 70, 60)] == [False, False, True, False]
    assert [disagree(None, 0), disagree(None, None), disagree(60, None)] == [False, False, True]
    assert not disagrees([Said(60, 100), Said(50, 90)]), "ten were picked in between"


def test_policy_posts_only_what_is_small_in_percent_and_in_money():
    assert is_within_tolerance(difference(10), C)
    assert not is_within_tolerance(difference(11), C)
    assert is_within_tolerance(difference(-10, value="-50"), C)
    assert not is_within_tolerance(difference(-10, value="-50.01"), C)


def test_policy_never_posts_tracked_goods_blanks_or_classes_that_forbid_it():
    assert not is_within_tolerance(difference(1, tracked=True), C)
    assert not is_within_tolerance(difference(0, blank=True), C)
    assert not is_within_tolerance(
        difference(1), Policy("A", 30, C.tolerance_percent, C.tolerance_value, *[Decimal(1)] * 2, False)
    )


@given(st.integers(-100, 100), st.integers(0, 100))
def test_a_surplus_where_nothing_is_expected_is_never_inside_tolerance(units, expected):
    inside = is_within_tolerance(difference(units, expected=expected, value="0"), C)
    assert inside == (units == 0 or abs(units) * 100 <= expected)


def test_limits_ask_for_one_then_two_then_a_person_without_limit():
    nobody, high, anyone = Approver(False, False), Approver(True, False), Approver(True, True)
    assert approvers_needed(difference(5, value="500"), C) == 1
    assert approvers_needed(difference(5, value="500.01"), C) == 2
    assert approvers_needed(difference(5, value="1", tracked=True), C) == 2
    assert may_give_last_approval(difference(5, value="-500"), C, nobody)
    assert not may_give_last_approval(difference(5, value="-500.01"), C, nobody)
    assert may_give_last_approval(difference(5, value="5000"), C, high)
    assert not may_give_last_approval(difference(5, value="5000.01"), C, high)
    assert may_give_last_approval(difference(5, value="5000.01"), C, anyone)


some_bins = st.lists(
    st.builds(
        BinDue,
        location_id=st.integers(1, 10_000),
        velocity=st.sampled_from("ABC"),
        counted_on=st.none() | st.integers(0, 400).map(lambda d: TODAY - timedelta(days=d)),
        value=st.decimals(0, 1000, places=2),
        moves_since=st.integers(0, 20),
    ),
    unique_by=lambda b: b.location_id,
    max_size=30,
)


@given(some_bins, st.integers(0, 40))
def test_only_due_bins_are_chosen_and_the_riskiest_first(bins, limit):
    every = {"A": 30, "B": 90, "C": 180}
    chosen = choose_bins(bins, every, today=TODAY, limit=limit)
    due = [b for b in bins if b.counted_on is None or (TODAY - b.counted_on).days >= every[b.velocity]]
    assert len(chosen) == min(limit, len(due))
    risk = [b.value * (1 + b.moves_since) for b in chosen]
    assert risk == sorted(risk, reverse=True)
    left_out = [b for b in due if b not in chosen]
    assert not chosen or all(b.value * (1 + b.moves_since) <= risk[-1] for b in left_out)


def test_unit_accuracy_never_nets_plus_against_minus():
    assert unit_accuracy([(9, 10), (11, 10)]) == Decimal("0.9")
    assert unit_accuracy([(50, 10)]) == 0
    assert unit_accuracy([]) is None


@given(st.integers(0, 500), st.lists(st.integers(0, 100), min_size=1, max_size=6))
def test_what_was_counted_together_is_spread_without_losing_a_unit(counted, books):
    shares = spread(counted, books)
    assert sum(shares) == counted and all(s >= 0 for s in shares)
    if counted == sum(books):
        assert shares == books
