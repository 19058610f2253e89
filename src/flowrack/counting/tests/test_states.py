from itertools import product

import pytest

from flowrack.counting.states import TRANSITIONS, TaskState, advance
from flowrack.shared.errors import WrongState

ACTIONS = ("open", "agree", "differ", "recount", "approve", "finish", "cancel")
ALLOWED = {
    ("due", "open"),
    ("due", "cancel"),
    ("counting", "agree"),
    ("counting", "differ"),
    ("review", "recount"),
    ("recount", "open"),
    ("review", "approve"),
    ("review", "finish"),
}


@pytest.mark.parametrize(("state", "action"), list(product(TaskState, ACTIONS)))
def test_each_state_allows_exactly_what_the_page_says(state, action):
    if (str(state), action) in ALLOWED:
        assert advance(state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(WrongState):
            advance(state, action)
