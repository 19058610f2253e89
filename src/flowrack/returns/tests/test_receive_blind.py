from decimal import Decimal

import pytest
from tests.cast import JO, ctx

from flowrack.ledger.tests import house as h
from flowrack.returns import commands
from flowrack.returns.models import Rma
from flowrack.returns.tests.scene import sold
from flowrack.returns.types import BlindLine, OverReturn, ReceiveBlind, ReturnRefused

pytestmark = pytest.mark.django_db


def blind(s, *lines, key=None):
    req = ReceiveBlind(s.house.site, s.customer, s.house.places["return_review1"], "unknown", list(lines))
    return commands.receive_blind(ctx(JO, key), req)


def test_a_blind_return_comes_in_at_the_present_unit_cost():
    s = sold(10, "3.00")
    h.receive(s.house, s.item, 10, "9.00")
    done = blind(s, BlindLine(s.item, 2, "A"))
    assert h.book(s.house, s.item) == (12, Decimal("108.0000"))
    rma = Rma.objects.get(pk=done.rma_id)
    assert (rma.is_blind, rma.state, rma.order_id) == (True, "receiving", None)


def test_a_blind_return_with_a_known_line_is_held_to_what_was_sent():
    s = sold(3, "3.00")
    blind(s, BlindLine(s.item, 2, "A", order_line_id=s.line))
    assert h.book(s.house, s.item) == (2, Decimal("6.0000"))
    with pytest.raises(OverReturn):
        blind(s, BlindLine(s.item, 2, "A", order_line_id=s.line))
    assert h.on_hand(s.house, s.item, "return_review1") == 2


def test_a_retried_blind_return_is_answered_from_the_record_and_one_without_cost_is_refused():
    s = sold(3, "3.00")
    assert blind(s, BlindLine(s.item, 1, "A"), key="same") == blind(s, BlindLine(s.item, 1, "A"), key="same")
    unknown = h.item("NEVER-SEEN")
    with pytest.raises(ReturnRefused):
        blind(s, BlindLine(unknown, 1, "A"))
    assert Rma.objects.count() == 1
