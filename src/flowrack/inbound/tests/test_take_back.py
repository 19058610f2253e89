import pytest
from tests.cast import BO, ctx
from tests.supply import approved, counts_of, house, item, po_state, receive, standing, supplier

from flowrack.inbound import commands
from flowrack.inbound.types import CloseReceipt, CountedLine, TakeBack
from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context
from flowrack.ledger.types import InsufficientStock, LedgerRefusal, Move
from flowrack.platform import outbox, sql
from flowrack.shared.errors import Invalid, NotFound, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = house(), item("V-200")
    po = approved(here.site, supplier(), (hose, 10, "4"))
    return here, hose, po


def test_the_goods_go_back_and_are_owed_again(scene):
    here, hose, po = scene
    kept = receive(po, here, CountedLine(units=Units(3), item_id=hose))
    wrong = receive(po, here, CountedLine(units=Units(7), item_id=hose))
    outbox.drain()
    assert po_state(po)[0] == "received"

    done = commands.take_back(ctx(BO), TakeBack(wrong.posting_id))
    outbox.drain()

    assert done.receipt_line_ids == [wrong.lines[0].receipt_line_id] and done.receipt_id == kept.receipt_id
    assert standing(hose) == {("receiving-1", "receiving"): 3}
    assert po_state(po) == ("receiving", [(10, 3, 0)])
    assert {r.account: r.value for r in stock.trial_balance() if r.value} == {"inventory": 12, "grni": -12}
    states = sql.fetch_all("SELECT units, state FROM storage_plannedmove ORDER BY id")
    assert states == [(3, "open"), (7, "cancelled")]
    assert sql.fetch_all("SELECT units, state FROM tasks_task ORDER BY id") == [(3, "open"), (7, "cancelled")]


def test_taking_back_twice_with_one_key_is_once_and_with_another_is_refused(scene):
    here, hose, po = scene
    wrong = receive(po, here, CountedLine(units=Units(7), item_id=hose))
    first = commands.take_back(ctx(BO, "k"), TakeBack(wrong.posting_id))
    assert commands.take_back(ctx(BO, "k"), TakeBack(wrong.posting_id)) == first
    with pytest.raises(Invalid):
        commands.take_back(ctx(BO), TakeBack(wrong.posting_id))


def test_goods_that_moved_on_a_closed_receipt_and_other_postings_are_refused(scene):
    here, hose, po = scene
    gone = receive(po, here, CountedLine(units=Units(4), item_id=hose))
    moved = ledger.post(context(), [Move(hose, 4, here["receiving1"], here["reserve1"], "MOVE")])
    by = [ctx(BO) for _ in range(3)]
    before = counts_of()
    with pytest.raises(LedgerRefusal) as refused:
        commands.take_back(by[0], TakeBack(gone.posting_id))
    assert isinstance(refused.value, InsufficientStock)
    with pytest.raises(NotFound):
        commands.take_back(by[1], TakeBack(moved.posting_id))
    assert counts_of() == before and po_state(po) == ("receiving", [(10, 4, 0)])
    commands.close_receipt(ctx(BO), CloseReceipt(gone.receipt_id))
    with pytest.raises(WrongState):
        commands.take_back(by[2], TakeBack(gone.posting_id))
