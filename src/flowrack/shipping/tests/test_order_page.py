"""The page of an order: what happened when, why, its margin, and its change with the consequences told first."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from tests import outbound
from tests.cast import GUS, KIM, LOU, bearer, ctx, signed_in

from flowrack.allocation.tests.urgent import ask, decide, pilot
from flowrack.platform import sql
from flowrack.sales import queries
from flowrack.sales.commands_changes import change_order
from flowrack.sales.types import ChangeLine
from flowrack.sales.types_changes import ChangeOrder
from flowrack.shipping import commands as shipping
from flowrack.shipping import queries_timeline
from flowrack.shipping.types import Departure, ShipConfirm

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 30, "2.50", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 40))
    sql.execute("UPDATE sales_orderline SET unit_price = 4")
    outbound.allocate(at.site, order)
    return at, order


def page(who, url: str) -> str:
    answer = signed_in(who).get(url)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return str(answer.content.decode())


def test_the_timeline_tells_what_happened_and_who_did_it(case):
    at, order = case
    outbound.pick_all(outbound.release(at.site, order))
    leave = Departure(order_ids=(order.order_id,), carrier="Parcelway")
    shipping.ship_confirm(ctx(GUS), ShipConfirm(at.site, [leave]))
    told = [(one.what, one.who) for one in queries_timeline.moments(order.order_id)]
    assert sorted(told) == [
        ("Entered", "Kim Service"),
        ("Picked", "Cy Picker"),
        ("Promised", "Ada Manager"),
        ("Released", "Ada Manager"),
        ("Shipped", "Gus Packer"),
    ]
    text = page(KIM, f"/orders/{order.order_id}")
    assert "Parcelway" in text and "30 units" in text and "Why?" in text


def test_the_timeline_says_who_gave_way_to_an_urgent_order_and_what_a_change_was():
    at = pilot()
    done = ask(at.urgent)
    decide(done.approval)
    told = {one.what: one.note for one in queries_timeline.moments(at.mid.order_id)}
    assert told["Gave way"] == (
        f"10 given to {at.urgent.number}, which is urgent, allowed by Lou Sales: they leave on 5 Mar instead of 3 Mar."
    )
    urgent = [one for one in queries_timeline.moments(at.urgent.order_id) if one.what == "Urgent"]
    assert sorted(one.who for one in urgent) == ["Flowrack", "Kim Service"]
    assert any(f"10 from {at.mid.number}" in one.note and "allowed by Lou Sales" in one.note for one in urgent)
    change = ChangeOrder(at.low.order_id, lines=[ChangeLine(at.low.line_ids[0], 70)], reason="fewer beds")
    change_order(ctx(KIM), change)
    assert queries_timeline.moments(at.low.order_id)[-1].note == "line 1 80 → 70 units; fewer beds"


def test_a_missed_day_stands_where_it_was_and_now_between_past_and_future(case):
    _, order = case
    text = page(KIM, f"/orders/{order.order_id}")
    assert [words in text for words in ("Ship by", "missed, ", " days ago", ">Now<")] == [True] * 4
    assert text.index("Ship by</b>") < text.index(">Now<")
    rows = page(KIM, "/orders")
    assert " days late</span>" in rows


def test_next_and_previous_follow_the_list_of_open_orders(case):
    at, order = case
    early = outbound.order(at.site, "ACME", ("4711", 1), on=date(2026, 3, 3), reference="E")
    late = outbound.order(at.site, "ACME", ("4711", 1), on=date(2026, 3, 9), reference="L")
    every = frozenset({0})
    assert queries.neighbours(order.order_id, every) == (early.order_id, late.order_id)
    assert queries.neighbours(early.order_id, every) == (None, order.order_id)
    sql.execute("UPDATE sales_order SET state = 'shipped', finished_at = now() WHERE id = %s", (late.order_id,))
    assert queries.neighbours(order.order_id, every) == (early.order_id, None)
    assert queries.neighbours(late.order_id, every) == (early.order_id, None)


def test_a_shipped_order_offers_a_return_and_no_change(case):
    at, order = case
    outbound.pick_all(outbound.release(at.site, order))
    shipping.ship_confirm(ctx(GUS), ShipConfirm(at.site, [Departure(order_ids=(order.order_id,), carrier="Parcelway")]))
    sql.execute("UPDATE sales_orderline SET units = shipped_units")
    sql.execute("UPDATE sales_order SET state = 'shipped', finished_at = now()")
    url = f"/orders/{order.order_id}"
    text = page(KIM, url)
    assert f"/returns/new?order={order.number}" in text and f"{url}/change" not in text
    for what in ("change", "cancel", "terms", "add-lines", "hold"):
        answer = signed_in(LOU if what == "hold" else KIM).get(f"{url}/{what}")
        assert answer.status_code == 409, what
        assert "The order is shipped; it cannot be changed any more." in answer.content.decode()
        assert "a return for what was shipped" in answer.content.decode()


def test_the_margin_is_for_those_who_may_see_it(case):
    _, order = case
    url = f"/orders/{order.order_id}"
    assert "£60.00" in page(LOU, url)  # 40 at 4.00 less 40 at 2.50
    assert "Margin" not in page(KIM, url)
    api = f"/api/v1/orders/{order.order_id}"
    line = Client().get(api, headers=bearer(LOU)).json()["lines"][0]
    assert (float(line["unit_cost"]), float(line["margin"])) == (2.5, 60.0)
    line = Client().get(api, headers=bearer(KIM)).json()["lines"][0]
    assert (line["unit_cost"], line["margin"]) == (None, None)


def test_a_change_tells_its_consequences_then_does_them_and_offers_the_way_back(case):
    _, order = case
    url, box = f"/orders/{order.order_id}/change", f"units-{order.line_ids[0]}"
    kim = signed_in(KIM)
    fields = {"requested_on": "2026-03-04", box: "25", f"price-{order.line_ids[0]}": "4"}
    told = kim.post(url, {**fields, "preview": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "Line 1, 4711: 25 instead of 40 units." in told
    assert "Line 1, 4711: 5 reserved units are given back, free for others at once." in told
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "allocated": 30, "waiting": 10}
    done = kim.post(url, {**fields, "idempotency_key": uuid4().hex})
    assert done.status_code == 303, done.content.decode()
    assert outbound.counts(order.line_ids[0]) == {"units": 25, "allocated": 25}
    back = kim.get(done.headers["Location"]).content.decode()
    assert "Order changed" in back and f"{box}=40" in back
    way = f"{url}?{box}=40&price-{order.line_ids[0]}=4"
    assert "Line 1, 4711: 40 instead of 25 units." in kim.get(way).content.decode()
    with_fault = kim.post(url, {**fields, box: "many", "preview": "1"}, headers={"HX-Request": "true"})
    assert "whole number" in with_fault.content.decode()


def test_a_cancellation_shows_first_what_it_gives_back(case):
    _, order = case
    url = f"/orders/{order.order_id}/cancel"
    assert "Line 1, 4711: 40 units are cancelled." in page(KIM, url)
    assert outbound.order_state(order) == "confirmed"
    done = signed_in(KIM).post(url, {"reason": "rang", "idempotency_key": uuid4().hex})
    assert done.status_code == 303
    assert outbound.order_state(order) == "cancelled"
    assert 'value="4711"' in page(KIM, f"/orders/new?copy={order.order_id}")


def test_the_api_tells_consequences_and_refuses_as_the_change_does(case):
    _, order = case
    ask = f"/api/v1/orders/{order.order_id}/change/preview"

    def post(body: dict[str, object]):
        return Client().post(ask, body, content_type="application/json", headers=bearer(KIM))

    told = post({"lines": [{"line_id": order.line_ids[0], "units": 0}]}).json()
    assert told["consequences"][0] == "Line 1, 4711: 40 units are cancelled."
    refused = post({"requested_on": "2020-01-01"})
    assert (refused.status_code, refused.json()["code"]) == (422, "change_refused")
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "allocated": 30, "waiting": 10}


def test_a_day_before_the_order_was_entered_was_missed_by_nobody(case):
    at, _ = case
    late = outbound.order(at.site, "ACME", ("4711", 1), on=date(2026, 3, 2), reference="LATE")
    text = page(KIM, f"/orders/{late.order_id}")
    assert "the order was entered after it" in text
    assert text.index("Ship by</b>") < text.index("the order was entered after it")


def test_an_order_opened_from_a_list_says_its_place_in_it_and_keeps_the_filter():
    at = outbound.house()
    outbound.item("4711")
    outbound.customer("BIG", tier="A")
    outbound.customer("SMALL", tier="C")
    first, other, last = (outbound.order(at.site, who, ("4711", 5)) for who in ("BIG", "SMALL", "BIG"))
    kim = signed_in(KIM)
    view = "standing=waits&tier=A"
    carried = urlencode({"in": view}).replace("&", "&amp;")
    assert f"/orders/{first.order_id}?{carried}" in kim.get(f"/orders?{view}").content.decode()
    page = kim.get(f"/orders/{first.order_id}?{urlencode({'in': view})}").content.decode()
    assert (
        "1 of 2" in page and f"/orders/{last.order_id}?{carried}" in page and f"/orders/{other.order_id}?in" not in page
    )
    assert f"/orders?{view}".replace("&", "&amp;") in page, "back to the list as it was"
    assert "2 of 2" in kim.get(f"/orders/{last.order_id}?{urlencode({'in': view})}").content.decode()
    gone = kim.get(f"/orders/{other.order_id}?{urlencode({'in': view})}").content.decode()
    assert "not in this list any more" in gone
    plain = kim.get(f"/orders/{first.order_id}?{urlencode({'in': 'no_such=1'})}")
    assert plain.status_code == 200 and " of 2" not in plain.content.decode()


def test_chosen_orders_become_a_file_and_are_put_first():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.customer()
    one, two, three = (outbound.order(at.site, "ACME", ("4711", 5)) for _ in range(3))
    kim = signed_in(KIM)
    sent = kim.post("/orders", {"batch": "csv", "ids": [one.order_id, three.order_id], "query": "?standing=waits"})
    text = b"".join(sent.streaming_content).decode()
    assert one.number in text and three.number in text and two.number not in text
    outbound.receive(at, item, 5, "1")
    chosen = kim.post("/orders", {"batch": "urgent", "ids": [one.order_id, two.order_id]})["Location"]
    assert "2 chosen, served in the order of the list." in kim.get(chosen).content.decode()
    done = kim.post(chosen, {"reason": "a fair", "idempotency_key": "a"}).content.decode()
    assert "5 moved to it." in done and "Nobody can give way for the 5 of 4711 that are missing" in done
