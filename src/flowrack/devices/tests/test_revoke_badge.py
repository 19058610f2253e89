"""A lost badge opens nothing."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, ctx

from flowrack.devices import commands
from flowrack.devices.models import Badge
from flowrack.devices.types import IssueBadge, RevokeBadge, SetPin
from flowrack.shared.errors import NotFound, NotPermitted

from .house import enrolled

pytestmark = pytest.mark.django_db


def test_a_revoked_badge_signs_nobody_in():
    device = enrolled()
    badge = commands.issue_badge(ctx(ADA), IssueBadge(CY.id)).text
    commands.set_pin(ctx(CY), SetPin("482917"))
    assert device.sign_in(badge, "482917").status_code == 200
    commands.revoke_badge(ctx(ADA), RevokeBadge(CY.id))
    assert device.sign_in(badge, "482917").status_code == 403


def test_without_a_badge_or_the_right_nothing_changes():
    with pytest.raises(NotFound):
        commands.revoke_badge(ctx(ADA), RevokeBadge(CY.id))
    commands.issue_badge(ctx(ADA), IssueBadge(CY.id))
    with pytest.raises(NotPermitted):
        commands.revoke_badge(ctx(CY), RevokeBadge(CY.id))
    assert Badge.objects.get().revoked_at is None
