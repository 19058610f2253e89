"""When planning buys, and how much."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from flowrack.planning import rules
from flowrack.planning.types import Need

NEED = Need(
    item_id=1,
    sku="A",
    supplier_id=7,
    on_hand=0,
    on_order=0,
    promised_and_waiting=0,
    demand_units=560,
    demand_squares=5_600,
    days=56,
    lead_days=10,
    moq=1,
    multiple=1,
    fixed_point=None,
    fixed_up_to=None,
)


def test_steady_demand_is_bought_for_lead_and_review_time_without_safety() -> None:
    proposal = rules.propose(NEED, review_days=7, service=95)
    assert proposal is not None
    assert (proposal.reorder_point, proposal.order_up_to, proposal.safety, proposal.units) == (100, 170, 0, 170)


def test_swinging_demand_adds_safety_stock() -> None:
    swinging = replace(NEED, demand_squares=5_600 + 144 * 56)
    proposal = rules.propose(swinging, review_days=7, service=95)
    assert proposal is not None
    assert (proposal.safety, proposal.order_up_to) == (82, 252)


def test_what_is_there_and_on_order_counts_and_enough_is_enough() -> None:
    assert rules.propose(replace(NEED, on_hand=100, on_order=70), review_days=7, service=95) is None
    short = rules.propose(replace(NEED, on_hand=100, on_order=69), review_days=7, service=95)
    assert short is not None and short.units == 1


def test_what_customers_wait_for_is_bought_even_without_a_history() -> None:
    waiting = replace(NEED, demand_units=0, demand_squares=0, promised_and_waiting=12, multiple=10)
    proposal = rules.propose(waiting, review_days=7, service=95)
    assert proposal is not None and proposal.units == 20


def test_an_item_that_nobody_wants_is_not_bought() -> None:
    assert rules.propose(replace(NEED, demand_units=0, demand_squares=0), review_days=7, service=95) is None


def test_fixed_levels_win() -> None:
    fixed = replace(NEED, fixed_point=5, fixed_up_to=10, promised_and_waiting=2)
    proposal = rules.propose(fixed, review_days=7, service=95)
    assert proposal is not None and proposal.units == 12
    assert rules.propose(replace(fixed, on_hand=8), review_days=7, service=95) is None


def test_quantities_are_what_the_supplier_takes() -> None:
    proposal = rules.propose(replace(NEED, on_hand=150, moq=48, multiple=24), review_days=7, service=95)
    assert proposal is not None and proposal.units == 48


@given(
    on_hand=st.integers(0, 1_000),
    on_order=st.integers(0, 1_000),
    waiting=st.integers(0, 1_000),
    multiple=st.sampled_from([1, 6, 12, 48]),
)
def test_a_second_run_after_the_first_proposes_nothing(
    on_hand: int, on_order: int, waiting: int, multiple: int
) -> None:
    need = replace(NEED, on_hand=on_hand, on_order=on_order, promised_and_waiting=waiting, multiple=multiple)
    first = rules.propose(need, review_days=7, service=95)
    if first is not None:
        assert first.units % multiple == 0
        again = replace(need, on_order=on_order + first.units)
        assert rules.propose(again, review_days=7, service=95) is None
