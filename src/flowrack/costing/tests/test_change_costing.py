from decimal import Decimal

import pytest
from tests.cast import NED, OZ, ctx

from flowrack.costing import commands
from flowrack.costing.types import ChangeCosting, CostRefused, StockInTheWay
from flowrack.ledger.tests import house as h
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_the_costing_method_changes_only_without_stock():
    house = h.house()
    item = h.item("W", "fifo")
    h.receive(house, item, 10, "1.00")
    with pytest.raises(StockInTheWay):
        commands.change_costing(ctx(OZ), ChangeCosting(item, "average"))
    h.ship(house, item, 10)
    with pytest.raises(CostRefused):
        commands.change_costing(ctx(OZ), ChangeCosting(item, "standard"))
    commands.change_costing(ctx(OZ), ChangeCosting(item, "standard", Decimal("2")))
    assert sql.fetch_one("SELECT costing, standard_cost FROM catalog_item WHERE id = %s", (item,)) == ("standard", 2)


def test_a_retry_is_answered_from_the_record_and_strangers_change_nothing():
    item = h.item("W", "fifo")
    with pytest.raises(NotPermitted):
        commands.change_costing(ctx(NED), ChangeCosting(item, "average"))
    assert sql.fetch_value("SELECT costing FROM catalog_item WHERE id = %s", (item,)) == "fifo"
    req = ChangeCosting(item, "average")
    assert commands.change_costing(ctx(OZ, "same"), req) == commands.change_costing(ctx(OZ, "same"), req)
