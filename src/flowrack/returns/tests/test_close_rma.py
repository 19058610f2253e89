import pytest
from tests.cast import CY, KIM, ctx

from flowrack.returns import commands
from flowrack.returns.models import Rma
from flowrack.returns.tests.scene import sold
from flowrack.returns.tests.test_create_rma import announce
from flowrack.returns.tests.test_receive_return import receive
from flowrack.returns.types import CloseRma, ReturnRefused
from flowrack.shared.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db


def close(rma, reason="lost on the way", person=KIM, key=None):
    return commands.close_rma(ctx(person, key), CloseRma(rma.rma_id, reason))


def test_a_return_of_which_nothing_came_is_cancelled():
    closed = close(announce(sold(10), 4))
    assert (closed.state, closed.missing_units) == ("cancelled", 4)


def test_goods_that_wait_for_a_decision_keep_it_open():
    s = sold(10)
    rma = announce(s, 4)
    receive(s, rma, 3)
    with pytest.raises(ReturnRefused):
        close(rma)
    assert Rma.objects.get().state == "receiving"


def test_it_needs_a_reason_and_a_person_who_may_and_happens_once():
    rma = announce(sold(10), 4)
    with pytest.raises(ReturnRefused):
        close(rma, " ")
    with pytest.raises(NotPermitted):
        close(rma, person=CY)
    assert Rma.objects.get().state == "announced"
    assert close(rma, key="same") == close(rma, key="same")
    with pytest.raises(WrongState):
        close(rma)
