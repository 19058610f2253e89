"""A device's journal comes in: each entry once, in order, and what cannot be believed before a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.cast import ADA, BO, CY, ctx

from flowrack.devices import commands, queries
from flowrack.devices.models import Device, JournalEntry
from flowrack.devices.types import ApproveDevice, NotePerson, TakeIn
from flowrack.platform.models import CommandRecord, OutboxEvent
from flowrack.shared.errors import NotPermitted
from flowrack.tasks import steps
from flowrack.tasks.models import Task
from flowrack.tasks.tests.house import site, work

from .house import Scanner, enrolled, with_test_flow

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(monkeypatch) -> int:
    with_test_flow(monkeypatch)
    found = site()
    steps.create_tasks(ctx(ADA), [work(found, n) for n in range(1, 31)])
    return found


def taken() -> int:
    return Task.objects.filter(state="leased").count()


def test_what_was_done_offline_is_done_once_in_the_name_and_at_the_time_of_who_did_it(here):
    device = enrolled(at=here)
    hours_ago = datetime.now(UTC) - timedelta(hours=5)
    entries = [device.do(CY, at=hours_ago + timedelta(minutes=n), site=here) for n in range(3)]
    told = device.send()
    assert [one["result"] for one in told["answers"]] == ["applied"] * 3
    assert [one["message"] for one in told["answers"]] == ["Took 1", "Took 2", "Took 3"]
    records = CommandRecord.objects.filter(command="tasks.claim_next").order_by("id")
    assert [(r.actor_id, r.device, r.key) for r in records] == [(CY.id, device.code, e.key) for e in entries]
    assert abs(records[0].occurred_at - hours_ago) < timedelta(seconds=5)
    again = device.send(entries)
    assert [(one["result"], one["is_repeat"]) for one in again["answers"]] == [("applied", True)] * 3
    assert taken() == 3


def test_an_answer_that_was_lost_after_the_work_does_no_work_twice(here, monkeypatch):
    device = enrolled(at=here)
    device.do(CY, site=here)
    real = commands.settle_entries
    with monkeypatch.context() as broken:
        broken.setattr(commands, "settle_entries", lambda *_: (_ for _ in ()).throw(ConnectionError()))
        with pytest.raises(ConnectionError):
            device.send()
    assert commands.settle_entries is real
    assert (taken(), JournalEntry.objects.get().state) == (1, "ready")
    device.send()
    assert (device.results(), taken()) == ({1: "applied"}, 1)


def test_after_a_gap_entries_wait_and_go_on_when_it_closes(here):
    device = enrolled(at=here)
    one, two, three = (device.do(CY, site=here) for _ in range(3))
    device.send([one, three])
    assert (device.results(), taken()) == ({1: "applied", 3: "parked"}, 1)
    device.send([two])
    assert (device.results(), taken()) == ({2: "applied"}, 3)
    device.send([three])
    assert device.results() == {3: "applied"}
    assert Device.objects.get().last_seq == 3
    four, five, six = (device.do(CY, site=here) for _ in range(3))
    device.send([five, six])
    assert device.results() == {5: "parked", 6: "parked"}
    device.send([four, five, six])
    assert (device.results(), taken()) == ({4: "applied", 5: "applied", 6: "applied"}, 6), "all of it again"


def test_a_copied_device_is_locked_and_nothing_of_either_is_lost(here):
    device = enrolled(at=here)
    device.do(CY, site=here)
    device.send()
    copy = Scanner(device.secret, device.code, device.id, list(device.entries))
    device.do(CY, site=here)
    copy.do(CY, site=here)
    device.send()
    told = copy.send()
    assert (copy.results()[2], told["state"]) == ("cloned", "locked")
    assert taken() == 2, "the copy's scan was not done"
    device.do(CY, site=here)
    assert (device.send()["state"], device.results()) == ("locked", {3: "kept"})
    assert JournalEntry.objects.count() == 2


def test_a_clock_that_is_wrong_is_measured_and_a_time_that_cannot_be_goes_before_a_person(here):
    device = enrolled(at=here)
    device.clock = timedelta(days=-40)
    device.do(CY, site=here)
    device.send()
    assert device.results() == {1: "applied"}
    row, entry = Device.objects.get(), JournalEntry.objects.get()
    assert timedelta(days=39) < timedelta(milliseconds=row.clock_offset_ms) < timedelta(days=41)
    assert abs(entry.occurred_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert queries.so_long(40 * 86_400 + 3_600) == "40 days 1 h"
    device.clock = timedelta()
    device.do(CY, at=datetime.now(UTC) + timedelta(hours=2), site=here)
    device.do(CY, at=datetime.now(UTC) - timedelta(days=15), site=here)
    device.do(CY, at=datetime.now(UTC) - timedelta(days=13), site=here)
    device.send()
    assert device.results() == {2: "review", 3: "review", 4: "applied"}
    assert {e.code for e in JournalEntry.objects.filter(state="review")} == {"wrong_clock"}


def test_somebody_who_never_signed_in_there_is_not_believed(here):
    device = enrolled(at=here)
    device.do(BO, site=here)
    device.send()
    assert (device.results(), taken()) == ({1: "review"}, 0)
    assert JournalEntry.objects.get().code == "not_signed_in_here"
    told = OutboxEvent.objects.get(kind="devices.needs_person")
    assert (told.body["device_id"], told.body["entry_ids"]) == (device.id, [JournalEntry.objects.get().id])


def test_whoever_had_the_device_before_is_named_no_more_once_somebody_else_signed_in(here):
    device = enrolled(at=here)
    noon = datetime.now(UTC) - timedelta(hours=5)
    commands.note_person(ctx(BO, now=noon), NotePerson(device.id))
    device.do(CY, at=noon - timedelta(minutes=10), site=here)
    device.do(CY, at=noon + timedelta(minutes=1), site=here)  # a clock is right to within two minutes
    device.do(CY, at=noon + timedelta(minutes=10), site=here)
    device.do(BO, at=noon + timedelta(minutes=11), site=here)
    commands.note_person(ctx(CY, now=noon + timedelta(hours=1)), NotePerson(device.id))
    device.do(CY, at=noon + timedelta(hours=2), site=here)
    device.do(BO, at=noon + timedelta(hours=2), site=here)
    device.send()
    assert list(JournalEntry.objects.order_by("seq").values_list("seq", "code")) == [
        (1, ""), (2, ""), (3, "somebody_else_here"), (4, ""), (5, ""), (6, "somebody_else_here"),
    ]  # fmt: skip
    assert JournalEntry.objects.get(seq=3).message == "Somebody else had signed in on this device since."


def test_a_message_with_another_signature_a_broken_entry_and_an_unknown_device_change_nothing(here):
    device = enrolled(at=here)
    entry = device.do(CY, site=here)
    stranger = Scanner(99, device.code, device.id, [entry])
    assert stranger.send()["status"] == 401
    assert Scanner(device.secret, "DEV-0").send()["status"] == 401
    device.entries[0] = type(entry)(**{**{f: getattr(entry, f) for f in entry.__slots__}, "payload": '{"site": 1}'})
    device.send()
    assert device.results() == {1: "broken"}
    assert not JournalEntry.objects.exists() and taken() == 0


def test_bad_shapes_are_refused_by_line(here):
    device = enrolled(at=here)
    device.do(CY, flow="x" * 41, site=here)
    assert device.send()["status"] == 422
    device.entries = []
    for _ in range(201):
        device.do(CY, site=here)
    told = device.send()
    assert (told["status"], told["title"]) == (422, "At most 200 entries at once.")
    assert not JournalEntry.objects.exists()


def test_only_the_house_itself_takes_a_message_in(here):
    device = enrolled(at=here)
    with pytest.raises(NotPermitted):
        commands.take_in(ctx(ADA), TakeIn(device.id, datetime.now(UTC), 0, ""))


def test_a_storage_that_was_wiped_is_told_what_it_lost(here):
    device = enrolled(at=here)
    device.do(CY, site=here)
    device.send(outbox=14)
    anew = Scanner(55)
    assert anew.ask(replaces=device.code)["lost"] is None, "whoever asks is nobody yet"
    commands.approve_device(ctx(ADA), ApproveDevice(Device.objects.get(code=anew.code).id, here, "Anew"))
    told = anew.ask(replaces=device.code)
    assert (told["lost"]["device"], told["lost"]["count"], told["lost"]["last_seq"]) == (device.code, 14, 1)


def test_five_devices_send_a_thousand_scans_out_of_order_and_several_times(here):
    """T-12, at the size of every day: each scan is done once or explained; see tests of the rules for more orders."""
    import random

    dice = random.Random(12)
    steps.create_tasks(ctx(ADA), [work(here, n) for n in range(31, 141)])
    devices = [enrolled(secret=100 + n, at=here) for n in range(5)]
    sent = []
    for device in devices:
        for _ in range(20):
            device.do(CY, site=here)
        lost = dice.randrange(20) if device is devices[0] else -1
        parts = [[e for e in device.entries[at : at + 5] if e.seq != lost + 1] for at in range(0, 20, 5)]
        sent += [(device, part) for part in parts for _ in range(dice.randint(1, 4))]
    dice.shuffle(sent)
    for device, part in sent:
        device.send(part)
    applied = JournalEntry.objects.filter(state="applied").count()
    explained = JournalEntry.objects.filter(state="parked").count()
    assert (applied + explained, taken()) == (99, applied)
    assert JournalEntry.objects.exclude(state__in=["applied", "parked"]).count() == 0
    for device in devices:
        states = list(JournalEntry.objects.filter(device_id=device.id).order_by("seq").values_list("seq", "state"))
        assert [state for _, state in states] == sorted((state for _, state in states)), "in order, then parked"
