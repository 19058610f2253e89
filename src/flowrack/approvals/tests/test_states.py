import pytest

from flowrack.approvals.states import LIVE, TRANSITIONS, RequestState, advance
from flowrack.shared.errors import WrongState


def test_what_ended_stays_ended_but_a_change_voids_an_approval():
    assert {state for state, _ in TRANSITIONS} == set(LIVE)
    assert advance(RequestState.APPROVED, "void", number="AP-1") == RequestState.VOIDED
    for state in set(RequestState) - {RequestState.WAITING}:
        with pytest.raises(WrongState):
            advance(state, "approve", number="AP-1")
