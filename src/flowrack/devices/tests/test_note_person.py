"""Somebody who signed in with a password works on a device."""

from __future__ import annotations

import pytest
from tests.cast import BO, CY, KIM, Person, ctx, signed_in, user_id

from flowrack.devices import commands
from flowrack.devices.models import Device, DeviceSession
from flowrack.devices.types import DeviceNotWorking, NotePerson
from flowrack.shared.errors import NotFound, NotPermitted

from .house import Scanner, enrolled

pytestmark = pytest.mark.django_db


def test_the_browser_says_once_who_works_there():
    device = enrolled()
    browser = signed_in(BO)
    for _ in range(2):
        told = browser.post("/scan/device/person", headers={"Flowrack-Device": device.code}).json()
        assert (told["person"], told["name"], told["device"], told["site"]) == (BO.id, "Bo Receiver", device.code, "T1")
    assert DeviceSession.objects.filter(person_id=BO.id).count() == 1
    assert browser.post("/scan/device/person", headers={"Flowrack-Device": "DEV-0"}).status_code == 401


def test_who_comes_back_after_somebody_else_is_written_down_again():
    device = enrolled(CY)
    for person in (BO, CY, CY):
        signed_in(person).post("/scan/device/person", headers={"Flowrack-Device": device.code})
    found = DeviceSession.objects.order_by("id").values_list("person_id", flat=True)
    assert list(found) == [CY.id, BO.id, CY.id]


def test_desks_other_sites_and_devices_that_wait_are_refused():
    device = enrolled()
    with pytest.raises(NotPermitted):
        commands.note_person(ctx(KIM), NotePerson(device.id))
    far = Person("far", "Far Picker", ("picker",))
    user_id(far, site_id=987_654)
    with pytest.raises(NotFound):
        commands.note_person(ctx(far), NotePerson(device.id))
    Scanner(71).ask()
    with pytest.raises(DeviceNotWorking):
        commands.note_person(ctx(CY), NotePerson(Device.objects.get(state="asked").id))
    assert DeviceSession.objects.count() == 1
