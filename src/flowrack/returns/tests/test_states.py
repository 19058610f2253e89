from itertools import product

import pytest

from flowrack.returns.states import TRANSITIONS, RmaState, advance
from flowrack.shared.errors import WrongState

ACTIONS = ("receive", "dispose", "close", "cancel")
ALLOWED = {
    ("announced", "receive"),
    ("announced", "cancel"),
    ("receiving", "receive"),
    ("receiving", "dispose"),
    ("receiving", "close"),
}


@pytest.mark.parametrize(("state", "action"), list(product(RmaState, ACTIONS)))
def test_each_state_allows_exactly_what_the_page_says(state, action):
    if (str(state), action) in ALLOWED:
        assert advance(state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(WrongState):
            advance(state, action)
