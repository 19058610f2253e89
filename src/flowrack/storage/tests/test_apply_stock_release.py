"""What was approved by its places is released if it still stands there as it was."""

from __future__ import annotations

import pytest
from tests.cast import ADA, BO, FAY, HAL, ctx
from tests.supply import item, standing

from flowrack.fulfilment import commands as floor
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.inspection.tests.house import answer
from flowrack.inspection.types_holds import ApplyRelease
from flowrack.ledger.tests.house import receive
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands as moving
from flowrack.storage import commands_releases as commands
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import ItemMove, MoveStock, ReleaseStock, StockAt

pytestmark = pytest.mark.django_db


def test_stock_that_was_moved_meanwhile_is_not_released_and_the_release_is_void():
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    at, there = here.places["R-01"], here.places["R-02"]
    floor.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(at, hose, Units(20))], "torn", "damaged"))
    req = ReleaseStock(here.site, [StockAt(at, hose, Units(20), quality="damaged")], "only the carton")
    asked = commands.ask_release_stock(ctx(FAY), req)
    moving.move_stock(ctx(ADA), MoveStock(here.site, items=[ItemMove(hose, Units(5), at, there, quality="damaged")]))
    answer(asked.approval)
    assert sql.fetch_all("SELECT state FROM inspection_release") == [("voided",)]
    assert standing(hose) == {("R-01", "reserve"): 30, ("R-01", "damaged"): 15, ("R-02", "damaged"): 5}


def test_only_flowrack_itself_applies_a_decision():
    with pytest.raises(NotPermitted):
        commands.apply_stock_release(ctx(BO), ApplyRelease(1, "approved", "x"))
