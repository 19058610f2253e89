from datetime import date

import pytest
from tests.cast import BO, EVE, ctx
from tests.supply import approved, item, standing

from flowrack.dock import queries as dock
from flowrack.dock.tests.yard import announced, line, sscc, yard
from flowrack.inbound import commands, commands_packs
from flowrack.inbound.tests.dockside import rows_of
from flowrack.inbound.types import TakeBackDelivery
from flowrack.inbound.types_deliveries import ReceiveAsn
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context
from flowrack.ledger.types import LedgerRefusal, Move
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_whole_asn_is_taken_back_whole_or_not_at_all():
    at = yard()
    milk = item("MILK", tracking="lot")
    sql.execute("UPDATE catalog_item SET has_expiry = true WHERE id = %s", (milk,))
    approved(at.site, at.supplier, (milk, 100, "1"))
    made = announced(
        at,
        line(quantity="600", sscc=sscc(1)),
        line("MILK", "40", sscc=sscc(2), lot="A1", expires_on=date(2027, 2, 1)),
        line(quantity="30"),
    )
    whole = ReceiveAsn(made.asn_id, at.house.places["receiving1"], [], [])
    done = commands_packs.receive_asn(ctx(BO, "all"), whole)
    assert len(done.posting_ids) == 2
    moved = ledger.post(context(), [Move(at.hose, 30, at.house["receiving1"], at.house["reserve1"], "MOVE")])
    before = rows_of()
    with pytest.raises(NotPermitted):
        commands.take_back_delivery(ctx(EVE), TakeBackDelivery(done.posting_ids))
    with pytest.raises(LedgerRefusal):
        commands.take_back_delivery(ctx(BO, "back"), TakeBackDelivery(done.posting_ids))
    assert rows_of() == before

    ledger.reverse(context(), moved.posting_id)
    back = commands.take_back_delivery(ctx(BO, "again"), TakeBackDelivery(done.posting_ids))
    assert [one.posting_id for one in back.counts] == done.posting_ids
    assert (standing(at.hose), standing(milk)) == ({}, {})
    assert [x.received_units for x in dock.lines_of_asn(made.asn_id)] == [0, 0, 0]
