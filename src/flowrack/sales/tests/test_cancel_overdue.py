"""cancel_overdue: backorders end when the customer's terms say so, with the reason; shipments keep to their limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import GUS, KIM, NOW, ctx

from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.platform.outbox import context_for_system
from flowrack.sales import commands, commands_limits, jobs
from flowrack.sales.types import EnterOrders, NewLine, NewOrder
from flowrack.sales.types_limits import CancelOverdue, ShipmentWaits
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands as shipping
from flowrack.shipping.types import Departure, ShipConfirm, ShipFromStock

pytestmark = pytest.mark.django_db(transaction=True)
WANTED = date(2026, 3, 4)


def stocked(units: int = 30, **terms: object):
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, units, "2.50", "forward_pick1")
    outbound.customer()
    for name, value in terms.items():
        sql.execute(f"UPDATE parties_customerterms SET {name} = %s", (value,))
    return at


def enter(at, units: int = 40, *, latest_on: date | None = None, price: str = "10"):
    lines = [NewLine("4711", Decimal(units), unit_price=Decimal(price))]
    order = NewOrder("ACME", at.site, lines, requested_on=WANTED, latest_on=latest_on)
    return commands.enter_orders(ctx(KIM), EnterOrders([order])).orders[0]


def system(days_later: int):
    """The worker's context so many days after the wanted day."""
    moment = NOW.replace(month=WANTED.month, day=WANTED.day) + timedelta(days=days_later)
    return context_for_system(moment, f"round:{days_later}")


def test_an_order_keeps_the_terms_of_its_day():
    at = stocked(
        max_shipments=3,
        last_shipment="cancels",
        min_shipment_value=50,
        cancel_after_days=5,
        substitutes="consent",
        lot_rule="same",
        min_remaining_life_days=60,
        transit_days=2,
    )
    order = enter(at)
    sql.execute("UPDATE parties_customerterms SET max_shipments = 1, transit_days = 9")
    row = sql.fetch_one(
        """
        SELECT max_shipments, last_shipment, min_shipment_value, cancel_after_days, substitutes, lot_rule,
               min_life_days, transit_days FROM sales_order WHERE id = %s
        """,
        (order.order_id,),
    )
    assert row == (3, "cancels", Decimal(50), 5, "consent", "same", 62, 2)
    line = sql.fetch_one("SELECT unit_price, unit_cost FROM sales_orderline WHERE id = %s", (order.line_ids[0],))
    assert line == (Decimal(10), Decimal("2.5"))


def test_backorders_end_the_day_after_the_last_one():
    at = stocked(cancel_after_days=5)
    order = enter(at)
    outbound.allocate(at.site, order)
    jobs.cancel_overdue(system(5))
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "waiting": 10, "allocated": 30}
    jobs.cancel_overdue(system(6))
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "allocated": 30, "cancelled": 10}
    [why] = decisions.why(f"sales.order:{order.order_id}")
    assert why.sentence == "Backorders of this customer end 5 days after the wanted day, 09 Mar 2026."
    told = "SELECT body -> 'units' ->> 0 FROM platform_outboxevent WHERE kind = 'sales.units_cancelled'"
    assert sql.fetch_value(told) == "10"
    assert commands_limits.cancel_overdue(system(7), CancelOverdue(at.site)).units == 0
    assert not verify()


def test_an_order_in_one_delivery_ends_whole():
    at = stocked(cancel_after_days=0)
    order = enter(at)
    outbound.allocate(at.site, order)
    sql.execute("UPDATE sales_order SET policy = 'complete'")
    jobs.cancel_overdue(system(1))
    assert outbound.order_state(order) == "cancelled"
    assert sql.fetch_value("SELECT sum(committed) FROM ledger_pool") == 0


def test_what_has_not_left_by_the_latest_day_ends_and_gives_its_promise_back():
    at = stocked()
    order = enter(at, latest_on=WANTED)
    outbound.allocate(at.site, order)
    late = replace(ctx(GUS), now=system(0).now)
    with pytest.raises(ShipmentWaits, match="arrives after 04 Mar 2026; the last day to leave for it was 03 Mar 2026"):
        shipping.ship_from_stock(late, ShipFromStock(at.site, [order.order_id]))
    done = commands_limits.cancel_overdue(system(0), CancelOverdue(at.site))
    assert (done.order_ids, done.units) == ([order.order_id], 40)
    assert outbound.order_state(order) == "cancelled"
    assert sql.fetch_value("SELECT sum(committed) FROM ledger_pool") == 0
    assert not verify()


def test_a_small_shipment_waits_and_the_rest_leaves_whatever_it_is_worth():
    at = stocked(30, min_shipment_value=301)
    order = enter(at, 40)
    outbound.allocate(at.site, order)
    before = outbound.books()
    with pytest.raises(ShipmentWaits, match=r"SO-\d+ waits: what is there is worth 300.00"):
        shipping.ship_from_stock(ctx(GUS), ShipFromStock(at.site, [order.order_id]))
    assert outbound.books() == before
    with pytest.raises(Exception, match="Nothing of these orders can be picked now") as refused:
        outbound.release(at.site, order)
    assert "takes shipments from 301.00 on" in refused.value.fix
    small = enter(at, 1)
    sql.execute("UPDATE sales_order SET requested_on = '2026-03-03' WHERE id = %s", (small.order_id,))
    outbound.receive(at, sql.fetch_value("SELECT id FROM catalog_item"), 1, "2.50", "forward_pick1")
    outbound.allocate(at.site, small)
    assert len(shipping.ship_from_stock(ctx(GUS), ShipFromStock(at.site, [small.order_id])).shipments) == 1


@pytest.mark.parametrize("last", ["waits", "cancels"])
def test_the_last_shipment_waits_or_ends_the_order(last: str):
    at = stocked(30, max_shipments=1, last_shipment=last)
    order = enter(at, 40)
    outbound.allocate(at.site, order)
    ship = ShipFromStock(at.site, [order.order_id])
    if last == "waits":
        with pytest.raises(ShipmentWaits, match="takes one shipment, and 10 units are missing"):
            shipping.ship_from_stock(ctx(GUS), ship)
        assert outbound.counts(order.line_ids[0]) == {"units": 40, "waiting": 10, "allocated": 30}
        return
    shipping.ship_from_stock(ctx(GUS), ship)
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "shipped": 30, "cancelled": 10}
    assert outbound.order_state(order) == "shipped"
    [why] = decisions.why(f"sales.order:{order.order_id}")
    assert why.sentence == (
        "The one shipment that the customer takes has left: the other 10 units are cancelled, as his terms say."
    )
    assert sql.fetch_value("SELECT shipments FROM sales_order WHERE id = %s", (order.order_id,)) == 1
    assert not verify()


def test_the_floor_keeps_to_the_limits_too_and_counts_shipments():
    at = stocked(30, max_shipments=2, last_shipment="cancels")
    order = enter(at, 40)
    outbound.allocate(at.site, order)
    outbound.pick_all(outbound.release(at.site, order))
    leave = ShipConfirm(at.site, [Departure(order_ids=(order.order_id,))])
    shipping.ship_confirm(ctx(GUS), leave)
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "shipped": 30, "waiting": 10}
    outbound.receive(at, sql.fetch_value("SELECT id FROM catalog_item"), 4, "2.50", "forward_pick1")
    outbound.allocate(at.site, order)
    outbound.pick_all(outbound.release(at.site, order))
    shipping.ship_confirm(ctx(GUS), leave)
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "shipped": 34, "cancelled": 6}
    assert outbound.order_state(order) == "shipped"
    assert not verify()


def test_nobody_but_the_worker_cancels_by_the_calendar():
    at = stocked()
    with pytest.raises(NotPermitted):
        commands_limits.cancel_overdue(ctx(KIM), CancelOverdue(at.site))
