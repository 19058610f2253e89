"""Two people want the last units at the same moment: to send, stage, or receive them, to give them back."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from flowrack.inbound import commands as inbound
from flowrack.inbound.types import BackLine, ReturnToSupplier
from flowrack.ledger.tests.house import House, house, receive
from flowrack.ledger.types import InsufficientStock
from flowrack.ledger.verify import verify
from flowrack.platform import outbox, sql
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands_transfer_plans, queries_claims, queries_transfer_plans
from flowrack.storage import commands_transfers as storage
from flowrack.storage.commands_staging import cancel_transfer, stage_released
from flowrack.storage.commands_transfer_plans import plan_transfer, release_transfers
from flowrack.storage.types import NothingThere, StockAt
from flowrack.storage.types_transfer_plans import (
    NotOfTransfer,
    PlanLine,
    PlanTransfer,
    PromisedThere,
    ReleaseTransfers,
    StageReleased,
    TransferNotReleased,
)
from flowrack.storage.types_transfers import (
    ArrivedLine,
    CancelTransfer,
    NotOnTheWay,
    ReceiveSent,
    SendStock,
)
from tests import outbound
from tests.cast import BO, JO, MAY, ctx
from tests.races.together import at_the_same_time
from tests.supply import item, standing, supplier

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene() -> tuple[House, House, int]:
    """Six units in a bin, four more on their way to the other site."""
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 10, "4", "reserve1")
    storage.send_stock(ctx(BO), SendStock(here.site, there.site, [StockAt(here.places["reserve1"], hose, Units(4))]))
    return here, there, hose


def test_without_the_guard_both_receive_the_last_four(scene):
    _, _, hose = scene
    both_have_looked = threading.Barrier(2)

    def naive() -> bool:
        on_the_way = sql.fetch_value(
            "SELECT on_hand FROM ledger_cell WHERE item_id = %s AND state = 'in_transit'", (hose,)
        )
        both_have_looked.wait()
        sql.execute("UPDATE ledger_cell SET on_hand = %s WHERE item_id = %s AND state = 'in_transit'", (0, hose))
        return bool(on_the_way == 4)

    assert at_the_same_time([naive, naive]) == [True, True]


@pytest.mark.parametrize(
    ("intention", "left"),
    [
        ("receive", {("receiving-1", "receiving"): 4, ("reserve-1", "reserve"): 6}),
        ("send", {("TRANSIT", "in_transit"): 10}),
        ("give back", {("TRANSIT", "in_transit"): 4}),
    ],
)
def test_one_of_two_gets_the_last_units(scene, intention, left):
    here, there, hose = scene
    contexts = [ctx(JO if intention == "give back" else BO) for _ in range(2)]
    supplier_id = supplier()

    def want(n: int) -> object:
        by, bin_ = contexts[n], here.places["reserve1"]
        if intention == "receive":
            req = ReceiveSent(there.site, here.site, there.places["receiving1"], [ArrivedLine(hose, Units(4))])
            return storage.receive_sent(by, req).units
        if intention == "send":
            return storage.send_stock(by, SendStock(here.site, there.site, [StockAt(bin_, hose, Units(6))])).units
        back = ReturnToSupplier(here.site, supplier_id, [BackLine(hose, 6, bin_)], "wrong item")
        return inbound.return_to_supplier(by, back).units

    outcomes = at_the_same_time([lambda: want(0), lambda: want(1)])
    assert [type(o) for o in outcomes if not isinstance(o, int)] in ([InsufficientStock], [NothingThere], [NotOnTheWay])
    assert standing(hose) == left
    assert verify() == []


@pytest.fixture
def planned(scene) -> tuple[House, int, int]:
    """The six units in the bin are kept for a released transfer."""
    here, there, hose = scene
    made = plan_transfer(ctx(MAY), PlanTransfer(here.site, there.site, [PlanLine(hose, 6)]))
    release_transfers(ctx(MAY), ReleaseTransfers([made.transfer_id]))
    return here, hose, made.transfer_id


def test_without_the_lock_both_would_stage_the_last_six(planned):
    _, _, transfer_id = planned
    both_have_looked = threading.Barrier(2)

    def naive() -> bool:
        [left] = queries_transfer_plans.left_to_stage([transfer_id])[transfer_id]
        both_have_looked.wait()
        return left.units == 6

    assert at_the_same_time([naive, naive]) == [True, True]


@pytest.mark.parametrize("other", ["stages too", "calls it off"])
def test_the_last_units_of_a_transfer_are_staged_once_or_called_off(planned, other):
    here, hose, transfer_id = planned
    bo, second, may = ctx(BO), ctx(BO), ctx(MAY)
    lines = [StockAt(here.places["reserve1"], hose, Units(6))]

    def stage(by) -> object:
        return stage_released(by, StageReleased(transfer_id, here.places["staged1"], lines)).units

    def call_off() -> object:
        return len(cancel_transfer(may, CancelTransfer(transfer_id, "not wanted")).number[:2])

    outcomes = at_the_same_time([lambda: stage(bo), (lambda: stage(second)) if other == "stages too" else call_off])
    refused = [o for o in outcomes if not isinstance(o, int)]
    kinds = (NotOfTransfer, TransferNotReleased, NotPermitted)  # a planner calls off nothing that is staged
    assert len(refused) == 1 and isinstance(refused[0], kinds), refused
    staged = 6 if 6 in outcomes else 0
    expected = {("TRANSIT", "in_transit"): 4, ("staged-1", "staged"): 6} if staged else {
        ("TRANSIT", "in_transit"): 4, ("reserve-1", "reserve"): 6,
    }  # fmt: skip
    assert standing(hose) == expected
    assert queries_transfer_plans.left_to_stage([transfer_id]) == {transfer_id: []}
    assert verify() == []


def twice_twenty() -> tuple[list[object], int]:
    """40 are free and an order of a far day counts on 20 of them: two planners send 20 each. What came of it, and
    what is left for the order."""
    here, there = outbound.house(), outbound.house("W2")
    hose = outbound.item("V-200")
    outbound.customer("ACME")
    receive(here, hose, 40, "4", "reserve1")
    outbound.order(here.site, "ACME", ("V-200", 20), ships=date(2026, 3, 20))
    outbox.drain()
    asked = PlanTransfer(here.site, there.site, [PlanLine(hose, 20)])
    people = [ctx(MAY), ctx(MAY)]
    outcomes = at_the_same_time([lambda one=one: plan_transfer(one, asked) for one in people])
    left = sql.fetch_value("SELECT sum(reserve - committed) FROM ledger_pool WHERE item_id = %s", (hose,))
    return outcomes, int(left)


def test_without_the_pools_two_planners_send_what_an_order_counts_on(monkeypatch):
    both_have_looked = threading.Barrier(2, timeout=20)
    spare = queries_claims.spare

    def late(*about):
        found = spare(*about)
        both_have_looked.wait()
        return found

    monkeypatch.setattr(commands_transfer_plans.ledger, "claim_pools", lambda items, site: {})
    monkeypatch.setattr(queries_claims, "spare", late)
    outcomes, left = twice_twenty()
    assert (sorted(type(one).__name__ for one in outcomes), left) == (["TransferPlanned", "TransferPlanned"], 0)


def test_the_second_of_two_planners_is_told_who_counts_on_the_rest():
    outcomes, left = twice_twenty()
    assert left == 20
    [refused] = [one for one in outcomes if isinstance(one, PromisedThere)]
    assert "20 of V-200 wanted, 0 can go" in str(refused)
