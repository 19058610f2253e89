from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.cast import BO, NOW, ctx

from flowrack.dock import commands_appointments, jobs, queries, queries_calendar
from flowrack.dock.tests.yard import announced, booked, doors, line, on_the_calendar
from flowrack.dock.types_appointments import CheckIn, ReleaseNoShows
from flowrack.platform import periodic, sql
from flowrack.platform.jobs import load_jobs
from flowrack.platform.outbox import context_for_system
from flowrack.platform.worker import Worker
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return doors()


def test_the_slot_of_a_truck_that_does_not_come_is_free_after_the_sites_patience(here):
    asn = announced(here.at, line())
    one, came = booked(here, 9, asn_ids=[asn.asn_id]), booked(here, 9, door_id=here.d2)
    commands_appointments.check_in(ctx(BO), CheckIn(came.appointment_id))
    at = NOW + timedelta(minutes=59)
    assert commands_appointments.release_no_shows(context_for_system(at, "a"), ReleaseNoShows()).appointment_ids == []
    at = NOW + timedelta(minutes=60)
    done = commands_appointments.release_no_shows(context_for_system(at, "b"), ReleaseNoShows())
    assert done.appointment_ids == [one.appointment_id]
    assert [state for state, _, _ in on_the_calendar()] == ["no_show", "checked_in"]
    assert queries.asn(asn.asn_id).appointment == ""


def test_the_reason_says_the_time_by_the_clock_of_each_site(here):
    sql.execute("UPDATE locations_site SET timezone = 'America/New_York' WHERE id = %s", (here.at.site,))
    one = booked(here, 9)
    released_at = NOW + timedelta(hours=17)
    commands_appointments.release_no_shows(context_for_system(released_at, "c"), ReleaseNoShows())
    local = released_at.astimezone(ZoneInfo("America/New_York"))
    found = queries_calendar.appointment(one.appointment_id)
    assert (found.state, found.end_reason) == ("no_show", f"had not come by {local:%Y-%m-%d %H:%M}")


def test_the_worker_releases_by_the_clock_and_an_idle_round_leaves_no_trace(here):
    booked(here, 9)
    release = next(one for one in periodic.all_periodic() if one.name == "dock.release_no_shows")
    assert release.run is jobs.release_no_shows

    def records() -> int:
        return int(
            sql.fetch_value("SELECT count(*) FROM platform_commandrecord WHERE command = 'dock.release_no_shows'")
        )

    periodic.run_round(release, NOW)
    assert records() == 0
    for second in (0, 30):  # two workers in the same round
        periodic.run_round(release, NOW + timedelta(hours=2, seconds=second))
    assert records() == 1
    assert on_the_calendar() == [("no_show", "09:00", 15)]


def test_the_worker_does_it_without_being_asked(here):
    booked(here, 9)
    load_jobs()
    Worker()._deliver()
    assert on_the_calendar() == [("no_show", "09:00", 15)]


def test_a_receiver_does_not_release(here):
    with pytest.raises(NotPermitted):
        commands_appointments.release_no_shows(ctx(BO), ReleaseNoShows())
