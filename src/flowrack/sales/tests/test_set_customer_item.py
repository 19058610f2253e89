"""What customers call items in their orders is written down once and understood everywhere."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import EVE, KIM, PAM, bearer, ctx, signed_in

from flowrack.platform import sql
from flowrack.sales import commands, commands_codes
from flowrack.sales.types import EnterOrders, NewLine, NewOrder, OrderRefused
from flowrack.sales.types_codes import BadCustomerItem, SetCustomerItem
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> int:
    at = outbound.house()
    item = outbound.item("4711")
    sql.execute("INSERT INTO catalog_packlevel (item_id, level, factor) VALUES (%s, 'case', 12)", (item,))
    outbound.customer()
    outbound.customer("BETA")
    return at.site


def order(site: int, customer: str, *lines: NewLine) -> list[tuple[str, int]]:
    """The SKU and units of the lines that are entered."""
    done = commands.enter_orders(ctx(KIM), EnterOrders([NewOrder(customer, site, list(lines))]))
    return sql.fetch_all(
        "SELECT i.sku, l.units FROM sales_orderline l JOIN catalog_item i ON i.id = l.item_id "
        "WHERE l.order_id = %s ORDER BY l.line_no",
        (done.orders[0].order_id,),
    )


def test_a_number_stands_for_an_item_or_a_pack_of_it_in_that_customers_orders(site: int):
    commands_codes.set_customer_item(ctx(PAM), SetCustomerItem("ACME", "HOSE-1", "4711"))
    made = commands_codes.set_customer_item(ctx(PAM, "k"), SetCustomerItem("ACME", "HOSE-12", "4711", "case"))
    again = commands_codes.set_customer_item(ctx(PAM, "k"), SetCustomerItem("ACME", "HOSE-12", "4711", "case"))
    assert made == again
    lines = [NewLine("HOSE-1", Decimal(3)), NewLine("HOSE-12", Decimal(3)), NewLine("HOSE-1", Decimal(3), "case")]
    assert order(site, "ACME", *lines) == [("4711", 3), ("4711", 36), ("4711", 36)]
    with pytest.raises(OrderRefused) as refused:
        order(site, "BETA", NewLine("HOSE-1", Decimal(3)))
    assert [line.message for line in refused.value.lines] == ["There is no item “HOSE-1”."]


def test_a_number_can_mean_another_item_from_now_on_or_be_forgotten(site: int):
    outbound.item("6024")
    for item in ("4711", "6024"):
        commands_codes.set_customer_item(ctx(KIM), SetCustomerItem("ACME", "X", item))
        assert order(site, "ACME", NewLine("X", Decimal(1))) == [(item, 1)]
    assert commands_codes.set_customer_item(ctx(KIM), SetCustomerItem("ACME", "X", "")).customer_item_id == 0
    with pytest.raises(OrderRefused):
        order(site, "ACME", NewLine("X", Decimal(1)))


def test_every_bad_field_is_named_and_nothing_is_written(site: int):
    with pytest.raises(BadCustomerItem) as refused:
        commands_codes.set_customer_item(ctx(KIM), SetCustomerItem("NOBODY", " ", "NOTHING"))
    assert [line.field for line in refused.value.lines] == ["customer", "code", "item"]
    with pytest.raises(BadCustomerItem) as refused:
        commands_codes.set_customer_item(ctx(KIM), SetCustomerItem("ACME", "X", "4711", "pallet"))
    assert refused.value.lines[0].fix == "Its packs: case. Empty for base units."
    with pytest.raises(NotPermitted):
        commands_codes.set_customer_item(ctx(EVE), SetCustomerItem("ACME", "X", "4711"))
    assert sql.fetch_value("SELECT count(*) FROM sales_customeritem") == 0


def test_a_pack_that_the_item_has_not_is_refused_with_those_that_it_has(site: int):
    with pytest.raises(OrderRefused) as refused:
        order(site, "ACME", NewLine("4711", Decimal(1), "pallet"))
    [line] = refused.value.lines
    assert (line.message, line.fix) == ("4711 has no pack “pallet”.", "Its packs: case of 12. Or use base units.")


def test_a_number_that_is_a_sku_of_ours_is_refused_for_orders_would_mean_the_sku(site: int):
    outbound.item("6024")
    commands_codes.set_customer_item(ctx(KIM), SetCustomerItem("ACME", "6024", "6024"))  # means that anyhow
    with pytest.raises(BadCustomerItem) as refused:
        commands_codes.set_customer_item(ctx(KIM), SetCustomerItem("ACME", "6024", "4711"))
    assert refused.value.lines[0].message == "6024 is our own SKU of another item: in orders it means that."
    with pytest.raises(BadCustomerItem) as refused:
        commands_codes.set_customer_item(ctx(KIM), SetCustomerItem("ACME", "4711", "4711", "case"))
    assert refused.value.lines[0].message == "4711 is our own SKU: in orders it means that."
    assert sql.fetch_all("SELECT code FROM sales_customeritem") == [("6024",)]


def test_page_and_api_write_and_list(site: int, client):
    kim = signed_in(KIM)
    form = {"customer": "ACME", "code": "HOSE-1", "item": "4711", "pack": "", "idempotency_key": "a"}
    assert kim.post("/customer-items/new", form).status_code == 303
    assert "HOSE-1" in kim.get("/customer-items").content.decode()
    assert kim.post("/customer-items/new", {**form, "item": "NO", "idempotency_key": "b"}).status_code == 422
    body = {"customer": "BETA", "code": "B-9", "item": "4711", "pack": "case"}
    assert client.post("/api/v1/customer-items", body, "application/json", headers=bearer(KIM)).status_code == 200
    rows = client.get("/api/v1/customer-items?customer=BETA", headers=bearer(KIM)).json()["items"]
    assert [(row["code"], row["sku"], row["pack"]) for row in rows] == [("B-9", "4711", "case")]
