import pytest

from flowrack.purchasing.states import PoState, advance
from flowrack.shared.errors import WrongState

# (state, action) -> next, as docs/stages/purchasing.md says; everything else is refused.
ALLOWED = {
    ("draft", "change"): "draft",
    ("draft", "approve"): "approved",
    ("draft", "cancel"): "cancelled",
    ("approved", "revise"): "approved",
    ("receiving", "revise"): "receiving",
    ("approved", "receive"): "receiving",
    ("approved", "complete"): "received",
    ("approved", "cancel"): "cancelled",
    ("approved", "close"): "closed",
    ("receiving", "receive"): "receiving",
    ("receiving", "complete"): "received",
    ("receiving", "close"): "closed",
    ("received", "receive"): "received",
    ("received", "reopen"): "receiving",
    ("received", "close"): "closed",
}
ACTIONS = ("change", "revise", "approve", "cancel", "receive", "complete", "reopen", "close")


@pytest.mark.parametrize("state", list(PoState))
@pytest.mark.parametrize("action", ACTIONS)
def test_every_pair_of_state_and_action_is_decided(state, action):
    after = ALLOWED.get((str(state), action))
    if after is None:
        with pytest.raises(WrongState):
            advance(state, action, number="PO-1")
    else:
        assert advance(state, action, number="PO-1") == after
