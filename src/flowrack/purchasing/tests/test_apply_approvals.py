import pytest
from tests.cast import DI, ED, NOW, OZ, ctx
from tests.supply import draft, house, item, po_state, supplier

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system, drain
from flowrack.purchasing import commands, queries_approvals
from flowrack.purchasing.types import ApplyApprovals, ApprovePo, CancelPo, SubmitPo
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting():
    """A PO that asks, and what Ed would approve of it in the inbox."""
    po = draft(house().site, supplier(), (item("V-200"), 10, "4"))
    commands.submit_po(ctx(DI), SubmitPo([po.po_id]))
    one = queries_approvals.approvals_of([po.po_id])[po.po_id]
    return po, Seen(one.request_id, one.content_hash)


def apply(po, seen, key="k"):
    return commands.apply_approvals(context_for_system(NOW, key), ApplyApprovals([po.po_id], [seen.request_id]))


def test_what_was_approved_in_the_inbox_binds_in_the_name_of_the_approver(waiting):
    po, seen = waiting
    approvals.decide(ctx(ED), Decide([seen], "approve"))
    assert po_state(po)[0] == "draft"
    drain()
    assert sql.fetch_one("SELECT state, approved_by_id, content_hash FROM purchasing_po") == (
        "approved", ED.id, seen.content_hash,
    )  # fmt: skip
    assert sql.fetch_value("SELECT count(*) FROM platform_outboxevent WHERE kind = 'purchasing.pos_approved'") == 1


def test_a_rejected_order_stays_a_draft(waiting):
    po, seen = waiting
    approvals.decide(ctx(ED), Decide([seen], "reject", "Too dear"))
    drain()
    assert po_state(po)[0] == "draft"


def test_what_is_bound_or_cancelled_already_or_was_never_approved_is_left_as_it_is(waiting):
    po, seen = waiting
    assert apply(po, seen).po_ids == []
    commands.approve_po(ctx(OZ), ApprovePo([po.po_id]))
    assert apply(po, seen, "k2").po_ids == []
    drain()
    assert sql.fetch_one("SELECT state, approved_by_id FROM purchasing_po") == ("approved", OZ.id)
    other = draft(sql.fetch_value("SELECT site_id FROM purchasing_po"), supplier("B"), (item("TAP"), 1, "4"))
    commands.submit_po(ctx(DI), SubmitPo([other.po_id]))
    one = queries_approvals.approvals_of([other.po_id])[other.po_id]
    approvals.decide(ctx(ED), Decide([Seen(one.request_id, one.content_hash)], "approve"))
    commands.cancel_po(ctx(DI), CancelPo([other.po_id], "not needed"))
    drain()
    assert po_state(other)[0] == "cancelled"


def test_content_that_is_not_what_was_approved_never_binds(waiting):
    po, seen = waiting
    approvals.decide(ctx(ED), Decide([seen], "approve"))
    sql.execute("UPDATE purchasing_poline SET units = 11")
    assert apply(po, seen).po_ids == []
    assert po_state(po)[0] == "draft"


def test_it_is_flowrack_itself_that_applies(waiting):
    po, seen = waiting
    with pytest.raises(NotPermitted):
        commands.apply_approvals(ctx(ED), ApplyApprovals([po.po_id], [seen.request_id]))
