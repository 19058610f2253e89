"""Patterns of bins and the walk past them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrack.locations import rules
from flowrack.locations.types import Pattern, PatternRefused


def test_ranges_keep_their_zeros() -> None:
    assert rules.expand("08-11", what="Bays") == ["08", "09", "10", "11"]
    assert rules.expand("A-C,F", what="Levels") == ["A", "B", "C", "F"]
    assert rules.expand("", what="Slots") == [""]


@pytest.mark.parametrize("text", ["9-1", "A-", "1-99999", "01,01", "é"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(PatternRefused):
        rules.expand(text, what="Aisles")


def test_every_second_aisle_is_walked_backwards() -> None:
    planned = rules.plan(Pattern(aisles="1-2", bays="1-3", levels="1", code="{aisle}-{bay}"))
    assert [p.code for p in planned] == ["1-1", "1-2", "1-3", "2-3", "2-2", "2-1"]
    assert [p.pick_sequence for p in planned] == [1, 2, 3, 4, 5, 6]
    straight = rules.plan(Pattern("1-2", "1-3", "1", code="{aisle}-{bay}", is_serpentine=False))
    assert [p.code for p in straight] == ["1-1", "1-2", "1-3", "2-1", "2-2", "2-3"]


@given(aisles=st.integers(1, 9), bays=st.integers(1, 9), levels=st.integers(1, 5), slots=st.integers(1, 4))
def test_a_pattern_makes_each_place_once_and_neighbours_follow(aisles: int, bays: int, levels: int, slots: int) -> None:
    planned = rules.plan(
        Pattern(f"1-{aisles}", f"1-{bays}", f"1-{levels}", f"1-{slots}", code="{aisle}-{bay}-{level}-{slot}")
    )
    assert len({p.code for p in planned}) == len(planned) == aisles * bays * levels * slots
    for one, two in pairwise(planned):
        assert two.pick_sequence == one.pick_sequence + 1
        assert abs(int(one.bay) - int(two.bay)) <= 1  # nobody walks back along an aisle


@pytest.mark.parametrize(
    "pattern",
    [
        Pattern("01-99", "01-99", "1-9", "1-9", code="{aisle}-{bay}-{level}-{slot}"),
        Pattern("1-2", "1-3", "1", code="{aisle}"),
        Pattern("1-2", "1-3", "1", code="{rack}"),
        Pattern("1-2", "1-3", "1", code="{aisle} {bay}"),
        Pattern("1-2", "1-3", "1", code="{aisle.x}"),
    ],
)
def test_patterns_that_cannot_be_are_refused(pattern: Pattern) -> None:
    with pytest.raises(PatternRefused) as refused:
        rules.plan(pattern)
    assert refused.value.fix
