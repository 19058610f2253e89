import pytest
from tests import outbound
from tests.cast import BO, FAY, HAL, MAY, ctx
from tests.supply import counts_of, item, standing

from flowrack.allocation.types import CannotDisplace
from flowrack.fulfilment import commands
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context, receive
from flowrack.ledger.types import PoolClaim
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import queries_transfers
from flowrack.storage.commands_transfer_plans import plan_transfer
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import NothingThere, ReasonNeeded, StockAt
from flowrack.storage.types_transfer_plans import PlanLine, PlanTransfer

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


def test_what_cannot_be_held_is_refused_and_nothing_is_left(scene):
    here, hose, bin_ = scene
    ledger.commit(context(), [PoolClaim(hose, here.site, 40, "other.demand:7")])
    fay, bo = ctx(FAY), ctx(BO)
    before = counts_of()

    def refused(kind, who, line, reason="torn", quality="hold"):
        with pytest.raises(kind):
            commands.hold_stock(who, HoldStock(here.site, [line], reason, quality))
        assert counts_of() == before

    refused(CannotDisplace, fay, StockAt(bin_, hose, Units(20)))
    refused(NotPermitted, bo, StockAt(bin_, hose, Units(1)))
    refused(ReasonNeeded, fay, StockAt(bin_, hose, Units(1)), reason=" ")
    refused(Invalid, fay, StockAt(bin_, hose, Units(1)), quality="available")
    refused(NothingThere, fay, StockAt(bin_, hose, Units(51)))
    refused(NothingThere, fay, StockAt(here.places["R-02"], hose))


@pytest.fixture
def promised():
    """Fifty units in one bin: thirty for a good customer, fifteen for a small one, five free."""
    here, hose = outbound.house(), outbound.item("4711")
    outbound.receive(here, hose, 50, "4", "reserve1")
    outbound.customer("BIG", tier="A")
    outbound.customer("SMALL", tier="C")
    big = outbound.order(here.site, "BIG", ("4711", 30))
    small = outbound.order(here.site, "SMALL", ("4711", 15))
    outbound.allocate(here.site)
    return here, hose, big, small


def test_the_lowest_rank_gives_way_to_a_hold_and_is_told_why(promised):
    here, hose, big, small = promised
    commands.hold_stock(ctx(FAY), HoldStock(here.site, [StockAt(here.places["reserve1"], hose, Units(12))], "torn"))
    assert outbound.counts(big.line_ids[0]) == {"units": 30, "allocated": 30}
    assert outbound.counts(small.line_ids[0]) == {"units": 15, "waiting": 7, "allocated": 8}
    why = decisions.why(f"sales.line:{small.line_ids[0]}")[0].sentence
    assert why == "7 taken back and wait again: stock was put on hold (torn)"
    assert standing(hose) == {("reserve-1", "hold"): 12, ("reserve-1", "reserve"): 38}
    assert not verify()


def test_picks_of_held_units_are_called_back(promised):
    here, hose, big, small = promised
    outbound.release(here.site, big, small)
    commands.hold_stock(ctx(FAY), HoldStock(here.site, [StockAt(here.places["reserve1"], hose)], "recall"))
    assert outbound.counts(big.line_ids[0]) == {"units": 30, "waiting": 30}
    assert outbound.counts(small.line_ids[0]) == {"units": 15, "waiting": 15}
    assert sql.fetch_all("SELECT DISTINCT state FROM fulfilment_pickline") == [("cancelled",)]
    assert standing(hose) == {("reserve-1", "hold"): 50}
    assert not verify()


def test_planned_transfers_give_way_before_promises_of_orders(promised):
    here, hose, _, small = promised
    there = outbound.house("W2")
    early, late = (
        plan_transfer(ctx(MAY), PlanTransfer(here.site, there.site, [PlanLine(hose, units)])) for units in (3, 2)
    )
    lines = [StockAt(here.places["reserve1"], hose, Units(4))]
    commands.hold_stock(ctx(FAY), HoldStock(here.site, lines, "torn"))
    rows = {
        row.id: (row.state, row.units) for row in queries_transfers.transfers([early.transfer_id, late.transfer_id])
    }
    assert rows == {early.transfer_id: ("planned", 1), late.transfer_id: ("cancelled", 2)}
    assert outbound.counts(small.line_ids[0]) == {"units": 15, "allocated": 15}
    why = decisions.why(f"storage.transfer:{early.transfer_id}")[0].sentence
    assert why == "2 of it do not go: stock was put on hold (torn)."
    commands.hold_stock(ctx(FAY), HoldStock(here.site, lines, "torn"))
    assert outbound.counts(small.line_ids[0]) == {"units": 15, "waiting": 3, "allocated": 12}
    assert [row.state for row in queries_transfers.transfers([early.transfer_id])] == ["cancelled"]
    assert not verify()
