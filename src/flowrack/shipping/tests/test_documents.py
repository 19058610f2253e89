"""documents: on the real ledger."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader
from tests import outbound
from tests.cast import GUS, NOW, ctx

from flowrack.shipping import commands, documents, queries
from flowrack.shipping.types import (
    Departure,
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


def test_the_slip_lists_what_left(case):
    at, _ = case
    order = picked(at)
    [carton] = outbound.pack(order)
    [left] = commands.ship_confirm(ctx(GUS), ShipConfirm(at.site, leave(order))).shipments
    shipment = queries.access_shipment(left.shipment_id, frozenset({0}))
    slip = documents.packing_slip(
        shipment, queries.orders_on(left.shipment_id), queries.lines_of(left.shipment_id), printed_at=NOW
    )
    text = PdfReader(BytesIO(slip)).pages[0].extract_text()
    assert left.number in text and order.number in text and "4711" in text and carton.sscc in text
