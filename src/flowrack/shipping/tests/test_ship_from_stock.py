"""ship_from_stock: promised units leave straight from their bins."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError
from tests import outbound
from tests.cast import EVE, GUS, KIM, ctx

from flowrack.ledger import queries as stock
from flowrack.ledger.tests.house import on_hand
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.sales import commands_changes as sales
from flowrack.sales.types import ChangeLine
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands, queries
from flowrack.shipping.types import NotComplete, NothingToShip, ShipFromStock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 12, "1.50", "forward_pick1")
    outbound.receive(at, item, 30, "2", "reserve1")
    outbound.customer()
    return at, item


def promised(at, units: int, who: str = "ACME"):
    order = outbound.order(at.site, who, ("4711", units))
    outbound.allocate(at.site, order)
    return order


def test_promised_units_leave_from_the_bins_a_wave_would_choose_at_cost(case):
    at, item = case
    order = promised(at, 20)
    req = ShipFromStock(at.site, [order.order_id], "Collected", "")
    done = commands.ship_from_stock(ctx(GUS, "k"), req)
    [left] = done.shipments
    assert (left.units, left.cost) == (20, Decimal("34.00"))  # 12 at 1.50 and 8 at 2, the oldest layers first
    assert on_hand(at, item, "forward_pick1") == 0
    assert on_hand(at, item, "reserve1") == 22
    assert outbound.counts(order.line_ids[0]) == {"units": 20, "shipped": 20}
    assert outbound.order_state(order) == "shipped"
    assert [line.units for line in queries.lines_of(left.shipment_id)] == [12, 8]
    assert sql.fetch_value("SELECT count(*) FROM ledger_commitment") == 0
    assert sql.fetch_value("SELECT carrier FROM shipping_shipment") == "Collected"
    [event] = sql.fetch_all("SELECT body::json FROM platform_outboxevent WHERE kind = 'shipping.shipment_left'")
    assert [line["units"] for line in event[0]["lines"]] == [12, 8]
    balance = {row.account: row.value for row in stock.trial_balance(at.site)}
    assert balance["cogs"] == Decimal("34.0000")
    assert sum(balance.values()) == 0
    assert commands.ship_from_stock(ctx(GUS, "k"), req) == done
    assert not verify()


def test_many_orders_leave_as_one_shipment_each_and_the_rest_of_a_part_stays_open(case):
    at, _ = case
    first, second = promised(at, 5), promised(at, 100)
    done = commands.ship_from_stock(ctx(GUS), ShipFromStock(at.site, [first.order_id, second.order_id]))
    assert [(one.order_ids, one.units) for one in done.shipments] == [([first.order_id], 5), ([second.order_id], 37)]
    assert outbound.counts(second.line_ids[0]) == {"units": 100, "waiting": 63, "shipped": 37}
    assert (outbound.order_state(first), outbound.order_state(second)) == ("shipped", "confirmed")
    assert not verify()


def test_every_order_that_cannot_leave_is_named_and_nothing_leaves(case):
    at, _ = case
    picking, ready = promised(at, 2), promised(at, 3)
    outbound.release(at.site, picking)
    waiting = outbound.order(at.site, "ACME", ("4711", 1))
    sql.execute("UPDATE locations_location SET blocked_reason = 'flooded' WHERE code LIKE 'forward%%'")
    with pytest.raises(NothingToShip) as refused:
        commands.ship_from_stock(
            ctx(GUS), ShipFromStock(at.site, [picking.order_id, ready.order_id, waiting.order_id, 9999])
        )
    assert [(line.line, line.message) for line in refused.value.lines] == [
        (1, f"{picking.number} is in picking."),
        (3, f"Nothing is reserved for {waiting.number}."),
        (4, "There is no such order at this site."),
    ]
    assert outbound.counts(ready.line_ids[0]) == {"units": 3, "allocated": 3}
    assert sql.fetch_value("SELECT count(*) FROM shipping_shipment") == 0


def test_units_in_bins_that_may_not_be_picked_keep_an_order_here(case):
    at, _ = case
    order = promised(at, 40)
    sql.execute("UPDATE locations_location SET blocked_reason = 'flooded' WHERE code LIKE 'forward%%'")
    with pytest.raises(NothingToShip, match=f"10 units of {order.number} lie in no bin that may be picked"):
        commands.ship_from_stock(ctx(GUS), ShipFromStock(at.site, [order.order_id]))


def test_a_complete_order_leaves_whole_or_not(case):
    at, _ = case
    outbound.customer("WHOLE", policy="complete")
    order = promised(at, 40, "WHOLE")
    sales.change_line(ctx(KIM), ChangeLine(order.line_ids[0], 41))
    with pytest.raises(NotComplete) as refused:
        commands.ship_from_stock(ctx(GUS), ShipFromStock(at.site, [order.order_id]))
    assert refused.value.lines[0].message == f"{order.number} lacks 1 units."
    assert outbound.counts(order.line_ids[0]) == {"units": 41, "waiting": 1, "allocated": 40}


def test_somebody_without_the_right_ships_nothing(case):
    at, _ = case
    order = promised(at, 1)
    with pytest.raises(NotPermitted):
        commands.ship_from_stock(ctx(EVE), ShipFromStock(at.site, [order.order_id]))
    assert outbound.counts(order.line_ids[0]) == {"units": 1, "allocated": 1}


@pytest.mark.parametrize("named", ["sales_order", "sales_orderline", "shipping_shipment"])
def test_what_lines_name_without_a_key_is_never_deleted_and_missed_when_it_is_gone(case, named):
    at, _ = case
    order = promised(at, 5)
    commands.ship_from_stock(ctx(GUS), ShipFromStock(at.site, [order.order_id]))
    with pytest.raises(DatabaseError, match="never deleted"):
        sql.execute(f"DELETE FROM {named}")
    assert not verify()
    sql.execute("UPDATE shipping_shipmentline SET shipment_id = 0, item_id = 0")
    [finding] = verify()
    assert finding.check == "rows of shipping_shipmentline name what exists"
    assert finding.sample == [("shipment_id", 0), ("item_id", 0)]
