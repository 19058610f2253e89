"""A truck is loaded, signed for and proved on a phone: a scan for the door, one a pallet, one for the seal."""

from __future__ import annotations

import pytest

from flowrack.platform import photos, sql
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import LeaveDoor
from tests.browser.conftest import PHONE, at_rest, wedge
from tests.cast import GUS, ctx

pytestmark = pytest.mark.django_db(transaction=True)


def draw(page) -> None:
    """A finger goes over the pad."""
    pad = page.locator("[data-sign] canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for n in range(1, 8):
        page.mouse.move(box["x"] + 30 + 25 * n, box["y"] + 60 + (30 if n % 2 else -30))
    page.mouse.up()
    page.get_by_text("Signed.", exact=True).wait_for()


def test_a_truck_is_loaded_closed_and_its_delivery_proved_on_a_phone(visit):
    yard = trucks.yard()
    yard.rule(needs_signature=True)
    orders = [yard.packed("NORTH"), yard.packed("SOUTH"), yard.packed("SOUTH")]
    plan = yard.planned(*orders)
    phone = visit("/scan/load", person=GUS, size=PHONE, has_touch=True)
    scans = 0
    for code, words in (
        ("D1", "left for stop 2"),
        (yard.plate(orders[2]), "1 of 2"),
        (yard.plate(orders[1]), "left for stop 1"),
        (yard.plate(orders[0]), "3 on the truck"),
    ):
        wedge(phone, code)
        scans += 1
        at_rest(phone)
        phone.get_by_text(words).first.wait_for()
    phone.locator("[data-action=close]").tap()
    phone.get_by_text("Scan seal").first.wait_for()
    at_rest(phone)

    pen = phone.context.new_page()
    pen.goto(phone.url.split("/scan")[0] + f"/loads/{plan.load_id}/sign")
    pen.get_by_label("Name").fill("Sam Driver")
    draw(pen)
    pen.get_by_role("button", name="Sign", exact=True).click()
    pen.get_by_text("Signed by Sam Driver").or_(pen.get_by_text("Sam Driver", exact=True)).first.wait_for()
    [digest] = sql.fetch_all("SELECT signature FROM shipping_load")
    assert photos.find(digest[0]).content_type == "image/png"

    wedge(phone, "SEAL-0815")
    phone.get_by_text("Seal SEAL-0815?").first.wait_for()
    phone.locator("[data-action=sealed]").tap()
    scans += 1
    phone.get_by_text(f"{plan.number} closed").first.wait_for()
    assert (scans, trucks.load_state(plan.load_id)) == (1 + 3 + 1, "closed")

    commands.leave_door(ctx(GUS), LeaveDoor(plan.load_id))
    shipment = sql.fetch_value("SELECT id FROM shipping_shipment WHERE stop_no = 1")
    sql.execute("UPDATE shipping_shipment SET shipped_at = shipped_at - interval '1 hour'")
    pen.goto(phone.url.split("/scan")[0] + f"/shipments/{shipment}/prove")
    pen.get_by_label("Name of who took it").fill("Nora North")
    draw(pen)
    pen.get_by_label("How did it end?").select_option("partial")
    pen.get_by_role("button", name="Keep proof").click()
    pen.get_by_role("alert").first.wait_for()
    pen.get_by_text("Signed.", exact=True).wait_for()  # what was signed is not asked for twice
    pen.get_by_label("How did it end?").select_option("delivered")
    pen.get_by_role("button", name="Keep proof").click()
    pen.get_by_text("of the site, unchanged").wait_for()
    assert sql.fetch_value("SELECT received_by FROM shipping_proof") == "Nora North"
