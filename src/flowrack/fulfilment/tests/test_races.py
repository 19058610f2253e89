"""Races on the way out. Each first shows that the set-up catches the race, then that the guard wins it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from tests import outbound
from tests.cast import ADA, CY, ctx
from tests.races.together import waiting

from flowrack.allocation import commands as allocation
from flowrack.allocation.types import Allocate
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, Pick, PickClosed
from flowrack.ledger.verify import verify
from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


def at_the_same_time(*runs: Callable[[threading.Barrier], bool]) -> list[bool]:
    """Run each in a thread of its own; all meet at the barrier before they write."""
    barrier = threading.Barrier(len(runs), timeout=20)
    told: list[bool] = [False] * len(runs)

    def one(n: int) -> None:
        try:
            told[n] = runs[n](barrier)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.fixture
def last_ten():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 10, "1")
    outbound.customer()
    orders = [outbound.order(at.site, "ACME", ("4711", 10)) for _ in range(2)]
    return at, item, orders


def test_without_the_guard_two_orders_are_promised_the_last_ten_units(last_ten):
    _, item, _ = last_ten

    def naive(barrier: threading.Barrier) -> bool:
        [(free, committed)] = sql.fetch_all(
            "SELECT reserve - committed, committed FROM ledger_pool WHERE item_id = %s", (item,)
        )
        barrier.wait()
        sql.execute("UPDATE ledger_pool SET committed = %s WHERE item_id = %s", (committed + 10, item))
        return bool(free >= 10)

    assert at_the_same_time(naive, naive) == [True, True]


def test_two_allocators_promise_the_last_ten_units_once(last_ten):
    at, _, orders = last_ten

    def guarded(order) -> Callable[[threading.Barrier], bool]:
        context = ctx(ADA)

        def run(barrier: threading.Barrier) -> bool:
            barrier.wait()
            return allocation.allocate(context, Allocate(at.site, [order.order_id])).units == 10

        return run

    assert sorted(at_the_same_time(*[guarded(order) for order in orders])) == [False, True]
    assert sql.fetch_value("SELECT sum(units) FROM ledger_commitment") == 10
    assert sql.fetch_value("SELECT sum(allocated_units) FROM sales_orderline") == 10
    assert not verify()


@pytest.fixture
def one_pick(last_ten):
    at, item, orders = last_ten
    outbound.allocate(at.site, orders[0])
    return item, orders[0], outbound.release(at.site, orders[0]).pick_ids[0]


def test_without_the_guard_two_pickers_do_the_same_pick(one_pick):
    _, _, pick_id = one_pick

    def naive(barrier: threading.Barrier) -> bool:
        state = sql.fetch_value("SELECT state FROM fulfilment_pickline WHERE id = %s", (pick_id,))
        barrier.wait()
        return bool(state == "open")

    assert at_the_same_time(naive, naive) == [True, True]


def test_two_pickers_do_the_same_pick_once(one_pick):
    item, order, pick_id = one_pick
    contexts = [ctx(CY), ctx(CY)]

    def guarded(n: int) -> Callable[[threading.Barrier], bool]:
        def run(barrier: threading.Barrier) -> bool:
            barrier.wait()
            try:
                fulfilment.confirm_picks(contexts[n], ConfirmPicks([Pick(pick_id)]))
            except PickClosed:
                return False
            return True

        return run

    assert sorted(at_the_same_time(guarded(0), guarded(1))) == [False, True]
    assert outbound.where(item) == {"staged-1": 10}
    assert outbound.counts(order.line_ids[0]) == {"units": 10, "picked": 10}
    assert not verify()


def test_a_picker_waits_for_the_order_line_before_any_stock_is_held(one_pick):
    """As allocation, packing and shipping do; stock first and the line after it would deadlock with them."""
    _, order, pick_id = one_pick
    context = ctx(CY)

    def allocator(barrier: threading.Barrier) -> bool:
        with transaction.atomic():
            sql.fetch_all("SELECT FROM sales_orderline WHERE id = %s FOR NO KEY UPDATE", (order.line_ids[0],))
            barrier.wait()
            while not waiting():
                time.sleep(0.01)
            sql.fetch_all("SELECT FROM ledger_pool FOR NO KEY UPDATE NOWAIT")
        return True

    def picker(barrier: threading.Barrier) -> bool:
        barrier.wait()
        return bool(fulfilment.confirm_picks(context, ConfirmPicks([Pick(pick_id)])).pick_ids)

    assert at_the_same_time(allocator, picker) == [True, True]
    assert outbound.counts(order.line_ids[0]) == {"units": 10, "picked": 10}
    assert not verify()
