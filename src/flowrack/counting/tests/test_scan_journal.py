"""What a device's journal says about counts is done by the ordinary command, once, or waits with the reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cast import ADA, CY, GUS, HAL, ctx, signed_in

from flowrack.counting import commands
from flowrack.counting.models import Count, CountLine, CountTask
from flowrack.counting.types import RequestCounts
from flowrack.devices.models import JournalEntry
from flowrack.devices.tests.house import Scanner, enrolled
from flowrack.ledger.tests import house as h
from flowrack.platform import sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """(house, milk, Cy's phone): a bin with 30 of a lot-tracked item that comes in cases of 12, and an empty bin."""
    house = h.house()
    milk = h.item("MILK", tracking="lot")
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, gtin) VALUES (%s, 'case', 12, '09506000134352')",
        (milk,),
    )
    h.receive(house, milk, 30, "1.00", "reserve1", lot_id=h.lot(milk, "L-26"))
    places = [house.places["reserve1"], house.places["reserve2"]]
    commands.request_counts(ctx(HAL), RequestCounts(house.site, places))
    return house, milk, enrolled(at=house.site)


def along(device: Scanner, person, **body) -> tuple[int, dict]:
    answer = signed_in(person).post(
        "/scan/count/along", json.dumps(body), "application/json", headers={"Flowrack-Device": device.code}
    )
    return answer.status_code, answer.json()


def test_counts_go_along_with_the_codes_of_the_zone_and_without_a_single_quantity(scene):
    _, milk, device = scene
    assert along(device, CY) == (200, {"works": []})
    status, told = along(device, CY, next=True)
    [work] = told["works"]
    assert (status, [task["bin"] for task in work["tasks"]]) == (200, ["reserve-1", "reserve-2"])
    [item] = work["items"]
    assert (item["item_id"], item["lots"]) == (milk, ["L-26"])
    assert [(code["code"], code["units"]) for code in item["codes"]] == [("MILK", 1), ("09506000134352", 12)]
    assert "30" not in json.dumps(told).replace('"', " ").replace(",", " ").split()
    assert along(device, CY)[1]["works"] == told["works"]
    assert along(device, GUS, next=True)[1]["title"] == "No bin waits to be counted."
    assert signed_in(CY).post("/scan/count/along").status_code == 403, "only the app may ask"


def test_a_bin_is_counted_at_the_times_of_the_floor_by_items_and_by_codes_that_the_device_did_not_know(scene):
    _, milk, device = scene
    first, second = along(device, CY, next=True)[1]["works"][0]["tasks"]
    ten = datetime.now(UTC) - timedelta(hours=3)
    case = {"item": 0, "code": "(01)09506000134352(10)L-26", "sku": "", "lot": "", "n": 2, "ago": 60}
    each = {"item": milk, "code": "", "sku": "MILK", "lot": "L-26", "n": 30, "ago": 30}
    device.do(CY, "count.bin", ten, task=first["task_id"], bin="reserve-1", ago=120, empty=0, lines=[case, each])
    device.do(CY, "count.bin", ten, task=second["task_id"], bin="reserve-2", ago=20, empty=1, lines=[])
    told = device.send()
    assert [(a["result"], a["message"]) for a in told["answers"]] == [
        ("applied", "reserve-1 counted"), ("applied", "reserve-2 counted"),
    ]  # fmt: skip
    count = Count.objects.order_by("id")[0]
    line = CountLine.objects.get(count=count)
    assert (line.counted_units, line.entered_at - count.opened_at) == (30, timedelta(seconds=90))
    assert abs(count.finished_at - ten) < timedelta(seconds=5)
    device.send(device.entries)
    assert (Count.objects.count(), set(CountTask.objects.values_list("state", flat=True))) == (2, {"posted"})


def test_what_the_house_cannot_count_waits_with_the_reason_and_a_word_of_what_was_seen(scene):
    _, milk, device = scene
    [task, _] = along(device, CY, next=True)[1]["works"][0]["tasks"]
    said = {"task": task["task_id"], "bin": "reserve-1", "ago": 60, "empty": 0}
    line = {"item": milk, "sku": "MILK", "lot": "L-99", "n": 30, "ago": 30}
    device.do(CY, "count.bin", **said, lines=[line])
    device.do(CY, "count.bin", **said, lines=[{**line, "item": 0, "code": "NOBODY"}])
    device.do(CY, "count.bin", **said, lines=[{**line, "item": 0, "lot": ""}])
    device.do(CY, "count.bin", **said, lines="all")
    device.send()
    waiting = JournalEntry.objects.filter(state="review").order_by("seq")
    assert [entry.code for entry in waiting] == ["count_refused", "count_refused", "count_refused", "unreadable_entry"]
    assert CountTask.objects.get(pk=task["task_id"]).state == "due", "a colleague may count it"
    page = signed_in(ADA).get("/devices/entries").content.decode()
    assert "Counted reserve-1: 30 × MILK" in page and "MILK has no lot L-99." in page


def test_a_device_takes_along_what_lies_in_its_zones_only_and_a_person_is_told_what_they_may_take(scene):
    house, _, device = scene
    zone = sql.fetch_value("SELECT zone_id FROM locations_location WHERE id = %s", (house.places["forward_pick1"],))
    sql.execute("INSERT INTO devices_devicezone (device_id, zone_id) VALUES (%s, %s)", (device.id, zone))
    assert along(device, CY, next=True)[1]["title"] == "No bin waits to be counted."
    told = signed_in(CY).post("/scan/device/person", headers={"Flowrack-Device": device.code}).json()
    assert {"count", "pick"} <= set(told["may"])
    sql.execute("UPDATE devices_device SET state = 'locked' WHERE id = %s", (device.id,))
    assert along(device, CY, next=True)[1]["code"] == "device_not_working"


def test_a_bin_of_many_lines_costs_no_more_statements_than_one_of_few(scene):
    """Items that the device knew, lots, and codes that it did not: each read for all lines at once."""
    _, _, device = scene
    names = [f"IT-{n}" for n in range(12)]
    items = {name: h.item(name, tracking="lot") for name in names}
    for name, item_id in items.items():
        h.lot(item_id, f"L-{name}")
    tasks = {task["bin"]: task["task_id"] for task in along(device, CY, next=True)[1]["works"][0]["tasks"]}
    counts = []
    for place, some in (("reserve-1", names[:2]), ("reserve-2", names)):
        known = [{"item": items[n], "sku": n, "code": "", "lot": f"L-{n}", "n": 3, "ago": 0} for n in some[::2]]
        unknown = [{"item": 0, "sku": "", "code": f"L-{n}", "lot": "", "n": 3, "ago": 0} for n in some[1::2]]
        device.do(CY, "count.bin", task=tasks[place], bin=place, ago=0, empty=1, lines=known + unknown)
        with CaptureQueriesContext(connection) as caught:
            device.send()
        assert device.last["answers"][0]["result"] == "applied", device.last
        counts.append(len(caught))
    assert counts[1] <= counts[0] + 2, counts
    assert CountLine.objects.filter(counted_units=3).count() == 2 + 12
