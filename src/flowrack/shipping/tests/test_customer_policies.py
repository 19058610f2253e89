"""Each policy of a customer, from entry to the order's page: what it keeps back, and that the page says which."""

from __future__ import annotations

from datetime import date

import pytest
from tests import outbound
from tests.cast import ADA, KIM, NOW, ctx, signed_in

from flowrack.fulfilment.types import NothingToRelease
from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.sales import jobs
from flowrack.sales.types import EnteredOrder
from flowrack.sales.types_limits import ShipmentWaits
from flowrack.shipping.commands.direct import ship_from_stock
from flowrack.shipping.types import ShipFromStock

pytestmark = pytest.mark.django_db


def short_order(terms: str, *, on: date | None = None) -> tuple[outbound.House, EnteredOrder]:
    """An order of 10 at 5.00, entered under the customer's terms, of which 4 are there and reserved."""
    at = outbound.house()
    item = outbound.item("V-200")
    sql.execute("UPDATE catalog_item SET list_price = 5 WHERE id = %s", (item,))
    outbound.receive(at, item, 4, "1")
    outbound.customer()
    sql.execute(f"UPDATE parties_customerterms SET {terms}")
    order = outbound.order(at.site, "ACME", ("V-200", 10), on=on)
    outbound.allocate(at.site, order)
    assert outbound.counts(order.line_ids[0]) == {"units": 10, "waiting": 6, "allocated": 4}
    return at, order


def page_of(order: EnteredOrder) -> str:
    return signed_in(KIM).get(f"/orders/{order.order_id}").content.decode()


@pytest.mark.parametrize(
    ("terms", "rule", "why"),
    [
        ("min_shipment_value = 30", "shipments from 30.00",
         "what is there is worth 20.00 and the customer takes shipments from 30.00 on"),
        ("max_shipments = 1", "0 of 1 shipments sent", "the customer takes one shipment, and 6 units are missing"),
    ],
)  # fmt: skip
def test_a_shipment_that_the_customer_does_not_take_waits_and_the_page_says_why(terms, rule, why):
    at, order = short_order(terms)
    page = page_of(order)
    assert rule in page and why in page
    with pytest.raises(ShipmentWaits) as refused:
        ship_from_stock(ctx(ADA), ShipFromStock(at.site, [order.order_id]))
    assert why in refused.value.message
    with pytest.raises(NothingToRelease) as kept:
        outbound.release(at.site, order)
    assert why in kept.value.fix, "no wave takes it either"


def test_the_last_shipment_ends_the_order_where_the_terms_say_so():
    at, order = short_order("max_shipments = 1, last_shipment = 'cancels'")
    assert "0 of 1 shipments sent, then the rest is cancelled" in page_of(order)
    ship_from_stock(ctx(ADA), ShipFromStock(at.site, [order.order_id]))
    assert outbound.counts(order.line_ids[0]) == {"units": 10, "shipped": 4, "cancelled": 6}
    assert "the other 6 units are cancelled, as his terms say" in page_of(order)


def test_backorders_end_after_the_days_of_the_terms():
    _, order = short_order("cancel_after_days = 3", on=date(2026, 3, 3))
    assert "backorders end after 3 days" in page_of(order)
    jobs.cancel_overdue(context_for_system(NOW.replace(day=7), "round"))
    assert outbound.counts(order.line_ids[0]) == {"units": 10, "allocated": 4, "cancelled": 6}
    assert "Backorders of this customer end 3 days after the wanted day, 06 Mar 2026." in page_of(order)
