"""What nobody approves in a day is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.cast import ADA, ctx

from flowrack.devices import commands, jobs
from flowrack.devices.jobs_apply import as_system
from flowrack.devices.models import Device
from flowrack.devices.types import DropOldAsks
from flowrack.shared.errors import NotPermitted

from .house import Scanner, enrolled

pytestmark = pytest.mark.django_db


def test_a_device_that_asked_for_a_day_goes_and_may_ask_anew():
    working, stranger = enrolled(secret=41), Scanner(42)
    stranger.ask()
    jobs.drop_old_asks(as_system(""))
    assert Device.objects.count() == 2, "the day is not over"
    later = as_system("")
    later.now = datetime.now(UTC) + timedelta(hours=25)
    jobs.drop_old_asks(later)
    assert [row.code for row in Device.objects.all()] == [working.code]
    gone = stranger.code
    told = stranger.ask()
    assert (told["state"], told["device"] != gone) == ("asked", True)


def test_only_the_house_itself_drops():
    Scanner(43).ask()
    with pytest.raises(NotPermitted):
        commands.drop_old_asks(ctx(ADA), DropOldAsks())
    assert Device.objects.count() == 1
