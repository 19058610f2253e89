"""What waits to be applied: with which rights, one at a time, and nothing keeps the rest from going on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction
from tests.cast import ADA, CY, ctx

from flowrack.devices import jobs, locks
from flowrack.devices.jobs_apply import as_system
from flowrack.devices.models import JournalEntry
from flowrack.platform import sql
from flowrack.tasks import steps
from flowrack.tasks.models import Task
from flowrack.tasks.tests.house import site, work

from .house import TAKE, enrolled, with_test_flow

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(monkeypatch) -> int:
    with_test_flow(monkeypatch)
    found = site()
    steps.create_tasks(ctx(ADA), [work(found, n) for n in range(1, 4)])
    return found


def states() -> list[tuple[str, str]]:
    return list(JournalEntry.objects.order_by("seq").values_list("state", "code"))


def test_a_device_does_work_at_its_own_site_only(here):
    device = enrolled(at=site("T2"))
    device.do(CY, site=here)
    device.send()
    assert (states(), Task.objects.filter(state="leased").count()) == ([("review", "not_permitted")], 0)


def test_an_entry_that_the_database_refuses_does_not_keep_the_next_from_being_done(here, monkeypatch):
    @transaction.atomic
    def divide(_ctx, asked):
        if asked.number("by"):
            return "Divided"
        return str(sql.fetch_value("SELECT 1 / %s::int", (asked.number("by"),)))

    flows = {"test.take": replace(TAKE, apply=divide)}
    monkeypatch.setattr("flowrack.devices.jobs_apply.all_journal_flows", lambda: flows)
    device = enrolled(at=here)
    device.do(CY, by=0)
    device.do(CY, by=1)
    device.send()
    assert states() == [("review", "internal"), ("applied", "")]


def test_a_time_at_the_end_of_the_calendar_and_texts_that_cannot_be_written_are_refused_not_broken(here):
    device = enrolled(at=here)
    device.clock = timedelta(seconds=-20)
    device.do(CY, at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), site=here)
    assert device.send()["status"] == 200
    assert states() == [("review", "wrong_clock")]
    ask = "/scan/device/ask"
    assert device.client.post(ask, "[" * 200_000, "application/json").status_code == 422
    assert device.client.post(ask, '{"public_key": "\\ud800"}', "application/json").status_code == 422


def test_what_was_left_is_done_by_the_clock(here, monkeypatch):
    device = enrolled(at=here)
    device.do(CY, site=here)
    with monkeypatch.context() as away:
        away.setattr("flowrack.devices.scan_sync.apply_ready", lambda *_: 0)
        device.send()
    jobs.apply_left(as_system(""))
    assert states() == [("ready", "")], "a minute has not gone by"
    later = as_system("")
    later.now += timedelta(minutes=2)
    jobs.apply_left(later)
    assert states() == [("applied", "")]


def test_while_somebody_applies_nobody_else_does(here, monkeypatch):
    device = enrolled(at=here)
    device.do(CY, site=here)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_lock({locks.TURN})", (device.id,))
        monkeypatch.setattr(locks, "WAIT_SECONDS", 0.0)
        device.send()
        assert device.results() == {1: "ready"}
    finally:
        other.close()
    device.send()
    assert device.results() == {1: "applied"}
