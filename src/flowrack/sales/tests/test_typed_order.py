"""An order while it is typed: what the page tells of its customer, its days and each line, and what a text may mean."""

from __future__ import annotations

import json
import re

import pytest
from tests import outbound
from tests.cast import CY, EVE, KIM, QUIN, Person, bearer, ctx, signed_in, user_id

from flowrack.platform import commands as people
from flowrack.platform import sql
from flowrack.platform.types import GrantRole

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/orders/new/understood"


@pytest.fixture
def site() -> int:
    """40 of item 4711 in stock at 2.50 each, a case holds 12; ACME of Leeds calls it A-1 and takes two shipments."""
    at = outbound.house()
    item = outbound.item("4711")
    outbound.item("6024")
    sql.execute("UPDATE catalog_item SET list_price = 2.5, name = 'Gloves M' WHERE id = %s", (item,))
    sql.execute("INSERT INTO catalog_packlevel (item_id, level, factor) VALUES (%s, 'case', 12)", (item,))
    outbound.receive(at, item, 40, "1")
    outbound.customer()
    party = sql.fetch_value("SELECT id FROM parties_party WHERE code = 'ACME'")
    sql.execute("UPDATE parties_customerterms SET max_shipments = 2")
    sql.execute(
        "INSERT INTO parties_address (party_id, code, name, city) VALUES (%s, 'NORTH', 'Acme North', 'Leeds')", (party,)
    )
    sql.execute(
        "INSERT INTO sales_customeritem (customer_id, code, item_id, pack) VALUES (%s, 'A-1', %s, 'case')",
        (party, item),
    )
    return at.site


def told(site: int, rows: list[tuple[str, str, str]], **head: str) -> dict:
    """The answer for rows of item, quantity and pack."""
    grid = {"grid-item": [r[0] for r in rows], "grid-quantity": [r[1] for r in rows], "grid-pack": [r[2] for r in rows]}
    blank = {"grid-unit_price": [""] * len(rows), "grid-lot": [""] * len(rows)}
    answer = signed_in(KIM).post(URL, {"customer": "ACME", "site": site, **grid, **blank, **head})
    assert answer.status_code == 200, answer.content.decode()[:500]
    return json.loads(answer.content)


def test_each_line_is_told_with_its_units_price_and_what_is_free_and_blank_rows_keep_their_place(site: int):
    found = told(site, [("4711", "2", "case"), ("", "", ""), ("4711", "20", ""), ("A-1", "1", ""), ("4711", "", "")])
    assert found["rows"] == {
        "1": ["Gloves M · 24 each, typed by the case · 2.50 each, 60.00 · 40 free", "ok"],
        "3": ["Gloves M · 20 each · 2.50 each, 50.00 · 16 free, no day is known for the rest", "ok"],
        "4": ["Gloves M · 12 each · 2.50 each, 30.00 · none free, no day is known", "ok"],
        "5": ["Gloves M · each; case of 12 · 2.50 · 40 free", "ok"],
    }
    assert found["sums"] == "3 lines · 56 units · 140.00"
    assert "ACME Ltd" in found["about"] and "Shipments" not in found["about"]
    assert "max shipments 2." in found["about"] and '<option value="NORTH">Acme North, Leeds</option>' in found["about"]
    assert found["usual"]["max_shipments"] == "2"


def test_what_cannot_be_read_or_entered_is_told_at_its_row(site: int):
    found = told(site, [("NOPE", "1", ""), ("4711", "many", ""), ("4711", "1.000", ""), ("6024", "3", "")])
    assert found["rows"] == {
        "1": ["There is no item “NOPE”. Check the SKU or scan the article.", "bad"],
        "2": ["“many” is not a number. Type how many.", "bad"],
        "3": ["“1.000” may be 1,000 or 1. Type 1000 or 1.", "bad"],
        "4": ["6024 · 3 each · no list price: 0.00 · none free, no day is known", "ok"],
    }
    assert found["sums"] == "1 line · 3 units · 0.00; 3 lines to mend"
    nobody = told(site, [("4711", "1", "")], customer="NOBODY")
    assert nobody["usual"] == {} and "Choose a customer" in nobody["about"]
    assert sql.fetch_value("SELECT count(*) FROM sales_order") == 0


def test_a_line_far_above_the_usual_is_told_before_it_is_held(site: int):
    found = told(site, [("4711", "20000", "")])
    [words, level] = found["rows"]["1"]
    assert (level, words.partition(" · would wait for a person: ")[2]) == (
        "warn",
        "20,000 of an item that nobody has ordered here before, and this customer has ordered nothing before.",
    )


def test_a_customer_is_found_by_town_and_an_item_by_the_customers_number_with_what_is_free(site: int):
    browser = signed_in(KIM)
    look = lambda kind, **asked: re.sub(r"<[^>]+>", "", browser.get(f"/codes/{kind}", asked).content.decode()).strip()  # noqa: E731
    assert look("customer", q="lee") == "ACMEACME Ltd, Leeds"
    assert look("customer", q="acm") == "ACMEACME Ltd, Leeds"
    assert look("order-item", q="a-", customer="ACME", site=site) == (
        "4711A-1 of theirs; Gloves M · 40 free · 2.50 · each; case of 12"
    )
    assert look("order-item", q="a-", site=site) == ""
    assert look("order-item", q="m gloves", site=site) == "4711Gloves M · 40 free · 2.50 · each; case of 12"


def test_free_goods_and_customers_numbers_are_told_to_whoever_enters_orders_at_the_site(site: int):
    north = outbound.house("NORTH")
    outbound.receive(north, sql.fetch_value("SELECT id FROM catalog_item WHERE sku = '4711'"), 7, "1")
    people.grant_role(ctx(QUIN), GrantRole(user_id(EVE), "customer_service", site))

    def look(who: Person, at: int | str, text: str) -> str:
        asked = {"q": text, "customer": "ACME", "site": at}
        return re.sub(r"<[^>]+>", "", signed_in(who).get("/codes/order-item", asked).content.decode()).strip()

    free = "4711Gloves M · {} free · 2.50 · each; case of 12"
    assert look(KIM, north.site, "m gloves") == free.format(7)
    assert look(EVE, site, "m gloves") == free.format(40)
    assert look(EVE, north.site, "m gloves") == "4711Gloves M · 2.50 · each; case of 12"
    assert "of theirs" in look(EVE, "any", "a-")
    assert look(EVE, north.site, "a-") == ""
    assert look(CY, site, "m gloves") == "4711Gloves M · 2.50 · each; case of 12", "a picker enters no orders"
    assert look(CY, site, "a-") == ""

    typed = {"customer": "ACME", "grid-item": ["4711"], "grid-quantity": ["2"], "grid-pack": [""],
             "grid-unit_price": [""], "grid-lot": [""]}  # fmt: skip
    eve = signed_in(EVE)
    assert [eve.post(URL, {**typed, "site": one}).status_code for one in (site, north.site, "any")] == [200, 403, 200]


@pytest.mark.parametrize(("typed", "code"), [("acme", "ACME"), ("Acme Ltd", "ACME"), ("leeds", "ACME")])
def test_a_customer_is_entered_by_name_or_town_where_it_fits_no_other(site: int, typed: str, code: str):
    outbound.customer("ACMETOO")
    sql.execute("UPDATE parties_party SET name = 'Another of Acme Ltd' WHERE code = 'ACMETOO'")
    head = {"idempotency_key": f"k-{typed}", "customer": typed, "site": site}
    answer = signed_in(KIM).post("/orders/new", {**head, "grid-item": ["4711"], "grid-quantity": ["1"]})
    assert answer.status_code == 303
    found = sql.fetch_value("SELECT p.code FROM sales_order o JOIN parties_party p ON p.id = o.customer_id")
    assert found == code


def test_a_name_that_fits_several_customers_is_asked_about(site: int):
    outbound.customer("BETA")
    head = {"idempotency_key": "k", "customer": "ltd", "site": site, "grid-item": ["4711"], "grid-quantity": ["1"]}
    answer = signed_in(KIM).post("/orders/new", head)
    assert answer.status_code == 422
    assert (
        "“ltd” fits several customers: ACME ACME Ltd, Leeds; BETA BETA Ltd. Choose one while you type."
        in answer.content.decode()
    )


def test_who_may_not_enter_orders_is_told_nothing(site: int):
    assert signed_in(EVE).post(URL, {"customer": "ACME", "site": site}).status_code == 403


def test_the_api_checks_many_orders_and_writes_none(site: int):
    code = sql.fetch_value("SELECT code FROM locations_site WHERE id = %s", (site,))
    today = sql.fetch_value(
        "SELECT (now() AT TIME ZONE timezone)::date::text FROM locations_site WHERE id = %s", (site,)
    )
    line = {"item": "4711", "quantity": "2"}
    orders = [
        {"customer": "ACME", "site": code, "lines": [line], "requested_on": today},
        {"customer": "NOBODY", "site": code, "lines": [line, {"item": "NOPE", "quantity": "1"}]},
        {"customer": "ACME", "site": code, "lines": [line, {"item": "4711", "quantity": "20000"}]},
    ]
    ask = lambda who: signed_in(who).post(  # noqa: E731
        "/api/v1/orders/check", {"orders": orders}, content_type="application/json", headers=bearer(who)
    )
    first, second, third = ask(KIM).json()["orders"]
    assert (first["errors"], first["holds"]) == ([], []) and "the earliest" in first["warnings"][0]
    assert [(e["line"], e["field"], e["message"]) for e in second["errors"]] == [
        (0, "customer", "There is no customer “NOBODY”."), (2, "item", "There is no item “NOPE”."),
    ]  # fmt: skip
    assert (second["warnings"], second["holds"], third["errors"], third["warnings"]) == ([], [], [], [])
    assert [hold["line"] for hold in third["holds"]] == [2]
    assert ask(EVE).status_code == 403
    assert sql.fetch_value("SELECT count(*) FROM sales_order") == 0
