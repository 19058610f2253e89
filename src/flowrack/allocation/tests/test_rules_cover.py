from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flowrack.allocation.rules_cover import Cover, Slip, broken, cover, outlook, slips, told
from flowrack.allocation.rules_foresight import Coming, Want

D = date(2026, 3, 9)


def day(n):
    return D + timedelta(days=n)


def test_lines_are_covered_in_rank_order_stock_first_then_by_the_day_it_comes():
    wants = [Want(1, 30, day(0)), Want(2, 40, day(5)), Want(3, 10, day(0))]
    coming = [Coming(8, "B", day(7), 50), Coming(0, "", date.min, 20), Coming(7, "A", day(2), 20)]
    assert cover(wants, coming) == {
        1: Cover(day(2), 7, 10),
        2: Cover(day(7), 8, 30),
        3: Cover(day(7), 8, 10),
    }
    assert cover([Want(1, 30, day(0))], [Coming(7, "A", day(0), 20)]) == {1: Cover(None, 7, 10)}


def test_a_line_slips_when_its_cover_gets_worse_and_is_beyond_the_promise():
    wants = [Want(1, 20, day(3)), Want(2, 20, day(3))]
    before = [Coming(7, "A", day(1), 20), Coming(8, "B", day(2), 20)]
    after = [Coming(7, "A", day(9), 20), Coming(8, "B", day(2), 20)]
    found, fine = slips(wants, before, after)
    assert (found, fine) == ([Slip(2, day(3), day(2), day(9), 20)], [1])
    assert told(found[0], "A moved") == (
        "A moved: 20 units are covered on 18 Mar instead of 11 Mar, 6 days after the promise of 12 Mar."
    )
    gone, _ = slips(wants, before, before[1:])
    assert told(gone[0], "A moved") == (
        "A moved: 20 units have no cover in time, before on 11 Mar; the promise of 12 Mar cannot hold."
    )
    assert slips(wants, after, after) == ([], [1])
    assert slips(wants, after, before) == ([], [1, 2])


supply = st.lists(st.tuples(st.integers(-5, 20), st.integers(0, 50)), max_size=6)


@given(supply, st.lists(st.tuples(st.integers(1, 40), st.integers(0, 10)), min_size=1, max_size=6))
def test_no_unit_covers_two_lines_and_none_is_left_while_a_line_lacks_cover(comes, waits):
    wants = [Want(n, units, day(on)) for n, (units, on) in enumerate(waits)]
    coming = [Coming(n + 1, "X", day(on), units) for n, (on, units) in enumerate(comes)]
    found = cover(wants, coming)
    total = sum(units for _, units in comes)
    running = 0
    for want in wants:
        running += want.units
        assert (found[want.line_id].on is None) == (running > total)
        assert 0 <= found[want.line_id].late <= want.units


def test_promises_are_foreseen_as_runs_will_keep_them():
    wants = [Want(1, 10, day(0), is_promised=False), Want(2, 10, day(9)), Want(3, 5, day(0)), Want(-7, 4, day(3))]
    coming = [Coming(0, "", date.min, 12), Coming(7, "A", day(3), 4), Coming(8, "B", day(8), 20)]
    assert outlook(wants, coming, D) == {
        1: Cover(day(8), 8, 3),  # a wish has what no promise needs: 7 of 12 today
        2: Cover(day(8), 8, 0),
        3: Cover(date.min, 0, 0),
        -7: Cover(day(3), 7, 0),
    }
    assert broken(wants, coming, D) == ([], [2, 3, -7])


def test_an_exception_follows_for_exactly_the_promise_that_cannot_be_kept():
    best, worst = Want(1, 10, day(4)), Want(2, 10, day(3))
    before = [Coming(0, "", date.min, 10), Coming(7, "A", day(4), 10)]
    after = [Coming(0, "", date.min, 10), Coming(7, "A", day(9), 10)]
    assert slips([best, worst], before, after, D) == ([Slip(2, day(3), date.min, day(9), 10)], [1])
    assert slips([best, worst], after, before, D) == ([], [1, 2])
