"""prepare_shipment: on the real ledger."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, GUS, ctx

from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands, queries
from flowrack.shipping.types import (
    Departure,
    SetTracking,
    ShipConfirm,
    ShipmentNotFound,
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


def test_the_reference_is_noted_after_it_left_too(case):
    at, _ = case
    order = picked(at)
    [left] = commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, [Departure(order_ids=(order.order_id,))])).shipments
    req = SetTracking(left.shipment_id, " Rail Co ", "R-77")
    assert commands.set_tracking(ctx(GUS, "k"), req) == commands.set_tracking(ctx(GUS, "k"), req)
    row = queries.access_shipment(left.shipment_id, frozenset({0}))
    assert (row.carrier, row.tracking) == ("Rail Co", "R-77")
    before = outbound.books()
    with pytest.raises(ShipmentNotFound):
        commands.set_tracking(ctx(GUS), SetTracking(999_999, "X", "Y"))
    with pytest.raises(NotPermitted):
        commands.set_tracking(ctx(EVE), req)
    assert outbound.books() == before
