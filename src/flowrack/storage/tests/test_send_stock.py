from datetime import date

import pytest
from tests.cast import BO, EVE, ctx
from tests.supply import counts_of, item, standing

from flowrack.ledger.tests.house import house, receive
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands_transfers as commands
from flowrack.storage import queries_transfers
from flowrack.storage.tests import zed
from flowrack.storage.types import NothingThere, StockAt
from flowrack.storage.types_transfers import SendStock

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 10, "4", "reserve1")
    return here, there, hose


def asked(here, there, hose, units):
    return SendStock(here.site, there.site, [StockAt(here.places["reserve1"], hose, Units(units))])


def test_what_was_sent_is_on_the_way_and_still_ours(scene):
    here, there, hose = scene
    done = commands.send_stock(ctx(BO), asked(here, there, hose, 4))
    assert (done.units, done.line_count) == (4, 1)
    [row] = queries_transfers.transfers([done.transfer_id])
    assert (row.number, row.state, row.site, row.to_site, row.units, row.left) == (
        done.number, "on_the_way", "W1", "W2", 4, 4,
    )  # fmt: skip
    assert sql.fetch_value("SELECT origin FROM ledger_move ORDER BY id DESC LIMIT 1") == (
        f"storage.transfer:{done.transfer_id}"
    )
    assert standing(hose) == {("TRANSIT", "in_transit"): 4, ("reserve-1", "reserve"): 6}
    assert list(verify()) == []


def test_goods_of_another_owner_are_not_sent_for_they_would_arrive_as_ours(scene):
    here, there, hose = scene
    zed.owner()
    zed.take(here, 5, date(2026, 3, 2))
    row = sql.fetch_one("SELECT location_id, owner_id FROM ledger_cell WHERE owner_id <> 1 AND on_hand = 5")
    req = SendStock(here.site, there.site, [StockAt(row[0], hose, Units(2), owner_id=row[1])])
    with pytest.raises(Invalid) as refused:
        commands.send_stock(ctx(BO), req)
    assert refused.value.lines[0].message == f"What lies in {zed.place(here)} belongs to somebody else."
    assert sql.fetch_value("SELECT count(*) FROM storage_transfer") == 0


def test_a_retry_sends_once(scene):
    req = asked(*scene, 4)
    assert commands.send_stock(ctx(BO, "k"), req) == commands.send_stock(ctx(BO, "k"), req)
    assert standing(scene[2])["TRANSIT", "in_transit"] == 4


def test_what_cannot_be_sent_is_refused_and_leaves_no_trace(scene):
    here, there, hose = scene
    bo, eve = ctx(BO), ctx(EVE)
    before = counts_of()
    for who, kind, req in (
        (bo, NothingThere, asked(here, there, hose, 11)),
        (bo, Invalid, asked(here, here, hose, 1)),
        (eve, NotPermitted, asked(here, there, hose, 1)),
    ):
        with pytest.raises(kind):
            commands.send_stock(who, req)
    assert counts_of() == before
