import pytest
from tests.cast import ADA, BO, DI, NOW, bearer, ctx, signed_in
from tests.supply import approved, counts_of, house, item, po_state, receive, supplier

from flowrack.inbound import commands, commands_receipts
from flowrack.inbound.types import CloseReceipt, CountedLine, GiveUp, ReopenReceipt, TakeBack
from flowrack.platform import sql
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.types import ClosePo
from flowrack.shared.errors import DutiesConflict, Invalid, NotPermitted, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = house(), item("V-200")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    done = receive(po, here, CountedLine(units=Units(90), item_id=hose))
    commands.close_receipt(ctx(BO), CloseReceipt(done.receipt_id))
    return here, hose, po, done


def reopen(done, reason="six more behind the door", by=ADA, key=None):
    return commands_receipts.reopen_receipt(ctx(by, key), ReopenReceipt(done.receipt_id, reason))


def test_more_is_counted_on_it_and_what_was_wrong_is_taken_back(scene):
    here, hose, po, done = scene
    assert reopen(done, key="k") == reopen(done, key="k")
    assert sql.fetch_one(
        "SELECT state, closed_by_id, closed_at, reopened_by_id, reopened_at, reopen_reason FROM inbound_receipt"
    ) == ("open", None, None, ADA.id, NOW, "six more behind the door")
    more = receive(po, here, CountedLine(units=Units(6), item_id=hose))
    assert more.receipt_id == done.receipt_id
    commands.take_back(ctx(BO), TakeBack(done.posting_id))
    assert po_state(po) == ("receiving", [(100, 6, 0)])
    told = "SELECT kind FROM platform_outboxevent WHERE starts_with(kind, 'inbound.receipt_') ORDER BY id"
    kinds = sql.fetch_all(told)
    assert kinds == [("inbound.receipt_closed",), ("inbound.receipt_reopened",)]
    commands.close_receipt(ctx(BO), CloseReceipt(done.receipt_id))


def test_what_was_given_up_stays_given_up():
    here, hose = house(), item("V-200")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    done = receive(po, here, CountedLine(units=Units(90), item_id=hose))
    commands.close_receipt(ctx(BO), CloseReceipt(done.receipt_id, [GiveUp(po.line_ids[0], "supplier is out")]))
    reopen(done)
    assert po_state(po) == ("received", [(100, 90, 10)])


def test_a_closed_order_another_open_receipt_and_whoever_may_not_leave_no_trace(scene):
    here, hose, po, done = scene
    ada, bo, before = ctx(ADA), ctx(BO), counts_of()
    with pytest.raises(Invalid):
        commands_receipts.reopen_receipt(ada, ReopenReceipt(done.receipt_id, "  "))
    with pytest.raises(NotPermitted):
        commands_receipts.reopen_receipt(bo, ReopenReceipt(done.receipt_id, "more came"))
    writer = ctx(DI)
    writer.grants = {**writer.grants, "inbound.reopen": frozenset({0})}
    with pytest.raises(DutiesConflict) as conflict:
        commands_receipts.reopen_receipt(writer, ReopenReceipt(done.receipt_id, "more came"))
    assert conflict.value.details["rule"] == "S02" and counts_of() == before
    later = receive(po, here, CountedLine(units=Units(1), item_id=hose))
    with pytest.raises(WrongState, match=f"{later.number} of {po.number} is open at receiving-1 already"):
        reopen(done)
    commands.close_receipt(ctx(BO), CloseReceipt(later.receipt_id))
    purchasing.close_po(ctx(DI), ClosePo([po.po_id], "no more needed"))
    with pytest.raises(WrongState):
        reopen(done)
    assert sql.fetch_value("SELECT count(*) FROM inbound_receipt WHERE state = 'closed'") == 2


def test_the_page_and_the_api_open_it_again(scene, client):
    _here, _hose, po, done = scene
    office = signed_in(ADA)
    record = f"/receipts/{done.receipt_id}"
    assert f"{record}/reopen" in office.get(record).content.decode()
    asked = office.post(f"{record}/reopen", {"reason": ""})
    assert asked.status_code == 422
    opened = office.post(f"{record}/reopen", {"reason": "one more box"})
    assert (opened.status_code, opened.headers["Location"]) == (303, record)
    page = office.get(record).content.decode()
    assert "Opened again" in page and "one more box" in page and "Close receipt" in page
    assert signed_in(BO).get(f"{record}/reopen").status_code == 403
    commands.close_receipt(ctx(BO), CloseReceipt(done.receipt_id))
    url = f"/api/v1/receipts/{done.receipt_id}/reopen"
    again = client.post(url, {"reason": "two"}, content_type="application/json", headers=bearer(ADA))
    assert again.json() == {"receipt_id": done.receipt_id, "number": done.number, "po_id": po.po_id}
