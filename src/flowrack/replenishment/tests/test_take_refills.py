from datetime import timedelta

import pytest
from tests.cast import ADA, CY, EVE, GUS, NOW, bearer, ctx
from tests.scanner import Device
from tests.supply import item

from flowrack.ledger.tests.house import receive as stocked
from flowrack.platform import sql
from flowrack.replenishment import commands, commands_along
from flowrack.replenishment.types import LiftRefill, PlanRefills, TakeRefills
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import PickFaceSetting, SetPickFaces
from flowrack.tasks.types import TaskTaken

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def scene():
    """(house, refills) of two faces."""
    here = shelves()
    for n, sku in enumerate(("V-200", "TAP"), 1):
        which = item(sku)
        face = PickFaceSetting(here.places[f"forward_pick{n}"], which, Units(10), Units(40))
        storage.set_pick_faces(ctx(ADA), SetPickFaces(here.site, [face]))
        stocked(here, which, 100, "1", f"R-0{n}")
    commands.plan_refills(ctx(ADA), PlanRefills(here.site))
    return here, [row[0] for row in sql.fetch_all("SELECT id FROM replenishment_refill ORDER BY id")]


def take(person, here, count=0, *, now=NOW, device="D-1", zones=()):
    req = TakeRefills(here.site, list(zones), count)
    return commands_along.take_refills(ctx(person, now=now, device=device), req).refill_ids


def test_a_refill_goes_along_with_one_driver_and_is_nobody_elses_for_an_hour(scene):
    here, (first, second) = scene
    assert take(CY, here, 1) == [first]
    assert take(GUS, here, 9, device="D-2") == [second]
    with pytest.raises(TaskTaken):
        commands.lift_refill(ctx(GUS), LiftRefill(first))
    commands.lift_refill(ctx(CY, device="D-1"), LiftRefill(first))
    assert take(CY, here, 9) == [first], "it is on the fork, and nothing else is free"


def test_the_page_of_the_house_says_who_has_it_along(scene):
    here, _ = scene
    commands_along.take_refills(ctx(GUS, now=NOW + timedelta(days=3650), device="D-2"), TakeRefills(here.site, [], 9))
    phone = Device(CY, "/scan/refill", here.site)
    assert phone.scan("R-01") == "wrong" and "has this along on a device." in phone.page


def test_a_device_that_is_not_heard_of_loses_what_others_take(scene):
    here, (first, second) = scene
    take(CY, here, 1)
    assert take(CY, here, now=NOW + 2 * HOUR) == [first], "nobody took it"
    assert sorted(take(GUS, here, 9, now=NOW + 3 * HOUR + timedelta(seconds=1), device="D-2")) == [first, second]
    assert take(CY, here, now=NOW + 3 * HOUR + timedelta(seconds=2)) == []


def test_strangers_pages_without_a_device_and_greed_are_refused_and_take_nothing(scene, client):
    here, _ = scene
    for person, more, error in ((EVE, {}, NotPermitted), (CY, {"device": ""}, Invalid)):
        with pytest.raises(error):
            take(person, here, 1, **more)
    with pytest.raises(Invalid):
        take(CY, here, 51)
    assert sql.fetch_value("SELECT count(*) FROM tasks_task WHERE state = 'leased'") == 0
    said = client.post(
        "/api/v1/refills/take",
        {"site_id": here.site, "count": 1},
        "application/json",
        headers={**bearer(CY), "Flowrack-Device": "ROBOT-1", "Idempotency-Key": "k"},
    )
    assert (said.status_code, len(said.json()["refill_ids"])) == (200, 1)
