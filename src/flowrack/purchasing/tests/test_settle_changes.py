from datetime import date

import pytest
from tests.cast import DI, ctx
from tests.supply import approved, house, item, po_state, receive, supplier

from flowrack.inbound.types import CountedLine
from flowrack.purchasing import commands, queries_versions
from flowrack.purchasing import commands_versions as changes
from flowrack.purchasing.tests.changing import change, decided, states
from flowrack.purchasing.types import CancelPo
from flowrack.purchasing.types_versions import LineChange, WithdrawChanges
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
