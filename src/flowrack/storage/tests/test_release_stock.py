import pytest
from tests.cast import FAY, HAL, ctx
from tests.supply import counts_of, item, standing

from flowrack.fulfilment import commands as floor
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.ledger.tests.house import receive
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import ReasonNeeded, ReleaseStock, StockAt

pytestmark = pytest.mark.django_db


def test_released_stock_can_be_promised_again():
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    held = StockAt(here.places["R-01"], hose, Units(20), quality="hold")
    floor.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(held.location_id, hose, Units(20))], "torn"))
    fay, hal = ctx(FAY), ctx(HAL)
    before = counts_of()
    for who, line, reason, kind in (
        (hal, held, "fine", NotPermitted),
        (fay, held, "", ReasonNeeded),
        (fay, StockAt(held.location_id, hose), "fine", Invalid),
    ):
        with pytest.raises(kind):
            commands.release_stock(who, ReleaseStock(here.site, [line], reason))
        assert counts_of() == before

    first = commands.release_stock(ctx(FAY, "k"), ReleaseStock(here.site, [held], "fine"))

    assert commands.release_stock(ctx(FAY, "k"), ReleaseStock(here.site, [held], "fine")) == first
    assert standing(hose) == {("R-01", "reserve"): 50}
