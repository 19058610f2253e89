import pytest

from flowrack.inbound.states import ReceiptState, advance
from flowrack.shared.errors import WrongState


@pytest.mark.parametrize("action", ["receive", "take_back", "close"])
def test_an_open_receipt_takes_everything_and_a_closed_one_nothing(action):
    after = advance(ReceiptState.OPEN, action, number="RC-1")
    assert after == ("closed" if action == "close" else "open")
    with pytest.raises(WrongState):
        advance(ReceiptState.CLOSED, action, number="RC-1")
