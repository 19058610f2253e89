from __future__ import annotations

import pytest

from flowrack.inspection.states import TRANSITIONS, InspectionState, advance
from flowrack.shared.errors import WrongState


def test_a_finished_inspection_takes_nothing_more():
    ended = {InspectionState.DECIDED, InspectionState.SKIPPED, InspectionState.CANCELLED}
    assert {state for state, _ in TRANSITIONS} == set(InspectionState) - ended


def test_a_refusal_says_where_it_stands():
    with pytest.raises(WrongState) as refused:
        advance(InspectionState.DECIDED, "decide", number="IN-1001")
    assert refused.value.message == "IN-1001 is decided, so it cannot take “decide”."
