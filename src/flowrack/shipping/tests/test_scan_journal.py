"""What a device's journal says about trucks is done by the ordinary commands, or waits with the reason."""

from __future__ import annotations

import json

import pytest
from tests.cast import ADA, CY, EVE, GUS, ctx, signed_in

from flowrack.devices.models import JournalEntry
from flowrack.devices.tests.house import Scanner, enrolled
from flowrack.platform import sql
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import CloseLoad, LoadPlate, TakeOff
from flowrack.shipping.types_pallets import StackCartons

pytestmark = pytest.mark.django_db


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


@pytest.fixture
def device(yard: trucks.Yard) -> Scanner:
    return enrolled(GUS, at=yard.site)


def along(device: Scanner, person=GUS, **body) -> tuple[int, dict]:
    """What the app fetches before the truck is loaded."""
    answer = signed_in(person).post(
        "/scan/load/along", json.dumps(body), "application/json", headers={"Flowrack-Device": device.code}
    )
    return answer.status_code, answer.json()


def test_a_truck_goes_along_with_stops_plates_hazards_and_where_everything_else_belongs(yard, device):
    north, south = yard.packed("NORTH", ("4711", 4), ("ACID", 2)), yard.packed("SOUTH")
    loose, waits, away = yard.picked("NORTH"), yard.packed("SOUTH"), yard.packed("NORTH")
    plan = yard.planned(north, loose, south, max_weight_g=9_000)
    other = yard.planned(away, door="D2")
    assert along(device, have=[plan.load_id + 999]) == (200, {"trucks": [], "new": 0})
    status, told = along(device, code="d1")
    assert (status, told["new"], trucks.load_state(plan.load_id)) == (200, plan.load_id, "loading")
    [truck] = told["trucks"]
    head = truck["head"]
    assert (head["number"], head["door"], head["state"], head["max_weight_g"]) == (plan.number, "D1", "loading", 9_000)
    assert truck["stops"] == [
        {"stop_no": 1, "customer": "NORTH Ltd", "to_come": 0}, {"stop_no": 2, "customer": "SOUTH Ltd", "to_come": 0},
    ]  # fmt: skip
    assert [(p["codes"], p["stop_no"], p["units"], p["hazards"], p["foreign"]) for p in truck["plates"]] == [
        ([yard.plate(south)], 2, 10, {}, ""), ([loose.number], 1, 10, {}, ""),
        ([yard.plate(north)], 1, 6, {"8": "ACID"}, ""),
    ]  # fmt: skip
    belongs = f"{waits.number} for SOUTH Ltd is on no truck: leave it in staging."
    assert truck["elsewhere"] == {
        waits.number: belongs, yard.plate(waits): belongs,
        away.number: f"{away.number} goes on {other.number} at door D2.",
        yard.plate(away): f"{away.number} goes on {other.number} at door D2.",
    }  # fmt: skip
    assert (truck["on"], truck["apart"], truck["stop_order"], truck["knows_all"]) == ([], [], "warn", True)
    assert along(device, next=True)[1]["new"] == plan.load_id, "the one that is being loaded comes first"
    assert along(device, next=True, have=[plan.load_id])[1]["new"] == other.load_id


def test_a_pallet_of_cartons_goes_along_under_all_its_labels_and_says_when_it_holds_other_goods(yard, device):
    mine, others = yard.packed("NORTH", ("FUEL", 3), kind="carton"), yard.packed("NORTH", kind="carton")
    hot = yard.packed("SOUTH", ("OXID", 1))
    pallet = commands.stack_cartons(ctx(GUS), StackCartons(yard.site, [yard.plate(mine), yard.plate(others)])).pallet
    plan = yard.started(mine, hot)
    [truck] = along(device, code=plan.number)[1]["trucks"]
    plate = next(one for one in truck["plates"] if one["stop_no"] == 1)
    assert plate["codes"] == sorted([pallet, yard.plate(mine), yard.plate(others)])
    assert plate["foreign"] == f"{others.number} for NORTH Ltd is on no truck: leave it in staging."
    assert truck["apart"] == [
        {"one": "3", "other": "5.1", "cell": "O",
         "words": "may travel together only if separated so that, should packages leak, they cannot mix:",
         "rule": "49 CFR 177.848(d), cell O."}
    ]  # fmt: skip


def test_only_who_loads_here_takes_a_truck_along_and_a_wrong_code_says_what_to_scan(yard, device):
    assert along(device, next=True)[1]["title"] == "No other truck waits."
    assert along(device, code="D1")[1]["title"] == "No truck is planned for door D1."
    assert along(device, code="SO-1")[1]["title"] == "SO-1 is no door and no truck."
    assert signed_in(GUS).post("/scan/load/along").status_code == 403, "only the app may ask"
    plan = yard.planned(yard.packed("NORTH"))
    body, headers = json.dumps({"code": "D1"}), {"Flowrack-Device": device.code}
    refused = signed_in(EVE).post("/scan/load/along", body, "application/json", headers=headers)
    assert (refused.status_code, trucks.load_state(plan.load_id)) == (403, "open")


def test_each_kind_of_entry_does_what_it_says_by_the_same_command_and_once(yard, device):
    north, south = yard.packed("NORTH"), yard.packed("SOUTH")
    plan = yard.planned(north, south)
    of = {"load": plan.load_id, "number": plan.number}
    device.do(GUS, "load.start", **of, door="D2")
    device.do(GUS, "load.plate", **of, plate=yard.plate(south), stop=2)
    device.do(GUS, "load.plate", **of, plate=yard.plate(north), stop=1, reason="Side doors")
    device.do(GUS, "load.off", **of, plate=yard.plate(north))
    device.do(GUS, "load.plate", **of, plate=yard.plate(north), stop=1)
    told = device.send()
    assert [(a["result"], a["message"]) for a in told["answers"]] == [
        ("applied", f"{plan.number} at door D2"), ("applied", f"{yard.plate(south)} on the truck, stop 2"),
        ("applied", f"{yard.plate(north)} on the truck, stop 1"), ("applied", f"{yard.plate(north)} off the truck"),
        ("applied", f"{yard.plate(north)} on the truck, stop 1"),
    ]  # fmt: skip
    device.send(device.entries)
    rows = sql.fetch_all("SELECT stop_no, state, reason FROM shipping_loadedplate ORDER BY id")
    assert rows == [(2, "on", ""), (1, "off", "Side doors"), (1, "on", "")]


def test_what_somebody_else_booked_meanwhile_is_as_the_entry_says_and_refuses_nothing(yard, device):
    order = yard.packed("NORTH")
    plan = yard.started(order)
    of = {"load": plan.load_id, "number": plan.number, "plate": yard.plate(order)}
    commands.load_plate(ctx(ADA), LoadPlate(plan.load_id, yard.plate(order)))
    device.do(GUS, "load.start", load=plan.load_id, number=plan.number, door="D1")
    device.do(GUS, "load.plate", **of, stop=1)
    told = device.send()
    assert [a["message"] for a in told["answers"]] == [
        f"{plan.number} stood at door D1 already", f"{yard.plate(order)} was on the truck already",
    ]  # fmt: skip
    commands.take_off(ctx(ADA), TakeOff(plan.load_id, yard.plate(order)))
    device.do(GUS, "load.off", **of)
    assert device.send()["answers"][-1]["message"] == f"{yard.plate(order)} was off the truck already"
    assert trucks.on_truck(plan.load_id) == 0


def test_what_the_house_cannot_do_waits_with_the_reason_and_a_word_of_what_was_done(yard, device):
    yard.rule(needs_seal=False)
    gone, late, away = yard.packed("NORTH"), yard.packed("NORTH"), yard.packed("SOUTH")
    plan, other = yard.started(gone, late), yard.planned(away, door="D2")
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(gone)))
    of = {"load": plan.load_id, "number": plan.number}
    device.do(GUS, "load.plate", **of, plate=yard.plate(away), stop=1)
    device.do(GUS, "load.start", load=other.load_id, number=other.number, door="D9")
    device.do(GUS, "load.plate", **of, plate=7)
    device.do(CY, "load.plate", **of, plate=yard.plate(late), stop=1)
    device.send()
    commands.close_load(ctx(ADA), CloseLoad(plan.load_id, behind="no_room"))
    device.do(GUS, "load.plate", **of, plate=yard.plate(late), stop=1)
    device.send()
    waiting = list(JournalEntry.objects.filter(state="review").order_by("seq").values_list("code", "message"))
    assert waiting == [
        ("wrong_truck", f"{yard.plate(away)} does not go on {plan.number}."),
        ("load_refused", "D9 is no door of the site."),
        ("unreadable_entry", "The plate of this entry is no text."),
        ("not_signed_in_here", "Whoever did this had not signed in on this device."),
        (
            "scanned_too_late",
            f"Load {plan.number} is closed: its goods were issued. This scan of {yard.plate(late)} came after that.",
        ),
    ]
    page = signed_in(ADA).get("/devices/entries").content.decode()
    assert f"{yard.plate(late)} onto {plan.number}, stop 1" in page
