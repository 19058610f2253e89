"""A badge is made for somebody else."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, ctx, signed_in

from flowrack.devices import commands
from flowrack.devices.models import Badge
from flowrack.devices.types import IssueBadge
from flowrack.platform.models import CommandRecord
from flowrack.shared.errors import DutiesConflict, NotFound, NotPermitted

pytestmark = pytest.mark.django_db


def test_a_badge_is_128_random_bits_and_is_kept_nowhere():
    first = commands.issue_badge(ctx(ADA), IssueBadge(CY.id))
    assert len(first.text) == 35 and first.text.startswith("FRB")
    second = commands.issue_badge(ctx(ADA), IssueBadge(CY.id))
    assert second.text != first.text
    assert [b.revoked_at is None for b in Badge.objects.order_by("id")] == [False, True]
    assert first.text[3:] not in str(list(CommandRecord.objects.values())) + str(list(Badge.objects.values()))


def test_nobody_issues_their_own_and_a_picker_issues_none():
    with pytest.raises(DutiesConflict):
        commands.issue_badge(ctx(ADA), IssueBadge(ADA.id))
    with pytest.raises(NotPermitted):
        commands.issue_badge(ctx(CY), IssueBadge(ADA.id))
    with pytest.raises(NotFound):
        commands.issue_badge(ctx(ADA), IssueBadge(10**9))
    assert not Badge.objects.exists()


def test_the_page_shows_the_barcode_this_once():
    browser = signed_in(ADA)
    assert "Cy Picker" in browser.get(f"/devices/badges/{CY.id}").content.decode()
    page = browser.post(f"/devices/badges/{CY.id}/issue", {"idempotency_key": "once"}).content.decode()
    assert "<svg" in page and "shown this once" in page
    again = browser.post(f"/devices/badges/{CY.id}/issue", {"idempotency_key": "once"}).content.decode()
    assert "<svg" not in again.split("badge-card")[-1].split("</main>")[0] or "shown then" in again
    assert Badge.objects.count() == 1
