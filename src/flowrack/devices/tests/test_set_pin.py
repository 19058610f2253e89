"""One chooses one's own PIN."""

from __future__ import annotations

import pytest
from tests.cast import CY, KIM, ctx, signed_in

from flowrack.devices import commands
from flowrack.devices.models import Pin
from flowrack.devices.types import SetPin, WeakPin
from flowrack.platform.models import CommandRecord
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_pin_is_kept_as_a_slow_hash_and_in_no_record():
    commands.set_pin(ctx(CY), SetPin("482917"))
    commands.set_pin(ctx(CY), SetPin("739164"))
    pin = Pin.objects.get()
    assert pin.person_id == CY.id and pin.digest.startswith("argon2$argon2id$")
    assert "482917" not in str(list(CommandRecord.objects.values()))


def test_an_easy_pin_and_a_desk_are_refused():
    with pytest.raises(WeakPin):
        commands.set_pin(ctx(CY), SetPin("123456"))
    with pytest.raises(NotPermitted):
        commands.set_pin(ctx(KIM), SetPin("482917"))
    assert not Pin.objects.exists()


def test_the_form_asks_twice():
    browser = signed_in(CY)
    answer = browser.post("/devices/pin", {"pin": "482917", "again": "482918", "idempotency_key": "a"})
    assert answer.status_code == 422 and "not the same" in answer.content.decode()
    answer = browser.post("/devices/pin", {"pin": "111111", "again": "111111", "idempotency_key": "b"})
    assert answer.status_code == 422 and "repeats" in answer.content.decode()
    assert browser.post("/devices/pin", {"pin": "482917", "again": "482917", "idempotency_key": "c"}).status_code == 303
    assert Pin.objects.count() == 1
