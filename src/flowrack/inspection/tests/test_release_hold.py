"""Holds: released in parts by somebody else, settled by storage's release too, and in the way of pick faces by name."""

from __future__ import annotations

import pytest
from tests.cast import ADA, BO, FAY, HAL, OZ, ctx
from tests.supply import counts_of, item, standing

from flowrack.approvals.types import ApprovalNeeded
from flowrack.fulfilment.commands import stock as stocks
from flowrack.fulfilment.types_stock import HoldStock, ScrapStock
from flowrack.inspection import commands_holds, queries
from flowrack.inspection.tests.house import answer, deliver, inspect, latest, plan, shelves
from flowrack.inspection.types import HeldStock, Verdict
from flowrack.inspection.types_holds import ReleaseHold
from flowrack.ledger.tests.house import receive
from flowrack.ledger.types import InsufficientStock
from flowrack.platform import outbox, sql
from flowrack.shared.errors import DutiesConflict, Invalid, NotPermitted, WrongState
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage import commands_releases as by_place
from flowrack.storage.types import ItemMove, MoveStock, ReleaseStock, StockAt

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    bin_ = here.places["R-01"]
    stocks.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(bin_, hose, Units(20))], "torn seals", owner_id=FAY.id))
    [hold] = queries.open_holds_of_site([here.site])
    return here, hose, bin_, hold


def test_a_hold_is_released_in_parts_and_closed_by_the_last(held):
    _here, hose, _, hold = held
    assert (hold.left_units, hold.owner, hold.placed_by, hold.reason) == (
        20, "Fay Inspector", "Hal Inventory", "torn seals",
    )  # fmt: skip
    first = commands_holds.release_hold(ctx(FAY, "k"), ReleaseHold(hold.id, "checked", 5))
    assert (first.released_units, first.left_units) == (5, 15)
    assert commands_holds.release_hold(ctx(FAY, "k"), ReleaseHold(hold.id, "checked", 5)) == first
    assert standing(hose) == {("R-01", "hold"): 15, ("R-01", "reserve"): 35}
    commands_holds.release_hold(ctx(FAY), ReleaseHold(hold.id, "checked"))
    assert standing(hose) == {("R-01", "reserve"): 50} and queries.hold_row(hold.id).state == "released"
    with pytest.raises(WrongState):
        commands_holds.release_hold(ctx(FAY), ReleaseHold(hold.id, "again"))
    outbox.drain()
    assert sql.fetch_value("SELECT count(*) FROM storage_plannedmove") == 0


def test_who_placed_a_hold_does_not_release_it(held):
    here, hose, bin_, hold = held
    stocks.hold_stock(ctx(FAY), HoldStock(here.site, [StockAt(bin_, hose, Units(5))], "wet"))
    mine = queries.open_holds_of_site([here.site])[1]
    before, fay = counts_of(), ctx(FAY)
    with pytest.raises(DutiesConflict) as refused:
        commands_holds.release_hold(fay, ReleaseHold(mine.id, "dry now"))
    assert (refused.value.details["rule"], mine.number in refused.value.message) == ("S22", True)
    with pytest.raises(NotPermitted):
        commands_holds.release_hold(ctx(BO), ReleaseHold(hold.id, "fine"))
    for bad in (ReleaseHold(hold.id, " "), ReleaseHold(hold.id, "fine", 21), ReleaseHold(hold.id, "fine", -1)):
        with pytest.raises(Invalid):
            commands_holds.release_hold(ctx(FAY), bad)
    assert counts_of()["ledger_posting"] == before["ledger_posting"]


def test_storage_releases_by_place_settle_the_oldest_holds(held):
    here, hose, bin_, hold = held
    by_place.release_stock(ctx(FAY), ReleaseStock(here.site, [StockAt(bin_, hose, Units(12), quality="hold")], "fine"))
    assert queries.hold_row(hold.id).left_units == 8
    stocks.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(bin_, hose, Units(4), quality="hold")], "worse",
                                            "quarantine"))  # fmt: skip
    assert queries.hold_row(hold.id).left_units == 4
    stocks.scrap_stock(ctx(ADA), ScrapStock(here.site, [StockAt(bin_, hose, Units(4), quality="hold")], "damaged"))
    assert [(h.quality, h.left_units) for h in queries.open_holds_of_site([here.site])] == [("quarantine", 4)]


def test_held_stock_does_not_go_to_a_pick_face_and_the_refusal_names_the_hold(held):
    here, hose, bin_, hold = held
    face = here.places["forward_pick1"]
    move = ItemMove(hose, Units(5), bin_, face, quality="hold")
    before, ada = counts_of(), ctx(ADA)
    with pytest.raises(HeldStock) as refused:
        storage.move_stock(ada, MoveStock(here.site, items=[move]))
    assert refused.value.message == (
        f"This stock cannot go to a pick face: it is held by {hold.number} (torn seals; Fay Inspector decides)."
    )
    assert refused.value.details["holds"] == [
        {"id": hold.id, "number": hold.number, "reason": "torn seals", "owner": "Fay Inspector"}
    ]
    assert counts_of() == before
    storage.move_stock(ctx(ADA), MoveStock(here.site, items=[ItemMove(hose, Units(5), bin_, here.places["R-02"],
                                                                      quality="hold")]))  # fmt: skip
    assert standing(hose)["R-02", "hold"] == 5


def test_goods_under_inspection_are_not_released_around_their_inspection():
    here, hose = shelves(), item("V-200")
    plan(hose)
    deliver(here, hose, 398)
    number = queries.inspection_row(latest()).number
    dock = here.places["receiving1"]
    with pytest.raises(HeldStock, match=f"Inspection {number} has not decided on this stock yet."):
        by_place.release_stock(ctx(FAY), ReleaseStock(here.site, [StockAt(dock, hose, quality="inspection")], "fine"))
    move = ItemMove(hose, Units(5), dock, here.places["forward_pick1"], quality="inspection")
    with pytest.raises(HeldStock, match=f"it is in inspection {number}"):
        storage.move_stock(ctx(ADA), MoveStock(here.site, items=[move]))


def test_a_lot_held_by_its_inspection_is_released_by_somebody_else_and_then_put_away():
    here, hose = shelves(), item("V-200")
    plan(hose)
    deliver(here, hose, 398)
    hold_id = inspect(latest(), 2, Verdict.HOLD).hold_id
    with pytest.raises(ApprovalNeeded) as refused:
        commands_holds.release_hold(ctx(ADA), ReleaseHold(hold_id, "supplier proved it"))
    assert refused.value.message == (
        "This release needs an approval. “Much money of one person in a day” asks: total of the requester that day"
        " 11,940.00 is more than 10,000.00. “A second person releases what was found defective” asks: found defective"
        " or damaged: yes. “Much money at once” asks: amount 11,940.00 is more than 5,000.00."
    )
    approval = commands_holds.ask_release(ctx(FAY), ReleaseHold(hold_id, "supplier proved it")).approval
    answer(approval, by=ctx(OZ))  # money and quality are two questions, for two people
    assert sql.fetch_value("SELECT count(*) FROM inspection_holdrelease WHERE released_by_id IS NOT NULL") == 0
    answer(approval)
    assert sql.fetch_value("SELECT released_by_id FROM inspection_holdrelease") == ADA.id
    assert standing(hose) == {("receiving-1", "receiving"): 398}
    made = sql.fetch_all("SELECT quality, units FROM storage_plannedmove WHERE state = 'open'")
    assert made == [("available", 398)]


def test_what_is_not_there_any_more_is_not_released(held):
    _here, hose, bin_, hold = held
    sql.execute("UPDATE inspection_hold SET units = 30, left_units = 30")
    with pytest.raises(InsufficientStock):
        commands_holds.release_hold(ctx(FAY), ReleaseHold(hold.id, "fine"))
    assert standing(hose)["R-01", "hold"] == 20 and bin_
