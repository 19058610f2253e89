from datetime import timedelta

import pytest
from tests.cast import BO, CY, DI, NOW, ctx

from flowrack.dock import commands_appointments, queries, queries_calendar
from flowrack.dock.tests.yard import announced, booked, doors, line, on_the_calendar, rows_of, sscc
from flowrack.dock.types_appointments import BadAppointment, CheckIn, ReleaseNoShows
from flowrack.locations.types import UnknownSite
from flowrack.platform.outbox import context_for_system
from flowrack.shared.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return doors()


def test_the_truck_is_here_and_so_is_its_notice(here):
    asn = announced(here.at, line())
    one = booked(here, 10, asn_ids=[asn.asn_id])
    late = ctx(BO, now=NOW + timedelta(minutes=80))
    assert commands_appointments.check_in(late, CheckIn(one.appointment_id)).state == "checked_in"
    row = queries_calendar.appointment(one.appointment_id)
    assert (row.checked_in_at, row.door_id, row.starts_at) == (late.now, here.d1, one.starts_at)
    assert queries.asn(asn.asn_id).state == "arrived"
    with pytest.raises(WrongState) as refused:
        commands_appointments.check_in(ctx(BO), CheckIn(one.appointment_id))
    assert refused.value.fix == "Possible now: cancel, dock, reschedule."


def test_a_truck_without_an_appointment_waits_in_the_yard(here):
    asn = announced(here.at, line(quantity="20", sscc=sscc(1)))
    done = commands_appointments.check_in(ctx(BO), CheckIn(site_id=here.at.site, asn_ids=[asn.asn_id], reference="T-9"))
    row = queries_calendar.appointment(done.appointment_id)
    assert (row.state, row.door_id, row.is_walk_in, row.reference) == ("checked_in", 0, True, "T-9")
    assert on_the_calendar() == [("checked_in", "09:00", 15)]
    assert queries.asn(asn.asn_id).state == "arrived"


def test_a_walk_in_must_say_whose_truck_it_is(here):
    before = rows_of()
    with pytest.raises(BadAppointment) as refused:
        commands_appointments.check_in(ctx(BO), CheckIn(site_id=here.at.site))
    assert refused.value.lines[0].fix == "Name an ASN, a carrier or the truck's number."
    with pytest.raises(UnknownSite):
        commands_appointments.check_in(ctx(BO), CheckIn(site_id=10**6, reference="T"))
    assert rows_of() == before


def test_a_truck_that_comes_after_its_slot_was_released_loses_the_slot_not_the_notice(here):
    asn = announced(here.at, line())
    one = booked(here, 9, asn_ids=[asn.asn_id])
    at = NOW + timedelta(minutes=60)
    commands_appointments.release_no_shows(context_for_system(at, "k"), ReleaseNoShows())
    booked(here, 10, minutes=60)
    commands_appointments.check_in(ctx(BO, now=at + timedelta(minutes=5)), CheckIn(one.appointment_id))
    row = queries_calendar.appointment(one.appointment_id)
    assert (row.state, row.door_id, row.asn_ids) == ("checked_in", 0, [asn.asn_id])
    assert on_the_calendar() == [("checked_in", "10:00", 15), ("scheduled", "10:00", 60)]
    assert queries.asn(asn.asn_id).state == "arrived"


def test_buyers_and_pickers_do_not_check_trucks_in(here):
    one = booked(here, 10)
    for person in (DI, CY):
        with pytest.raises(NotPermitted):
            commands_appointments.check_in(ctx(person), CheckIn(one.appointment_id))
