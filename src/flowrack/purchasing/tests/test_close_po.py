import pytest
from tests.cast import BO, DI, ctx
from tests.supply import approved, counts_of, draft, house, item, po_state, receive, supplier

from flowrack.inbound.types import CountedLine
from flowrack.platform import sql
from flowrack.purchasing import commands, queries
from flowrack.purchasing.types import ClosePo
from flowrack.shared.errors import Invalid, NotPermitted, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, seller, hose = house(), supplier(), item("V-200")
    po = approved(here.site, seller, (hose, 100, "4"))
    receive(po, here, CountedLine(units=Units(40), item_id=hose))
    return here, hose, po


def test_nothing_more_is_expected_of_a_closed_order(scene):
    here, hose, po = scene
    assert queries.on_order([hose], here.site) == {hose: 60}
    done = commands.close_po(ctx(DI), ClosePo([po.po_id], "supplier cannot deliver"))
    assert done.state == "closed"
    assert queries.on_order([hose], here.site) == {}
    assert sql.fetch_one("SELECT end_reason, ended_by_id FROM purchasing_po") == ("supplier cannot deliver", DI.id)
    with pytest.raises(WrongState):
        receive(po, here, CountedLine(units=Units(1), item_id=hose))


def test_closing_twice_with_one_key_is_once(scene):
    *_, po = scene
    first = commands.close_po(ctx(DI, "k"), ClosePo([po.po_id], "late"))
    assert commands.close_po(ctx(DI, "k"), ClosePo([po.po_id], "late")) == first


def test_a_draft_a_closed_order_a_missing_reason_and_a_stranger_are_refused(scene):
    here, hose, po = scene
    unapproved = draft(here.site, supplier("B"), (hose, 1, "1"))
    people = ctx(BO), ctx(DI), ctx(DI)
    before = counts_of()
    with pytest.raises(NotPermitted):
        commands.close_po(people[0], ClosePo([po.po_id], "x"))
    with pytest.raises(WrongState):
        commands.close_po(people[1], ClosePo([po.po_id, unapproved.po_id], "x"))
    with pytest.raises(Invalid):
        commands.close_po(people[2], ClosePo([po.po_id], "  "))
    assert counts_of() == before and po_state(po)[0] == "receiving"
