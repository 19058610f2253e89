"""Terms that an order names itself at entry, in place of its customer's: by command, page, API and file."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from tests import outbound
from tests.cast import KIM, bearer, ctx, signed_in

from flowrack.platform import sql
from flowrack.platform.importing import ImportFile, ImportRefused, Options, store_file
from flowrack.sales import commands, commands_terms, queries
from flowrack.sales.types import EnterOrders, NewLine, NewOrder, OrderRefused
from flowrack.sales.types_changes import SetOrderTerms
from flowrack.sales.types_terms import GivenTerms

pytestmark = pytest.mark.django_db(transaction=True)
OWN = GivenTerms("any", "cancels", Decimal(50), "never", "consent", 20, "same")
USUAL = (3, "waits", Decimal(0), 5, "no", 30, "any")


@pytest.fixture
def site() -> int:
    """ACME takes three shipments, waits five days for the rest and wants goods that live 30 days."""
    at = outbound.house()
    outbound.item("4711")
    outbound.customer(life=30)
    sql.execute("UPDATE parties_customerterms SET max_shipments = 3, cancel_after_days = 5")
    return at.site


def enter(site: int, terms: GivenTerms, policy: str = "") -> int:
    order = NewOrder("ACME", site, [NewLine("4711", Decimal(2))], policy=policy, terms=terms)
    return commands.enter_orders(ctx(KIM), EnterOrders([order])).orders[0].order_id


def standing() -> list[tuple[object, ...]]:
    return sql.fetch_all(
        "SELECT max_shipments, last_shipment, min_shipment_value, cancel_after_days, substitutes,"
        " min_life_days - transit_days, lot_rule, given_terms FROM sales_order ORDER BY id"
    )


def test_an_order_names_terms_and_only_those_that_are_not_its_customers_are_marked(site: int):
    enter(site, GivenTerms())
    enter(site, replace(GivenTerms(), max_shipments="3", life_days=30, lot_rule="any"))
    enter(site, OWN, policy="line")
    names = ["policy", "max_shipments", "last_shipment", "min_shipment_value", "cancel_after_days", "substitutes"]
    own = (None, "cancels", Decimal(50), None, "consent", 20, "same", [*names, "life_days", "lot_rule"])
    assert standing() == [(*USUAL, []), (*USUAL, []), own]


def test_terms_that_make_no_sense_are_refused_by_the_same_rule_as_a_later_change(site: int):
    bad = GivenTerms("many", "later", Decimal(-1), "4000", "perhaps", 9999, "old")
    with pytest.raises(OrderRefused) as refused:
        enter(site, bad)
    assert [(line.field, line.message, line.fix) for line in refused.value.lines] == [
        ("max_shipments", "“many” is neither a whole number nor “any”.", "Write a number or any."),
        ("cancel_after_days", "4,000 days are not possible.", "Use 0 to 3,650."),
        ("life_days", "9,999 days are not possible.", "Use 0 to 3,650."),
        ("min_shipment_value", "Less than nothing.", "Use 0 or more."),
        ("last_shipment", "“later” is not one of the words.", "Use waits, cancels."),
        ("substitutes", "“perhaps” is not one of the words.", "Use no, consent, yes."),
        ("lot_rule", "“old” is not one of the words.", "Use any, same, new."),
    ]
    with pytest.raises(OrderRefused) as refused:
        enter(site, GivenTerms("2"), policy="complete")
    assert [(line.field, line.message, line.fix) for line in refused.value.lines] == [
        (
            "max_shipments",
            "One complete delivery and 2 shipments at most contradict each other.",
            "Leave it empty, or choose a delivery in parts.",
        )
    ]
    with pytest.raises(OrderRefused) as refused:
        enter(site, GivenTerms(), policy="complete")
    assert [(line.field, line.message, line.fix) for line in refused.value.lines] == [
        (
            "max_shipments",
            "One complete delivery and 3 shipments at most contradict each other.",
            "The shipments are the customer's term: name 1 or any for this order, or choose a delivery in parts.",
        )
    ]
    enter(site, GivenTerms("any"), policy="complete")
    assert standing()[0][-1] == ["policy", "max_shipments"]


def test_a_later_change_to_the_customers_terms_takes_the_mark_away(site: int):
    order_id = enter(site, GivenTerms(life_days=20), policy="line")
    terms = queries.terms_of(queries.access_order(order_id, frozenset({0})))
    commands_terms.set_order_terms(ctx(KIM), SetOrderTerms(order_id, replace(terms, life_days=30, lot_rule="new")))
    assert standing()[0][-1] == ["lot_rule", "policy"]


def test_the_page_takes_terms_tells_what_is_wrong_beside_them_and_repeats_them_in_a_copy(site: int):
    browser, url = signed_in(KIM), "/orders/new"
    head = {"idempotency_key": uuid4().hex, "customer": "ACME", "site": site, "grid-item": "4711", "grid-quantity": "2"}
    text = browser.post(url, {**head, "max_shipments": "some"}).content.decode()
    assert "“some” is neither a whole number nor “any”." in text and 'id="id_max_shipments-e"' in text
    assert '<details class="twin gap1" open>' in text
    done = browser.post(url, {**head, "max_shipments": "any", "cancel_after_days": "0", "policy": "line"}, follow=True)
    assert "whole lines (this order)" in done.content.decode()
    assert "any number of shipments (this order); backorders end after 0 days (this order)" in done.content.decode()
    assert standing() == [
        (None, "waits", 0, 0, "no", 30, "any", ["policy", "max_shipments", "cancel_after_days"]),
    ]  # fmt: skip
    order_id = sql.fetch_value("SELECT id FROM sales_order")
    copy = browser.get(f"{url}?copy={order_id}").content.decode()
    assert 'name="max_shipments" value="any"' in copy and 'name="cancel_after_days" value="0"' in copy
    assert 'name="life_days" value' not in copy


def test_the_api_takes_terms_and_tells_which_are_the_orders_own(site: int):
    code = sql.fetch_value("SELECT code FROM locations_site WHERE id = %s", (site,))
    lines = [{"item": "4711", "quantity": "2"}]
    terms = {"max_shipments": "any", "cancel_after_days": 9, "life_days": 30}
    body = {"orders": [{"customer": "ACME", "site": code, "lines": lines, "terms": terms}]}
    post = lambda what: signed_in(KIM).post(  # noqa: E731
        "/api/v1/orders", what, content_type="application/json", headers=bearer(KIM)
    )
    done = post(body).json()["orders"][0]
    seen = signed_in(KIM).get(f"/api/v1/orders/{done['order_id']}", headers=bearer(KIM)).json()
    assert (seen["max_shipments"], seen["cancel_after_days"], seen["given_terms"]) == (
        *(None, 9, ["max_shipments", "cancel_after_days"]),
    )
    body["orders"][0]["terms"] = {"substitutes": "perhaps"}
    refused = post(body)
    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (
        *(422, "“perhaps” is not one of the words."),
    )


def test_a_file_names_terms_in_a_row_of_the_order(site: int):
    code = sql.fetch_value("SELECT code FROM locations_site WHERE id = %s", (site,))
    head = "Customer,Order number,Line,Ship from,SKU,Qty,Shipments at most,Cancel backorders after days,Lots\n"

    def file_of(text: str) -> ImportFile:
        return ImportFile(store_file((head + text).encode(), "orders.csv"), "orders.csv", Options())

    text = f"ACME,PO-1,1,{code},4711,2,any,never,\nACME,PO-1,2,{code},4711,3,,,same\nACME,PO-2,1,{code},4711,1,,,\n"
    commands.import_open_orders(ctx(KIM), file_of(text))
    assert standing() == [
        (None, "waits", 0, None, "no", 30, "same", ["max_shipments", "cancel_after_days", "lot_rule"]),
        (*USUAL, []),
    ]
    with pytest.raises(ImportRefused) as refused:
        commands.import_open_orders(ctx(KIM), file_of(f"ACME,PO-3,1,{code},4711,2,some,0.5,old\n"))
    assert [(line.line, line.field, line.message) for line in refused.value.lines] == [
        (2, "Cancel backorders after days", "“0.5” is not a whole number."),
        (2, "Lots", "“old” is not known here."),
        (2, "Shipments at most", "“some” is not a number."),
    ]
