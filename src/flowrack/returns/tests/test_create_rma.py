import pytest
from tests.cast import BO, KIM, ctx

from flowrack.returns import commands
from flowrack.returns.models import Rma, RmaLine
from flowrack.returns.tests.scene import sold
from flowrack.returns.types import CloseRma, CreateRma, NewRmaLine, OverReturn, ReturnRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def announce(s, units, key=None, person=KIM):
    lines = [NewRmaLine(units=units, order_line_id=s.line)]
    return commands.create_rma(ctx(person, key), CreateRma(s.house.site, "changed_mind", lines, order_id=s.order))


def test_lines_of_an_order_are_announced_for_its_customer():
    s = sold(10)
    done = announce(s, 4)
    rma = Rma.objects.get(pk=done.rma_id)
    assert (rma.number, rma.state, rma.customer_id, rma.created_by_id) == (done.number, "announced", s.customer, KIM.id)
    line = RmaLine.objects.get(pk=done.line_ids[0])
    assert (line.item_id, line.units, line.received_units) == (s.item, 4, 0)


def test_never_more_comes_back_than_was_sent_over_all_announcements():
    s = sold(10)
    announce(s, 7)
    with pytest.raises(OverReturn) as refusal:
        announce(s, 4)
    [line] = refusal.value.lines
    assert line.message == "10 were sent, 7 are announced: 3 can come back."
    announce(s, 3)
    assert sum(RmaLine.objects.values_list("units", flat=True)) == 10


def test_a_cancelled_return_gives_its_units_free():
    s = sold(10)
    first = announce(s, 10)
    closed = commands.close_rma(ctx(KIM), CloseRma(first.rma_id, "customer keeps them"))
    assert (closed.state, closed.missing_units) == ("cancelled", 10)
    announce(s, 10)


def test_unmatched_goods_need_a_customer_an_item_and_a_reason():
    s = sold(10)
    lines = [NewRmaLine(units=2, item_id=s.item)]
    done = commands.create_rma(ctx(KIM), CreateRma(s.house.site, "unknown", lines, customer_id=s.customer))
    assert RmaLine.objects.get(pk=done.line_ids[0]).order_line_id is None
    for bad in (
        CreateRma(s.house.site, "unknown", lines),
        CreateRma(s.house.site, "because", lines, customer_id=s.customer),
        CreateRma(s.house.site, "unknown", [NewRmaLine(units=2, item_id=999_999)], customer_id=s.customer),
        CreateRma(s.house.site, "unknown", [NewRmaLine(units=0, item_id=s.item)], customer_id=s.customer),
        CreateRma(s.house.site, "unknown", [], customer_id=s.customer),
    ):
        with pytest.raises(ReturnRefused):
            commands.create_rma(ctx(KIM), bad)


def test_a_retry_is_answered_from_the_record_and_a_refusal_leaves_no_trace():
    s = sold(10)
    assert announce(s, 4, "same") == announce(s, 4, "same")
    with pytest.raises(NotPermitted):
        announce(s, 1, person=BO)
    assert (Rma.objects.count(), RmaLine.objects.count()) == (1, 1)
