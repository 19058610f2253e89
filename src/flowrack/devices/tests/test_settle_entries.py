"""What came of entries that were tried."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, ctx

from flowrack.devices import commands
from flowrack.devices.jobs_apply import as_system
from flowrack.devices.models import Device, JournalEntry
from flowrack.devices.types import Settle, Settled
from flowrack.platform.models import OutboxEvent
from flowrack.shared.errors import NotPermitted

from .house import enrolled, with_test_flow

pytestmark = pytest.mark.django_db


def test_what_the_house_refuses_goes_before_a_person_with_its_words(monkeypatch):
    with_test_flow(monkeypatch)
    device = enrolled()
    device.do(CY, site=Device.objects.get().site_id)
    device.do(CY, flow="nothing.known")
    device.do(CY)
    told = device.send()
    assert device.results() == {1: "applied", 2: "review", 3: "review"}, told
    unknown, unreadable = JournalEntry.objects.filter(state="review").order_by("seq")
    assert (unknown.code, unreadable.code) == ("unknown_flow", "unreadable_entry")
    assert unreadable.message == "This entry says no site."
    assert told["review"] == [2, 3]
    assert OutboxEvent.objects.filter(kind="devices.needs_person").count() == 1


def test_an_answer_is_given_once_and_only_by_the_house():
    device = enrolled()
    device.do(CY, flow="nothing.known")
    device.send()
    entry = JournalEntry.objects.get()
    answer = Settle([Settled(entry.id, True, "", "Done after all")])
    assert commands.settle_entries(as_system(""), answer).count == 0
    with pytest.raises(NotPermitted):
        commands.settle_entries(ctx(ADA), answer)
    assert JournalEntry.objects.get().state == "review"
