import pytest
from tests.cast import ADA, FAY, HAL, ctx
from tests.supply import approved, counts_of, item, standing, supplier
from tests.supply import receive as counted

from flowrack.fulfilment import commands as floor
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.inbound.commands_packs import receive_blind
from flowrack.inbound.types import CountedLine
from flowrack.inbound.types_discrepancies import BlindLine, ReceiveBlind
from flowrack.inspection import commands_holds, queries
from flowrack.inspection.types import HeldStock
from flowrack.inspection.types_holds import ReleaseHold
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context, receive
from flowrack.ledger.types import OWN, Move, Place
from flowrack.platform import sql
from flowrack.shared.errors import DutiesConflict, Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands_releases as commands
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


def test_stock_of_another_owner_at_the_same_place_is_meant_only_when_its_owner_is_named():
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    owner = sql.fetch_value(
        "INSERT INTO parties_party (code, name, is_owner) VALUES ('CONSIGNOR', 'Consignor', true) RETURNING id"
    )
    at = here.places["R-01"]
    ledger.post(context(), [Move(hose, 8, here.virtual("SUPPLIER"), Place(at), "receipt", owner_id=owner)])
    ours, theirs = StockAt(at, hose, Units(20)), StockAt(at, hose, owner_id=owner)
    floor.hold_stock(ctx(HAL), HoldStock(here.site, [ours, theirs], "torn"))
    held = sql.fetch_all("SELECT owner_id, on_hand FROM ledger_cell WHERE quality = 'hold' ORDER BY owner_id")
    assert held == [(OWN, 20), (owner, 8)]


def test_goods_without_an_order_are_not_released_nor_when_somebody_holds_them_otherwise():
    here, hose = shelves(), item("V-200")
    dock = here.places["receiving1"]
    done = receive_blind(ctx(ADA), ReceiveBlind(dock, [BlindLine(hose, Units(100))]))

    def refused(quality):
        stock = StockAt(dock, hose, Units(100), quality=quality)
        for who in (ADA, FAY):
            with pytest.raises(HeldStock, match=f"came without an order: {done.numbers[0]} is open"):
                commands.release_stock(ctx(who), ReleaseStock(here.site, [stock], "fine"))

    refused("quarantine")
    floor.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(dock, hose, Units(100), quality="quarantine")], "torn"))
    refused("hold")
    [hold] = queries.open_holds_of_site([here.site])
    with pytest.raises(HeldStock):
        commands_holds.ask_release(ctx(FAY), ReleaseHold(hold.id, "fine"))
    assert standing(hose) == {("receiving-1", "hold"): 100}


def test_who_received_what_came_held_releases_it_by_neither_door():
    here, hose = shelves(), item("V-200")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    counted(po, here, CountedLine(units=Units(100), item_id=hose, quality="quarantine", reason="wet"), by=ctx(ADA))
    dock = here.places["receiving1"]
    stock = StockAt(dock, hose, Units(60), quality="quarantine")
    with pytest.raises(DutiesConflict, match="You received these goods"):
        commands.release_stock(ctx(ADA), ReleaseStock(here.site, [stock], "fine"))
    floor.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(dock, hose, Units(40), quality="quarantine")], "torn"))
    [hold] = queries.open_holds_of_site([here.site])
    with pytest.raises(DutiesConflict, match="You received these goods"):
        commands_holds.release_hold(ctx(ADA), ReleaseHold(hold.id, "fine"))
    commands.release_stock(ctx(FAY), ReleaseStock(here.site, [stock], "fine"))
    commands_holds.release_hold(ctx(FAY), ReleaseHold(hold.id, "fine"))
    assert standing(hose) == {("receiving-1", "receiving"): 100}


def test_a_release_settles_the_hold_of_its_place_before_an_older_one_elsewhere():
    here, hose = shelves(), item("V-200")
    for code in ("R-01", "R-02"):
        receive(here, hose, 30, "4", code)
    first, second = (here.places[code] for code in ("R-01", "R-02"))
    floor.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(first, hose, Units(30))], "torn"))
    floor.hold_stock(ctx(ADA), HoldStock(here.site, [StockAt(second, hose, Units(30))], "wet"))

    def release(who, at, units):
        req = ReleaseStock(here.site, [StockAt(at, hose, Units(units), quality="hold")], "fine")
        commands.release_stock(ctx(who), req)
        return sql.fetch_all("SELECT left_units FROM inspection_hold ORDER BY id")

    with pytest.raises(DutiesConflict, match="You placed"):
        release(ADA, second, 20)
    assert release(FAY, second, 20) == [(30,), (10,)]
    assert release(ADA, first, 30) == [(0,), (10,)]
