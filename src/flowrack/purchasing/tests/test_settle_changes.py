from datetime import date
from decimal import Decimal

import pytest
from tests.cast import DI, ED, NOW, OZ, ctx
from tests.supply import approved, house, item, po_state, receive, supplier

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.inbound.types import CountedLine
from flowrack.platform import outbox
from flowrack.purchasing import commands, queries_versions
from flowrack.purchasing import commands_versions as changes
from flowrack.purchasing.commands_budgets import set_budget
from flowrack.purchasing.tests.changing import change, changes_need_nobody, decided, states
from flowrack.purchasing.types import CancelPo, SetBudget
from flowrack.purchasing.types_versions import LineChange, WithdrawChanges
from flowrack.shared.errors import DutiesConflict
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, seller, hose, tap = house(), supplier(), item("V-200"), item("TAP")
    return here, approved(here.site, seller, (hose, 100, "4"), (tap, 50, "2"), due=date(2026, 3, 9)), hose


def test_a_change_that_is_rejected_withdrawn_replaced_or_overtaken_leaves_the_order_as_it_was(scene):
    here, po, hose = scene
    changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(90))))
    changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(80))))
    decided(po, "reject", "We need all of it")
    changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(70))))
    changes.withdraw_changes(ctx(DI), WithdrawChanges([po.po_id], "sold after all"))
    changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(60))))
    receive(po, here, CountedLine(units=Units(65), item_id=hose))
    decided(po)
    assert [(v.version_no, v.state, v.end_reason) for v in queries_versions.versions(po.po_id)] == [
        (5, "lapsed", "65 of line 1 had come before the change to 60 was approved."),
        (4, "withdrawn", "sold after all"),
        (3, "rejected", "We need all of it"),
        (2, "replaced", "A newer change was asked for."),
        (1, "approved", ""),
    ]
    assert po_state(po) == ("receiving", [(100, 65, 0), (50, 0, 0)])
    other = approved(here.site, supplier("HOLM"), (hose, 5, "1"))
    changes.revise_pos(ctx(DI), change(other, LineChange(1, units=Units(6)), cover_reason="one more"))
    commands.cancel_po(ctx(DI), CancelPo([other.po_id], "not needed"))
    assert states(other)[0] == (2, "change", "withdrawn")


def test_of_two_changes_for_one_need_the_second_lapses_and_says_why(scene):
    here, po, hose = scene
    receive(po, here, CountedLine(units=Units(100), item_id=hose))
    other = approved(here.site, supplier("HOLM"), (item("CUP"), 5, "1"), due=date(2026, 3, 9))
    changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(150))))
    changes.revise_pos(ctx(DI), change(other, LineChange(0, item_id=hose, units=Units(60), unit_cost=Decimal(4))))
    both = queries_versions.changes_asked([po.po_id, other.po_id])
    seen = [Seen(both[i].request_id, both[i].content_hash) for i in (po.po_id, other.po_id)]
    approvals.decide(ctx(ED), Decide(seen, "approve"))
    outbox.drain(now=NOW)
    assert states(po)[0] == (2, "change", "approved")
    [lapsed, _] = queries_versions.versions(other.po_id)
    assert (lapsed.state, lapsed.end_reason) == (
        "lapsed",
        f"Since it was asked for: V-200: 60 wanted, 50 come until 14 Mar ({po.number} 50 due 9 Mar). Net need 10."
        " Ask again with a reason.",
    )


def test_a_change_that_would_overdraw_a_budget_unseen_lapses(scene):
    here, po, _ = scene
    set_budget(ctx(OZ), SetBudget(here.site, date(2026, 3, 1), Decimal(1000)))
    changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(200))))
    approved(here.site, supplier("HOLM"), (item("CUP"), 300, "1"))
    decided(po)
    [lapsed, _] = queries_versions.versions(po.po_id)
    assert (lapsed.state, lapsed.end_reason) == (
        "lapsed",
        "Since it was asked for: Budget W1, Mar 2026 would be left with -200.00, not 100.00 as when it was asked."
        " Ask again with a reason.",
    )


def test_who_wrote_what_nobody_approved_does_not_approve_the_next_change_nor_receive(scene):
    here, po, hose = scene
    changes_need_nobody()
    changes.revise_pos(ctx(ED), change(po, LineChange(1, units=Units(90))))
    assert states(po)[0] == (2, "change", "approved"), "Ed approved the order, and then changed it himself"
    changes.revise_pos(ctx(DI), change(po, LineChange(1, unit_cost=Decimal("4.20")), version=2))
    with pytest.raises(DutiesConflict):
        decided(po)
    ed = ctx(ED)
    ed.grants = {**ed.grants, "inbound.receive": frozenset({0})}
    with pytest.raises(DutiesConflict) as refused:
        receive(po, here, CountedLine(units=Units(1), item_id=hose), by=ed)
    assert refused.value.details["rule"] == "S02"


def test_who_wrote_a_change_that_another_person_approved_may_approve_the_next(scene):
    _, po, _ = scene
    changes.revise_pos(ctx(ED), change(po, LineChange(1, units=Units(90))))
    asked = queries_versions.changes_asked([po.po_id])[po.po_id]
    approvals.decide(ctx(OZ), Decide([Seen(asked.request_id, asked.content_hash)], "approve"))
    outbox.drain(now=NOW)
    changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(80)), version=2))
    decided(po)
    assert states(po)[0] == (3, "change", "approved")
