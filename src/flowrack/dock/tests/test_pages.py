from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cast import BO, CY, DI, EVE, MAY, ctx, signed_in

from flowrack.dock import commands_appointments, queries, queries_calendar
from flowrack.dock.drawing import axis_of, calendar
from flowrack.dock.tests.yard import announced, carrier, doors, line, sscc
from flowrack.dock.types import NewPack, PackKind
from flowrack.dock.types_appointments import CheckIn, DockTruck, Schedule
from flowrack.platform import sql

pytestmark = pytest.mark.django_db
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
DAY = TOMORROW.date().isoformat()


@pytest.fixture
def here():
    return doors()


def booked(here, hour: int = 10, **more) -> int:
    req = Schedule(here.at.site, here.d1, TOMORROW.replace(hour=hour), **{"reference": "TRUCK", "minutes": 60, **more})
    return commands_appointments.schedule(ctx(BO, now=datetime.now(UTC)), req).appointment_id


def text(answer) -> str:
    return answer.content.decode()


def test_the_calendar_shows_doors_trucks_and_the_yard(here):
    asn = announced(here.at, line(quantity="20", sscc=sscc(1)))
    one = booked(here, asn_ids=[asn.asn_id])
    page = text(signed_in(BO).get(f"/dock?day={DAY}"))
    for found in ("Door calendar", ">D1<", ">D2<", "Yard", "OSTLER Works", f'id="bar-{one}"', 'data-move="'):
        assert found in page
    assert 'data-line="0"' in page
    over = replace(queries_calendar.appointment(one), state="at_door")
    axis = axis_of([over], TOMORROW.replace(hour=0), "UTC", TOMORROW.replace(hour=22, minute=44))
    assert (axis.start.hour, axis.end.hour) == (7, 23), "a truck over time stays until now"
    morning = TOMORROW.replace(hour=0) + timedelta(days=1)
    axis = axis_of([over], morning, "UTC", morning + timedelta(hours=2, minutes=41))
    assert (axis.start, axis.end - axis.start) == (morning, timedelta(hours=17)), "here since the day before"
    picture = calendar([], [replace(over, door_id=0)], axis, now=morning + timedelta(hours=2, minutes=41), grid=15,
                       may_move=False, site="S")  # fmt: skip
    assert f'id="bar-{one}"' in picture and "02:41</text>" in picture
    for hour, hours in ((2, (2, 17)), (12, (7, 17)), (21, (7, 22)), (23, (7, 24))):
        axis = axis_of([], morning, "UTC", morning + timedelta(hours=hour, minutes=41))
        assert tuple((at - morning) // timedelta(hours=1) for at in (axis.start, axis.end)) == hours
    assert (axis_of([], morning, "UTC", TOMORROW).start - morning) == timedelta(hours=7), "another day than today"
    assert "data-move" not in text(signed_in(CY).get(f"/dock?day={DAY}"))  # he sees it, and cannot move
    assert signed_in(EVE).get("/dock").status_code == 403


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "nonsense", "2028-02-29"])
def test_any_day_can_be_asked_for(here, day):
    assert signed_in(BO).get(f"/dock?day={day}").status_code == 200


def test_a_truck_that_docks_later_than_planned_says_when_it_was_due(here):
    one = booked(here)
    assert "Was due" not in text(signed_in(BO).get(f"/dock/appointments/{one}"))
    late = TOMORROW + timedelta(hours=3)
    commands_appointments.check_in(ctx(BO, now=TOMORROW), CheckIn(one))
    commands_appointments.dock_truck(ctx(BO, now=late), DockTruck(one))
    assert queries_calendar.appointment(one).starts_at == late
    assert "Was due" in text(signed_in(BO).get(f"/dock/appointments/{one}"))


def test_the_pages_of_a_truck_and_of_its_notice_tell_times_by_the_clock_of_the_site(here):
    sql.execute("UPDATE locations_site SET timezone = 'Asia/Kathmandu' WHERE id = %s", (here.at.site,))
    asn = announced(here.at, line())
    page = text(signed_in(BO).get(f"/dock/appointments/{booked(here, asn_ids=[asn.asn_id])}"))
    assert "15:45<" in page and "16:45<" in page and "10:00<" not in page  # a day of its own there, or today
    sql.execute("UPDATE dock_asn SET expected_at = %s", (TOMORROW,))
    notice = text(signed_in(BO).get(f"/asns/{asn.asn_id}"))
    assert "15:45<" in notice and "10:00<" not in notice


def test_a_truck_is_moved_and_a_refusal_is_told_on_the_calendar(here):
    one, other = booked(here), booked(here, 13)
    browser = signed_in(BO)
    to = {"door": here.d2, "starts_at": TOMORROW.isoformat(), "version": 1, "day": DAY}
    moved = browser.post(f"/dock/appointments/{one}/move", to)
    assert (moved.status_code, queries_calendar.appointment(one).door) == (200, "D2")
    refused = browser.post(f"/dock/appointments/{other}/move", to)
    assert refused.status_code == 409
    assert f"D2 has {queries_calendar.appointment(one).number} from 10:00 to 11:00, by the clock of the site." in text(
        refused
    )
    stale = browser.post(f"/dock/appointments/{one}/move", {**to, "door": here.d1})
    assert stale.status_code == 412
    assert browser.post(f"/dock/appointments/{one}/move", {"door": "x"}).status_code == 422
    assert signed_in(CY).post(f"/dock/appointments/{one}/move", to).status_code == 403


def test_a_truck_goes_through_the_gate_by_buttons(here):
    one = booked(here)
    browser = signed_in(BO)
    for step, state in (("check-in", "checked_in"), ("dock", "at_door"), ("check-out", "done")):
        answer = browser.post(f"/dock/appointments/{one}/{step}", {"from": "board"})
        assert (answer.status_code, answer["Location"]) == (303, "/dock")
        assert queries_calendar.appointment(one).state == state
    again = browser.post(f"/dock/appointments/{one}/check-out")
    assert again.status_code == 409 and "is done" in text(again)
    page = text(browser.get(f"/dock/appointments/{one}"))
    assert "of labour" in page and "check-out" not in page


def test_a_booking_offers_the_free_slots_of_doors_that_can_take_the_goods(here):
    sql.execute("UPDATE catalog_item SET temperature = 'frozen' WHERE id = %s", (here.at.hose,))
    asn = announced(here.at, line(quantity="20", sscc=sscc(1)))
    browser = signed_in(DI)
    page = text(browser.get(f"/dock/book?asns={asn.number}"))
    assert asn.number in page and ", D2</option>" in page and ", D1</option>" not in page
    slot = f"{here.d2}@{TOMORROW.isoformat()}"
    form = {"asns": asn.number, "loading": "live", "slot": slot, "carrier": "", "reference": "T-1"}
    made = browser.post("/dock/book", form)
    assert made.status_code == 303
    assert queries.asn(asn.asn_id).appointment
    assert browser.post("/dock/book", {**form, "asns": "ASN-NONE"}).status_code == 422
    taken = browser.post("/dock/book", {**form, "asns": ""})
    assert taken.status_code == 409 and "Choose another slot or door" in text(taken)


def test_a_truck_without_an_appointment_is_checked_in_and_given_a_door(here):
    haul = carrier()
    browser = signed_in(BO)
    assert browser.post("/dock/walk-in", {"loading": "live"}).status_code == 422
    made = browser.post("/dock/walk-in", {"carrier": "HAUL", "reference": "T-2", "loading": "live", "reefer": "on"})
    assert made.status_code == 303
    row = queries_calendar.appointments_after(site_ids=[0], before=None, limit=1)[0]
    assert (row.state, row.carrier_id, row.needs) == ("checked_in", haul, ["reefer"])
    assert "in the yard" in text(browser.get(made["Location"]))
    moving = text(browser.get(f"/dock/appointments/{row.id}/reschedule"))
    assert ", D2</option>" in moving and ", D1</option>" not in moving
    slot = f"{here.d2}@{TOMORROW.isoformat()}"
    assert browser.post(f"/dock/appointments/{row.id}/reschedule", {"slot": slot}).status_code == 303
    assert queries_calendar.appointment(row.id).door == "D2"


def test_an_appointment_is_cancelled_with_a_reason(here):
    one = booked(here)
    browser = signed_in(MAY)
    assert browser.post(f"/dock/appointments/{one}/cancel", {"reason": ""}).status_code == 422
    assert browser.post(f"/dock/appointments/{one}/cancel", {"reason": "no goods"}).status_code == 303
    assert queries_calendar.appointment(one).end_reason == "no goods"


def test_a_notice_shows_its_tree_its_matches_and_its_flags(here):
    packs = [NewPack(sscc(1)), NewPack(sscc(2), PackKind.CARTON, sscc(1))]
    asn = announced(here.at, line(quantity="2000", sscc=sscc(2)), packs=packs)
    browser = signed_in(BO)
    assert asn.number in text(browser.get("/asns"))
    page = text(browser.get(f"/asns/{asn.asn_id}"))
    for found in (sscc(1), f"\u2003{sscc(2)}", "more than owed", f"{here.at.po.number} / 1", "Book a door"):
        assert found in page
    assert browser.post(f"/asns/{asn.asn_id}/cancel", {"reason": "sent twice"}).status_code == 303
    assert queries.asn(asn.asn_id).state == "cancelled"


def test_a_notice_is_closed_on_its_page(here):
    asn = announced(here.at, line(quantity="20"))
    browser = signed_in(BO)
    assert "20 units did not come" in text(browser.get(f"/asns/{asn.asn_id}/close"))
    assert browser.post(f"/asns/{asn.asn_id}/close", {"reason": ""}).status_code == 422
    assert browser.post(f"/asns/{asn.asn_id}/close", {"reason": "short"}).status_code == 303


def test_a_file_of_notices_goes_through_the_wizard(here):
    browser = signed_in(BO)
    content = b"Supplier,Reference,Site,Item,Quantity,Unit\nOSTLER,DN-1,W1,V-200,3,case\n"
    checked = browser.post("/asns/import", {"step": "upload", "file": SimpleUploadedFile("asn.csv", content)})
    assert checked.context["report"].created == 1
    form = {"step": "write", "digest": checked.context["digest"], "filename": "asn.csv", "idempotency_key": "k"}
    assert browser.post("/asns/import", form).status_code == 303
    assert queries.asns(site_ids=[0])[0].units == 60


def test_the_receiving_board_shows_the_doors(here):
    booked(here)
    browser = signed_in(BO)
    assert 'hx-get="/dock/strip"' in text(browser.get("/receiving"))
    strip = text(browser.get("/dock/strip"))
    assert ">D1<" in strip and "data-move" not in strip
