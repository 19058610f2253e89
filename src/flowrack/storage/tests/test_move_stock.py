import pytest
from tests.cast import ADA, BO, EVE, ctx
from tests.supply import counts_of, item, standing

from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context, receive
from flowrack.ledger.types import CommittedStock, InsufficientStock, Move, Place, PoolClaim
from flowrack.shared.errors import FlowrackError, Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands
from flowrack.storage.tests.house import at_dock, lpn, measured, plans, shelves
from flowrack.storage.types import (
    BinMove,
    ItemMove,
    LpnMove,
    MoveStock,
    NothingThere,
    OverCapacity,
    PlanPutaways,
    PutawayNeed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = shelves(max_volume_ml=100_000), item("V-200")
    measured(hose)
    pallet = lpn(here, "LP-1")
    receive(here, hose, 50, "4", "R-01")
    target = Place(here.places["R-01"], pallet)
    ledger.post(context(), [Move(hose, 30, here.virtual("SUPPLIER"), target, "receipt", value=120)])
    return here, hose, pallet


def item_move(here, hose, units, source="R-01", target="R-02"):
    return ItemMove(hose, Units(units), here.places[source], here.places[target])


def test_an_item_a_pallet_and_a_whole_bin_move(scene):
    here, hose, pallet = scene
    done = commands.move_stock(ctx(BO), MoveStock(here.site, items=[item_move(here, hose, 20)]))
    assert (done.units, done.line_count) == (20, 1)
    assert standing(hose) == {("R-01", "reserve"): 60, ("R-02", "reserve"): 20}
    commands.move_stock(ctx(BO), MoveStock(here.site, lpns=[LpnMove(pallet, here.places["R-03"])]))
    assert standing(hose) == {("R-01", "reserve"): 30, ("R-02", "reserve"): 20, ("R-03", "reserve"): 30}
    done = commands.move_stock(ctx(BO), MoveStock(here.site, bins=[BinMove(here.places["R-03"], here.places["R-02"])]))
    assert done.units == 30
    assert standing(hose) == {("R-01", "reserve"): 30, ("R-02", "reserve"): 50}


def test_a_retried_move_is_one_move(scene):
    here, hose, _ = scene
    req = MoveStock(here.site, items=[item_move(here, hose, 20)])
    assert commands.move_stock(ctx(BO, "k"), req) == commands.move_stock(ctx(BO, "k"), req)
    assert standing(hose)["R-02", "reserve"] == 20


def test_goods_that_left_the_dock_by_hand_need_no_putaway_any_more(scene):
    here, hose, _ = scene
    at_dock(here, hose, 20)
    needs = [PutawayNeed(f"test:{n}", here.places["receiving1"], hose, Units(10)) for n in (1, 2)]
    commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, needs))
    commands.move_stock(ctx(BO), MoveStock(here.site, items=[item_move(here, hose, 5, "receiving1", "R-03")]))
    assert [p[0] for p in plans()] == ["open", "cancelled"]


def test_what_cannot_move_is_refused_and_leaves_no_trace(scene):
    here, hose, _ = scene
    ledger.commit(context(), [PoolClaim(hose, here.site, 70, "sales.line:1")])
    by = ctx(BO)
    eve = ctx(EVE)
    before = counts_of()

    def refused(kind, who=by, **asked):
        with pytest.raises(kind) as caught:
            commands.move_stock(who, MoveStock(here.site, **asked))
        assert counts_of() == before
        return caught.value

    refused(NothingThere)
    refused(NothingThere, bins=[BinMove(here.places["R-03"], here.places["R-02"])])
    refused(NothingThere, lpns=[LpnMove(999_999, here.places["R-02"])])
    here_, there = here.places["R-01"], here.places["R-02"]
    unknown = refused(NothingThere, items=[item_move(here, hose, 1), ItemMove(999_999, Units(1), here_, there)])
    assert [(line.line, line.field, line.message) for line in unknown.lines] == [
        (2, "item_id", "There is no item 999999.")
    ]
    for nowhere in ({"lot_id": 999_999}, {"from_lpn_id": 999_999}, {"to_lpn_id": 999_999}):
        refused(FlowrackError, items=[ItemMove(hose, Units(1), here_, there, **nowhere)])
    refused(Invalid, items=[ItemMove(hose, Units(1), here_, 999_999)])
    refused(Invalid, items=[item_move(here, hose, 0)])
    refused(InsufficientStock, items=[item_move(here, hose, 51)])
    refused(CommittedStock, items=[item_move(here, hose, 20, target="quarantine1")])
    refused(NotPermitted, eve, items=[item_move(here, hose, 1)])
    outside = here.virtual("SCRAP").location_id
    refused(Invalid, items=[ItemMove(hose, Units(1), here.places["R-01"], outside)])
    receive(here, hose, 60, "4", "R-02")
    before = counts_of()
    assert refused(OverCapacity, items=[item_move(here, hose, 50)]).message == (
        "R-02 takes 100000 ml: 60000 lie there, 0 are on the way, 50000 more are 10000 too many."
    )
