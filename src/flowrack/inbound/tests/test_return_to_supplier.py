from decimal import Decimal

import pytest
from tests.cast import JO, ctx
from tests.supply import house, item, supplier, value

from flowrack.inbound import commands
from flowrack.inbound.types import BackLine, ReturnToSupplier
from flowrack.ledger.tests import house as h
from flowrack.ledger.verify import verify
from flowrack.shared.errors import Invalid
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = house(), item("V-200")
    h.receive(here, hose, 10, "4")
    return here, hose, supplier()


def back(here, hose, supplier_id, location_id, units=3):
    lines = [BackLine(hose, Units(units), location_id)]
    return commands.return_to_supplier(ctx(JO), ReturnToSupplier(here.site, supplier_id, lines, reason="wrong item"))


def test_goods_leave_at_their_cost(scene):
    here, hose, supplier_id = scene
    done = back(here, hose, supplier_id, here.places["reserve1"])
    assert (done.units, done.value) == (3, Decimal("12.00"))
    assert h.on_hand(here, hose, "reserve1") == 7
    assert not verify()


def test_nothing_leaves_from_a_virtual_place_or_another_site(scene):
    here, hose, supplier_id = scene
    moves = value("SELECT count(*) FROM ledger_move")
    for place in (here.virtual("ADJUSTMENT").location_id, h.house("W2").places["reserve1"]):
        with pytest.raises(Invalid):
            back(here, hose, supplier_id, place)
    assert value("SELECT count(*) FROM ledger_move") == moves
