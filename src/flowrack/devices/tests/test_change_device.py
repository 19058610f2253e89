"""A device is refused, lost, found, unlocked or revoked."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, Person, ctx, user_id

from flowrack.devices import commands
from flowrack.devices.models import Device, JournalEntry
from flowrack.devices.types import ChangeDevice
from flowrack.shared.errors import Invalid, NotFound, NotPermitted, WrongState
from flowrack.tasks.tests.house import site

from .house import Scanner, enrolled, with_test_flow

pytestmark = pytest.mark.django_db


def test_what_a_lost_device_still_sends_waits_for_a_person_and_nothing_is_done(monkeypatch):
    with_test_flow(monkeypatch)
    here = site()
    device = enrolled(at=here)
    assert commands.change_device(ctx(ADA), ChangeDevice(device.id, "lose", "Left on a truck")).state == "lost"
    device.do(CY, site=here)
    told = device.send()
    assert (told["state"], told["reason"], device.results()) == ("lost", "Left on a truck", {1: "review"})
    entry = JournalEntry.objects.get()
    assert (entry.code, entry.message) == ("device_gone", "The device was lost when this arrived.")
    assert commands.change_device(ctx(ADA), ChangeDevice(device.id, "find", "On the truck's seat")).state == "enrolled"
    device.do(CY, site=here)
    device.send()
    assert device.results() == {2: "applied"}


def test_a_refused_device_sends_nothing():
    device = Scanner(31)
    device.ask()
    device.id = Device.objects.get().id
    commands.change_device(ctx(ADA), ChangeDevice(device.id, "refuse", "Nobody knows it"))
    device.do(CY, site=1)
    device.send()
    assert device.results() == {1: "kept"}
    assert not JournalEntry.objects.exists()


def test_a_reason_is_asked_and_what_cannot_be_is_refused():
    device = enrolled()
    with pytest.raises(Invalid, match="Say why"):
        commands.change_device(ctx(ADA), ChangeDevice(device.id, "revoke", " "))
    for action in ("unlock", "find", "refuse"):
        with pytest.raises(WrongState):
            commands.change_device(ctx(ADA), ChangeDevice(device.id, action, "because"))
    with pytest.raises(Invalid, match="cannot be told"):
        commands.change_device(ctx(ADA), ChangeDevice(device.id, "lock", "because"))
    assert Device.objects.get().state == "enrolled"


def test_a_picker_changes_no_device_and_one_of_another_site_is_not_found():
    device = enrolled()
    with pytest.raises(NotPermitted):
        commands.change_device(ctx(CY), ChangeDevice(device.id, "revoke", "because"))
    far = Person("far", "Far Manager", ("warehouse_manager",))
    user_id(far, site_id=987_654)
    with pytest.raises(NotFound):
        commands.change_device(ctx(far), ChangeDevice(device.id, "revoke", "because"))
    assert Device.objects.get().state == "enrolled"
