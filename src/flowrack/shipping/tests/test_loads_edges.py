"""Loads on their pages and through the API."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import ADA, EVE, GUS, NOW, bearer, ctx, signed_in
from tests.scanner import Device

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types_packing import LabelOfGone, PrintCartonLabels
from flowrack.platform import sql
from flowrack.shipping import commands, drawing, queries_board
from flowrack.shipping.drawing import Bay
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import CloseLoad, LoadPlate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def post(client, url: str, **data: str):
    return client.post(url, {"key": f"{url}{len(data)}", **data}, follow=True)


def words(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_truck_walks_from_plan_to_gone_on_its_pages(yard):
    north, south = yard.packed("NORTH"), yard.packed("SOUTH")
    ada = signed_in(ADA)
    waiting = words(ada.get("/loads/waiting"))
    assert north.number in waiting and south.number in waiting
    plan = post(
        ada, "/loads/new", orders=f"{north.number}\n{south.number.lower()}", door=str(yard.doors["D1"]),
        carrier="SWIFT", trailer="TR-8", cut_off_at="2036-03-02T17:00", max_weight_kg="24000",
    )  # fmt: skip
    load_id = sql.fetch_value("SELECT id FROM shipping_load")
    assert f"/loads/{load_id}" in plan.redirect_chain[0][0], words(plan)[:900]
    assert "0 of 2" in words(plan) and 'class="trailer"' in plan.content.decode()
    assert north.number not in words(ada.get("/loads/waiting"))
    assert "Loading at D1" in words(post(ada, f"/loads/{load_id}/start"))
    missing = post(ada, f"/loads/{load_id}/close", seal="S-9")
    assert missing.status_code == 409 and f"{yard.plate(south)} for stop 2 stands in staged-1." in words(missing)
    commands.load_plate(ctx(GUS), LoadPlate(load_id, yard.plate(south)))
    assert "1 of 2" in words(ada.get(f"/loads/{load_id}"))
    closed = words(post(ada, f"/loads/{load_id}/close", seal="S-9", behind="damaged", note="wet"))
    assert "Left behind" in closed and "Damaged" in closed and "S-9" in closed
    assert "Truck has left" in words(post(ada, f"/loads/{load_id}/leave"))
    assert "1 of 2" in words(ada.get("/loads?state=left"))
    assert "wet" in words(ada.get(f"/orders/{north.order_id}")), "customer service reads it in the order"


def test_bad_input_comes_back_with_what_to_change(yard):
    north = yard.packed("NORTH")
    ada = signed_in(ADA)
    said = words(post(ada, "/loads/new", orders="SO-9999 SO-9998", carrier="NOBODY"))
    assert "There is no order and no transfer SO-9999, SO-9998." in said and "There is no carrier “NOBODY”." in said
    assert sql.fetch_value("SELECT count(*) FROM shipping_load") == 0
    plan = yard.planned(north)
    changed = words(post(ada, f"/loads/{plan.load_id}/change", orders=north.number, driver="Sam"))
    assert "Changed." in changed
    assert sql.fetch_one("SELECT driver, door_id FROM shipping_load") == ("Sam", None)
    assert "Called off" in words(post(ada, f"/loads/{plan.load_id}/cancel", reason="no truck"))
    said = words(
        post(
            ada,
            "/loads/policy",
            stop_order="refuse",
            past_cut_off="warn",
            answer_hours="8",
            proof_years="9",
            carrier_else="reason",
        )
    )
    assert "Set" in said
    assert sql.fetch_one("SELECT stop_order, needs_seal, answer_hours FROM shipping_loadrules") == ("refuse", False, 8)


def test_the_api_does_what_the_pages_do(yard, client):
    north, loose = yard.packed("NORTH"), yard.picked("NORTH", ("4711", 3))
    body = {"site_id": yard.site, "order_ids": [north.order_id, loose.order_id], "truck": {"door_id": yard.doors["D1"]}}

    def send(method: str, path: str, json: object = None):
        return getattr(client, method)(f"/api/v1{path}", json, content_type="application/json", headers=bearer(GUS))

    plan = send("post", "/loads", body)
    assert plan.status_code == 201, plan.content
    load_id = plan.json()["load_id"]
    assert send("post", f"/loads/{load_id}/start", {}).json()["door"] == "D1"
    assert send("post", f"/loads/{load_id}/plates", {"plate": yard.plate(north)}).json()["loaded"] == 1
    refused = send("post", f"/loads/{load_id}/plates", {"plate": "SO-77"})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_truck")
    assert send("post", f"/loads/{load_id}/plates", {"plate": loose.number}).json()["loaded"] == 2
    assert send("post", f"/loads/{load_id}/take-off", {"plate": loose.number}).json()["loaded"] == 1
    seen = client.get(f"/api/v1/loads/{load_id}", headers=bearer(GUS)).json()
    assert (seen["state"], seen["loaded"], seen["waiting"], seen["stuck"]) == ("loading", 1, 1, "")
    assert [stop["order_ids"] for stop in seen["stops_of"]] == [[north.order_id, loose.order_id]]
    closed = send("post", f"/loads/{load_id}/close", {"seal": "S-1", "behind": "no_room"}).json()
    assert closed["behind"] == [
        {"order_id": loose.order_id, "order": loose.number, "plate": f"loose goods of {loose.number}", "units": 3,
         "transfer_id": 0, "is_staged": True}
    ]  # fmt: skip
    assert send("post", f"/loads/{load_id}/leave").status_code == 200
    listed = client.get("/api/v1/loads", headers=bearer(GUS)).json()["items"]
    assert [(one["number"], one["state"], one["behind"]) for one in listed] == [(closed["number"], "left", 1)]
    assert client.get("/api/v1/loads", headers=bearer(EVE)).status_code == 403


def test_the_board_says_what_keeps_each_truck(yard):
    late = yard.started(yard.packed("NORTH"), cut_off_at=NOW - timedelta(minutes=5))
    full = yard.started(order := yard.packed("SOUTH"), door="D2")
    commands.load_plate(ctx(GUS), LoadPlate(full.load_id, yard.plate(order)))
    rows = queries_board.live_loads(frozenset({0}))
    assert [(row.number, row.done, row.stuck(NOW)) for row in rows] == [
        (late.number, "0 of 1", "The cut-off was 5 min ago"),
        (full.number, "1 of 1", "All is on: close it"),
    ]
    assert queries_board.at_door(yard.site, yard.doors["D1"]).number == late.number
    assert queries_board.live_loads(frozenset({yard.site + 1})) == []


def test_the_count_of_a_truck_says_what_is_not_staged_yet(yard):
    here, coming = yard.packed("NORTH"), outbound.order(yard.site, "SOUTH", ("4711", 7))
    outbound.allocate(yard.site, coming)
    plan = yard.started(here, coming)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(here)))
    assert [row.done for row in queries_board.live_loads(frozenset({0}))] == ["1 of 1, 7 units not staged"]
    page = Device(GUS, f"/scan/load?load={plan.number}", yard.site).page
    assert "More is to come" in page and "Stop 2 SOUTH Ltd 0 of 0, 7 units not staged" in page
    ada = signed_in(ADA)
    assert "1 of 1, 7 units not staged" in words(ada.get("/loads")), "full by the count it is not"
    assert "1 of 1 are on the truck. 7 units are not staged." in words(ada.get(f"/loads/{plan.load_id}/close"))


def test_the_trailer_is_drawn_from_the_last_stop_to_the_first():
    drawn = str(drawing.trailer([Bay(1, "North", 0, 2), Bay(2, "South & Co", 1, 1)]))
    assert drawn.index("Stop 2") < drawn.index("Stop 1")
    assert drawn.count('class="tr-on') == 1 and drawn.count('class="tr-off"') == 2
    assert "South &amp; Co: 1 of 1" in drawn
    assert "Stop 3" not in str(drawing.trailer([Bay(1, "North", 0, 2), Bay(3, "East", 0, 0)]))


def test_the_station_says_what_it_prints_and_where_and_labels_nothing_of_a_gone_truck_without_a_reason(yard):
    one, two = yard.packed("NORTH", kind="carton"), yard.packed("NORTH", kind="carton")
    plan = yard.started(one, two)
    device = Device(GUS, "/scan/pack", yard.site)
    assert device.scan(yard.plate(two)) == "done"
    assert "Label HOUSE-CARTON printed, 1 copy: open it below." in device.page and "had no label" in device.page
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(one)))
    assert device.scan(yard.plate(one)) == "more"
    assert f"It is on {plan.number} at door D1, and no label of it was printed." in device.page
    assert sql.fetch_value("SELECT count(*) FROM labels_labelprint") == 1, "nothing is printed unasked"
    assert device.tap("print") == "done" and "Label HOUSE-CARTON printed" in device.page
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1", "no_room"))
    carton = sql.fetch_value("SELECT id FROM fulfilment_carton WHERE sscc = %s", (yard.plate(one),))
    with pytest.raises(LabelOfGone, match="has left"):
        fulfilment.print_carton_labels(ctx(GUS), PrintCartonLabels([carton]))
    page = signed_in(GUS).get(f"/cartons/{carton}").content.decode()
    assert "Print label again" in page
    url = f"/cartons/{carton}/print-again"
    assert post(signed_in(GUS), url, reason="torn in transit").status_code == 200
    rows = sql.fetch_all("SELECT copy_of FROM labels_labelprint WHERE code = %s ORDER BY id", (yard.plate(one),))
    assert rows == [(1,), (2,)]
    assert "torn in transit" in signed_in(GUS).get(f"/cartons/{carton}").content.decode()
