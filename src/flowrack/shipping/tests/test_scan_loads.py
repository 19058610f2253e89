"""The scan flow of a truck: a door, a scan a plate, a seal."""

from __future__ import annotations

import base64

import pytest
from tests.cast import ADA, CY, GUS, ctx, signed_in
from tests.scanner import Device

from flowrack.platform import sql
from flowrack.platform.tests.test_photos import png
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import LoadPlate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def test_a_truck_takes_one_scan_for_the_door_one_a_plate_and_one_for_the_seal(yard):
    orders = [yard.packed("NORTH"), yard.packed("SOUTH"), yard.packed("SOUTH")]
    plan = yard.planned(*orders)
    device = Device(GUS, "/scan/load", yard.site)
    assert f"D1: {plan.number} Swift Freight" in device.page
    assert device.scan("d1") == "ok"
    assert "Stop 2 SOUTH Ltd 0 of 2" in device.page and "left for stop 2" in device.page
    assert [device.scan(yard.plate(order)) for order in reversed(orders)] == ["ok", "ok", "done"]
    device.tap("close")
    for fact in ("Door D1", "Swift Freight", "Stops 1 NORTH Ltd, 2 SOUTH Ltd", "3 of 3 on the truck", "Scan seal"):
        assert fact in device.page
    assert device.scan("09520000000000020927") == "wrong" and "is the label of goods, not of a seal." in device.page
    assert device.scan("SEAL-0816") == "more" and "Seal SEAL-0816?" in device.page
    assert device.scan("SEAL-0815") == "more" and "Seal SEAL-0815?" in device.page
    assert sql.fetch_one("SELECT state FROM shipping_load") == ("loading",)
    assert device.tap("sealed") == "done"
    assert f"{plan.number} closed" in device.page
    assert device.scans == 1 + 3 + 1 + 2, "two of them were no seal, or another's"
    assert sql.fetch_one("SELECT state, seal FROM shipping_load") == ("closed", "SEAL-0815")
    assert sql.fetch_value("SELECT count(*) FROM shipping_shipment WHERE state = 'shipped'") == 2


def test_what_is_missing_is_listed_before_the_truck_can_be_closed(yard):
    orders = [yard.packed("NORTH") for _ in range(3)]
    plan = yard.planned(*orders)
    device = Device(GUS, "/scan/load", yard.site)
    device.scan("D1")
    device.scan(yard.plate(orders[0]))
    assert device.tap("close") == "more"
    assert "2 missing. Why?" in device.page and yard.plate(orders[2]) in device.page
    assert device.scan("SEAL-1") == "wrong", "a seal is no reason"
    device.tap("close")
    device.tap("behind:no_room")
    assert "rest: no room" in device.page
    assert device.scan(yard.plate(orders[1])) == "ok", "somebody found it after all: it goes on, and is no seal"
    device.tap("close")
    device.tap("behind:not_found")
    assert device.scan("SEAL-1") == "more"
    assert device.tap("sealed") == "done"
    assert f"{plan.number} closed" in device.page and "stay here" in device.page
    assert sql.fetch_value("SELECT reason FROM shipping_loadbehind") == "not_found"


def test_a_plate_that_is_on_the_truck_comes_off_only_after_a_tap(yard):
    order, other = yard.packed("NORTH"), yard.packed("NORTH")
    plan = yard.started(order, other)
    device = Device(GUS, f"/scan/load?load={plan.number}", yard.site)
    device.scan(yard.plate(order))
    assert device.scan(yard.plate(order)) == "more", "a scanner that fires twice takes nothing off"
    assert "Take it off?" in device.page and trucks.on_truck(plan.load_id) == 1
    asked = device.state
    device._send("begun", "")
    assert "Scan pallet" in device.page and "1 of 2" in device.page, "who opens the page anew is not asked any more"
    device.state = asked
    assert device.tap("off") == "ok"
    assert trucks.on_truck(plan.load_id) == 0
    assert device.scan(yard.plate(other)) == "ok"


def test_wrong_goods_are_loud_and_name_the_right_door(yard):
    order, other = yard.packed("NORTH"), yard.packed("SOUTH")
    yard.started(order)
    elsewhere = yard.started(other, door="D2")
    device = Device(GUS, "/scan/load", yard.site)
    assert device.scan(yard.plate(other)) == "wrong"
    assert f"{other.number} goes on {elsewhere.number}. Scan door D2 first." in device.page
    device.scan("D1")
    assert device.scan(yard.plate(other)) == "wrong"
    assert f"{other.number} goes on {elsewhere.number} at door D2." in device.page
    assert device.scan("12") == "wrong"
    device.tap("leave")
    sql.execute("UPDATE shipping_load SET door_id = NULL, state = 'open' WHERE id = %s", (elsewhere.load_id,))
    assert device.scan("D2") == "wrong"
    assert f"No truck is planned for door D2. Planned for other doors, or for none: {elsewhere.number}." in device.page


def test_hazards_and_turns_are_asked_about_with_buttons(yard):
    yard.rule(stop_order="reason")
    fuel, oxid = yard.packed("NORTH", ("FUEL", 2)), yard.packed("SOUTH", ("OXID", 2))
    plan = yard.planned(fuel, oxid)
    device = Device(GUS, "/scan/load", yard.site)
    device.scan("D1")
    assert device.scan(yard.plate(fuel)) == "more"
    assert "Why out of turn?" in device.page
    assert device.tap("side") == "more"
    assert device.scan(yard.plate(oxid)) == "more"
    assert "Kept apart how?" in device.page and "49 CFR 177.848(d), cell O" in device.page
    assert device.tap("barrier") == "done"
    rows = sql.fetch_all("SELECT reason, separation FROM shipping_loadedplate WHERE load_id = %s ORDER BY id",
                         (plan.load_id,))  # fmt: skip
    assert rows == [("Side doors", ""), ("", "Barrier between them")]


def test_the_driver_signs_on_the_phone_before_the_truck_is_closed(yard):
    yard.rule(needs_signature=True, needs_seal=False)
    order = yard.packed("NORTH")
    plan = yard.started(order)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    device = Device(GUS, f"/scan/load?load={plan.number}", yard.site)
    device.tap("close")
    assert "Driver signs needed here" in device.page
    pressed = {"kind": "action", "value": "sign", "key": "go", "state": device.state}
    assert device.client.post(device.url, pressed)["X-Scan-Go"] == f"/loads/{plan.load_id}/sign?from=scan"
    assert device.tap("sealed") == "wrong" and "The driver has not signed." in device.page
    browser, url = signed_in(ADA), f"/loads/{plan.load_id}/sign"
    assert browser.post(url, {"key": "s0", "signed_by": "Sam"}).status_code == 422
    assert (
        browser.post(url, {"key": "s1", "signed_by": "Sam", "signature": "data:image/png;base64,!"}).status_code == 422
    )
    drawn = "data:image/png;base64," + base64.b64encode(png()).decode()
    assert browser.post(url, {"key": "s2", "signed_by": "Sam", "signature": drawn}).status_code == 303
    assert device.tap("sealed") == "done"
    assert sql.fetch_one("SELECT state, signed_by FROM shipping_load") == ("closed", "Sam")


def test_who_may_not_close_a_truck_is_told_while_it_is_loaded(yard):
    order = yard.packed("NORTH")
    plan = yard.started(order)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    device = Device(CY, f"/scan/load?load={plan.number}", yard.site)
    assert "Your lead closes the truck and seals it." in device.page and "Close truck" not in device.page
    assert device.tap("close") == "wrong" and "You may load this truck, not close it." in device.page


def test_a_stop_out_of_turn_is_loud_and_names_the_plate_that_was_scanned(yard):
    north, south = yard.packed("NORTH"), yard.packed("SOUTH")
    yard.planned(north, south)
    device = Device(GUS, "/scan/load", yard.site)
    device.scan("D1")
    assert device.scan(yard.plate(north)) == "held"
    assert 'class="panel p-held" role="alert"' in device.html and "Wrong order: stop 2 goes on first" in device.page
    assert f"Stop 2 goes on before stop 1: 1 still to load, {yard.plate(south)}." in device.page
    assert device.scan(yard.plate(south)) == "done"
    assert "Wrong order" not in device.page and "Stored Stop 2, SOUTH Ltd: on." in device.page
    assert '<ul class="ticks wraps">' in device.html, "names and labels are read whole"


def test_a_truck_is_opened_by_its_number_and_one_without_a_door_asks_for_it(yard):
    plan = yard.planned(yard.packed("NORTH"))
    sql.execute("UPDATE shipping_load SET door_id = NULL")
    device = Device(GUS, "/scan/load", yard.site)
    assert f"No door: {plan.number}" in device.page
    assert device.scan(plan.number.lower()) == "ok" and "Scan door" in device.page
    assert sql.fetch_one("SELECT state FROM shipping_load") == ("open",)
    assert device.scan("d2") == "ok" and f"{plan.number} 0 of" in device.page and "Door D2" in device.page
    device.tap("leave")
    assert device.scan(plan.number) == "ok" and f"{plan.number} 0 of" in device.page and "Door D2" in device.page
    device.tap("leave")
    assert device.scan("LD-9999") == "wrong" and "LD-9999 is nothing that waits for loading." in device.page


def test_the_driver_signs_in_sizes_of_the_floor_and_the_seal_comes_next(yard):
    orders = [yard.packed("NORTH"), yard.packed("NORTH")]
    plan = yard.started(*orders)
    device = Device(GUS, f"/scan/load?load={plan.number}", yard.site)
    device.scan(yard.plate(orders[0]))
    device.tap("close")
    device.tap("behind:damaged")
    pressed = {"kind": "action", "value": "sign", "key": "go", "state": device.state}
    url = device.client.post(device.url, pressed)["X-Scan-Go"]
    assert url == f"/loads/{plan.load_id}/sign?from=scan&behind=damaged"
    page = device.client.get(url).content.decode()
    assert '<body class="floor">' in page and "1 of 2 are on the truck at door D1." in page
    assert "<nav" not in page and "/orders" not in page, "a driver is shown nothing else of the house"
    drawn = "data:image/png;base64," + base64.b64encode(png()).decode()
    refused = device.client.post(url, {"key": "s0", "signed_by": "", "signature": drawn})
    assert refused.status_code == 422 and drawn in refused.content.decode(), "nobody signs twice for a slip"
    signed = device.client.post(url, {"key": "s1", "signed_by": "Sam", "signature": drawn})
    assert signed["Location"] == f"/scan/load?load={plan.number}&closing=seal&behind=damaged"
    back = Device(GUS, signed["Location"], yard.site)
    assert "Scan seal" in back.page and "rest: damaged" in back.page and "Signed by Sam" in back.page
    assert back.scan("SEAL-1") == "more" and back.tap("sealed") == "done"
    assert sql.fetch_value("SELECT reason FROM shipping_loadbehind") == "damaged"
