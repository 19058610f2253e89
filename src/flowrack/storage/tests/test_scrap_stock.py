from decimal import Decimal

import pytest
from tests.cast import BO, HAL, ctx
from tests.supply import counts_of, item, standing

from flowrack.ledger.tests.house import book, receive
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import BadAdjustment, NothingThere, ScrapStock, StockAt

pytestmark = pytest.mark.django_db


def test_scrapped_stock_leaves_at_its_cost_once():
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    some = StockAt(here.places["R-01"], hose, Units(10))
    hal, bo = ctx(HAL), ctx(BO)
    before = counts_of()
    for who, line, reason, kind in (
        (bo, some, "damaged", NotPermitted),
        (hal, some, "boring", BadAdjustment),
        (hal, StockAt(here.places["R-01"], hose, Units(51)), "damaged", NothingThere),
    ):
        with pytest.raises(kind):
            commands.scrap_stock(who, ScrapStock(here.site, [line], reason))
        assert counts_of() == before

    done = commands.scrap_stock(ctx(HAL, "k"), ScrapStock(here.site, [some], "damaged"))

    assert commands.scrap_stock(ctx(HAL, "k"), ScrapStock(here.site, [some], "damaged")) == done
    assert (done.units, done.value) == (-10, Decimal("-40.0000"))
    assert standing(hose) == {("R-01", "reserve"): 40}
    assert book(here, hose, "scrap") == (10, Decimal("40.0000"))
