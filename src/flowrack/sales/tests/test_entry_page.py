"""Order entry by page: five hundred lines at once, every fault at its row, and an order copied from another."""

from __future__ import annotations

from uuid import uuid4

import pytest
from tests import outbound
from tests.cast import KIM, signed_in

from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)
LINES = 500


def grid(items: list[str], **more: list[str]) -> dict[str, object]:
    """The posted grid: the same number of boxes of every column."""
    columns = ("pack", "unit_price", "lot")
    blank = {f"grid-{name}": more.get(name, [""] * len(items)) for name in columns}
    return {"grid-item": items, "grid-quantity": more.get("quantity", ["2"] * len(items)), **blank}


def test_five_hundred_lines_are_entered_at_once_with_prices_and_lots():
    at = outbound.house()
    outbound.item("4711")
    outbound.customer()
    head = {"idempotency_key": uuid4().hex, "customer": "ACME", "site": at.site}
    rows = grid(["4711"] * LINES, unit_price=["1.50"] * LINES, lot=["L1"] * LINES)
    answer = signed_in(KIM).post("/orders/new", {**head, **rows})
    assert answer.status_code == 303, answer.content.decode()[:500]
    found = sql.fetch_one(
        "SELECT count(*), sum(units)::int, min(unit_price)::float, min(lot_code) FROM sales_orderline"
    )
    assert found == (LINES, 2 * LINES, 1.5, "L1")


def test_every_fault_of_a_long_order_is_shown_at_its_row():
    at = outbound.house()
    outbound.item("4711")
    outbound.customer()
    head = {"idempotency_key": uuid4().hex, "customer": "ACME", "site": at.site, "latest_on": "2020-01-01"}
    quantities = ["-1" if n == 41 else "many" if n == 42 else "2" for n in range(LINES)]
    items = ["NOPE" if n == 40 else "4711" for n in range(LINES)]
    prices = ["cheap" if n == 43 else "" for n in range(LINES)]
    rows = grid(items, quantity=quantities, unit_price=prices)
    answer = signed_in(KIM).post("/orders/new", {**head, **rows})
    assert answer.status_code == 422
    text = answer.content.decode()
    for number, said in (
        (41, "There is no item “NOPE”."),
        (42, "-1 is not a quantity to ship."),
        (43, "“many” is not a number."),
        (44, "“cheap” is not a price."),
    ):
        assert f'id="grid-e{number}"' in text and text.count(said) == 2, said
    assert "01 Jan 2020 is past." in text
    assert sql.fetch_value("SELECT count(*) FROM sales_order") == 0


def test_numbers_that_may_be_read_in_two_ways_are_asked_about_at_their_row():
    at = outbound.house()
    outbound.item("4711")
    outbound.customer()
    head = {"idempotency_key": uuid4().hex, "customer": "ACME", "site": at.site}
    rows = grid(["4711"] * 3, quantity=["1.000", "1,000", "2"], unit_price=["", "", "1.125"])
    answer = signed_in(KIM).post("/orders/new", {**head, **rows})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "“1.000” may be 1,000 or 1. Type 1000 or 1." in text
    assert "“1.125” may be 1,125 or 1.125. Type 1125 or 1.1250." in text
    assert 'id="grid-e2"' not in text, "a comma parts thousands here"
    rows = grid(["4711"] * 3, quantity=["1000", "1,000", "2"], unit_price=["", "1,5", "1.1250"])
    done = signed_in(KIM).post("/orders/new", {**head, **rows}, follow=True)
    number = sql.fetch_value("SELECT number FROM sales_order")
    assert f"{number} confirmed. 4711 stands on lines 1, 2, 3." in done.content.decode()
    assert sql.fetch_all("SELECT units, unit_price::float FROM sales_orderline ORDER BY line_no") == [
        (1000, 0.0), (1000, 1.5), (2, 1.125),
    ]  # fmt: skip
    order_id = sql.fetch_value("SELECT id FROM sales_order")
    assert 'value="1.1250"' in signed_in(KIM).get(f"/orders/new?copy={order_id}").content.decode()


def test_who_enters_many_orders_comes_to_the_next_one_and_too_many_lines_are_refused_not_cut():
    at = outbound.house()
    outbound.item("4711")
    outbound.customer()
    head = {"customer": "ACME", "site": at.site}
    done = signed_in(KIM).post("/orders/new", {**head, "idempotency_key": uuid4().hex, "next": "1", **grid(["4711"])})
    assert (done.status_code, done["Location"]) == (303, "/orders/new")
    rows = grid(["4711"] * 3001)
    answer = signed_in(KIM).post("/orders/new", {**head, "idempotency_key": uuid4().hex, **rows})
    assert answer.status_code == 422
    assert "Lines: 3,001 lines: 3,000 are the most here. Import them from a file." in answer.content.decode()
    assert sql.fetch_value("SELECT count(*) FROM sales_orderline") == 1
