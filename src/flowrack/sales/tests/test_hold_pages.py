"""The pages and routes of order holds: seen by all of sales, released by whom the kind allows."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import KIM, MAY, NED, bearer, signed_in

from flowrack.sales.tests import desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_hold_is_on_the_board_and_the_orders_page_and_released_from_there():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, desk.SLIP))
    page, release = f"/orders/{order.order_id}", f"/orders/holds/release?ids={desk.ids()[0]}&order={order.order_id}"
    service, planner = signed_in(KIM), signed_in(MAY)
    board = service.get("/orders/holds").content.decode()
    assert order.number in board and "19,152 is 1,596 times the usual 12" in board
    seen = service.get(page).content.decode()
    assert "On hold since 2 Mar, 4711: 19,152 is 1,596 times the usual 12" in seen
    assert "sales manager or planner" in seen and "Release hold" not in seen
    assert "Release the hold" in seen and "Buy 19,152" not in seen  # what would change it
    assert "Release hold" in planner.get(page).content.decode()
    assert f"{order.number}: 19,152 is 1,596 times the usual 12" in planner.get(release).content.decode()
    assert service.post(release, {"reason": "mine"}).status_code == 403
    assert planner.post(release, {"reason": " "}).status_code in (200, 422)
    assert planner.post(release, {"reason": "they confirmed it", "idempotency_key": "k1"}).status_code == 303
    after = planner.get(page).content.decode()
    assert "Hold released" in after and "they confirmed it" in after
    assert "Nothing is held" in planner.get("/orders/holds").content.decode()


def test_people_hold_by_hand_and_finance_sets_credit_and_rules_on_their_pages():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, 5), (desk.ITEM, 6))
    service, finance, planner = signed_in(KIM), signed_in(NED), signed_in(MAY)
    hold = f"/orders/{order.order_id}/hold?line={order.line_ids[1]}"
    assert "line 2, 4711" in service.get(hold).content.decode()
    assert service.post(hold, {"reason": "the customer calls back", "idempotency_key": "h"}).status_code == 303
    typed = {"customer": "BETA", "is_stopped": "on", "reason": "unpaid", "idempotency_key": "c"}
    assert finance.post("/orders/credit/new", typed).status_code == 303
    assert "stopped" in service.get("/orders/credit").content.decode()
    rules = {
        "site_id": "0",
        "factor": "5",
        "least_spread": "0.7",
        "floor_units": "0",
        "least_lines": "20",
        "reason": "x",
    }
    refused = planner.post("/orders/hold-rules/new", rules)
    assert refused.status_code == 422 and "The floor is less than 1." in refused.content.decode()
    assert (
        planner.post("/orders/hold-rules/new", {**rules, "floor_units": "300", "idempotency_key": "r"}).status_code
        == 303
    )
    assert [kind for kind, _, _ in desk.standing()] == ["manual", "credit"]


def test_other_systems_hold_and_release_through_the_api(client):
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, 5))
    asked = {"order_ids": [order.order_id], "reason": "fraud check"}
    made = client.post(
        "/api/v1/order-holds", asked, "application/json", headers={**bearer(KIM), "Idempotency-Key": "p"}
    )
    assert made.status_code == 201
    [hold] = client.get("/api/v1/order-holds", headers=bearer(KIM)).json()["items"]
    assert (hold["kind"], hold["line_id"], hold["sentence"], hold["state"]) == ("manual", 0, "fraud check.", "open")
    body = {"hold_ids": made.json()["hold_ids"], "reason": "cleared"}
    headers = {**bearer(MAY), "Idempotency-Key": "q"}
    done = client.post("/api/v1/order-holds/release", body, "application/json", headers=headers)
    assert done.json()["free_line_ids"] == order.line_ids
