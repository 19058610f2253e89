from datetime import timedelta

import pytest
from tests.cast import CY, EVE, GUS, NOW, bearer, ctx
from tests.scanner import Device
from tests.supply import approved, item, receive, supplier

from flowrack.inbound.types import CountedLine
from flowrack.platform import outbox, sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands, commands_along
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import Carried, ConfirmPutaway
from flowrack.storage.types_moves import TakePutaways
from flowrack.tasks.types import TaskTaken

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def scene():
    """(house, planned moves): a pallet with two items, another with one, and loose goods at the dock."""
    here, hose, coil = shelves(bins=6), item("V-200"), item("C-9")
    po = approved(here.site, supplier(), (hose, 100, "4"), (coil, 5, "4"))
    for units, sku, plate in ((60, hose, "LP-1"), (5, coil, "LP-1"), (30, hose, "LP-2"), (10, hose, "")):
        receive(po, here, CountedLine(units=Units(units), item_id=sku, lpn=plate))
    outbox.drain()
    return here, [row[0] for row in sql.fetch_all("SELECT id FROM storage_plannedmove ORDER BY id")]


def take(person, here, count=0, *, now=NOW, device="D-1", zones=()):
    req = TakePutaways(here.site, list(zones), count)
    return commands_along.take_putaways(ctx(person, now=now, device=device), req).planned_move_ids


def test_a_pallet_goes_along_whole_and_nobody_else_puts_it_away_for_an_hour(scene):
    here, (hose, coil, second, loose) = scene
    assert take(CY, here, 1) == [hose, coil]
    assert take(GUS, here, 9, device="D-2") == [second, loose]
    assert take(GUS, here, 9, device="D-2") == [second, loose]
    with pytest.raises(TaskTaken):
        commands.confirm_putaway(ctx(GUS), ConfirmPutaway([Carried(hose), Carried(coil)]))
    done = commands.confirm_putaway(ctx(CY), ConfirmPutaway([Carried(hose), Carried(coil)]))
    assert done.units == 65
    assert take(CY, here) == []


def test_the_page_of_the_house_says_who_has_a_pallet_along(scene):
    here, _ = scene
    req = TakePutaways(here.site, [], 1)
    commands_along.take_putaways(ctx(GUS, now=NOW + timedelta(days=3650), device="D-2"), req)
    phone = Device(CY, "/scan/putaway", here.site)
    assert phone.scan("LP-1") == "wrong" and "has this along on a device." in phone.page


def test_a_device_that_is_heard_of_keeps_its_goods_and_one_that_is_not_loses_them(scene):
    here, (hose, coil, *_) = scene
    take(CY, here, 1)
    assert take(CY, here, now=NOW + HOUR) == [hose, coil]
    assert take(GUS, here, 1, now=NOW + 2 * HOUR, device="D-2") != [hose, coil]
    assert take(CY, here, now=NOW + 3 * HOUR) == [hose, coil], "nobody took them"
    assert hose in take(GUS, here, 9, now=NOW + 4 * HOUR + timedelta(seconds=1), device="D-2")
    assert take(CY, here, now=NOW + 4 * HOUR + timedelta(seconds=2)) == []


def test_goods_go_along_with_a_device_of_the_zone_of_their_bin(scene):
    here, found = scene
    zone = sql.fetch_value("SELECT zone_id FROM locations_location WHERE id = %s", (here.places["forward_pick1"],))
    assert take(CY, here, 9, zones=[zone]) == []
    zone = sql.fetch_value("SELECT zone_id FROM locations_location WHERE id = %s", (here.places["R-01"],))
    assert take(CY, here, 9, zones=[zone]) == found


def test_strangers_pages_without_a_device_and_greed_are_refused_and_take_nothing(scene, client):
    here, _ = scene
    for person, more, error in ((EVE, {}, NotPermitted), (CY, {"device": ""}, Invalid)):
        with pytest.raises(error):
            take(person, here, 1, **more)
    with pytest.raises(Invalid):
        take(CY, here, 51)
    assert sql.fetch_value("SELECT count(*) FROM tasks_task WHERE state = 'leased'") == 0
    said = client.post(
        "/api/v1/putaways/take",
        {"site_id": here.site, "count": 1},
        "application/json",
        headers={**bearer(CY), "Flowrack-Device": "ROBOT-1", "Idempotency-Key": "k"},
    )
    assert (said.status_code, len(said.json()["planned_move_ids"])) == (200, 2)
