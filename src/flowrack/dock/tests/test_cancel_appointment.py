import pytest
from tests.cast import BO, ctx

from flowrack.dock import commands_appointments, queries
from flowrack.dock.tests.yard import announced, booked, doors, line, on_the_calendar
from flowrack.dock.types_appointments import BadAppointment, CancelAppointment, CheckIn
from flowrack.shared.errors import WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return doors()


def test_the_slot_and_the_notice_are_free_again(here):
    asn = announced(here.at, line())
    one = booked(here, 10, asn_ids=[asn.asn_id])
    done = commands_appointments.cancel_appointment(ctx(BO), CancelAppointment(one.appointment_id, "sold elsewhere"))
    assert done.state == "cancelled"
    booked(here, 10, asn_ids=[asn.asn_id])
    assert [state for state, _, _ in on_the_calendar()] == ["cancelled", "scheduled"]
    with pytest.raises(WrongState):
        commands_appointments.cancel_appointment(ctx(BO), CancelAppointment(one.appointment_id, "again"))


def test_a_truck_that_goes_away_unopened_takes_its_notice_along(here):
    asn = announced(here.at, line())
    one = booked(here, 10, asn_ids=[asn.asn_id])
    commands_appointments.check_in(ctx(BO), CheckIn(one.appointment_id))
    assert queries.asn(asn.asn_id).state == "arrived"
    commands_appointments.cancel_appointment(ctx(BO), CancelAppointment(one.appointment_id, "wrong papers"))
    assert queries.asn(asn.asn_id).state == "expected"


def test_a_reason_is_needed(here):
    one = booked(here, 10)
    with pytest.raises(BadAppointment) as refused:
        commands_appointments.cancel_appointment(ctx(BO), CancelAppointment(one.appointment_id, "  "))
    assert refused.value.lines[0].field == "reason"
    assert on_the_calendar() == [("scheduled", "10:00", 15)]
