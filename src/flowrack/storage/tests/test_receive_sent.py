from dataclasses import replace
from decimal import Decimal

import pytest
from tests.cast import BO, EVE, ctx
from tests.supply import counts_of, item, standing

from flowrack.ledger.tests.house import house, receive
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands_transfers as commands
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfers import ArrivedLine, NotOnTheWay, ReceiveSent, SendStock

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 10, "4", "reserve1")
    commands.send_stock(ctx(BO), SendStock(here.site, there.site, [StockAt(here.places["reserve1"], hose, Units(4))]))
    return here, there, hose


def asked(here, there, hose, units):
    return ReceiveSent(there.site, here.site, there.places["receiving1"], [ArrivedLine(hose, Units(units))])


def test_what_arrived_is_there_at_its_value_and_the_rest_is_still_on_the_way(scene):
    here, there, hose = scene
    done = commands.receive_sent(ctx(BO), asked(here, there, hose, 3))
    assert done.units == 3
    assert standing(hose) == {
        ("TRANSIT", "in_transit"): 1,
        ("receiving-1", "receiving"): 3,
        ("reserve-1", "reserve"): 6,
    }
    worth = "SELECT value FROM ledger_book WHERE item_id = %s AND account = 'inventory' AND site_id = %s"
    assert sql.fetch_value(worth, (hose, there.site)) == Decimal(12)
    assert sql.fetch_value(worth, (hose, here.site)) == Decimal(24)
    assert list(verify()) == []


def test_a_retry_receives_once(scene):
    req = asked(*scene, 3)
    assert commands.receive_sent(ctx(BO, "k"), req) == commands.receive_sent(ctx(BO, "k"), req)
    assert standing(scene[2])["TRANSIT", "in_transit"] == 1


def test_what_cannot_arrive_is_refused_and_leaves_no_trace(scene):
    here, there, hose = scene
    bo, eve = ctx(BO), ctx(EVE)
    before = counts_of()
    wrong_place = ReceiveSent(there.site, here.site, here.places["receiving1"], [ArrivedLine(hose, Units(1))])
    for who, kind, req in (
        (bo, NotOnTheWay, asked(here, there, hose, 5)),
        (bo, Invalid, asked(here, there, hose, 0)),
        (bo, Invalid, wrong_place),
        (eve, NotPermitted, asked(here, there, hose, 1)),
    ):
        with pytest.raises(kind):
            commands.receive_sent(who, req)
    assert counts_of() == before


def test_the_oldest_transfer_is_settled_first_and_ends_when_all_of_it_came(scene):
    here, there, hose = scene
    second = commands.send_stock(
        ctx(BO), SendStock(here.site, there.site, [StockAt(here.places["reserve1"], hose, Units(3))])
    )
    first = second.transfer_id - 1
    done = commands.receive_sent(ctx(BO), asked(here, there, hose, 5))
    assert done.finished_ids == [first]
    assert sql.fetch_all("SELECT transfer_id, units, received_units FROM storage_transferline ORDER BY id") == [
        (first, 4, 4),
        (second.transfer_id, 3, 1),
    ]
    named = replace(asked(here, there, hose, 2), transfer_id=second.transfer_id)
    assert commands.receive_sent(ctx(BO), named).finished_ids == [second.transfer_id]
    assert sql.fetch_all("SELECT state, received_at IS NULL FROM storage_transfer") == [("received", False)] * 2


def test_what_goes_to_another_site_cannot_be_received_here(scene):
    here, _, hose = scene
    third = house("W3")
    with pytest.raises(NotOnTheWay):
        commands.receive_sent(ctx(BO), asked(here, third, hose, 1))
    assert standing(hose)["TRANSIT", "in_transit"] == 4
