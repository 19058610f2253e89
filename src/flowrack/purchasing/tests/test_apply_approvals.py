from datetime import date
from decimal import Decimal

import pytest
from tests.cast import DI, ED, NOW, OZ, ctx
from tests.supply import approved, draft, house, item, po_state, supplier

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system, drain
from flowrack.purchasing import commands, queries_approvals
from flowrack.purchasing.commands_budgets import set_budget
from flowrack.purchasing.types import ApplyApprovals, ApprovePo, CancelPo, SetBudget, SubmitPo
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


def test_what_would_overdraw_a_budget_further_than_approvers_saw_asks_again(waiting):
    po, seen = waiting
    site = sql.fetch_value("SELECT site_id FROM purchasing_po")
    approvals.decide(ctx(ED), Decide([seen], "approve"))
    set_budget(ctx(OZ), SetBudget(site, date(2026, 3, 1), Decimal(100)))
    approved(site, supplier("HOLM"), (item("CUP"), 90, "1"))
    drain()
    assert po_state(po)[0] == "draft"
    again = queries_approvals.approvals_of([po.po_id])[po.po_id]
    assert (again.state, again.request_id == seen.request_id) == ("waiting", False)
    assert sql.fetch_one("SELECT state, end_reason FROM approvals_request WHERE id = %s", (seen.request_id,)) == (
        "voided",
        "Since it was asked for: Budget W1, Mar 2026 would be left with -30.00. It asks again.",
    )
    left = sql.fetch_value(
        "SELECT value FROM approvals_requestfact WHERE request_id = %s AND name = 'budget_left'", (again.request_id,)
    )
    assert left == "-30.00"
    # Who approves now has seen it.
    approvals.decide(ctx(ED), Decide([Seen(again.request_id, again.content_hash)], "approve"))
    drain()
    assert po_state(po)[0] == "approved"
