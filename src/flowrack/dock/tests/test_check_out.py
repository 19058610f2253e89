from datetime import timedelta
from decimal import Decimal

import pytest
from tests.cast import ADA, BO, NOW, ctx

from flowrack.dock import commands_appointments, commands_setup, queries_calendar
from flowrack.dock.tests.yard import booked, carrier, doors, on_the_calendar
from flowrack.dock.types_appointments import CheckIn, CheckOut, DockTruck, SetDetentionTerms, Terms
from flowrack.shared.errors import WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return doors()


def after(minutes: int):
    return ctx(BO, now=NOW + timedelta(minutes=minutes))


def at_door(here, **more) -> int:
    one = booked(here, 9, minutes=60, **more)
    commands_appointments.check_in(after(0), CheckIn(one.appointment_id))
    commands_appointments.dock_truck(after(10), DockTruck(one.appointment_id))
    return one.appointment_id


def test_the_truck_leaves_and_the_door_is_free(here):
    one = at_door(here)
    done = commands_appointments.check_out(after(75), CheckOut(one))
    assert (done.state, done.minutes, done.detention_minutes, done.detention_amount) == ("done", 75, 0, 0)
    assert on_the_calendar() == [("done", "09:00", 60)]
    with pytest.raises(WrongState):
        commands_appointments.check_out(after(80), CheckOut(one))


def test_a_truck_that_waited_for_its_door_waited_since_it_was_due(here):
    haul = carrier()
    commands_setup.set_detention_terms(ctx(ADA), SetDetentionTerms(haul, Terms(60, 30, Decimal("25.00"))))
    one = booked(here, 9, minutes=30, carrier_id=haul).appointment_id
    commands_appointments.check_in(after(5), CheckIn(one))
    commands_appointments.dock_truck(after(50), DockTruck(one))
    assert on_the_calendar() == [("at_door", "09:45", 30)]
    assert queries_calendar.appointment(one).due_at == NOW
    done = commands_appointments.check_out(after(90), CheckOut(one))
    assert (done.minutes, done.detention_minutes, done.detention_amount) == (85, 25, Decimal("25.00"))


def test_the_waiting_beyond_the_free_time_is_kept_as_it_stood(here):
    haul = carrier()
    commands_setup.set_detention_terms(ctx(ADA), SetDetentionTerms(haul, Terms(60, 30, Decimal("25.00"))))
    one = at_door(here, carrier_id=haul)
    running = queries_calendar.appointment(one).clock(NOW + timedelta(minutes=90))
    assert (running.minutes, running.amount) == (30, Decimal("25.00"))
    done = commands_appointments.check_out(after(91), CheckOut(one))
    assert (done.detention_minutes, done.detention_amount) == (31, Decimal("50.00"))
    commands_setup.set_detention_terms(ctx(ADA), SetDetentionTerms(haul, Terms(0, 1, Decimal(9))))
    kept = queries_calendar.appointment(one).clock(NOW + timedelta(days=9))
    assert (kept.minutes, kept.amount) == (31, Decimal("50.00"))
