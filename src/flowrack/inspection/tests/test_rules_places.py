from hypothesis import given
from hypothesis import strategies as st

from flowrack.inspection.rules_places import Gone, HeldAt, left_at, moved, settled_by

KIND = (1, 0, "hold")
A, B, C = (10, 0), (11, 0), (12, 0)


def test_a_hold_goes_along_with_its_stock_the_oldest_first():
    holds = [HeldAt(1, KIND, 4, {A: 4}), HeldAt(2, KIND, 6, {A: 6}), HeldAt(3, (2, 0, "hold"), 9, {A: 9})]
    assert moved(holds, [Gone(KIND, A, 7, B)]) == {1: {B: 4}, 2: {A: 3, B: 3}}


def test_units_settle_the_holds_where_they_stand_and_then_the_oldest():
    holds = [HeldAt(1, KIND, 5, {C: 5}), HeldAt(2, KIND, 6, {B: 6})]
    assert settled_by(holds, [Gone(KIND, B, 6)]) == {2: 6}
    assert settled_by(holds, [Gone(KIND, B, 8)]) == {1: 2, 2: 6}


def test_a_hold_is_emptied_where_its_units_left():
    assert left_at({A: 4, B: 3}, 5, near=[B]) == {A: 2}


spots = st.sampled_from([A, B, C])


@given(
    holds=st.lists(st.dictionaries(spots, st.integers(1, 9), min_size=1), min_size=1, max_size=4),
    moves=st.lists(st.tuples(spots, spots, st.integers(1, 12)), max_size=6),
)
def test_no_held_unit_is_lost_on_the_way(holds, moves):
    held = [HeldAt(n, KIND, sum(at.values()), at) for n, at in enumerate(holds)]
    after = moved(held, [Gone(KIND, a, units, b) for a, b, units in moves if a != b])
    for n, at in enumerate(holds):
        assert sum(after.get(n, at).values()) == sum(at.values())
