"""A lead lets somebody try their PIN again."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, NOW, ctx, signed_in

from flowrack.devices import commands
from flowrack.devices.models import PinTry
from flowrack.devices.types import IssueBadge, SetPin, UnlockPin
from flowrack.shared.errors import DutiesConflict, NotFound, NotPermitted

from .house import enrolled

pytestmark = pytest.mark.django_db


def test_an_unlocked_pin_works_again():
    device = enrolled()
    badge = commands.issue_badge(ctx(ADA), IssueBadge(CY.id)).text
    commands.set_pin(ctx(CY), SetPin("482917"))
    PinTry.objects.create(device_id=device.id, person_id=CY.id, failures=5, tried_at=NOW)
    browser = signed_in(ADA)
    assert f"Unlock PIN on {device.code}" in browser.get(f"/devices/badges/{CY.id}").content.decode()
    with pytest.raises(DutiesConflict):
        commands.unlock_pin(ctx(ADA), UnlockPin(device.id, ADA.id))
    with pytest.raises(NotPermitted):
        commands.unlock_pin(ctx(CY), UnlockPin(device.id, CY.id))
    assert PinTry.objects.get().failures == 5
    browser.post(f"/devices/badges/{CY.id}/unlock-pin", {"device": device.id, "idempotency_key": "u"})
    assert device.sign_in(badge, "482917").status_code == 200
    with pytest.raises(NotFound):
        commands.unlock_pin(ctx(ADA), UnlockPin(device.id, CY.id))
