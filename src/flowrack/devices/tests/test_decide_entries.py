"""A person decides about what a device could not do."""

from __future__ import annotations

import pytest
from tests.cast import ADA, BO, CY, KIM, ctx, signed_in

from flowrack.devices import commands
from flowrack.devices.models import JournalEntry
from flowrack.devices.types import DecideEntries
from flowrack.platform.models import CommandRecord
from flowrack.shared.errors import Invalid, NotFound, NotPermitted, WrongState
from flowrack.tasks import steps
from flowrack.tasks.models import Task
from flowrack.tasks.tests.house import site, work

from .house import Scanner, enrolled, with_test_flow

pytestmark = pytest.mark.django_db


@pytest.fixture
def device(monkeypatch) -> Scanner:
    """One entry of Bo, who never signed in there, and one of Cy, of a kind that nobody knows."""
    with_test_flow(monkeypatch)
    here = site()
    steps.create_tasks(ctx(ADA), [work(here, 1)])
    found = enrolled(at=here)
    found.do(BO, site=here)
    found.do(CY, flow="nothing.known")
    found.send()
    assert found.results() == {1: "review", 2: "review"}
    return found


def entry(seq: int) -> JournalEntry:
    return JournalEntry.objects.get(seq=seq)


def test_a_lead_does_it_again_in_their_own_name(device):
    browser = signed_in(ADA)
    page = browser.get("/devices/entries").content.decode()
    assert "Took a task at site" in page and "had not signed in on this device" in page
    answer = browser.post(f"/devices/entries/{entry(1).id}/redo", {"idempotency_key": "again"})
    assert answer.status_code == 303
    assert (entry(1).state, entry(1).decision, entry(1).decided_by_id) == ("applied", "redo", ADA.id)
    assert Task.objects.get().leased_by_id == ADA.id
    assert CommandRecord.objects.get(command="tasks.claim_next").key == entry(1).key


def test_what_is_refused_again_waits_again(device):
    answer = signed_in(ADA).post("/devices/entries", {"batch": "redo", "ids": [entry(2).id], "idempotency_key": "b"})
    assert answer.status_code == 303
    assert (entry(2).state, entry(2).code) == ("review", "unknown_flow")


def test_to_drop_takes_a_reason_and_a_lead(device):
    with pytest.raises(NotPermitted):
        commands.decide_entries(ctx(CY), DecideEntries([entry(2).id], "drop", "I know better"))
    with pytest.raises(Invalid, match="Say why"):
        commands.decide_entries(ctx(ADA), DecideEntries([entry(2).id], "drop"))
    commands.decide_entries(ctx(ADA), DecideEntries([entry(2).id], "drop", "Counted anew"))
    assert (entry(2).state, entry(2).reason) == ("dropped", "Counted anew")
    with pytest.raises(WrongState):
        commands.decide_entries(ctx(ADA), DecideEntries([entry(2).id], "redo"))


def test_one_hands_over_what_one_did_to_somebody_who_decides(device):
    commands.decide_entries(ctx(CY), DecideEntries([entry(2).id], "hand_over", to_id=ADA.id))
    assert (entry(2).state, entry(2).handed_to_id) == ("review", ADA.id)
    assert device.send()["review"] == [1], "what was handed over is no longer on the mind of who did it"
    with pytest.raises(Invalid, match="may not look at it"):
        commands.decide_entries(ctx(CY), DecideEntries([entry(2).id], "hand_over", to_id=BO.id))


def test_what_others_did_is_not_found_and_a_list_is_decided_whole_or_not_at_all(device):
    with pytest.raises(NotFound):
        commands.decide_entries(ctx(CY), DecideEntries([entry(1).id], "redo"))
    with pytest.raises(NotFound):
        commands.decide_entries(ctx(ADA), DecideEntries([entry(1).id, 10**9], "redo"))
    with pytest.raises(NotPermitted):
        commands.decide_entries(ctx(KIM), DecideEntries([entry(1).id], "redo"))
    assert {entry(1).state, entry(2).state} == {"review"}
    assert "Took a task" not in signed_in(CY).get("/devices/entries").content.decode()


def test_the_floor_sees_its_own_and_hands_it_to_the_lead(device):
    from tests.scanner import Device as Phone

    phone = Phone(CY, "/scan/needs", JournalEntry.objects.first().device.site_id)
    assert "does not know what this scan is" in phone.page
    assert phone.tap("redo") == "wrong"
    assert "It is put back" not in phone.page, "nobody knows what it did, so nobody can put it back"
    assert phone.tap("hand") == "ok"
    assert "Nothing needs you" in phone.page
    assert entry(2).handed_to_id == ADA.id


def test_who_put_the_goods_back_ends_the_entry_and_nobody_elses(device):
    from tests.scanner import Device as Phone

    JournalEntry.objects.filter(seq=2).update(flow="pick.confirm")
    with pytest.raises(NotFound):
        commands.decide_entries(ctx(BO), DecideEntries([entry(2).id], "put_back"))
    phone = Phone(CY, "/scan/needs", JournalEntry.objects.first().device.site_id)
    assert phone.tap("put_back") == "done" and "Nothing needs you" in phone.page
    assert (entry(2).state, entry(2).decision, entry(2).decided_by_id) == ("dropped", "put_back", CY.id)
    assert entry(2).reason == "The goods are where they were before."
    assert device.send()["review"] == [1], "the device tells it no more; the other one is not his"


def test_what_is_no_matter_of_putting_goods_back_is_ended_by_a_lead_only(device):
    from tests.scanner import Device as Phone

    for flow in ("pick.short", "pick.undo", "putaway.confirm", "refill.land", "load.plate", "count.bin"):
        JournalEntry.objects.filter(seq=2).update(flow=flow, decision="redo")
        with pytest.raises(Invalid, match="does not go away by putting goods back"):
            commands.decide_entries(ctx(CY), DecideEntries([entry(2).id], "put_back"))
    phone = Phone(CY, "/scan/needs", JournalEntry.objects.first().device.site_id)
    assert "put back" not in phone.page and "Hand to lead" in phone.page
    assert entry(2).state == "review"
    commands.decide_entries(ctx(ADA), DecideEntries([entry(2).id], "drop", "Counted anew"))
    assert entry(2).state == "dropped"
