import pytest
from tests.cast import BO, DI, ctx
from tests.supply import approved, counts_of, house, item, po_state, supplier

from flowrack.purchasing import commands_versions as changes
from flowrack.purchasing import queries_versions
from flowrack.purchasing.tests.changing import change, states
from flowrack.purchasing.types_versions import LineChange, NoChangeWaits, WithdrawChanges
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def test_a_change_that_waits_is_given_up_once_with_a_reason_and_asks_nobody_any_more():
    here, hose = house(), item("V-200")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    changes.revise_pos(ctx(DI), change(po, LineChange(1, units=Units(90))))
    bo, di, before = ctx(BO), ctx(DI), counts_of()
    with pytest.raises(NotPermitted):
        changes.withdraw_changes(bo, WithdrawChanges([po.po_id], "no"))
    with pytest.raises(Invalid):
        changes.withdraw_changes(di, WithdrawChanges([po.po_id], " "))
    assert counts_of() == before
    done = changes.withdraw_changes(ctx(DI, "k"), WithdrawChanges([po.po_id], "sold after all"))
    assert [(v.version_no, v.state) for v in done.versions] == [(2, "withdrawn")]
    assert changes.withdraw_changes(ctx(DI, "k"), WithdrawChanges([po.po_id], "sold after all")) == done
    assert queries_versions.changes_asked([po.po_id])[po.po_id].state == "withdrawn"
    assert (states(po)[0], po_state(po)) == ((2, "change", "withdrawn"), ("approved", [(100, 0, 0)]))
    with pytest.raises(NoChangeWaits):
        changes.withdraw_changes(di, WithdrawChanges([po.po_id], "again"))
