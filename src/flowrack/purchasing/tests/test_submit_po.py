from datetime import timedelta
from decimal import Decimal

import pytest
from tests.cast import BO, DI, ED, NOW, OZ, Person, ctx
from tests.supply import approved, counts_of, draft, house, item, po_state, sells, supplier

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import (
    Condition,
    Decide,
    NotYourStep,
    PolicyStep,
    RejectedBefore,
    Seen,
    WritePolicy,
)
from flowrack.platform import decisions, sql
from flowrack.purchasing import commands, queries, queries_approvals
from flowrack.purchasing.types import PO_KIND, ApprovePo, CancelPo, ChangePo, NewPo, NewPoLine, SubmitPo
from flowrack.shared.errors import NotPermitted, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db
PAT = Person("pat", "Pat Second", ("purchasing_manager",))


@pytest.fixture
def scene():
    here, seller, hose = house(), supplier(), item("V-200")
    return here, seller, hose


def write_policy(code, *conditions, steps=(PolicyStep(1, ("finance_controller",)),), active=True):
    asked = WritePolicy(PO_KIND, code, code, list(conditions), list(steps), "for the test", is_active=active)
    approvals.write_policy(ctx(OZ), asked)


def facts_of(po):
    rows = sql.fetch_all(
        "SELECT f.name, f.value FROM approvals_requestfact f JOIN approvals_request r ON r.id = f.request_id "
        "WHERE r.subject = %s",
        (f"purchasing.po:{po.po_id}",),
    )
    return dict(rows)


def test_a_draft_waits_for_another_person_as_the_first_policy_says(scene):
    here, seller, hose = scene
    po = draft(here.site, seller, (hose, 10, "4"))
    done = commands.submit_po(ctx(DI, "k"), SubmitPo([po.po_id]))
    assert (done.state, done.waiting_ids, po_state(po)[0]) == ("draft", [po.po_id], "draft")
    assert commands.submit_po(ctx(DI, "k"), SubmitPo([po.po_id])) == done
    standing = queries_approvals.approvals_of([po.po_id])[po.po_id]
    assert (standing.state, standing.waits_for) == ("waiting", ["finance_controller", "purchasing_manager"])
    assert standing.content_hash == queries.content_hashes([po.po_id])[po.po_id]
    [why] = decisions.why(f"purchasing.po:{po.po_id}")
    assert "waits for Purchasing manager or Finance controller" in why.sentence
    assert commands.approve_po(ctx(ED), ApprovePo([po.po_id])).state == "approved"


def test_the_policies_see_new_suppliers_and_items_price_rises_and_cover(scene):
    here, seller, hose = scene
    first = draft(here.site, seller, (hose, 10, "4"))
    commands.submit_po(ctx(DI), SubmitPo([first.po_id]))
    assert facts_of(first) == {
        "amount": "40.00", "price_up_pct": "", "new_supplier": "yes", "new_items": "1", "cover_days": "",
        "off_agreed_pct": "", "off_agreed_lines": "0", "minimum_pct": "",
        "below_terms": "no", "covered_units": "0", "budget_left": "", "supplier": "OSTLER", "site": "W1", "risks": "2",
    }  # fmt: skip
    commands.approve_po(ctx(ED), ApprovePo([first.po_id]))
    tap = item("TAP")
    sells(seller, tap, "2.00")
    second = draft(here.site, seller, (hose, 10, "4.30"), (tap, 5, "1.90"))
    commands.submit_po(ctx(DI), SubmitPo([second.po_id]))
    assert facts_of(second) == {
        "amount": "52.50", "price_up_pct": "7.5", "new_supplier": "no", "new_items": "1", "cover_days": "999",
        "off_agreed_pct": "-5.0", "off_agreed_lines": "1", "minimum_pct": "",
        "below_terms": "no", "covered_units": "10", "budget_left": "", "supplier": "OSTLER", "site": "W1", "risks": "3",
    }  # fmt: skip
    changes = sql.fetch_all(
        "SELECT label, field, before, after, is_exception FROM approvals_requestchange c "
        "JOIN approvals_request r ON r.id = c.request_id WHERE r.subject = %s ORDER BY line_no",
        (f"purchasing.po:{second.po_id}",),
    )
    assert changes == [
        ("V-200 V-200", "Units", "", "10", False),
        ("V-200 V-200", "Unit cost", "4.00", "4.30", True),
        ("TAP TAP", "Units", "", "5", False),
        ("TAP TAP", "Unit cost", "2.00", "1.90", False),
        ("TAP TAP", "Agreed", "2.00", "-5.0 %", True),
    ]
    told = sql.fetch_value("SELECT sentence FROM approvals_request ORDER BY id DESC LIMIT 1")
    assert told.endswith(
        "Unusual: 1 item never bought before, a price up 7.5 %, a price other than agreed, an item that has not sold "
        "for three months, 10 units that are coming already."
    )


def test_above_a_limit_the_controller_approves_too_in_any_order(scene):
    here, seller, hose = scene
    write_policy("above-25000", Condition("amount", ">", "25000"))
    big, small = draft(here.site, seller, (hose, 10_000, "4")), draft(here.site, seller, (hose, 10, "4"))
    done = commands.approve_po(ctx(ED), ApprovePo([big.po_id, small.po_id]))
    assert (done.state, done.waiting_ids) == ("draft", [big.po_id])
    assert (po_state(big)[0], po_state(small)[0]) == ("draft", "approved")
    with pytest.raises(NotYourStep):
        commands.approve_po(ctx(PAT), ApprovePo([big.po_id]))
    assert commands.approve_po(ctx(OZ), ApprovePo([big.po_id])).state == "approved"
    assert sql.fetch_value("SELECT approved_by_id FROM purchasing_po WHERE id = %s", (big.po_id,)) == OZ.id


def test_without_any_policy_it_binds_at_once_and_flowrack_is_named_as_approver(scene):
    here, seller, hose = scene
    write_policy("another-person", active=False)
    po = draft(here.site, seller, (hose, 10, "4"))
    assert commands.submit_po(ctx(DI), SubmitPo([po.po_id])).state == "approved"
    approver = "SELECT u.username FROM purchasing_po po JOIN platform_user u ON u.id = po.approved_by_id"
    assert sql.fetch_value(approver) == "system"


def test_a_change_voids_what_was_asked_and_a_cancelled_order_asks_no_more(scene):
    here, seller, hose = scene
    po, other = draft(here.site, seller, (hose, 10, "4")), draft(here.site, seller, (hose, 1, "4"))
    commands.submit_po(ctx(DI), SubmitPo([po.po_id, other.po_id]))
    wanted = NewPo(seller, here.site, [NewPoLine(hose, Units(11), Decimal(4))], cover_reason="on top")
    commands.change_po(ctx(DI), ChangePo(po.po_id, 1, wanted))
    commands.cancel_po(ctx(DI), CancelPo([other.po_id], "not needed"))
    found = queries_approvals.approvals_of([po.po_id, other.po_id])
    assert (found[po.po_id].state, found[other.po_id].state) == ("voided", "withdrawn")
    assert commands.submit_po(ctx(DI), SubmitPo([po.po_id])).waiting_ids == [po.po_id]


def test_a_rejected_order_must_change_before_it_asks_again(scene):
    here, seller, hose = scene
    po = draft(here.site, seller, (hose, 10, "4"))
    commands.submit_po(ctx(DI), SubmitPo([po.po_id]))
    one = queries_approvals.approvals_of([po.po_id])[po.po_id]
    approvals.decide(ctx(ED), Decide([Seen(one.request_id, one.content_hash)], "reject", "Too dear"))
    for again in (
        lambda: commands.submit_po(ctx(DI), SubmitPo([po.po_id])),
        lambda: commands.approve_po(ctx(OZ), ApprovePo([po.po_id])),
    ):
        with pytest.raises(RejectedBefore) as refused:
            again()
        assert "rejected by Ed Purchasing: Too dear" in refused.value.message
    assert po_state(po)[0] == "draft"


def test_only_drafts_of_ones_sites_ask_and_a_refusal_leaves_no_trace(scene):
    here, seller, hose = scene
    bound, po = approved(here.site, seller, (hose, 1, "4")), draft(here.site, seller, (hose, 1, "4"))
    di, bo, before = ctx(DI), ctx(BO), None
    before = counts_of()
    with pytest.raises(WrongState):
        commands.submit_po(di, SubmitPo([po.po_id, bound.po_id]))
    with pytest.raises(NotPermitted):
        commands.submit_po(bo, SubmitPo([po.po_id]))
    assert counts_of() == before
    assert queries_approvals.approvals_of([po.po_id]) == {}


def test_many_orders_ask_with_as_many_statements_as_few(scene, django_assert_max_num_queries):
    here, seller, hose = scene
    ids = [draft(here.site, seller, (hose, 1, "4")).po_id for _ in range(30)]
    by, boss = ctx(DI, now=NOW + timedelta(minutes=1)), ctx(ED)
    with django_assert_max_num_queries(25):
        commands.submit_po(by, SubmitPo(ids))
    with django_assert_max_num_queries(25):
        assert commands.approve_po(boss, ApprovePo(ids)).state == "approved"
