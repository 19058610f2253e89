"""prepare_shipment: on the real ledger."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, GUS, ctx

from flowrack.shared.errors import NotPermitted, WrongState
from flowrack.shipping import commands
from flowrack.shipping.types import (
    CancelShipment,
    Departure,
    PrepareShipment,
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


def test_a_called_off_shipment_frees_its_orders_and_one_that_left_stays(case):
    at, _ = case
    order = picked(at)
    first = commands.prepare_shipment(ctx(GUS), PrepareShipment(at.site, [order.order_id], "Road Co"))
    req = CancelShipment(first.shipment_id, "no truck")
    done = commands.cancel_shipment(ctx(GUS, "k"), req)
    assert done.order_ids == [order.order_id]
    assert commands.cancel_shipment(ctx(GUS, "k"), req) == done
    [left] = commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, [Departure(order_ids=(order.order_id,))])).shipments
    before = outbound.books()
    with pytest.raises(WrongState):
        commands.cancel_shipment(ctx(GUS), CancelShipment(left.shipment_id, "too late"))
    with pytest.raises(NotPermitted):
        commands.cancel_shipment(ctx(EVE), CancelShipment(left.shipment_id, "spite"))
    assert outbound.books() == before
