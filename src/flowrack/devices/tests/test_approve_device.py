"""A person lets a device work."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, Person, ctx, user_id

from flowrack.devices import commands, queries
from flowrack.devices.models import Device, DeviceZone
from flowrack.devices.types import ApproveDevice
from flowrack.shared.errors import Invalid, NotFound, NotPermitted, WrongState
from flowrack.tasks.tests.house import site, zone

from .house import Scanner

pytestmark = pytest.mark.django_db


@pytest.fixture
def device() -> Scanner:
    found = Scanner(21)
    found.ask()
    found.id = Device.objects.get().id
    return found


def test_a_manager_says_where_a_device_works(device):
    here = site()
    aisle = zone(here)
    changed = commands.approve_device(ctx(ADA), ApproveDevice(device.id, here, " Dock 2 ", [aisle]))
    row = queries.device(device.id, actor_id=ADA.id)
    assert (changed.state, row.name, row.site, row.zones, row.approved_by) == (
        "enrolled",
        "Dock 2",
        "T1",
        "A",
        "Ada Manager",
    )
    assert device.ask()["state"] == "enrolled"
    with pytest.raises(WrongState, match="is enrolled"):
        commands.approve_device(ctx(ADA), ApproveDevice(device.id, here, "Dock 3"))


def test_a_zone_of_another_site_and_a_name_that_is_none_are_refused_together(device):
    here, there = site(), site("T2")
    with pytest.raises(Invalid) as refused:
        commands.approve_device(ctx(ADA), ApproveDevice(device.id, here, "", [zone(there)]))
    assert [line.field for line in refused.value.lines] == ["name", "zone_ids"]
    assert (Device.objects.get().state, DeviceZone.objects.count()) == ("asked", 0)


def test_a_picker_approves_nothing_and_a_manager_only_at_their_own_site(device):
    here = site()
    far = Person("far", "Far Manager", ("warehouse_manager",))
    user_id(far, site_id=here + 999)
    for person in (CY, far):
        with pytest.raises(NotPermitted):
            commands.approve_device(ctx(person), ApproveDevice(device.id, here, "Dock 2"))
    with pytest.raises(NotFound):
        commands.approve_device(ctx(ADA), ApproveDevice(device.id + 1, here, "Dock 2"))
    assert Device.objects.get().state == "asked"
