"""ship_confirm: on the real ledger."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import outbound
from tests.cast import EVE, GUS, ctx

from flowrack.ledger import queries as stock
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands, queries
from flowrack.shipping.types import (
    Departure,
    NotComplete,
    NothingToShip,
    ShipConfirm,
)

pytestmark = pytest.mark.django_db(transaction=True)


def picked(at, units: int = 12, who: str = "ACME", sku: str = "4711"):
    order = outbound.order(at.site, who, (sku, units))
    outbound.allocate(at.site, order)
    outbound.pick_all(outbound.release(at.site, order))
    return order


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 12, "1.50", "forward_pick1")
    outbound.receive(at, item, 1000, "2", "forward_pick1")
    outbound.customer()
    return at, item


def leave(*orders) -> list[Departure]:
    return [Departure(order_ids=(order.order_id,)) for order in orders]


def test_goods_leave_at_cost_and_the_proof_names_every_line(case):
    at, _ = case
    order = picked(at)
    [carton] = outbound.pack(order)
    req = ShipConfirm(at.site, leave(order))
    done = commands.ship_confirm(ctx(GUS, "k"), req)
    [left] = done.shipments
    assert (left.units, left.cost) == (12, Decimal("18.00"))
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "shipped": 12}
    assert outbound.order_state(order) == "shipped"
    [line] = queries.lines_of(left.shipment_id)
    assert (line.units, line.lpn, line.cost) == (12, carton.sscc, Decimal("18.0000"))
    assert sql.fetch_value("SELECT state FROM fulfilment_carton") == "shipped"
    assert sql.fetch_value("SELECT count(*) FROM ledger_reservation") == 0
    balance = {row.account: row.value for row in stock.trial_balance(at.site)}
    assert balance["cogs"] == Decimal("18.0000")
    assert sum(balance.values()) == 0
    assert commands.ship_confirm(ctx(GUS, "k"), req) == done
    assert not verify()


def test_what_is_picked_ships_and_the_rest_stays_open(case):
    at, _ = case
    order = outbound.order(at.site, "ACME", ("4711", 2000))
    outbound.allocate(at.site, order)
    outbound.pick_all(outbound.release(at.site, order))
    commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, leave(order)))
    assert outbound.counts(order.line_ids[0]) == {"units": 2000, "waiting": 988, "shipped": 1012}
    assert outbound.order_state(order) == "released"


def test_a_complete_order_does_not_leave_in_parts(case):
    at, _ = case
    outbound.customer("WHOLE", policy="complete")
    order = picked(at, who="WHOLE")
    sql.execute("UPDATE sales_orderline SET units = 13 WHERE id = %s", (order.line_ids[0],))
    before = outbound.books()
    with pytest.raises(NotComplete):
        commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, leave(order)))
    assert outbound.books() == before


def test_refusals_leave_no_trace(case):
    at, _ = case
    unpicked = outbound.order(at.site, "ACME", ("4711", 1))
    order = picked(at)
    before = outbound.books()
    with pytest.raises(NothingToShip) as refused:
        commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, leave(order, unpicked)))
    assert refused.value.lines[0].message == f"Nothing is staged for {unpicked.number}."
    with pytest.raises(NotPermitted):
        commands.ship_confirm(ctx(EVE), ShipConfirm(at.site, leave(order)))
    assert outbound.books() == before


def test_many_shipments_take_as_many_statements_as_one(case):
    at, _ = case

    def statements(count: int) -> int:
        orders = [picked(at, 2) for _ in range(count)]
        context = ctx(GUS)
        with CaptureQueriesContext(connection) as seen:
            commands.ship_confirm(context, ShipConfirm(at.site, leave(*orders)))
        return len(seen)

    statements(1)
    assert statements(1) == statements(12)
