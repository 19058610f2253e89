import pytest
from tests.cast import BO, EVE, ctx
from tests.supply import counts_of, item, standing

from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context, house, receive
from flowrack.ledger.types import InsufficientStock, Move, Place
from flowrack.ledger.verify import verify
from flowrack.locations.types import LpnRefused
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands, queries_staged, queries_transfers
from flowrack.storage import commands_staging as staging
from flowrack.storage.types import ItemMove, MoveStock, NothingThere, StockAt
from flowrack.storage.types_transfers import StageTransfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 10, "4", "reserve1")
    return here, there, hose


def asked(here, there, hose, units, *, place="staged1", plate="", **at):
    lines = [StockAt(here.places["reserve1"], hose, Units(units), **at)]
    return StageTransfer(here.site, there.site, here.places[place], lines, plate)


def test_staged_goods_are_kept_for_the_transfer_and_ours_until_they_leave(scene):
    here, there, hose = scene
    done = staging.stage_transfer(ctx(BO, "k"), asked(here, there, hose, 4, plate="PAL-1"))
    assert (done.units, done.line_count) == (4, 1)
    assert staging.stage_transfer(ctx(BO, "k"), asked(here, there, hose, 4, plate="PAL-1")) == done
    [row] = queries_transfers.transfers([done.transfer_id])
    assert (row.state, row.units, row.left, row.sent_at, row.truck) == ("staged", 4, 0, None, "")
    assert standing(hose) == {("staged-1", "staged"): 4, ("reserve-1", "reserve"): 6}
    [goods] = queries_staged.goods([done.transfer_id])
    plate = sql.fetch_value("SELECT id FROM locations_lpn WHERE code = 'PAL-1'")
    assert (goods.units, goods.lpn_id, goods.location_id) == (4, plate, here.places["staged1"])
    away = ItemMove(hose, Units(1), here.places["staged1"], here.places["reserve1"], from_lpn_id=plate)
    with pytest.raises(InsufficientStock):
        commands.move_stock(ctx(BO), MoveStock(here.site, items=[away]))
    assert list(verify()) == []


def test_a_pallet_that_goes_whole_keeps_its_label_and_of_a_part_the_units_come_off(scene):
    here, there, hose = scene
    first = staging.stage_transfer(ctx(BO), asked(here, there, hose, 10, plate="PAL-1"))
    plate = sql.fetch_value("SELECT id FROM locations_lpn WHERE code = 'PAL-1'")
    staging.cancel_transfer(ctx(BO), staging.CancelTransfer(first.transfer_id, "wrong site"))
    lines = [StockAt(here.places["staged1"], hose, Units(10), lpn_id=plate)]
    whole = staging.stage_transfer(ctx(BO), StageTransfer(here.site, there.site, here.places["staged2"], lines))
    assert [(one.lpn_id, one.units) for one in queries_staged.goods([whole.transfer_id])] == [(plate, 10)]
    staging.cancel_transfer(ctx(BO), staging.CancelTransfer(whole.transfer_id, "wrong site"))
    lines = [StockAt(here.places["staged2"], hose, Units(3), lpn_id=plate)]
    part = staging.stage_transfer(ctx(BO), StageTransfer(here.site, there.site, here.places["staged2"], lines))
    assert [(one.lpn_id, one.units) for one in queries_staged.goods([part.transfer_id])] == [(0, 3)]
    lines = [StockAt(here.places["staged2"], hose, Units(7), lpn_id=plate)]
    stood = staging.stage_transfer(ctx(BO), StageTransfer(here.site, there.site, here.places["staged2"], lines))
    assert stood.posting_id == 0, "it stood there before"
    assert [(one.lpn_id, one.units) for one in queries_staged.goods([stood.transfer_id])] == [(plate, 7)]
    assert list(verify()) == []


def test_what_cannot_be_staged_is_refused_and_leaves_no_trace(scene):
    here, there, hose = scene
    held_at = Place(here.places["quarantine1"], quality="quarantine")
    ledger.post(context(), [Move(hose, Units(2), Place(here.places["reserve1"]), held_at, "HOLD")])
    held = StageTransfer(
        here.site, there.site, here.places["staged1"],
        [StockAt(here.places["quarantine1"], hose, Units(2), quality="quarantine")],
    )  # fmt: skip
    before = counts_of()
    for who, kind, req in (
        (BO, NothingThere, asked(here, there, hose, 11)),
        (BO, Invalid, asked(here, here, hose, 1)),
        (BO, Invalid, asked(here, there, hose, 1, place="reserve2")),
        (BO, Invalid, held),
        (BO, LpnRefused, asked(here, there, hose, 1, plate="376104250021234568")),
        (EVE, NotPermitted, asked(here, there, hose, 1)),
    ):
        with pytest.raises(kind):
            staging.stage_transfer(ctx(who), req)
    assert counts_of() == before
