import pytest
from tests.cast import DI, ctx
from tests.supply import approved, counts_of, draft, house, item, po_state, receive, supplier

from flowrack.inbound.types import CountedLine
from flowrack.purchasing import commands
from flowrack.purchasing.types import BadPo, CancelPo
from flowrack.shared.errors import WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def test_orders_of_which_nothing_came_are_withdrawn_together_or_not_at_all():
    here, seller, hose = house(), supplier(), item("V-200")
    one, two, three = (
        draft(here.site, seller, (hose, 1, "1")),
        approved(here.site, seller, (hose, 1, "1")),
        approved(here.site, seller, (hose, 5, "1")),
    )
    receive(three, here, CountedLine(units=Units(2), item_id=hose))
    by = ctx(DI)
    before = counts_of()
    with pytest.raises(WrongState) as refused:
        commands.cancel_po(by, CancelPo([one.po_id, two.po_id, three.po_id], "not needed"))
    assert refused.value.message == f"{three.number} is receiving, so it cannot take “cancel”."
    assert refused.value.fix == "Possible now: close, receive, revise."
    with pytest.raises(BadPo):
        commands.cancel_po(ctx(DI), CancelPo([one.po_id, one.po_id], "twice"))
    assert counts_of() == before

    done = commands.cancel_po(ctx(DI, "k"), CancelPo([one.po_id, two.po_id], "not needed"))
    assert done.state == "cancelled"
    assert commands.cancel_po(ctx(DI, "k"), CancelPo([one.po_id, two.po_id], "not needed")) == done
    assert [po_state(po)[0] for po in (one, two, three)] == ["cancelled", "cancelled", "receiving"]
