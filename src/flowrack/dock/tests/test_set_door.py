from datetime import time

import pytest
from tests.cast import ADA, BO, ctx

from flowrack.dock import commands_setup, queries_calendar
from flowrack.dock.tests.yard import doors
from flowrack.dock.types_appointments import DoorUnsuitable, OpenHours, SetDoor
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return doors()


def test_a_door_says_what_it_can_take_and_when_it_is_open(here):
    hours = [OpenHours(1, time(7), time(16)), OpenHours(6, time(7), time(12))]
    commands_setup.set_door(ctx(ADA), SetDoor(here.d1, ["live", "reefer"], hours))
    one, _ = queries_calendar.doors(here.at.site)
    assert (one.code, one.capabilities, one.hours) == ("D1", ["live", "reefer"], hours)
    commands_setup.set_door(ctx(ADA), SetDoor(here.d1, ["drop"], is_active=False))
    assert [d.code for d in queries_calendar.doors(here.at.site)] == ["D2"]


def test_everything_that_is_wrong_is_named(here):
    hours = [OpenHours(9, time(16), time(7)), OpenHours(9, time(7), time(8))]
    with pytest.raises(DoorUnsuitable) as refused:
        commands_setup.set_door(ctx(ADA), SetDoor(here.at.house.places["reserve1"], ["crane"], hours))
    assert [(b.line, b.field) for b in refused.value.lines] == [
        (0, "capabilities"), (0, "capabilities"), (0, "location"), (1, "hours"), (2, "hours"), (0, "hours"),
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        commands_setup.set_door(ctx(BO), SetDoor(here.d1, ["live"]))
