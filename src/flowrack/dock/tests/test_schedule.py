from dataclasses import replace
from datetime import time, timedelta

import pytest
from tests.cast import ADA, BO, CY, NOW, ctx

from flowrack.dock import commands_appointments, commands_setup, queries, queries_calendar
from flowrack.dock.tests.yard import announced, at_hour, booked, carrier, doors, line, on_the_calendar, rows_of, sscc
from flowrack.dock.types_appointments import (
    BadAppointment,
    DoorUnsuitable,
    OpenHours,
    Schedule,
    SetDockPolicy,
    SetDoor,
    SlotTaken,
)
from flowrack.platform import decisions, sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return doors()


def test_the_slot_is_as_long_as_the_content_of_the_notice_takes(here):
    asn = announced(here.at, *[line(quantity="20", sscc=sscc(n)) for n in range(1, 23)])
    done = booked(here, 10, asn_ids=[asn.asn_id])
    assert on_the_calendar() == [("scheduled", "10:00", 60)]
    row = queries_calendar.appointment(done.appointment_id)
    assert (row.door, row.labour_minutes, row.pallets, row.suppliers) == ("D1", 54, 22, ["OSTLER Works"])
    assert queries.asn(asn.asn_id).appointment == done.number
    why = decisions.why(f"dock.appointment:{done.appointment_id}")[0]
    assert why.sentence == "60 min at the door for 54 min of labour: set-up 10 min, 22 pallets 44 min."


def test_named_minutes_win_and_the_reason_says_so(here):
    done = booked(here, 10, minutes=90)
    assert on_the_calendar() == [("scheduled", "10:00", 90)]
    why = decisions.why(f"dock.appointment:{done.appointment_id}")[0].sentence
    assert why.startswith("A person asked for 90 min; by its content it would be: 15 min at the door")


def test_two_trucks_do_not_overlap_at_a_door_but_touch(here):
    first = booked(here, 10, minutes=60)
    with pytest.raises(SlotTaken) as refused:
        booked(here, 10, 45, minutes=60)
    assert refused.value.message == f"D1 has {first.number} from 10:00 to 11:00, by the clock of the site."
    assert refused.value.fix == f"Choose another slot or door, or move {first.number} first."
    booked(here, 11, minutes=60)
    booked(here, 10, minutes=60, door_id=here.d2)
    assert len(on_the_calendar()) == 3


def test_times_in_a_refusal_are_those_of_the_sites_clock(here):
    sql.execute("UPDATE locations_site SET timezone = 'Asia/Kathmandu' WHERE id = %s", (here.at.site,))
    first = booked(here, 10, minutes=60)
    with pytest.raises(SlotTaken, match=f"^D1 has {first.number} from 15:45 to 16:45, by the clock of the site"):
        booked(here, 10, 45, minutes=60)
    with pytest.raises(BadAppointment) as refused:
        booked(here, 12, 7)
    assert refused.value.fix == "Use 17:45 or 18:00, by the clock of the site."


def test_chilled_goods_need_a_reefer_door(here):
    sql.execute("UPDATE catalog_item SET temperature = 'chilled', hazard_class = '3' WHERE id = %s", (here.at.hose,))
    asn = announced(here.at, line())
    with pytest.raises(DoorUnsuitable) as refused:
        booked(here, 10, asn_ids=[asn.asn_id])
    assert [(b.field, b.message, b.fix) for b in refused.value.lines] == [
        ("door", "D1 cannot take hazmat.", "These can: D2."),
        ("door", "D1 cannot take reefer.", "These can: D2."),
    ]
    assert booked(here, 10, door_id=here.d2, asn_ids=[asn.asn_id]).state == "scheduled"


def test_a_door_is_closed_outside_its_hours(here):
    hours = [OpenHours(1, time(7), time(11))]
    commands_setup.set_door(ctx(ADA), SetDoor(here.d1, ["live"], hours))
    with pytest.raises(DoorUnsuitable) as refused:
        booked(here, 10, 30, minutes=45)
    assert [b.message for b in refused.value.lines] == ["D1 is closed then."]
    booked(here, 10, 15, minutes=45)


def test_everything_that_is_wrong_is_named_and_nothing_is_written(here):
    taken = announced(here.at, line())
    first = booked(here, 10, asn_ids=[taken.asn_id])
    before = rows_of()
    with pytest.raises(BadAppointment) as refused:
        booked(here, 8, 7, asn_ids=[taken.asn_id, 10**6], needs=["crane"], carrier_id=10**6, minutes=-1)
    assert [(b.line, b.field, b.message) for b in refused.value.lines] == [
        (1, "asn", f"{taken.number} comes with {first.number}."),
        (2, "asn", "There is no such ASN."),
        (0, "needs", "“crane” is nothing that a truck needs."),
        (0, "carrier", "There is no carrier 1000000 in use."),
        (0, "starts_at", "Slots begin every 15 minutes."),
        (0, "minutes", "-1 minutes is no slot."),
    ]
    assert all(b.fix for b in refused.value.lines)
    with pytest.raises(BadAppointment) as refused:
        booked(here, 8)
    assert refused.value.message == "This time has passed."
    assert rows_of() == before


def test_the_current_slot_may_still_be_booked_and_a_foreign_door_may_not(here):
    req = Schedule(here.at.site, here.d1, at_hour(9), reference="T")
    assert commands_appointments.schedule(ctx(BO, now=NOW + timedelta(minutes=14)), req).starts_at == at_hour(9)
    with pytest.raises(DoorUnsuitable):
        commands_appointments.schedule(ctx(BO), replace(req, door_id=here.at.house.places["reserve1"]))
    with pytest.raises(NotPermitted):
        commands_appointments.schedule(ctx(CY), req)


def test_the_sites_policy_decides(here):
    policy = replace(queries_calendar.policy(here.at.site), slot_minutes=30, seconds_per_case=60)
    commands_setup.set_dock_policy(ctx(ADA), SetDockPolicy(here.at.site, policy))
    asn = announced(here.at, line(quantity="50", uom="case"))
    haul = carrier()
    done = booked(here, 12, asn_ids=[asn.asn_id], carrier_id=haul)
    assert on_the_calendar() == [("scheduled", "12:00", 60)]
    assert queries_calendar.appointment(done.appointment_id).carrier == "HAUL Freight"


def test_free_slots_are_those_that_can_be_booked(here):
    booked(here, 10, minutes=60)
    free = queries_calendar.availability(
        here.at.site, first_on=NOW.date(), last_on=NOW.date(), minutes=60, needs=[], is_drop=False, now=NOW
    )
    of_d1 = [f"{slot.starts_at:%H:%M}" for slot in free if slot.door == "D1"]
    assert of_d1[:3] == ["09:00", "11:00", "11:15"]
    cold = queries_calendar.availability(
        here.at.site, first_on=NOW.date(), last_on=NOW.date(), minutes=60, needs=["reefer"], is_drop=False, now=NOW
    )
    assert {slot.door for slot in cold} == {"D2"}
