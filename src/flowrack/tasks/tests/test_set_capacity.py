"""The hands of a shift."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import ADA, ctx

from flowrack.shared.errors import Invalid
from flowrack.tasks import commands
from flowrack.tasks.models import Capacity
from flowrack.tasks.types import (
    SetCapacity,
)

from .house import site

pytestmark = pytest.mark.django_db


def test_hands_are_written_once_per_shift_and_replaced():
    here = site("T9")
    for people in (2, 3):
        commands.set_capacity(ctx(ADA), SetCapacity(here, "pick", 4, "late", people, Decimal("7.5")))
    assert Capacity.objects.values_list("weekday", "shift", "people").get() == (4, "late", 3)
    with pytest.raises(Invalid) as refusal:
        commands.set_capacity(ctx(ADA), SetCapacity(here, "pick", 9, "late", -1, Decimal(25)))
    assert [line.field for line in refusal.value.lines] == ["weekday", "people", "hours"]
