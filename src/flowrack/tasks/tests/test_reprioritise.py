"""Making tasks urgent."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, ctx

from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.tasks import commands, steps
from flowrack.tasks.models import Task
from flowrack.tasks.types import (
    Changed,
    Reprioritise,
)

from .house import site, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> int:
    return steps.create_tasks(ctx(ADA), [work(site(), 1)])[0]


def test_urgency_is_the_managers_to_change(task):
    with pytest.raises(NotPermitted):
        commands.reprioritise(ctx(CY), Reprioritise([task], 1))
    with pytest.raises(Invalid):
        commands.reprioritise(ctx(ADA), Reprioritise([task], 0))
    assert commands.reprioritise(ctx(ADA), Reprioritise([task], 1)) == Changed(1)
    assert Task.objects.get().priority == 1
