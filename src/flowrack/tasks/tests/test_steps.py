"""Making, ending and cancelling tasks; a constant number of statements whatever their number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import ADA, CY, GUS, NOW, ctx

from flowrack.tasks import queries, steps
from flowrack.tasks.models import Task
from flowrack.tasks.types import ClaimNext, Finish, SetCapacity, TaskGone, TasksDone, TaskTaken

from .house import site, work, zone

pytestmark = pytest.mark.django_db


def test_tasks_come_back_in_the_order_given_in_one_statement(django_assert_num_queries):
    here, asked = site(), ctx(ADA)
    with django_assert_num_queries(1):
        ids = steps.create_tasks(asked, [work(here, n, units=n) for n in range(500)])
    found = queries.tasks(ids)
    assert [found[i].units for i in ids] == list(range(500))


def test_finishing_tells_whose_tasks_they_were(django_assert_num_queries):
    here, asked = site(), ctx(CY)
    ids = steps.create_tasks(asked, [work(here, n, origin=f"test.doc:{n}") for n in (1, 2)])
    with django_assert_num_queries(2):
        steps.complete(asked, [Finish(ids[1]), Finish(ids[0])])
    [event] = asked.events
    assert isinstance(event, TasksDone)
    assert event.origins == ["test.doc:2", "test.doc:1"]
    row = Task.objects.get(pk=ids[0])
    assert (row.state, row.finished_by_id, row.finished_at) == ("done", CY.id, NOW)


def test_a_task_is_finished_once():
    here, asked = site(), ctx(CY)
    [one] = steps.create_tasks(asked, [work(here)])
    steps.complete(asked, [Finish(one)])
    with pytest.raises(TaskGone, match="is done"):
        steps.complete(asked, [Finish(one)])


def test_an_old_token_cannot_finish_what_was_given_to_another():
    here = site()
    steps.create_tasks(ctx(ADA), [work(here)])
    [mine] = steps.claim_next(ctx(CY), ClaimNext(here, lease_seconds=60))
    later = NOW + timedelta(minutes=5)
    [theirs] = steps.claim_next(ctx(GUS, now=later), ClaimNext(here))
    assert theirs.id == mine.id
    with pytest.raises(TaskTaken):
        steps.complete(ctx(CY, now=later), [Finish(mine.id, mine.lease_token)])
    steps.complete(ctx(GUS, now=later), [Finish(theirs.id, theirs.lease_token)])


def test_cancelling_by_document_leaves_ended_tasks_alone():
    here, asked = site(), ctx(ADA)
    ids = steps.create_tasks(asked, [work(here, origin="test.doc:1"), work(here, origin="test.doc:1")])
    steps.complete(asked, [Finish(ids[0])])
    assert steps.cancel_of_origins(asked, ["test.doc:1"], reason="order cancelled") == 1
    assert {t.pk: t.state for t in Task.objects.all()} == {ids[0]: "done", ids[1]: "cancelled"}


def test_setting_aside_keeps_the_reason():
    here, asked = site(), ctx(CY)
    [one] = steps.create_tasks(asked, [work(here)])
    steps.set_aside(asked, [Finish(one)], reason="bin empty")
    assert Task.objects.values_list("state", "reason").get() == ("excepted", "bin empty")


def test_load_stands_against_hands_by_zone_and_kind():
    here, asked = site(), ctx(ADA)
    a = zone(here)
    tomorrow = NOW + timedelta(days=1)
    steps.create_tasks(
        asked,
        [
            work(here, zone_id=a, standard_seconds=40),
            work(here, zone_id=a, standard_seconds=60, due_at=NOW),
            work(here, zone_id=a, standard_seconds=99, due_at=tomorrow),
            work(here, standard_seconds=20),
        ],
    )
    steps.set_capacity(SetCapacity(here, "pick", 0, "day", 3, "7.5", zone_id=a))
    steps.set_capacity(SetCapacity(here, "putaway", 0, "day", 1, 8))
    steps.set_capacity(SetCapacity(here, "putaway", 0, "day", 2, 8))
    rows = queries.load(site_id=here, on=NOW.date())
    assert [(r.zone_id, r.kind, r.open_tasks, r.load_seconds, r.capacity_seconds) for r in rows] == [
        (None, "pick", 3, 120, 0),
        (a, "pick", 2, 100, 81_000),
        (None, "putaway", 0, 0, 57_600),
    ]
