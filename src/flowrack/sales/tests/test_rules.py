"""Properties of the sales rules; no database."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrack.sales import rules, states
from flowrack.sales.states import OrderState
from flowrack.sales.types import LineCounts
from flowrack.shared.errors import BadLine, WrongState

shares = st.tuples(*[st.integers(0, 50)] * 5).filter(lambda s: sum(s) > 0)


@given(parts=shares, released=st.integers(0, 50), wanted=st.none() | st.integers(1, 300))
def test_a_cut_takes_what_waits_first_and_never_what_a_picker_has(parts, released, wanted):
    waiting, allocated, picked, shipped, cancelled = parts
    counts = LineCounts(sum(parts), allocated, min(released, allocated), picked, shipped, cancelled)
    assert counts.waiting == waiting
    cut = rules.cut_line(counts, wanted)
    can = waiting + counts.unreleased
    if wanted is not None and wanted > can:
        assert cut is None
    else:
        assert cut is not None
        assert cut.units == (can if wanted is None else wanted)
        assert cut.waiting == min(cut.units, waiting)
        assert cut.promised <= counts.unreleased


@given(packs=st.integers(1, 1000), factor=st.integers(1, 144))
def test_packs_become_exact_base_units(packs, factor):
    assert rules.whole_units(line_no=1, quantity=Decimal(packs), factor=factor, pack="case") == packs * factor


@pytest.mark.parametrize(
    ("quantity", "factor", "said"),
    [
        ("2.6", 12, "2.6 case is not a whole number of base units."),
        ("0", 1, "0 is not a quantity to ship."),
        ("-3", 1, "-3 is not a quantity to ship."),
        ("2000000000", 1, "2000000000 is more than any order."),
    ],
)
def test_a_quantity_that_cannot_ship_is_named(quantity, factor, said):
    bad = rules.whole_units(line_no=7, quantity=Decimal(quantity), factor=factor, pack="case" if factor > 1 else "")
    assert isinstance(bad, BadLine)
    assert (bad.line, bad.field, bad.message) == (7, "quantity", said)


def test_the_sentence_says_the_news_first():
    say = partial(rules.order_sentence, is_looked_at=True)
    fresh = rules.order_sentence(ordered=4, allocated=0, picked=0, shipped=0, cancelled=1, is_looked_at=False)
    assert fresh == "All 3 confirmed, none reserved yet."
    assert say(ordered=40, allocated=30, picked=0, shipped=0, cancelled=0) == "30 of 40 reserved, 10 wait for stock."
    assert say(ordered=40, allocated=5, picked=5, shipped=20, cancelled=10) == "20 of 30 shipped, 5 picked, 5 reserved."
    assert say(ordered=4, allocated=0, picked=0, shipped=0, cancelled=0) == "All 4 wait for stock."
    many = say(ordered=45_812, allocated=45_811, picked=0, shipped=0, cancelled=0)
    assert many == "45,811 of 45,812 reserved, 1 waits for stock."
    assert say(ordered=4, allocated=0, picked=0, shipped=4, cancelled=0) == "All 4 shipped."
    assert say(ordered=4, allocated=0, picked=0, shipped=0, cancelled=4) == "All 4 cancelled."


ACTIONS = ("change", "release", "recall", "cancel", "finish")


@pytest.mark.parametrize("state", list(OrderState))
@pytest.mark.parametrize("action", ACTIONS)
def test_every_state_and_action_is_allowed_or_refused_as_the_table_says(state, action):
    if (state, action) in states.TRANSITIONS:
        assert states.advance(state, action) == states.TRANSITIONS[state, action]
    else:
        with pytest.raises(WrongState):
            states.advance(state, action)


def test_finished_orders_have_no_way_out():
    assert not [key for key in states.TRANSITIONS if key[0] in (OrderState.SHIPPED, OrderState.CANCELLED)]
