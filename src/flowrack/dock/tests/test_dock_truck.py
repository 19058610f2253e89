from datetime import timedelta

import pytest
from tests.cast import BO, NOW, ctx

from flowrack.dock import commands_appointments, queries_calendar
from flowrack.dock.tests.yard import booked, doors, on_the_calendar
from flowrack.dock.types_appointments import CheckIn, DockTruck, DoorOccupied, DoorUnsuitable, SlotTaken
from flowrack.shared.errors import WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return doors()


def checked_in(here, hour: int, minute: int = 0, **more) -> int:
    one = booked(here, hour, minute, **{"minutes": 60, **more})
    commands_appointments.check_in(ctx(BO), CheckIn(one.appointment_id))
    return one.appointment_id


def dock(appointment_id: int, door_id: int = 0, *, minutes: int = 5):
    return commands_appointments.dock_truck(
        ctx(BO, now=NOW + timedelta(minutes=minutes)), DockTruck(appointment_id, door_id)
    )


def test_in_its_slot_it_keeps_the_slot(here):
    one = checked_in(here, 9)
    assert dock(one).state == "at_door"
    assert on_the_calendar() == [("at_door", "09:00", 60)]
    assert queries_calendar.appointment(one).door_at == NOW + timedelta(minutes=5)


def test_early_or_late_it_takes_a_slot_from_now_on(here):
    one = checked_in(here, 11)
    dock(one, minutes=20)
    assert on_the_calendar() == [("at_door", "09:15", 60)]


def test_it_may_not_stand_in_the_way_of_the_next_truck(here):
    late = checked_in(here, 9)
    following = booked(here, 10, minutes=60)
    with pytest.raises(SlotTaken) as refused:
        dock(late, minutes=62)
    assert refused.value.message == f"D1 has {following.number} from 10:00 to 11:00, by the clock of the site."
    assert dock(late, here.d2, minutes=62).door_id == here.d2


def test_one_truck_stands_at_a_door_even_when_it_overstays(here):
    first, second = checked_in(here, 9), checked_in(here, 10)
    dock(first)
    with pytest.raises(DoorOccupied) as refused:
        dock(second, minutes=65)
    number = queries_calendar.appointment(first).number
    assert refused.value.message == f"{number} still stands at D1."
    assert refused.value.fix == f"Check {number} out, or use another door."


def test_a_truck_in_the_yard_needs_a_door_that_can_take_it(here):
    walk_in = commands_appointments.check_in(
        ctx(BO), CheckIn(site_id=here.at.site, reference="T", needs=["reefer"])
    ).appointment_id
    with pytest.raises(DoorUnsuitable):
        dock(walk_in)
    with pytest.raises(DoorUnsuitable) as refused:
        dock(walk_in, here.d1)
    assert refused.value.fix == "These can: D2."
    assert dock(walk_in, here.d2).state == "at_door"


def test_a_truck_that_is_not_here_cannot_dock(here):
    with pytest.raises(WrongState):
        dock(booked(here, 9).appointment_id)
