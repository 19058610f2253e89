from decimal import Decimal

import pytest
from tests.cast import CY, JO, ctx

from flowrack.ledger.tests import house as h
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.returns import commands
from flowrack.returns.models import ReturnedLot, Rma, RmaLine
from flowrack.returns.tests.scene import sold
from flowrack.returns.tests.test_create_rma import announce
from flowrack.returns.types import OverReturn, ReceiveReturn, ReturnedLine, ReturnRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def receive(s, rma, units, condition="A", key=None, lot_id=0, person=JO, place="return_review1"):
    line = ReturnedLine(rma.line_ids[0], units, condition, lot_id)
    return commands.receive_return(ctx(person, key), ReceiveReturn(rma.rma_id, s.house.places[place], [line]))


def test_goods_come_back_into_return_review_at_the_cost_they_left_with():
    s = sold(10, "3.00")
    h.receive(s.house, s.item, 10, "9.00")
    done = receive(s, announce(s, 4), 4)
    assert h.on_hand(s.house, s.item, "return_review1") == 4
    assert h.book(s.house, s.item, "cogs") == (6, Decimal("18.0000"))
    assert h.book(s.house, s.item) == (14, Decimal("102.0000"))
    lot = ReturnedLot.objects.get()
    assert (lot.units, lot.left_units, lot.value, lot.proposal) == (4, 4, Decimal("12"), "restock")
    assert done.proposals == ["restock"]
    [decision] = why(f"returns.lot:{lot.pk}")
    assert decision.sentence == "Restock: as new and with enough life left."


def test_nothing_in_return_review_can_be_promised():
    s = sold(10)
    receive(s, announce(s, 4), 4)
    row = sql.fetch_one("SELECT return_review, reserve, forward_pick FROM ledger_pool WHERE item_id = %s", (s.item,))
    assert row == (4, 0, 0)


def test_goods_may_come_in_parts_but_never_more_than_announced():
    s = sold(10)
    rma = announce(s, 4)
    receive(s, rma, 1)
    receive(s, rma, 2, "C")
    with pytest.raises(ReturnRefused) as refusal:
        receive(s, rma, 2)
    assert refusal.value.lines[0].message == "4 were announced, 3 have come: 1 are left."
    assert RmaLine.objects.get().received_units == 3
    assert Rma.objects.get().state == "receiving"
    assert [r.proposal for r in ReturnedLot.objects.order_by("pk")] == ["restock", "damaged"]


def test_the_lot_must_be_one_that_was_sent():
    s = sold(10, lot="L1")
    other = h.lot(s.item, "L2")
    rma = announce(s, 4)
    with pytest.raises(ReturnRefused):
        receive(s, rma, 2)
    with pytest.raises(OverReturn):
        receive(s, rma, 2, lot_id=other)
    sent = h.value("SELECT id FROM catalog_lot WHERE code = 'L1'")
    receive(s, rma, 2, lot_id=sent)
    assert ReturnedLot.objects.get().lot_id == sent


def test_a_retried_scan_receives_once_and_a_refused_one_leaves_no_trace():
    s = sold(10)
    rma = announce(s, 4)
    assert receive(s, rma, 2, key="same") == receive(s, rma, 2, key="same")
    for person, place in ((CY, "return_review1"), (JO, "reserve1")):
        with pytest.raises((NotPermitted, ReturnRefused)):
            receive(s, rma, 1, person=person, place=place)
    assert h.on_hand(s.house, s.item, "return_review1") == 2
    assert ReturnedLot.objects.count() == 1
