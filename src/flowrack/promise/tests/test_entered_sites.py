"""What entry tells of orders whose site the rules chose: page, API and file name every order, its site and its day."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from tests.cast import KIM, NED, NOW, bearer, ctx, signed_in

from flowrack.platform import http, sql
from flowrack.platform.importing import ImportFile, Options, check, store_file
from flowrack.promise.tests import elsewhere
from flowrack.promise.tests.elsewhere import two_sites, where
from flowrack.sales import commands, commands_credit, imports
from flowrack.sales.tests.test_entry_page import grid
from flowrack.sales.types_holds import CustomerCredit, SetCredits

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "From W1: 30 on 4 Mar; NORTH: 10 on 4 Mar; W1 alone could not say when, £12.50 less."
JSON = "application/json"


@pytest.fixture(autouse=True)
def _split(monkeypatch):
    """30 units here, 20 there, and each shipment more costs money; it is the second of March."""
    for module in (http, imports):
        monkeypatch.setattr(module, "now", lambda: NOW)
    two_sites(30, 20)
    elsewhere.site_rule(split_cost=Decimal("12.50"))


def test_the_api_answers_with_each_order_its_site_units_and_day_and_why():
    line = {"item": "V-200", "quantity": 40}
    body: dict[str, Any] = {"orders": [{"customer": "ACME", "lines": [line], "requested_on": "2026-03-04"}]}
    keyless = {name: value for name, value in bearer(KIM).items() if name != "Idempotency-Key"}
    assert Client().post("/api/v1/orders/check", body, JSON, headers=keyless).status_code == 200, "it changes nothing"
    assert Client().post("/api/v1/orders", body, JSON, headers=keyless).status_code == 400
    [entered] = Client().post("/api/v1/orders", body, JSON, headers=bearer(KIM)).json()["orders"]
    [(number, *_), (beside, *_)] = where()
    assert entered["why"] == WHY
    assert [(one["number"], one["site"], one["units"], one["arrives_on"]) for one in entered["sends"]] == [
        (number, "W1", 30, "2026-03-04"), (beside, "NORTH", 10, "2026-03-04"),
    ]  # fmt: skip
    assert [one["order_id"] for one in entered["sends"]] == [
        row[0] for row in sql.fetch_all("SELECT id FROM sales_order ORDER BY id")
    ]


def test_the_api_foretells_from_where_an_order_would_ship_and_writes_nothing():
    line = {"item": "V-200", "quantity": 40}
    body: dict[str, Any] = {"orders": [{"customer": "ACME", "lines": [line], "requested_on": "2026-03-04"}]}
    keyless = {name: value for name, value in bearer(KIM).items() if name != "Idempotency-Key"}
    foretold = Client().post("/api/v1/orders/preview", body, JSON, headers=keyless)
    assert (foretold.status_code, where()) == (200, [])
    [told] = foretold.json()["orders"]
    assert told["why"] == WHY
    assert [(one["site"], one["units"], one["arrives_on"]) for one in told["sends"]] == [
        ("W1", 30, "2026-03-04"), ("NORTH", 10, "2026-03-04"),
    ]  # fmt: skip
    assert set(told["sends"][0]) == {"site_id", "site", "units", "arrives_on"}, "no number of an order that is none"
    [entered] = Client().post("/api/v1/orders", body, JSON, headers=bearer(KIM)).json()["orders"]
    assert [(one["site_id"], one["units"], one["arrives_on"]) for one in entered["sends"]] == [
        (one["site_id"], one["units"], one["arrives_on"]) for one in told["sends"]
    ]
    assert (entered["why"], entered["warnings"]) == (told["why"], told["warnings"])
    body["orders"][0]["lines"] = [{"item": "NO-SUCH", "quantity": 1}]
    assert Client().post("/api/v1/orders/preview", body, JSON, headers=keyless).status_code == 422


def test_the_page_says_which_order_stands_beside_it_with_a_link_and_its_day():
    form = {"idempotency_key": "k", "customer": "ACME", "site": "any", "requested_on": "2026-03-04"}
    page = (
        signed_in(KIM).post("/orders/new", {**form, **grid(["V-200"], quantity=["40"])}, follow=True).content.decode()
    )
    [(number, *_), (beside, *_)] = where()
    other = sql.fetch_value("SELECT id FROM sales_order WHERE number = %s", (beside,))
    link = f'<a href="/orders/{other}">{beside}</a>'
    assert f"{number} confirmed. {WHY} Beside it {link} sends 10 from NORTH, there on Wed 4 Mar." in page


def test_rows_of_a_file_without_a_site_are_entered_where_the_rules_say_and_told():
    text = "Customer,Order number,Ship from,SKU,Qty,Wanted on\n" + (
        "ACME,PO-1,,V-200,40,2026-03-04\nACME,PO-2,W1,V-200,1,2026-03-04\nACME,PO-3,NOWHERE,V-200,1,2026-03-04\n"
    )
    dry = check(imports.OPEN_ORDERS, text.encode(), "orders.csv", Options())
    assert [(problem.row, problem.column) for problem in dry.problems] == [(4, "Ship from")]
    req = ImportFile(store_file(text.encode(), "orders.csv"), "orders.csv", Options(only_good_rows=True))
    done = commands.import_open_orders(ctx(KIM), req)
    [(number, *_), _, (beside, *_)] = sorted(where())
    assert [(note.rows, note.found, note.message) for note in done.notes if note.column == "Ship from"] == [
        ([2], [number], f"{number}: {WHY} Beside it {beside} sends 10 from NORTH, there on Wed 4 Mar.")
    ]
    assert sorted(row[1:3] for row in where()) == [("NORTH", 10), ("W1", 1), ("W1", 30)]
    without = "Customer,Order number,SKU,Qty\nACME,PO-9,V-200,1\n"
    assert check(imports.OPEN_ORDERS, without.encode(), "orders.csv", Options()).problem_count == 0


def test_of_an_order_on_hold_it_says_that_its_site_is_chosen_later():
    stop = CustomerCredit("ACME", is_stopped=True)
    commands_credit.set_credits(ctx(NED), SetCredits([stop], "two invoices over 90 days"))
    order = elsewhere.enter(("V-200", 5))
    assert (order.sends, order.why) == (
        [],
        "It is on hold: the rules choose its site when it is released.",
    )
