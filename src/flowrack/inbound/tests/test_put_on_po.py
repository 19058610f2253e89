import pytest
from tests.cast import BO, ED, ctx
from tests.supply import approved, house, item, po_state, standing, supplier

from flowrack.inbound import commands_discrepancies as commands
from flowrack.inbound import commands_packs
from flowrack.inbound.tests.dockside import ids, on_record, rows_of
from flowrack.inbound.types import NotOnPo
from flowrack.inbound.types_discrepancies import BlindLine, PutOnPo, ReceiveBlind
from flowrack.shared.errors import NotFound, NotPermitted, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def test_goods_without_an_order_are_counted_on_the_one_that_is_found():
    here, hose, seller = house(), item("V-200"), supplier()
    line = BlindLine(hose, Units(40), lpn="LP-7")
    commands_packs.receive_blind(ctx(BO), ReceiveBlind(here.places["receiving1"], [line], seller))
    wrong = approved(here.site, seller, (item("CUP"), 10, "1"))
    po = approved(here.site, seller, (hose, 100, "4"))
    before = rows_of()
    for kind, req, by in (
        (NotOnPo, PutOnPo(ids()[0], wrong.po_id), BO),
        (NotFound, PutOnPo(ids()[0], 999_999), BO),
        (NotFound, PutOnPo(999_999, po.po_id), BO),
        (NotPermitted, PutOnPo(ids()[0], po.po_id), ED),
    ):
        with pytest.raises(kind):
            commands.put_on_po(ctx(by), req)
    assert rows_of() == before

    done = commands.put_on_po(ctx(BO), PutOnPo(ids()[0], po.po_id))

    assert (done.value, done.owed_units) == (160, 60)
    assert po_state(po) == ("receiving", [(100, 40, 0)])
    assert standing(hose) == {("receiving-1", "receiving"): 40}
    assert on_record() == [("no_po", "settled", 40, "0.00", "supplier", "hold")]
    with pytest.raises(WrongState):
        commands.put_on_po(ctx(BO), PutOnPo(ids()[0], po.po_id))
