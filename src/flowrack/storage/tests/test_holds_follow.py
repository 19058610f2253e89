"""A hold goes along with its stock, whoever moves it and whoever takes the move back."""

import pytest
from tests.cast import ADA, BO, CY, FAY, HAL, ctx
from tests.supply import approved, item, standing, supplier
from tests.supply import receive as counted

from flowrack.fulfilment import commands as floor
from flowrack.fulfilment.types_stock import HoldStock, ScrapStock
from flowrack.inbound.types import CountedLine
from flowrack.inspection import commands_holds, queries
from flowrack.inspection.tests.house import deliver, inspect, latest, plan
from flowrack.inspection.types import Verdict
from flowrack.inspection.types_holds import ReleaseHold
from flowrack.ledger.tests.house import receive
from flowrack.platform import outbox, sql
from flowrack.shared.errors import DutiesConflict
from flowrack.shared.quantity import Units
from flowrack.storage import commands, commands_releases, commands_undo
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import Carried, ConfirmPutaway, ItemMove, MoveStock, ReleaseStock, StockAt, UndoPutaway
from flowrack.storage.types_moves import UndoMove

pytestmark = pytest.mark.django_db


def hold(here, item_id, code, units, reason):
    """Hal holds units of a bin; the number of the hold."""
    floor.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(here.places[code], item_id, Units(units))], reason))
    return queries.open_holds_of_site([here.site])[-1]


def places():
    """Where the units of each open hold stand, by its reason."""
    return {
        (row[0], row[1]): row[2]
        for row in sql.fetch_all(
            """
            SELECT h.reason, l.code, p.units FROM inspection_holdplace p JOIN inspection_hold h ON h.id = p.hold_id
            JOIN locations_location l ON l.id = p.location_id ORDER BY h.id, l.code
            """
        )
    }


def move(here, item_id, units, source, target, quality="hold"):
    line = ItemMove(item_id, Units(units), here.places[source], here.places[target], quality=quality)
    return commands.move_stock(ctx(CY), MoveStock(here.site, items=[line])).posting_id


@pytest.fixture
def scene():
    here, hose = shelves(), item("V-200")
    receive(here, hose, 30, "4", "R-03")
    receive(here, hose, 10, "4", "R-01")
    hold(here, hose, "R-03", 30, "torn")
    return here, hose, hold(here, hose, "R-01", 10, "wet")


def test_moved_stock_settles_its_own_hold_and_not_an_older_one(scene):
    here, hose, wet = scene
    posting_id = move(here, hose, 6, "R-01", "R-02")
    assert places() == {("torn", "R-03"): 30, ("wet", "R-01"): 4, ("wet", "R-02"): 6}
    assert queries.hold_row(wet.id).location == "R-02", "most of it"
    commands_undo.undo_move(ctx(CY), UndoMove(posting_id))
    assert places() == {("torn", "R-03"): 30, ("wet", "R-01"): 10}
    move(here, hose, 10, "R-01", "R-02")
    stock = StockAt(here.places["R-02"], hose, Units(7), quality="hold")
    commands_releases.release_stock(ctx(FAY), ReleaseStock(here.site, [stock], "dry again"))
    assert places() == {("torn", "R-03"): 30, ("wet", "R-02"): 3}
    commands_holds.release_hold(ctx(FAY), ReleaseHold(wet.id, "dry again"))
    assert places() == {("torn", "R-03"): 30}
    assert standing(hose) == {("R-02", "reserve"): 10, ("R-03", "hold"): 30}


def test_the_hold_of_a_verdict_follows_the_goods_to_their_bin_and_back_to_the_dock():
    here, hose = shelves(), item("V-200")
    plan(hose)
    deliver(here, hose, 50)
    inspect(latest(), 2, Verdict.HOLD, reason="leaks")
    outbox.drain()
    [planned] = sql.fetch_all(
        """
        SELECT m.id, l.code FROM storage_plannedmove m JOIN locations_location l ON l.id = m.to_location_id
        WHERE m.state = 'open' AND m.quality = 'hold'
        """
    )
    done = commands.confirm_putaway(ctx(CY), ConfirmPutaway([Carried(planned[0])]))
    assert places() == {("leaks", planned[1]): 50}
    commands_undo.undo_putaway(ctx(CY), UndoPutaway(done.posting_id))
    assert places() == {("leaks", "receiving-1"): 50}


def test_who_received_stock_that_is_held_by_hand_does_not_release_it_while_it_can_be_in_the_house():
    here, hose, seller = shelves(), item("V-200"), supplier()
    for who, units in ((BO, 40), (ADA, 60)):
        po = approved(here.site, seller, (hose, units, "4"))
        counted(po, here, CountedLine(units=Units(units), item_id=hose), by=ctx(who))
    dock = here.places["receiving1"]
    floor.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(dock, hose, Units(10))], "torn"))
    [held] = queries.open_holds_of_site([here.site])
    with pytest.raises(DutiesConflict, match="You received these goods"):
        commands_holds.release_hold(ctx(ADA), ReleaseHold(held.id, "fine"))
    stock = StockAt(dock, hose, Units(10), quality="hold")
    with pytest.raises(DutiesConflict, match="You received these goods"):
        commands_releases.release_stock(ctx(ADA), ReleaseStock(here.site, [stock], "fine"))
    # Bo counts 40 more, and 100 leave the house: what is left can be his alone.
    po = approved(here.site, seller, (hose, 40, "4"))
    counted(po, here, CountedLine(units=Units(40), item_id=hose), by=ctx(BO))
    floor.scrap_stock(ctx(HAL), ScrapStock(here.site, [StockAt(dock, hose, Units(100))], "damaged"))
    commands_holds.release_hold(ctx(ADA), ReleaseHold(held.id, "fine"))
