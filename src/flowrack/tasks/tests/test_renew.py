"""Keeping a task while the device is alive."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.cast import ADA, CY, NOW, ctx

from flowrack.tasks import commands, steps
from flowrack.tasks.models import Task
from flowrack.tasks.types import (
    Changed,
    ClaimTasks,
    Lease,
    RenewLeases,
    TaskTaken,
)

from .house import site, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> int:
    return steps.create_tasks(ctx(ADA), [work(site(), 1)])[0]


def test_renewing_needs_the_current_token(task):
    [taken] = commands.claim(ctx(CY), ClaimTasks([task], lease_seconds=60)).tasks
    assert commands.renew(ctx(CY), RenewLeases([Lease(task, taken.lease_token)], 600)) == Changed(1)
    assert Task.objects.get().lease_until == NOW + timedelta(seconds=600)
    with pytest.raises(TaskTaken):
        commands.renew(ctx(CY), RenewLeases([Lease(task, uuid4())]))
