from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import ADA, BO, FAY, HAL, NOW, ctx
from tests.supply import item

from flowrack.fulfilment.commands import stock as stock_commands
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.inspection import commands_holds, queries
from flowrack.inspection.tests.house import shelves
from flowrack.inspection.types_holds import ChangeHold, ReleaseHold
from flowrack.ledger.tests.house import receive
from flowrack.shared.errors import NotPermitted, WrongState
from flowrack.storage.types import StockAt

pytestmark = pytest.mark.django_db


def test_a_hold_is_handed_over_while_it_is_open():
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    stock_commands.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(here.places["R-01"], hose)], "torn seals"))
    [hold] = queries.open_holds_of_site([0])
    due = NOW + timedelta(days=3)
    done = commands_holds.change_hold(ctx(HAL), ChangeHold(hold.id, ADA.id, due))
    assert (done.owner_id, done.due_at) == (ADA.id, due)
    assert commands_holds.change_hold(ctx(HAL), ChangeHold(hold.id)).owner_id == ADA.id
    with pytest.raises(NotPermitted):
        commands_holds.change_hold(ctx(BO), ChangeHold(hold.id, BO.id))
    commands_holds.release_hold(ctx(FAY), ReleaseHold(hold.id, "fine"))
    with pytest.raises(WrongState):
        commands_holds.change_hold(ctx(HAL), ChangeHold(hold.id, HAL.id))
