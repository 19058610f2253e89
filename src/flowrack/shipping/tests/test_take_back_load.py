import pytest
from tests.cast import ADA, EVE, GUS, ctx

from flowrack.devices.models import JournalEntry
from flowrack.devices.tests.house import enrolled
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.tests.test_scan_journal import along
from flowrack.shipping.types_along import NotAlong, TakeBackLoad, TakeLoadsAlong

pytestmark = pytest.mark.django_db


def test_scans_that_come_in_after_the_truck_was_taken_back_go_before_a_person():
    yard = trucks.yard()
    device = enrolled(GUS, at=yard.site)
    early, late = yard.packed("NORTH"), yard.packed("NORTH")
    plan = yard.started(early, late)
    along(device, next=True)
    of = {"load": plan.load_id, "number": plan.number, "stop": 1}
    device.do(GUS, "load.plate", **of, plate=yard.plate(early))
    assert device.send()["answers"][-1]["result"] == "applied"
    device.do(GUS, "load.plate", **of, plate=yard.plate(late))
    commands.take_back_load(ctx(ADA), TakeBackLoad(plan.load_id, device.code))
    assert device.send()["answers"][-1]["result"] == "review"
    [entry] = JournalEntry.objects.filter(state="review")
    assert entry.code == "taken_back_from"
    assert entry.message == (
        f"Ada Manager took {plan.number} back from {device.code} at 09:00."
        f" This scan of {yard.plate(late)} came after that."
    )
    assert trucks.on_truck(plan.load_id) == 1
    along(device, code="D1")
    device.do(GUS, "load.plate", **of, plate=yard.plate(late))
    assert device.send()["answers"][-1]["result"] == "applied", "it has the truck along again"
    assert trucks.on_truck(plan.load_id) == 2


def test_only_what_a_device_has_is_taken_back_and_only_by_who_loads():
    yard = trucks.yard()
    plan = yard.started(yard.packed("NORTH"))
    commands.take_loads_along(ctx(GUS, device="LT-3"), TakeLoadsAlong(yard.site, [plan.load_id]))
    with pytest.raises(NotAlong, match=r"LT-9 does not have LD-\d+ along"):
        commands.take_back_load(ctx(ADA), TakeBackLoad(plan.load_id, "LT-9"))
    with pytest.raises(NotPermitted):
        commands.take_back_load(ctx(EVE), TakeBackLoad(plan.load_id, "LT-3"))
    done = commands.take_back_load(ctx(ADA, "k"), TakeBackLoad(plan.load_id, "LT-3"))
    assert commands.take_back_load(ctx(ADA, "k"), TakeBackLoad(plan.load_id, "LT-3")) == done
    assert sql.fetch_all("SELECT device, ending FROM shipping_loadalong") == [("LT-3", "taken_back")]
