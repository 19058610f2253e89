"""What a device's journal says about pick lists is done by the ordinary commands, or waits with the reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from tests import outbound
from tests.cast import ADA, BO, CY, ctx, signed_in

from flowrack.devices import commands as devices
from flowrack.devices.models import JournalEntry
from flowrack.devices.tests.house import Scanner, enrolled
from flowrack.devices.types import MoveDevice
from flowrack.fulfilment import commands
from flowrack.fulfilment.types_lists import CartOf, ReturnList, SetCarts, TakeList
from flowrack.platform import sql
from flowrack.platform.web.along import held_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def device() -> Scanner:
    """Cy's phone at a house with one list of two orders, two lines each."""
    at = outbound.house()
    commands.set_carts(ctx(ADA), SetCarts(at.site, [CartOf("CART-1", 8)]))
    for n, sku in enumerate(("4711", "6024"), 1):
        outbound.receive(at, outbound.item(sku), 100, "1", f"forward_pick{n}")
    outbound.customer()
    orders = [outbound.order(at.site, "ACME", ("4711", 3), ("6024", 2)) for _ in range(2)]
    outbound.allocate(at.site, *orders)
    for code in ("T-03", "T-05"):
        outbound.tote(at.site, code)
    outbound.release(at.site, *orders)
    return enrolled(at=at.site)


def along(device: Scanner, person, **body) -> tuple[int, dict]:
    """What the app fetches before it walks into the steel."""
    answer = signed_in(person).post(
        "/scan/pick/along", json.dumps(body), "application/json", headers={"Flowrack-Device": device.code}
    )
    return answer.status_code, answer.json()


def test_a_list_goes_along_with_all_that_is_scanned(device):
    assert along(device, CY) == (200, {"lists": []})
    status, told = along(device, CY, next=True)
    [one] = told["lists"]
    assert (status, one["carts"], one["tote_codes"], one["knows_all_totes"]) == (
        200,
        ["CART-1"],
        ["T-03", "T-05"],
        True,
    )
    assert [(line["location"], line["units"], line["letter"]) for line in one["lines"]] == [
        ("forward_pick-1", 3, "A"), ("forward_pick-1", 3, "B"), ("forward_pick-2", 2, "A"), ("forward_pick-2", 2, "B"),
    ]  # fmt: skip
    assert [item["codes"][0]["code"] for item in one["items"]] == ["4711", "6024"]
    assert sql.fetch_value("SELECT device FROM fulfilment_picklist") == device.code
    assert along(device, CY)[1]["lists"][0]["head"]["number"] == one["head"]["number"]
    assert along(device, BO)[1]["lists"] == [], "it is Cy's"
    assert along(device, CY, code="pl-0")[1]["title"] == "There is no list PL-0."
    assert along(device, BO, code=one["head"]["number"])[0] == 409, "Cy has it"
    commands.return_list(ctx(CY), ReturnList(one["head"]["id"]))
    assert [each["head"]["number"] for each in along(device, CY, code=one["head"]["number"])[1]["lists"]] == [
        one["head"]["number"]
    ]
    assert along(device, CY, next=True)[1]["title"] == "No list waits."
    assert signed_in(CY).post("/scan/pick/along").status_code == 403, "only the app may ask"


def test_a_list_tells_where_else_its_goods_lie_and_which_bins_hold_several_lots(device):
    item = sql.fetch_value("SELECT id FROM catalog_item WHERE sku = '4711'")
    [one] = along(device, CY, next=True)[1]["lists"]
    assert {(line["is_mixed"], *line["others"]) for line in one["lines"]} == {(False,)}
    places = dict(sql.fetch_all("SELECT replace(code, '-', ''), id FROM locations_location"))
    house = outbound.House(one["head"]["site_id"], places)
    outbound.receive(house, item, 40, "1", "reserve1")
    [one] = along(device, CY)[1]["lists"]
    assert [line["others"] for line in one["lines"]] == [["reserve-1 has 40"], ["reserve-1 has 40"], [], []]


def test_each_kind_of_entry_does_what_it_says(device):
    one = along(device, CY, next=True)[1]["lists"][0]
    picks = [line["pick_id"] for line in one["lines"]]
    of = {"list": one["head"]["id"], "number": one["head"]["number"], "sku": "4711", "bin": "forward_pick-1"}
    device.do(CY, "list.cart", **of, cart="CART-1")
    device.do(CY, "pick.confirm", **of, pick=picks[0], units=3, tote="T-03")
    device.do(CY, "pick.confirm", **of, pick=picks[1], units=3, tote="T-05")
    device.do(CY, "pick.undo", **of, pick=picks[1], units=3)
    device.do(CY, "list.full", **of, tote="T-03")
    device.do(CY, "pick.short", **of, pick=picks[1], units=3, found=1, reason="damaged", tote="T-05")
    device.do(CY, "pick.found", **of, pick=picks[1], units=2)
    device.do(CY, "list.return", **of)
    told = device.send()
    assert [(a["result"], a["message"]) for a in told["answers"]] == [
        ("applied", "On cart CART-1"), ("applied", "Picked 3 × 4711"), ("applied", "Picked 3 × 4711"),
        ("applied", "Put back 3 × 4711"), ("applied", "Tote T-03 is full"), ("applied", "2 wait for stock again"),
        ("applied", "2 × 4711 found after all"),
        ("applied", f"{of['number']} given back"),
    ]  # fmt: skip
    rows = sql.fetch_all("SELECT state, units FROM fulfilment_pickline WHERE id = ANY(%s) ORDER BY id", (picks[:2],))
    assert rows == [("picked", 3), ("picked", 1)]
    assert sql.fetch_value("SELECT state FROM fulfilment_picklist WHERE id = %s", (of["list"],)) == "open"


def test_what_the_house_cannot_do_waits_with_the_reason_and_a_word_of_what_was_done(device):
    one = along(device, CY, next=True)[1]["lists"][0]
    pick = one["lines"][0]["pick_id"]
    said = {"list": one["head"]["id"], "sku": "4711", "bin": "forward_pick-1", "units": 3}
    commands.take_list(ctx(BO), TakeList(one["head"]["id"], take_over=True))
    device.do(CY, "pick.confirm", **said, pick=pick, tote="T-99")
    device.do(CY, "pick.confirm", **said, pick=pick + 10_000, tote="")
    device.do(CY, "pick.confirm", **said, pick=pick, tote="T-03")
    device.do(CY, "pick.confirm", **said, pick=pick, tote="T-03")
    device.do(CY, "pick.confirm", **said, pick="all")
    device.send()
    assert device.results() == {1: "review", 2: "review", 3: "applied", 4: "review", 5: "review"}
    waiting = JournalEntry.objects.filter(state="review").order_by("seq")
    assert [entry.code for entry in waiting] == ["wrong_tote", "pick_not_found", "pick_closed", "unreadable_entry"]
    page = signed_in(ADA).get("/devices/entries").content.decode()
    assert "3 × 4711 from forward_pick-1 into T-99" in page and "T-99 is no tote of the house." in page


def test_what_a_short_pick_left_and_was_found_after_all_is_picked_though_the_device_has_no_number_for_it(device):
    one = along(device, CY, next=True)[1]["lists"][0]
    pick = one["lines"][0]["pick_id"]
    of = {"list": one["head"]["id"], "number": one["head"]["number"], "sku": "4711", "bin": "forward_pick-1"}
    rest = {**of, "pick": pick, "units": 2, "rest": 1}
    device.do(CY, "pick.short", **of, pick=pick, units=3, found=1, reason="none_there", tote="T-03")
    device.do(CY, "pick.confirm", **rest, tote="T-03")
    device.do(CY, "pick.found", **of, pick=pick, units=2)
    device.do(CY, "pick.confirm", **rest, tote="T-03")
    device.do(CY, "pick.undo", **rest)
    device.do(CY, "pick.confirm", **rest, tote="T-03")
    told = device.send()
    assert [(a["result"], a["message"]) for a in told["answers"]] == [
        ("applied", "2 wait for stock again"), ("review", "What was found after all is not booked."),
        ("applied", "2 × 4711 found after all"), ("applied", "Picked 2 × 4711"), ("applied", "Put back 2 × 4711"),
        ("applied", "Picked 2 × 4711"),
    ]  # fmt: skip
    line = "SELECT order_line_id FROM fulfilment_pickline WHERE id = %s"
    rows = sql.fetch_all(
        f"SELECT state, units FROM fulfilment_pickline WHERE order_line_id = ({line}) ORDER BY id", (pick,)
    )
    assert rows == [("picked", 1), ("picked", 2)]


def test_a_device_of_another_site_takes_no_list_of_this_one(device):
    there = sql.fetch_value(
        "INSERT INTO locations_site (code, name, timezone, country) VALUES ('T2', 'There', 'UTC', 'GB') RETURNING id"
    )
    number = along(device, CY, next=True)[1]["lists"][0]["head"]["number"]
    moved = MoveDevice(device.id, there, [], "Short of phones")
    assert [held.what for held in held_on(device.code, datetime.now(UTC))] == [number]
    devices.move_device(ctx(ADA, now=datetime.now(UTC)), moved)
    assert along(device, CY) == (200, {"lists": []}), "it stays behind"
    here = sql.fetch_value("SELECT s.code FROM fulfilment_picklist l JOIN locations_site s ON s.id = l.site_id")
    assert along(device, CY, code=number)[1]["title"] == f"{number} is at {here}; this device works at T2."
    assert along(device, CY, next=True)[1]["title"] == "No list waits."
