from dataclasses import replace
from decimal import Decimal

import pytest
from tests.cast import DI, ED, ctx
from tests.supply import approved, counts_of, draft, house, item, po_state, supplier

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.platform import sql
from flowrack.purchasing import commands
from flowrack.purchasing.queries_approvals import approvals_of
from flowrack.purchasing.types import ApprovePo, ChangePo, NewPo, NewPoLine, SubmitPo
from flowrack.shared.errors import DutiesConflict, Stale, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, seller, hose, tap = house(), supplier(), item("V-200"), item("TAP")
    po = draft(here.site, seller, (hose, 10, "4"))
    wanted = NewPo(seller, here.site, [NewPoLine(tap, Units(7), Decimal(2)), NewPoLine(hose, Units(3), Decimal(5))])
    return here, po, ChangePo(po.po_id, 1, wanted)


def test_a_draft_takes_new_lines(scene):
    _, po, req = scene
    done = commands.change_po(ctx(DI), req)
    assert (done.number, done.total) == (po.number, Decimal("29.00"))
    assert po_state(po) == ("draft", [(7, 0, 0), (3, 0, 0)])
    assert sql.fetch_value("SELECT version FROM purchasing_po") == 2


def test_the_same_change_twice_is_one_change(scene):
    _, po, req = scene
    first = commands.change_po(ctx(DI, "k"), req)
    assert commands.change_po(ctx(DI, "k"), req) == first
    assert sql.fetch_value("SELECT version FROM purchasing_po WHERE id = %s", (po.po_id,)) == 2


def test_whoever_changed_it_last_may_not_approve_it(scene):
    _, po, req = scene
    commands.change_po(ctx(ED), req)
    with pytest.raises(DutiesConflict):
        commands.approve_po(ctx(ED), ApprovePo([po.po_id]))


def test_a_stale_version_and_an_approved_order_are_refused_and_nothing_changes(scene):
    here, _po, req = scene
    commands.change_po(ctx(DI), req)
    by = ctx(DI)
    before = counts_of()
    with pytest.raises(Stale):
        commands.change_po(by, req)
    assert counts_of() == before
    bound = approved(here.site, req.order.supplier_id, (req.order.lines[0].item_id, 1, "1"))
    with pytest.raises(WrongState):
        commands.change_po(ctx(DI), replace(req, po_id=bound.po_id))
    assert po_state(bound) == ("approved", [(1, 0, 0)])


def test_whoever_ever_changed_it_may_not_approve_it_in_either_way(scene):
    _, po, req = scene
    commands.change_po(ctx(ED), req)
    commands.change_po(ctx(DI), replace(req, version=2, order=replace(req.order, note="by the back gate")))
    with pytest.raises(DutiesConflict):
        commands.approve_po(ctx(ED), ApprovePo([po.po_id]))
    commands.submit_po(ctx(DI), SubmitPo([po.po_id]))
    asked = approvals_of([po.po_id])[po.po_id]
    with pytest.raises(DutiesConflict):
        approvals.decide(ctx(ED), Decide([Seen(asked.request_id, asked.content_hash)], "approve"))
    assert po_state(po)[0] == "draft"
    mine, theirs = sorted((DI.id, ED.id)), draft(req.order.site_id, req.order.supplier_id, (item("NUT"), 1, "1"))
    written = "SELECT writer_ids FROM purchasing_po WHERE id = %s"
    assert [sql.fetch_value(written, (x.po_id,)) for x in (po, theirs)] == [mine, [DI.id]]
