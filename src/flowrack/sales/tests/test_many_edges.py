"""What is done to many orders, over the API: first what would come of each, then what came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests import outbound
from tests.cast import KIM, LOU, bearer

from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two():
    """An order that waits, and one that is cancelled."""
    at = outbound.house()
    outbound.item("4711")
    outbound.customer()
    return [outbound.order(at.site, "ACME", ("4711", units)).order_id for units in (20, 5)]


def send(client, what, key="", who=KIM, **body):
    headers = bearer(who) | ({"Idempotency-Key": key} if key else {})
    sent = client.post(f"/api/v1/orders/many/{what}", body, "application/json", headers=headers)
    return sent.status_code, sent.json()


def told(answer):
    status, body = answer
    return status, [(one["is_done"], one["said"]) for one in body["outcomes"]]


def test_each_is_asked_for_first_and_then_done(two, client):
    status, first = told(send(client, "cancel/preview", order_ids=two, reason="off"))
    assert status == 200 and [one for one, _ in first] == [True, True]
    ends = "cancelled, worth 0.00; the rest of the order ends."
    assert first[0][1].startswith(f"20 units {ends} Line 1, 4711: 20 units are cancelled.")
    assert sql.fetch_all("SELECT DISTINCT state FROM sales_order") == [("confirmed",)], "nothing is written to tell it"
    assert told(send(client, "cancel", "k", order_ids=two[1:], reason="off")) == (200, [(True, f"5 units {ends}")])
    both = (200, [(True, "On hold."), (False, "It is cancelled.")])
    assert told(send(client, "hold/preview", order_ids=two, reason="the fair")) == both
    assert told(send(client, "hold", "h", order_ids=two, reason="the fair")) == both
    today = datetime.now(UTC).date()
    day = today + timedelta(days=21 - today.weekday())  # a Monday, whenever this runs
    wanted = {"order_ids": two, "reason": "later", "requested_on": f"{day}"}
    for answer in (send(client, "wanted-day/preview", **wanted), send(client, "wanted-day", "w", **wanted)):
        status, [(is_done, said), rest] = told(answer)
        assert (status, is_done, rest) == (200, True, (False, "It is cancelled."))
        assert said.startswith(f"Wanted {day:%d %b %Y}, not 04 Mar 2026")
    assert sql.fetch_value("SELECT requested_on FROM sales_order WHERE id = %s", (two[0],)) == day
    free = (200, [(True, "Released: manual.")])
    for what, key in (("release-holds/preview", ""), ("release-holds", "r")):
        assert told(send(client, what, key, who=LOU, order_ids=two[:1], reason="meant so")) == free


def test_a_preview_refuses_what_the_command_would(two, client):
    status, body = send(client, "cancel/preview", order_ids=[*two, 10**9], reason="off")
    assert (status, body["code"]) == (404, "order_not_found")
    assert body["title"] == "One of these orders is not there: id 1000000000."
    assert [(one["line"], one["message"]) for one in body["errors"]] == [(3, "There is no order with id 1000000000.")]
    assert send(client, "cancel", "n", order_ids=[*two, 10**9], reason="off") == (status, body)
    assert send(client, "hold/preview", order_ids=two, reason=" ")[1]["code"] == "change_refused"
    assert send(client, "hold/preview", order_ids=[], reason="x")[0] == 422


def test_a_day_on_which_nothing_arrives_is_taken_only_by_who_is_sure(two, client):
    today = datetime.now(UTC).date()
    sunday = today + timedelta(days=27 - today.weekday())
    was = sql.fetch_value("SELECT requested_on FROM sales_order WHERE id = %s", (two[0],))
    wanted = {"order_ids": two, "reason": "later", "requested_on": f"{sunday}"}
    status, body = send(client, "wanted-day/preview", **wanted)
    assert status == 200 and [one["is_doubtful"] for one in body["outcomes"]] == [True, True]
    status, refused = send(client, "wanted-day", "a", **wanted)
    assert (status, refused["code"]) == (422, "change_refused")
    assert refused["title"] == "Nothing arrives on this day." and "is_sure" in refused["detail"]
    assert [(one["line"], one["field"]) for one in refused["errors"]] == [(1, "requested_on"), (2, "requested_on")]
    assert "Nothing arrives on Sun" in refused["errors"][0]["message"]
    assert sql.fetch_value("SELECT requested_on FROM sales_order WHERE id = %s", (two[0],)) == was
    assert send(client, "wanted-day", "b", **wanted, is_sure=True) == (200, body), "the answer says what was foreseen"
    assert sql.fetch_value("SELECT requested_on FROM sales_order WHERE id = %s", (two[0],)) == sunday
