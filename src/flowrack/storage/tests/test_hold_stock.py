import pytest
from tests.cast import BO, FAY, HAL, ctx
from tests.supply import counts_of, item, standing

from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context, receive
from flowrack.ledger.types import CommittedStock, PoolClaim
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import HoldStock, NothingThere, ReasonNeeded, StockAt

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    return here, hose, here.places["R-01"]


def test_held_stock_stays_where_it_is_and_cannot_be_promised(scene):
    here, hose, bin_ = scene
    commands.hold_stock(ctx(FAY), HoldStock(here.site, [StockAt(bin_, hose, Units(20))], "torn seals"))
    assert standing(hose) == {("R-01", "hold"): 20, ("R-01", "reserve"): 30}
    assert [p.free for p in stock.pools([hose], here.site)] == [30]
    commands.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(bin_, hose)], "all of it", "quarantine"))
    assert standing(hose) == {("R-01", "hold"): 20, ("R-01", "quarantine"): 30}


def test_a_retried_hold_is_one_hold(scene):
    here, hose, bin_ = scene
    req = HoldStock(here.site, [StockAt(bin_, hose, Units(20))], "torn seals")
    assert commands.hold_stock(ctx(FAY, "k"), req) == commands.hold_stock(ctx(FAY, "k"), req)
    assert standing(hose)["R-01", "hold"] == 20


def test_promised_stock_names_the_promise_and_nothing_is_left_of_a_refusal(scene):
    here, hose, bin_ = scene
    ledger.commit(context(), [PoolClaim(hose, here.site, 40, "sales.line:7")])
    fay, bo = ctx(FAY), ctx(BO)
    before = counts_of()

    def refused(kind, who, line, reason="torn", quality="hold"):
        with pytest.raises(kind) as caught:
            commands.hold_stock(who, HoldStock(here.site, [line], reason, quality))
        assert counts_of() == before
        return caught.value

    assert "sales.line:7" in str(refused(CommittedStock, fay, StockAt(bin_, hose, Units(20))).problem())
    refused(NotPermitted, bo, StockAt(bin_, hose, Units(1)))
    refused(ReasonNeeded, fay, StockAt(bin_, hose, Units(1)), reason=" ")
    refused(Invalid, fay, StockAt(bin_, hose, Units(1)), quality="available")
    refused(NothingThere, fay, StockAt(bin_, hose, Units(51)))
    refused(NothingThere, fay, StockAt(here.places["R-02"], hose))
