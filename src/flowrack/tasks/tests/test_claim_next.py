"""The next task: urgent first, then near; never given to two, never lost when a device dies."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from tests.cast import ADA, CY, EVE, GUS, NOW, ctx

from flowrack.platform.models import CommandRecord
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.tasks import commands, steps
from flowrack.tasks.models import Task
from flowrack.tasks.types import Claimed, ClaimNext, Finish

from .house import site, work, zone

pytestmark = pytest.mark.django_db


def test_urgent_comes_before_near_and_near_before_far():
    here = site()
    ids = steps.create_tasks(ctx(ADA), [work(here, 10), work(here, 95), work(here, 130), work(here, 900, priority=1)])
    claimed = commands.claim_next(ctx(CY), ClaimNext(here, near=100, count=3)).tasks
    assert [t.id for t in claimed] == [ids[3], ids[1], ids[2]]
    assert {t.leased_by for t in claimed} == {CY.id}


def test_the_walk_goes_on_where_the_last_task_ended():
    here = site()
    ids = steps.create_tasks(ctx(ADA), [work(here, 5, end_sequence=200), work(here, 190), work(here, 6)])
    steps.complete(ctx(CY), [Finish(ids[0])])
    assert [t.id for t in commands.claim_next(ctx(CY), ClaimNext(here)).tasks] == [ids[1]]


def test_only_the_asked_zone_and_kind_are_given():
    here = site()
    a, b = zone(here), zone(here, "B")
    ids = steps.create_tasks(
        ctx(ADA), [work(here, 1, zone_id=a), work(here, 2, zone_id=b), work(here, 3, zone_id=b, kind="putaway")]
    )
    claimed = commands.claim_next(ctx(CY), ClaimNext(here, zone_ids=[b], kinds=["putaway"], count=9)).tasks
    assert [t.id for t in claimed] == [ids[2]]


def test_a_retried_claim_gives_the_same_tasks():
    here = site()
    steps.create_tasks(ctx(ADA), [work(here, 1), work(here, 2)])
    first = commands.claim_next(ctx(CY, "key"), ClaimNext(here))
    assert commands.claim_next(ctx(CY, "key"), ClaimNext(here)) == first
    assert Task.objects.filter(state="leased").count() == 1


def test_nothing_to_do_is_an_empty_answer():
    assert commands.claim_next(ctx(CY), ClaimNext(site())) == Claimed([])


def test_a_dead_devices_task_goes_to_the_next_person():
    here = site()
    steps.create_tasks(ctx(ADA), [work(here, 1)])
    [lost] = commands.claim_next(ctx(CY), ClaimNext(here, lease_seconds=60)).tasks
    assert commands.claim_next(ctx(GUS), ClaimNext(here)) == Claimed([])
    [found] = commands.claim_next(ctx(GUS, now=NOW + timedelta(seconds=61)), ClaimNext(here)).tasks
    assert (found.id, found.lease_token == lost.lease_token) == (lost.id, False)


def test_a_refused_claim_leaves_no_trace():
    here = site()
    steps.create_tasks(ctx(ADA), [work(here, 1)])
    with pytest.raises(NotPermitted):
        commands.claim_next(ctx(EVE), ClaimNext(here))
    with pytest.raises(Invalid, match="1 to 50"):
        commands.claim_next(ctx(CY), ClaimNext(here, count=51))
    assert not CommandRecord.objects.exists()
    assert Task.objects.get().state == "open"


@pytest.mark.django_db(transaction=True)
def test_eight_devices_at_once_never_get_the_same_task():
    here = site()
    steps.create_tasks(ctx(ADA), [work(here, n) for n in range(120)])
    people = [ctx(CY).actor_id] * 8
    taken: list[int] = []

    def device(_: int) -> None:
        try:
            while tasks := commands.claim_next(ctx(CY), ClaimNext(here, near=60, count=3)).tasks:
                taken.extend(t.id for t in tasks)
        finally:
            connection.close()

    threads = [threading.Thread(target=device, args=(n,)) for n, _ in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 120
    assert len(set(taken)) == 120
