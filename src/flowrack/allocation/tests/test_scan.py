"""Cross-dock by scan: what a code stands for."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import CY
from tests.scanner import Device

from flowrack.allocation.tests.doorside import Scene
from flowrack.platform import sql

pytestmark = pytest.mark.django_db


def test_the_barcode_of_an_item_stands_for_loose_goods_and_never_for_pallets():
    scene = Scene()
    scene.receive(5, lpn="PAL-1")
    scene.receive(3, lpn="PAL-2")
    phone = Device(CY, "/scan/cross-dock", scene.at.site)
    assert phone.scan("4711") == "wrong" and "Scan the pallet or the label." in phone.page
    assert phone.scan("PAL-2") == "ok" and "4711" in phone.page
    assert phone.tap("leave") == "ok"
    loose = scene.receive(2)
    assert phone.scan("4711") == "ok" and "To door D-04" in phone.page
    assert (phone.scan("staged-1"), scene.counts()[2]) == ("done", {"units": 10, "waiting": 8, "picked": 2})
    assert [x.units for x in loose.cross_docks] == [2]


def test_a_pallet_that_orders_share_leads_to_its_parts():
    scene = Scene()
    done = scene.receive(40, lpn="PAL-1")
    parts = [x.order_number for x in done.cross_docks]
    assert len(parts) == 3
    phone = Device(CY, "/scan/cross-dock", scene.at.site)
    assert phone.scan("PAL-1") == "more" and "3 orders share it" in phone.page
    assert all(f"{number} to D-04" in phone.page for number in parts)
    first = sql.fetch_value("SELECT min(id) FROM allocation_crossdock")
    assert phone.tap("part:999") == "wrong"
    assert phone.tap(f"part:{first}") == "ok" and "To door D-04" in phone.page
    assert phone.scan("staged-1") == "done"
    assert phone.scan("PAL-1") == "more" and "2 orders share it" in phone.page


def test_a_whole_pallet_goes_back_with_one_tap():
    scene = Scene()
    for units in (6, 4):
        scene.receive(units, lpn="PAL-1")
    phone = Device(CY, "/scan/cross-dock", scene.at.site)
    assert (phone.scan("PAL-1"), phone.scan("staged-1")) == ("ok", "done")
    assert outbound.where(scene.item) == {"staged-1": 10}
    assert phone.tap("undo") == "ok"
    assert (outbound.where(scene.item), scene.counts()[2]["waiting"]) == ({"receiving-1": 10}, 10)
    assert phone.scan("PAL-1") == "ok"
