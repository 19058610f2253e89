from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from flowrack.allocation.rules_free import Change, Step, first_with, free_by_day, free_on

TODAY = date(2026, 3, 2)
FAR = TODAY + timedelta(days=60)


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


def test_the_worked_example_of_features_1_10_moves_to_day_10():
    """200 of a late purchase, 75 of a late sale, 150 asked, the next purchase of 100 in ten days."""
    late = [Change(on(-3), 200), Change(on(-2), -75)]
    steps = free_by_day(0, [*late, Change(on(10), 100)], safety=0, today=TODAY, until=FAR)
    assert steps == [Step(TODAY, 125, 125), Step(on(10), 225, 225)]
    assert (first_with(steps, 125), first_with(steps, 150), first_with(steps, 226)) == (TODAY, on(10), None)


def test_what_a_later_claim_needs_is_not_free_before_the_supply_that_covers_it():
    changes = [Change(on(4), -30), Change(on(6), 50), Change(on(9), -35)]
    steps = free_by_day(40, changes, safety=0, today=TODAY, until=FAR)
    assert [(s.on, s.free, s.balance) for s in steps] == [
        (TODAY, 10, 40), (on(4), 10, 10), (on(6), 25, 60), (on(9), 25, 25),
    ]  # fmt: skip
    assert (free_on(steps, on(5)), free_on(steps, on(7)), free_on(steps, on(-1))) == (10, 25, 0)


def test_safety_stock_is_kept_back_and_nothing_is_below_zero():
    steps = free_by_day(10, [Change(on(2), -50), Change(on(3), 90)], safety=20, today=TODAY, until=FAR)
    assert [(s.on, s.free) for s in steps] == [(TODAY, 0), (on(2), 0), (on(3), 30)]


def test_what_comes_after_the_horizon_is_not_seen():
    assert free_by_day(1, [Change(on(61), 9)], safety=0, today=TODAY, until=FAR) == [Step(TODAY, 1, 1)]


CHANGES = st.lists(st.tuples(st.integers(-5, 40), st.integers(-60, 60)), max_size=12)


@given(on_hand=st.integers(0, 100), changes=CHANGES, day=st.integers(0, 45), safety=st.integers(0, 20))
def test_exactly_the_free_units_can_be_promised_and_not_one_more(on_hand, changes, day, safety):
    """The second opinion walks day by day: with the free units taken no balance is under safety."""
    moves = [Change(on(d), u) for d, u in changes]
    free = free_on(free_by_day(on_hand, moves, safety=safety, today=TODAY, until=FAR), on(day))

    def lowest(more: int) -> int:
        balance, low = on_hand, None
        for d in range(61):
            balance += sum(u for at, u in changes if max(at, 0) == d) - (more if d == day else 0)
            if d >= day:
                low = balance if low is None else min(low, balance)
        assert low is not None
        return low

    assert free == 0 or lowest(free) >= safety
    assert lowest(free + 1) < safety


@given(on_hand=st.integers(0, 100), changes=CHANGES)
def test_free_units_never_fall_with_time(on_hand, changes):
    steps = free_by_day(on_hand, [Change(on(d), u) for d, u in changes], safety=0, today=TODAY, until=FAR)
    assert all(a.free <= b.free and a.on < b.on for a, b in pairwise(steps))
