"""cancel_orders: what can be cancelled of many orders is, and of each it is told what came of it."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, KIM, ctx, signed_in

from flowrack.ledger import queries as stock
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.sales import commands_changes, commands_many
from flowrack.sales.types import CancelOrder, OrderNotFound
from flowrack.sales.types_changes import ChangeRefused
from flowrack.sales.types_many import MOST_ORDERS, CancelOrders
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def four():
    """Thirty of an item: an order that has 10 of it, one whose picks are open, one that is picked, one cancelled."""
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 30, "1.00")
    outbound.customer()
    waits, open_, picked, gone = (outbound.order(at.site, "ACME", ("4711", units)) for units in (20, 5, 5, 7))
    outbound.allocate(at.site, open_)
    outbound.release(at.site, open_)
    outbound.allocate(at.site, picked)
    outbound.pick_all(outbound.release(at.site, picked))
    commands_changes.cancel_order(ctx(KIM), CancelOrder(gone.order_id, "before"))
    outbound.allocate(at.site, waits)
    return at, item, [waits, open_, picked, gone]


def told(done):
    return [(one.is_done, one.said) for one in done.outcomes]


def test_each_order_is_told_what_came_of_it(four):
    at, item, orders = four
    req = CancelOrders([one.order_id for one in orders], "the fair is off")
    done = commands_many.cancel_orders(ctx(KIM, "k"), req)
    ends = "cancelled, worth 0.00; the rest of the order ends."
    assert told(done) == [
        (True, f"20 units {ends} 20 of them were reserved: free for others at once."),
        (True, f"5 units {ends} 5 of them were reserved: free for others at once."),
        (False, "5 units are being picked or are picked: put them back first."),
        (False, "It is cancelled."),
    ]
    assert [outbound.order_state(one) for one in orders] == ["cancelled", "cancelled", "released", "cancelled"]
    assert sum(pool.free for pool in stock.pools([item], at.site)) == 25
    assert verify() == []
    assert commands_many.cancel_orders(ctx(KIM, "k"), req) == done, "a retry is answered from the record"
    events = sql.fetch_value("SELECT count(*) FROM platform_outboxevent WHERE kind = 'sales.units_cancelled'")
    assert events == 2, "one for the order that was cancelled before, one for both"


def test_what_names_nothing_or_nobody_may_changes_nothing(four):
    _, _, orders = four
    before = outbound.books()
    ids = [one.order_id for one in orders]
    for req in (CancelOrders([], "x"), CancelOrders(ids, " "), CancelOrders(list(range(1, MOST_ORDERS + 2)), "x")):
        with pytest.raises(ChangeRefused):
            commands_many.cancel_orders(ctx(KIM), req)
    with pytest.raises(OrderNotFound):
        commands_many.cancel_orders(ctx(KIM), CancelOrders([*ids, 10**9], "x"))
    with pytest.raises(NotPermitted):
        commands_many.cancel_orders(ctx(EVE), CancelOrders(ids, "x"))
    assert outbound.books() == before


def test_the_page_shows_what_will_come_of_each_and_then_tells_it(four):
    _, _, orders = four
    kim, before = signed_in(KIM), outbound.books()
    chosen = {"batch": "cancel", "ids": [one.order_id for one in orders[:3]]}
    answer = kim.post("/orders", chosen)
    assert answer.status_code == 303
    page = kim.get(answer["Location"]).content.decode()
    assert "2 of 3 chosen. 1 will stay as they are" in page and "20 of them were reserved" in page
    assert "worth 0.00; the rest of the order ends" in page
    assert outbound.books() == before, "nothing is written to show it"
    assert kim.post(answer["Location"], {"idempotency_key": "a"}).status_code == 422
    done = kim.post(answer["Location"], {"reason": "off", "idempotency_key": "b"}).content.decode()
    assert "2 cancelled" in done and "1 as before" in done and "put them back first" in done
    assert outbound.order_state(orders[0]) == "cancelled"
