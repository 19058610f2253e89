"""Taking, keeping and giving back tasks; urgency and hands."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from tests.cast import ADA, CY, GUS, NOW, Person, ctx, user_id

from flowrack.shared.errors import Invalid, NotFound, NotPermitted
from flowrack.tasks import commands, steps
from flowrack.tasks.models import Capacity, Task
from flowrack.tasks.types import (
    Changed,
    ClaimTasks,
    Lease,
    ReleaseTasks,
    RenewLeases,
    Reprioritise,
    SetCapacity,
    TaskGone,
    TaskTaken,
)

from .house import site, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> int:
    return steps.create_tasks(ctx(ADA), [work(site(), 1)])[0]


def test_a_person_takes_the_task_of_a_list(task):
    [taken] = commands.claim(ctx(CY), ClaimTasks([task])).tasks
    assert (taken.id, taken.leased_by) == (task, CY.id)
    with pytest.raises(TaskTaken):
        commands.claim(ctx(GUS), ClaimTasks([task]))
    again = commands.claim(ctx(CY), ClaimTasks([task])).tasks[0]
    assert again.lease_token != taken.lease_token


def test_renewing_needs_the_current_token(task):
    [taken] = commands.claim(ctx(CY), ClaimTasks([task], lease_seconds=60)).tasks
    assert commands.renew(ctx(CY), RenewLeases([Lease(task, taken.lease_token)], 600)) == Changed(1)
    assert Task.objects.get().lease_until == NOW + timedelta(seconds=600)
    with pytest.raises(TaskTaken):
        commands.renew(ctx(CY), RenewLeases([Lease(task, uuid4())]))


def test_a_released_task_is_open_again(task):
    [taken] = commands.claim(ctx(CY), ClaimTasks([task])).tasks
    commands.release(ctx(CY), ReleaseTasks([Lease(task, taken.lease_token)]))
    assert Task.objects.values_list("state", "leased_by", "lease_token").get() == ("open", None, None)
    with pytest.raises(TaskGone, match="is open"):
        commands.release(ctx(CY), ReleaseTasks([Lease(task, taken.lease_token)]))


def test_a_task_of_another_site_is_not_found(task):
    far = Person("far", "Far Picker", ("picker",))
    user_id(far, site_id=987_654)
    for attempt in (
        lambda: commands.claim(ctx(far), ClaimTasks([task])),
        lambda: commands.release(ctx(far), ReleaseTasks([Lease(task, uuid4())])),
        lambda: commands.renew(ctx(far), RenewLeases([Lease(task, uuid4())])),
    ):
        with pytest.raises(NotFound, match=f"There is no task {task}"):
            attempt()
    assert Task.objects.get().state == "open"


def test_urgency_is_the_managers_to_change(task):
    with pytest.raises(NotPermitted):
        commands.reprioritise(ctx(CY), Reprioritise([task], 1))
    with pytest.raises(Invalid):
        commands.reprioritise(ctx(ADA), Reprioritise([task], 0))
    assert commands.reprioritise(ctx(ADA), Reprioritise([task], 1)) == Changed(1)
    assert Task.objects.get().priority == 1


def test_hands_are_written_once_per_shift_and_replaced():
    here = site("T9")
    for people in (2, 3):
        commands.set_capacity(ctx(ADA), SetCapacity(here, "pick", 4, "late", people, Decimal("7.5")))
    assert Capacity.objects.values_list("weekday", "shift", "people").get() == (4, "late", 3)
    with pytest.raises(Invalid) as refusal:
        commands.set_capacity(ctx(ADA), SetCapacity(here, "pick", 9, "late", -1, Decimal(25)))
    assert [line.field for line in refusal.value.lines] == ["weekday", "people", "hours"]
