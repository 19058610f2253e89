import json
from decimal import Decimal

import pytest
from tests.cast import EVE, JO, ctx
from tests.supply import counts_of, house, item, supplier, value

from flowrack.inbound import commands
from flowrack.inbound.types import BackLine, NothingCounted, ReturnToSupplier
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import CommittedStock, InsufficientStock, PoolClaim
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = house(), item("V-200")
    h.receive(here, hose, 10, "4")
    return here, hose, supplier()


def back(here, hose, supplier_id, location_id, units=3):
    lines = [BackLine(hose, Units(units), location_id)]
    return commands.return_to_supplier(ctx(JO), ReturnToSupplier(here.site, supplier_id, lines, reason="wrong item"))


def test_goods_leave_at_their_cost(scene):
    here, hose, supplier_id = scene
    done = back(here, hose, supplier_id, here.places["reserve1"])
    assert (done.units, done.value) == (3, Decimal("12.00"))
    assert h.on_hand(here, hose, "reserve1") == 7
    assert not verify()


def test_nothing_leaves_from_a_virtual_place_or_another_site(scene):
    here, hose, supplier_id = scene
    moves = value("SELECT count(*) FROM ledger_move")
    for place in (here.virtual("ADJUSTMENT").location_id, h.house("W2").places["reserve1"]):
        with pytest.raises(Invalid):
            back(here, hose, supplier_id, place)
    assert value("SELECT count(*) FROM ledger_move") == moves


def test_a_named_receipt_gives_its_own_cost(scene):
    here, hose, supplier_id = scene
    dear = h.receive(here, hose, 5, "9").move_ids[0]
    line = BackLine(hose, Units(2), here.places["reserve1"], receipt_move_id=dear)
    done = commands.return_to_supplier(ctx(JO), ReturnToSupplier(here.site, supplier_id, [line], reason="wrong item"))
    assert (done.units, done.value) == (2, Decimal("18.00"))
    assert h.book(here, hose) == (13, Decimal("67.0000"))
    assert not verify()


def test_a_receipt_that_does_not_cover_all_gives_what_is_left_of_it_and_the_oldest_the_rest(scene):
    here, hose, supplier_id = scene
    dear = h.receive(here, hose, 5, "9").move_ids[0]
    line = BackLine(hose, Units(6), here.places["reserve1"], receipt_move_id=dear)
    done = commands.return_to_supplier(ctx(JO), ReturnToSupplier(here.site, supplier_id, [line], reason="wrong item"))
    assert (done.units, done.value) == (6, Decimal("49.00"))
    assert h.book(here, hose) == (9, Decimal("36.0000"))
    assert not verify()


def test_a_retry_sends_back_once_and_a_credit_is_told(scene):
    here, hose, supplier_id = scene
    req = ReturnToSupplier(here.site, supplier_id, [BackLine(hose, Units(3), here.places["reserve1"])], "wrong item")
    done = commands.return_to_supplier(ctx(JO, "k"), req)
    assert commands.return_to_supplier(ctx(JO, "k"), req) == done
    assert h.on_hand(here, hose, "reserve1") == 7
    [body] = [
        json.loads(row[0])
        for row in sql.fetch_all("SELECT body FROM platform_outboxevent WHERE kind = 'inbound.sent_back'")
    ]
    assert (body["posting_id"], body["supplier_id"], body["units"], Decimal(body["value"])) == (
        done.posting_id, supplier_id, 3, 12
    )  # fmt: skip


def test_what_cannot_go_back_is_refused_and_leaves_no_trace(scene):
    here, hose, supplier_id = scene
    bin_ = here.places["reserve1"]
    ledger.commit(h.context(), [PoolClaim(hose, here.site, 9, "sales.line:7")])
    jo, eve = ctx(JO), ctx(EVE)
    before = counts_of()

    def refused(kind, lines, who=jo, reason="wrong item"):
        with pytest.raises(kind) as caught:
            commands.return_to_supplier(who, ReturnToSupplier(here.site, supplier_id, lines, reason))
        assert counts_of() == before
        return caught.value.message

    refused(NotPermitted, [BackLine(hose, Units(1), bin_)], who=eve)
    refused(NothingCounted, [])
    refused(Invalid, [BackLine(hose, Units(1), bin_)], reason=" ")
    assert refused(InsufficientStock, [BackLine(hose, Units(11), bin_)]) == (
        "11 of V-200 wanted from reserve-1, which holds 10."
    )
    assert refused(CommittedStock, [BackLine(hose, Units(2), bin_)]) == (
        "9 of 10 units of V-200 are promised: 9 for sales.line:7."
    )
