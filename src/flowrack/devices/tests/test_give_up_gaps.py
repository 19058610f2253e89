"""A gap is waited for ten minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.cast import ADA, CY, ctx

from flowrack.devices import commands, jobs
from flowrack.devices.jobs_apply import as_system
from flowrack.devices.models import Device, JournalEntry
from flowrack.devices.types import GiveUpGaps
from flowrack.shared.errors import NotPermitted
from flowrack.tasks import steps
from flowrack.tasks.tests.house import site, work

from .house import enrolled, with_test_flow

pytestmark = pytest.mark.django_db


def test_after_ten_minutes_what_waits_goes_before_a_person_and_the_journal_goes_on(monkeypatch):
    with_test_flow(monkeypatch)
    here = site()
    steps.create_tasks(ctx(ADA), [work(here, n) for n in range(1, 9)])
    device = enrolled(at=here)
    one, two, three, four = (device.do(CY, site=here) for _ in range(4))
    device.send([one, three, four])
    jobs.give_up_gaps(as_system(""))
    assert JournalEntry.objects.filter(state="parked").count() == 2, "ten minutes are not over"
    later = as_system("")
    later.now = datetime.now(UTC) + timedelta(minutes=11)
    jobs.give_up_gaps(later)
    assert dict(JournalEntry.objects.values_list("seq", "state")) == {1: "applied", 3: "review", 4: "review"}
    assert Device.objects.get().last_seq == 4
    device.do(CY, site=here)
    device.send([device.entries[-1]])
    device.send([two])
    assert dict(JournalEntry.objects.values_list("seq", "state"))[5] == "applied"
    assert device.results() == {2: "applied"}, "the missing one is done when it comes after all"


def test_only_the_house_itself_gives_up():
    with pytest.raises(NotPermitted):
        commands.give_up_gaps(ctx(ADA), GiveUpGaps())
