"""prepare_shipment: on the real ledger."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import GUS, ctx

from flowrack.ledger.verify import verify
from flowrack.shared.errors import WrongState
from flowrack.shipping import commands, queries
from flowrack.shipping.types import (
    CancelShipment,
    Departure,
    OnOtherShipment,
    PrepareShipment,
    SetTracking,
    ShipConfirm,
    TwoAddresses,
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


def test_a_prepared_shipment_holds_its_orders_until_it_leaves_or_is_called_off(case):
    at, _ = case
    order = picked(at)
    first = commands.prepare_shipment(ctx(GUS), PrepareShipment(at.site, [order.order_id], "Road Co"))
    with pytest.raises(OnOtherShipment):
        commands.prepare_shipment(ctx(GUS), PrepareShipment(at.site, [order.order_id]))
    commands.cancel_shipment(ctx(GUS), CancelShipment(first.shipment_id, "no truck"))
    second = commands.prepare_shipment(ctx(GUS), PrepareShipment(at.site, [order.order_id], "Road Co"))
    commands.set_tracking(ctx(GUS), SetTracking(second.shipment_id, "Rail Co", "R-77"))
    commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, [Departure(second.shipment_id)]))
    row = queries.access_shipment(second.shipment_id, frozenset({0}))
    assert (row.state, row.carrier, row.tracking, row.units) == ("shipped", "Rail Co", "R-77", 12)
    with pytest.raises(WrongState):
        commands.cancel_shipment(ctx(GUS), CancelShipment(second.shipment_id, "too late"))
    with pytest.raises(WrongState):
        commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, [Departure(second.shipment_id)]))
    assert not verify()


def test_orders_for_two_addresses_are_no_shipment(case):
    at, _ = case
    outbound.customer("OTHER")
    here, there = picked(at), picked(at, who="OTHER")
    before = outbound.books()
    with pytest.raises(TwoAddresses) as refused:
        commands.prepare_shipment(ctx(GUS), PrepareShipment(at.site, [here.order_id, there.order_id]))
    assert refused.value.message == f"{here.number} goes to ACME Ltd; {there.number} goes to OTHER Ltd."
    assert [(bad.line, bad.fix) for bad in refused.value.lines] == [(2, "Prepare a shipment for each address.")]
    assert outbound.books() == before
