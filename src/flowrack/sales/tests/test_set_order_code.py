"""set_order_code: channels and order types as lists; orders carry them, else the customer's terms."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import EVE, KIM, MAY, bearer, ctx, signed_in

from flowrack.platform import sql
from flowrack.sales import commands, commands_lists, queries_lists
from flowrack.sales.types import EnterOrders, NewLine, NewOrder, OrderRefused
from flowrack.sales.types_lists import BadOrderCode, SetOrderCode
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def enter(site: int, **words: str) -> int:
    """Kim enters an order of ACME."""
    asked = NewOrder(customer="ACME", site_id=site, lines=[NewLine("4711", Decimal(5))], **words)  # type: ignore[arg-type]
    return commands.enter_orders(ctx(KIM), EnterOrders([asked])).orders[0].order_id


def sold(order_id: int) -> tuple[str, str, str]:
    [row] = sql.fetch_all("SELECT channel, order_type, contract FROM sales_order WHERE id = %s", (order_id,))
    return row


@pytest.fixture
def site() -> int:
    at = outbound.house()
    outbound.item("4711")
    outbound.customer()
    return at.site


def test_a_code_is_added_named_otherwise_and_taken_out_of_use():
    commands_lists.set_order_code(ctx(MAY), SetOrderCode("channel", "fair", "Trade fair"))
    commands_lists.set_order_code(ctx(MAY), SetOrderCode("channel", "FAIR", "Fairs", is_active=False))
    [row] = [one for one in queries_lists.order_codes("channel") if one.code == "FAIR"]
    assert (row.name, row.is_active) == ("Fairs", False)
    assert "FAIR" not in dict(queries_lists.choices("channel"))


def test_what_is_no_code_is_refused_with_every_field():
    with pytest.raises(BadOrderCode) as refused:
        commands_lists.set_order_code(ctx(MAY), SetOrderCode("colour", "two words", " "))
    assert [line.field for line in refused.value.lines] == ["list", "code", "name"]
    with pytest.raises(NotPermitted):
        commands_lists.set_order_code(ctx(EVE), SetOrderCode("channel", "FAIR", "Trade fair"))


def test_an_order_has_the_channel_and_contract_that_it_names_or_those_of_the_customers_terms(site):
    assert sold(enter(site)) == ("", "", "")
    sql.execute("UPDATE parties_customerterms SET channel = 'WEB', contract = 'K-1'")
    assert sold(enter(site, order_type="call-off")) == ("WEB", "CALL-OFF", "K-1")
    assert sold(enter(site, channel="EDI", contract="k-2")) == ("EDI", "", "K-2")


def test_a_channel_that_is_in_no_list_is_refused_also_where_the_terms_name_it(site):
    with pytest.raises(OrderRefused) as refused:
        enter(site, channel="FAX", order_type="GIFT", contract="two words")
    assert [(line.field, line.message) for line in refused.value.lines] == [
        ("channel", "There is no sales channel “FAX” in use."),
        ("order_type", "There is no order type “GIFT” in use."),
        ("contract", "“TWO WORDS” is no number of a contract."),
    ]
    sql.execute("UPDATE parties_customerterms SET channel = 'FAX'")
    with pytest.raises(OrderRefused, match="to mend"):
        enter(site)
    assert not sql.fetch_value("SELECT count(*) FROM sales_order")


def test_people_and_other_systems_see_set_and_filter_them(client, site):
    edi, web = enter(site, channel="EDI"), enter(site, channel="WEB")
    may = signed_in(MAY)
    assert may.post("/orders/lists/edit", {"list": "channel", "code": "FAIR", "name": "Fair"}).status_code == 303
    assert "Trade" not in may.get("/orders/lists").content.decode()
    page = may.get("/orders?view=all&channel=WEB").content.decode()
    assert f'href="/orders/{web}"' in page and f'href="/orders/{edi}"' not in page
    body = {"list": "order type", "code": "RUSH", "name": "Rush"}
    made = client.post("/api/v1/order-codes", body, content_type="application/json", headers=bearer(MAY))
    assert made.json() == {"list": "order type", "code": "RUSH"}
    codes = client.get("/api/v1/order-codes", headers=bearer(MAY)).json()
    assert {"list": "order type", "code": "RUSH", "name": "Rush", "is_active": True} in codes
    rows = client.get("/api/v1/orders", headers=bearer(MAY)).json()["items"]
    assert [row["channel"] for row in rows] == ["EDI", "WEB"]
