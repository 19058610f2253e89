"""What came of entries that were tried."""

from __future__ import annotations

import pytest
from tests.cast import ADA, BO, CY, ctx, signed_in, user_id

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


def test_a_device_is_told_how_much_needs_who_is_on_it_wherever_they_did_it(monkeypatch):
    with_test_flow(monkeypatch)
    first = enrolled()
    second = enrolled(CY, BO, secret=8, at=Device.objects.get().site_id)
    for device in (first, second):
        device.do(CY, flow="nothing.known")
    told = (first.send()["needs"], second.send()["needs"])
    assert told == ({"person": user_id(CY), "count": 1}, {"person": user_id(BO), "count": 0})
    second.do(BO, flow="nothing.known")
    assert second.send()["needs"] == {"person": user_id(BO), "count": 1}
    assert first.send()["needs"] == {"person": user_id(CY), "count": 2}
    screen = signed_in(CY).get("/scan/needs").content.decode()
    assert "Needs you: 2" in screen
