from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from tests import outbound
from tests.cast import ADA, CY, KIM, bearer

from flowrack.platform import sql
from flowrack.promise.tests import given

pytestmark = pytest.mark.django_db
JSON = "application/json"


def call(person, method: str, path: str, body: object = None):
    headers = {**bearer(person), "Idempotency-Key": uuid4().hex}
    answer = Client().generic(method, f"/api/v1/{path}", __import__("json").dumps(body or {}), JSON, headers=headers)
    return answer.status_code, answer.json()


def test_an_answer_names_dates_source_and_what_binds():
    given.house(100)
    status, found = call(KIM, "POST", "promises/ask", {"customer": "ACME", "item": "V-200", "quantity": 40})
    assert status == 200
    one, split, instead = found["options"]
    assert (one["is_possible"], one["parts"][0]["units"], one["confidence"]) == (True, 40, "in stock")
    assert (split["same_as"], instead["why_not"]) == ("one_day", "V-200 has no substitute.")
    assert found["not_considered"] == ["the work at W1, for no hands are on record"]
    status, said = call(KIM, "POST", "promises/ask-text", {"text": "40 x V-200 acme"})
    assert (status, said["options"]) == (200, found["options"])


def test_all_faults_come_at_once():
    given.house(1)
    body = {"customer": "X", "item": "Y", "quantity": -1, "wanted_on": "2020-01-01", "site": "NOWHERE"}
    status, problem = call(KIM, "POST", "promises/ask", body)
    assert (status, problem["code"]) == (422, "ask_refused")
    assert sorted(e["field"] for e in problem["errors"]) == ["customer", "item", "quantity", "site", "wanted_on"]
    assert call(KIM, "POST", "promises/ask-text", {"text": "hello"})[1]["code"] == "ask_refused"
    status, refused = call(KIM, "POST", "promises/ask-text", {"text": "1.000 x V-200 acme"})
    assert (status, refused["errors"][0]["message"]) == (422, "“1.000” may be 1,000 or 1.")
    assert call(CY, "POST", "promises/ask", body)[0] == 403


def test_availability_of_many_items_comes_in_one_call():
    at = given.house(100)
    outbound.item("V-300")
    outbound.order(at.site, "ACME", ("V-200", 30), on=date(2099, 1, 1))
    status, found = call(KIM, "POST", "promises/availability", {"items": ["V-200", "V-300", "NOPE"], "site": "W1"})
    assert status == 200
    assert [(r["sku"], r["site"], r["free_now"]) for r in found["rows"]] == [("V-200", "W1", 100), ("V-300", "W1", 0)]
    assert found["unknown"] == ["NOPE"]


def test_a_quote_is_placed_listed_taken_and_released():
    at = given.house(100)
    body = {"customer": "ACME", "item": "V-200", "quantity": 40, "option": "one_day"}
    status, held = call(KIM, "POST", "promises/quotes", body)
    assert (status, held["units"], held["on_hand_units"]) == (201, 40, 40)
    _, listed = call(KIM, "GET", "promises/quotes")
    assert [row["number"] for row in listed["items"]] == [held["number"]]
    [line] = outbound.order(at.site, "ACME", ("V-200", 40)).line_ids
    assert call(KIM, "POST", f"promises/quotes/{held['quote_id']}/take", {"line_id": line})[0] == 200
    _, other = call(KIM, "POST", "promises/quotes", body)
    assert call(KIM, "POST", f"promises/quotes/{other['quote_id']}/release", {"reason": "no"})[1]["units"] == 40
    assert call(KIM, "POST", "promises/quotes", {**body, "quantity": 61})[1]["code"] == "no_such_option"


def test_a_quote_becomes_an_order():
    given.house(100)
    body = {"customer": "ACME", "item": "V-200", "quantity": 40, "option": "one_day"}
    held = call(KIM, "POST", "promises/quotes", body)[1]["quote_id"]
    assert call(CY, "POST", f"promises/quotes/{held}/order")[0] == 403
    status, done = call(KIM, "POST", f"promises/quotes/{held}/order", {"reference": "C-7"})
    assert (status, done["units"], [len(one["line_ids"]) for one in done["orders"]]) == (201, 40, [1])
    assert call(KIM, "POST", f"promises/quotes/{held}/order")[1]["code"] == "quote_over"


def test_the_promise_of_a_line_can_be_read_and_moved():
    at = given.house(100)
    [line] = outbound.order(at.site, "ACME", ("V-200", 40), on=date(2099, 1, 1)).line_ids
    given.drain()
    status, found = call(KIM, "GET", f"promises/lines/{line}")
    assert (status, found["first_ships_on"], found["waiting"]) == (200, found["ships_on"], 40)
    assert found["why"].startswith("Promised to leave")
    status, moved = call(KIM, "POST", "promises/move", {"lines": [{"line_id": line}], "reason": "sooner"})
    assert (status, moved["lines"][0]["line_id"]) == (200, line)
    assert call(KIM, "GET", "promises/lines/999")[0] == 404


def test_sites_are_set_up_over_the_api():
    at = given.house(1)
    base = f"promises/sites/{at.site}"
    hours = {"hours": [{"weekday": 1, "opens_at": "08:00", "closes_at": "17:00"}]}
    assert call(ADA, "PUT", f"{base}/hours", hours) == (200, {"count": 1})
    assert call(ADA, "PUT", f"{base}/cut-offs", {"cut_offs": [{"at": "15:00"}]}) == (200, {"count": 5})
    assert call(ADA, "PUT", f"{base}/closed-days", {"on": "2026-12-25", "reason": "Christmas"}) == (200, {"count": 1})
    assert call(ADA, "PUT", f"{base}/policy", {"counts_at_percent": 90}) == (200, {"count": 1})
    assert call(ADA, "PUT", f"{base}/safety-stock", {"items": [{"sku": "V-200", "units": 3}]}) == (200, {"count": 1})
    assert call(ADA, "PUT", f"{base}/safety-stock", {"items": [{"sku": "NO", "units": 3}]})[1]["code"] == "bad_setup"
    limits = {"tier": "A", "minutes": 5, "most_quotes": 1, "most_units": 9}
    assert call(ADA, "PUT", "promises/quote-limits", limits) == (200, {"count": 1})
    assert call(KIM, "PUT", f"{base}/policy", {})[0] == 403
    assert sql.fetch_value("SELECT units FROM promise_safetystock") == 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("promises/ask", {"customer": "ACME", "item": "V-200", "quantity": 4}),
        ("promises/ask-text", {"text": "4 x V-200 acme"}),
        ("promises/availability", {"items": ["V-200"]}),
    ],
)
def test_a_question_needs_no_idempotency_key(path, body):
    given.house(100)
    headers = {name: value for name, value in bearer(KIM).items() if name != "Idempotency-Key"}
    answer = Client().post(f"/api/v1/{path}", body, JSON, headers=headers)
    assert answer.status_code == 200, answer.content
    refused = Client().post("/api/v1/promises/quotes", body, JSON, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (400, "key_missing")
