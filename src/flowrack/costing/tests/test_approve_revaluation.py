from decimal import Decimal

import pytest
from tests.cast import NED, OZ, ctx

from flowrack.costing import commands
from flowrack.costing.tests.test_set_standard_cost import OZ2, set_cost
from flowrack.costing.types import ApproveRevaluation, RevaluationNotFound
from flowrack.ledger.tests import house as h
from flowrack.shared.errors import DutiesConflict, NotPermitted, WrongState

pytestmark = pytest.mark.django_db


def test_a_large_revaluation_waits_for_a_second_person_of_finance():
    house = h.house()
    item = h.item("W", "standard", standard_cost="10")
    h.receive(house, item, 10_001, None)
    done = set_cost(item, "11")
    assert (done.state, done.posting_id) == ("proposed", 0)
    assert h.book(house, item) == (10_001, Decimal("100010.0000"))
    req = ApproveRevaluation(done.revaluation_id)
    with pytest.raises(DutiesConflict):
        commands.approve_revaluation(ctx(OZ), req)
    assert commands.approve_revaluation(ctx(OZ2), req).value == Decimal("10001.00")
    assert h.book(house, item) == (10_001, Decimal("110011.0000"))
    with pytest.raises(WrongState):
        commands.approve_revaluation(ctx(OZ2), req)


def test_a_retry_posts_once_and_strangers_and_unknown_ones_are_refused():
    house = h.house()
    item = h.item("W", "standard", standard_cost="10")
    h.receive(house, item, 10_001, None)
    req = ApproveRevaluation(set_cost(item, "11").revaluation_id)
    with pytest.raises(NotPermitted):
        commands.approve_revaluation(ctx(NED), req)
    with pytest.raises(RevaluationNotFound):
        commands.approve_revaluation(ctx(OZ2), ApproveRevaluation(999_999))
    assert h.book(house, item) == (10_001, Decimal("100010.0000"))
    assert commands.approve_revaluation(ctx(OZ2, "same"), req) == commands.approve_revaluation(ctx(OZ2, "same"), req)
