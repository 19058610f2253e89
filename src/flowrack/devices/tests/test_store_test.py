"""What the sheet of ten codes showed of a scanner."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, KIM, Person, ctx, user_id

from flowrack.devices import commands, queries
from flowrack.devices.models import Device
from flowrack.devices.types import DeviceNotWorking, StoreTest
from flowrack.shared.errors import Invalid, NotFound, NotPermitted

from .house import Scanner, enrolled

pytestmark = pytest.mark.django_db


def test_the_result_stays_with_the_device():
    device = enrolled()
    commands.store_test(ctx(CY), StoreTest(device.id, 9, "A pallet label: the separator was lost"))
    row = queries.device(device.id, actor_id=ADA.id)
    assert (row.test, row.test_faults) == ("9 of 10", "A pallet label: the separator was lost")


def test_eleven_of_ten_a_stranger_and_a_device_that_waits_are_refused():
    device = enrolled()
    with pytest.raises(Invalid):
        commands.store_test(ctx(CY), StoreTest(device.id, 11))
    with pytest.raises(NotPermitted):
        commands.store_test(ctx(KIM), StoreTest(device.id, 10))
    far = Person("far", "Far Picker", ("picker",))
    user_id(far, site_id=987_654)
    with pytest.raises(NotFound):
        commands.store_test(ctx(far), StoreTest(device.id, 10))
    Scanner(41).ask()
    waiting = Device.objects.get(state="asked")
    with pytest.raises(DeviceNotWorking):
        commands.store_test(ctx(CY), StoreTest(waiting.id, 10))
    assert not Device.objects.exclude(tested_at=None).exists()
