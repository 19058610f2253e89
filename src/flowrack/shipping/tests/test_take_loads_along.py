from datetime import timedelta

import pytest
from tests.cast import ADA, EVE, GUS, NOW, ctx, signed_in

from flowrack.devices.tests.house import enrolled
from flowrack.platform.web.along import held_on
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shipping import commands, queries_along
from flowrack.shipping.tests import trucks
from flowrack.shipping.tests.test_scan_journal import along
from flowrack.shipping.types_along import TakeLoadsAlong
from flowrack.shipping.types_loads import CancelLoad, ChangeLoad, CloseLoad, LoadNotFound, LoadPlate, Truck

pytestmark = pytest.mark.django_db


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def seen(load_id: int, minutes: int = 0) -> list[tuple[str, str]]:
    return [(one.device, one.person) for one in queries_along.along_on([load_id], NOW + timedelta(minutes=minutes))]


def test_the_house_knows_for_an_hour_which_device_has_a_truck_along(yard):
    plan = yard.started(yard.packed("NORTH"))
    req = TakeLoadsAlong(yard.site, [plan.load_id])
    commands.take_loads_along(ctx(GUS, device="LT-3"), req)
    commands.take_loads_along(ctx(GUS, device="LT-4"), req)
    assert seen(plan.load_id, 59) == [("LT-3", "Gus Packer"), ("LT-4", "Gus Packer")]
    assert seen(plan.load_id, 60) == []
    commands.take_loads_along(ctx(ADA, device="LT-3", now=NOW + timedelta(minutes=30)), req)
    [kept] = queries_along.along_on([plan.load_id], NOW + timedelta(minutes=89))
    assert (kept.device, kept.person, kept.since, kept.until) == (
        "LT-3",
        "Ada Manager",
        NOW,
        NOW + timedelta(minutes=90),
    )
    assert [(one.what, one.person) for one in held_on("LT-3", NOW)] == [(f"truck {plan.number}", "Ada Manager")]


def test_what_is_no_device_or_not_allowed_takes_none_along(yard):
    plan = yard.started(yard.packed("NORTH"))
    for who, kind, req in (
        (ctx(GUS, device=""), Invalid, TakeLoadsAlong(yard.site, [plan.load_id])),
        (ctx(GUS, device="LT-3"), Invalid, TakeLoadsAlong(yard.site, [])),
        (ctx(GUS, device="LT-3"), LoadNotFound, TakeLoadsAlong(yard.site, [plan.load_id + 99])),
        (ctx(EVE, device="LT-3"), NotPermitted, TakeLoadsAlong(yard.site, [plan.load_id])),
    ):
        with pytest.raises(kind):
            commands.take_loads_along(who, req)
    assert seen(plan.load_id) == []


def test_closing_and_planning_anew_say_who_has_it_along_and_closing_ends_that(yard):
    order = yard.packed("NORTH")
    plan, other = yard.started(order), yard.planned(yard.packed("SOUTH"), door="D2")
    commands.take_loads_along(ctx(GUS, device="LT-3"), TakeLoadsAlong(yard.site, [plan.load_id, other.load_id]))
    words = "LT-3 (Gus Packer) has it along since 09:00: scans that it has not sent are not known here."
    known = Truck(yard.doors["D1"], yard.carrier)
    assert commands.change_load(ctx(ADA), ChangeLoad(plan.load_id, [order.order_id], known)).warnings == [words]
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    assert commands.close_load(ctx(ADA), CloseLoad(plan.load_id, "S-1")).warning == words
    commands.cancel_load(ctx(ADA), CancelLoad(other.load_id, "no driver"))
    assert (seen(plan.load_id), seen(other.load_id)) == ([], [])


def test_the_app_takes_it_along_and_the_page_shows_it_and_takes_it_back(yard):
    device = enrolled(GUS, at=yard.site)
    plan = yard.started(yard.packed("NORTH"))
    assert along(device, next=True)[1]["new"] == plan.load_id
    page = signed_in(ADA).get(f"/loads/{plan.load_id}").content.decode()
    assert "Along on" in page and device.code in page and f"Take back from {device.code}" in page
    [truck] = along(device, have=[plan.load_id])[1]["trucks"]
    assert truck["head"]["id"] == plan.load_id
    signed_in(GUS).post(f"/loads/{plan.load_id}/take-back", {"key": "t", "device": device.code})
    assert "Along on" not in signed_in(ADA).get(f"/loads/{plan.load_id}").content.decode()
    assert along(device, have=[plan.load_id])[1]["trucks"] == [], "the device learns that it has it no more"
    assert along(device, code="D1")[1]["new"] == plan.load_id, "who scans its door takes it along anew"
