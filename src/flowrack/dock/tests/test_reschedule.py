import pytest
from tests.cast import BO, CY, ctx

from flowrack.dock import commands_appointments
from flowrack.dock.tests.yard import at_hour, booked, doors, on_the_calendar
from flowrack.dock.types_appointments import BadAppointment, CancelAppointment, Reschedule, SlotTaken
from flowrack.shared.errors import NotFound, NotPermitted, Stale, WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return doors()


def test_a_truck_moves_to_another_door_and_time_and_keeps_its_length(here):
    one = booked(here, 10, minutes=45)
    done = commands_appointments.reschedule(ctx(BO), Reschedule(one.appointment_id, here.d2, at_hour(13, 15), 1))
    assert (done.door_id, done.starts_at, done.ends_at, done.version) == (here.d2, at_hour(13, 15), at_hour(14), 2)


def test_it_may_move_by_less_than_its_own_length(here):
    one = booked(here, 10, minutes=60)
    commands_appointments.reschedule(ctx(BO), Reschedule(one.appointment_id, here.d1, at_hour(10, 15)))
    assert on_the_calendar() == [("scheduled", "10:15", 60)]


def test_a_taken_slot_a_passed_time_and_an_old_picture_are_refused_without_trace(here):
    one, other = booked(here, 10, minutes=60), booked(here, 12, minutes=60)
    for req, refusal in (
        (Reschedule(one.appointment_id, here.d1, at_hour(11, 15)), SlotTaken),
        (Reschedule(one.appointment_id, here.d1, at_hour(8)), BadAppointment),
        (Reschedule(one.appointment_id, here.d1, at_hour(14), version=7), Stale),
        (Reschedule(10**6, here.d1, at_hour(14)), NotFound),
    ):
        with pytest.raises(refusal):
            commands_appointments.reschedule(ctx(BO), req)
    assert on_the_calendar() == [("scheduled", "10:00", 60), ("scheduled", "12:00", 60)]
    commands_appointments.cancel_appointment(ctx(BO), CancelAppointment(other.appointment_id, "no goods"))
    with pytest.raises(WrongState):
        commands_appointments.reschedule(ctx(BO), Reschedule(other.appointment_id, here.d1, at_hour(14)))
    with pytest.raises(NotPermitted):
        commands_appointments.reschedule(ctx(CY), Reschedule(one.appointment_id, here.d1, at_hour(14)))
