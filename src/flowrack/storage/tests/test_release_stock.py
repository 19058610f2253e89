import pytest
from tests.cast import FAY, HAL, ctx
from tests.supply import counts_of, item, standing

from flowrack.fulfilment import commands as floor
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context, receive
from flowrack.ledger.types import OWN, Move, Place
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
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
