"""Giving a task back."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, ctx

from flowrack.tasks import commands, steps
from flowrack.tasks.models import Task
from flowrack.tasks.types import (
    ClaimTasks,
    Lease,
    ReleaseTasks,
    TaskGone,
)

from .house import site, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> int:
    return steps.create_tasks(ctx(ADA), [work(site(), 1)])[0]


def test_a_released_task_is_open_again(task):
    [taken] = commands.claim(ctx(CY), ClaimTasks([task])).tasks
    commands.release(ctx(CY), ReleaseTasks([Lease(task, taken.lease_token)]))
    assert Task.objects.values_list("state", "leased_by", "lease_token").get() == ("open", None, None)
    with pytest.raises(TaskGone, match="is open"):
        commands.release(ctx(CY), ReleaseTasks([Lease(task, taken.lease_token)]))
