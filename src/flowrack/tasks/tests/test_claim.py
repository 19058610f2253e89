"""Taking a task from a list."""

from __future__ import annotations

from uuid import uuid4

import pytest
from tests.cast import ADA, CY, GUS, Person, ctx, user_id

from flowrack.shared.errors import NotFound
from flowrack.tasks import commands, steps
from flowrack.tasks.models import Task
from flowrack.tasks.types import (
    ClaimTasks,
    Lease,
    ReleaseTasks,
    RenewLeases,
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
