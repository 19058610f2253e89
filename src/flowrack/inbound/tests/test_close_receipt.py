import pytest
from tests.cast import BO, DI, ctx
from tests.supply import approved, counts_of, house, item, po_state, receive, supplier

from flowrack.inbound import commands
from flowrack.inbound.types import CloseReceipt, CountedLine, GiveUp
from flowrack.purchasing import queries as purchasing
from flowrack.shared.errors import Invalid, NotPermitted, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose, tap = house(), item("V-200"), item("TAP")
    po = approved(here.site, supplier(), (hose, 100, "4"), (tap, 10, "1"))
    done = receive(po, here, CountedLine(units=Units(94), item_id=hose))
    return here, hose, tap, po, done


def test_what_is_short_stays_open_on_the_order(scene):
    here, hose, _tap, po, done = scene
    closed = commands.close_receipt(ctx(BO), CloseReceipt(done.receipt_id))
    assert (closed.counted_units, closed.owed_units, closed.given_up_units) == (94, 16, 0)
    assert po_state(po) == ("receiving", [(100, 94, 0), (10, 0, 0)])
    later = receive(po, here, CountedLine(units=Units(6), item_id=hose))
    assert later.receipt_id != done.receipt_id


def test_what_is_given_up_with_a_reason_is_not_expected_any_more(scene):
    here, hose, tap, po, done = scene
    give_up = [GiveUp(po.line_ids[0], "supplier is out"), GiveUp(po.line_ids[1], "discontinued")]
    closed = commands.close_receipt(ctx(BO), CloseReceipt(done.receipt_id, give_up))
    assert (closed.owed_units, closed.given_up_units) == (0, 16)
    assert po_state(po) == ("received", [(100, 94, 6), (10, 0, 10)])
    assert purchasing.on_order([hose, tap], here.site) == {}


def test_two_people_cannot_close_the_same_receipt(scene):
    *_, done = scene
    first = commands.close_receipt(ctx(BO, "k"), CloseReceipt(done.receipt_id))
    assert commands.close_receipt(ctx(BO, "k"), CloseReceipt(done.receipt_id)) == first
    with pytest.raises(WrongState) as refused:
        commands.close_receipt(ctx(BO), CloseReceipt(done.receipt_id))
    assert refused.value.message == f"{first.number} is closed, so it cannot take “close”."


def test_a_line_of_another_order_a_missing_reason_and_a_stranger_leave_no_trace(scene):
    *_, po, done = scene
    by = ctx(BO), ctx(BO), ctx(DI)
    before = counts_of()
    for give_up, field in ((GiveUp(999_999, "x"), "po_line"), (GiveUp(po.line_ids[0], " "), "reason")):
        with pytest.raises(Invalid) as refused:
            commands.close_receipt(by[0], CloseReceipt(done.receipt_id, [give_up]))
        assert [b.field for b in refused.value.lines] == [field]
    with pytest.raises(NotPermitted):
        commands.close_receipt(by[2], CloseReceipt(done.receipt_id))
    assert counts_of() == before and po_state(po)[0] == "receiving"
