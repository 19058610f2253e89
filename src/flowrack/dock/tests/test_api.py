from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from tests.cast import ADA, DI, ROB, bearer

from flowrack.dock.tests.yard import carrier, doors, sscc

pytestmark = pytest.mark.django_db
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)


@pytest.fixture
def here():
    return doors()


def send(path: str, body: object, *, by=ROB, method: str = "post"):
    headers = {**bearer(by), "Idempotency-Key": uuid4().hex}
    call = getattr(Client(), method)
    return call(f"/api/v1/dock/{path}", body, content_type="application/json", headers=headers)


def read(path: str, by=ROB, **query):
    return Client().get(f"/api/v1/dock/{path}", query, headers=bearer(by))


def test_a_partner_announces_looks_for_a_slot_books_moves_and_cancels(here):
    line = {"item": "V-200", "quantity": "30", "uom": "case", "sscc": sscc(1), "po_number": here.at.po.number}
    asn = {"supplier_id": here.at.supplier, "site_id": here.at.site, "reference": "DN-1", "lines": [line]}
    made = send("asns", {"asns": [asn]})
    assert (made.status_code, made.json()["asns"][0]["flagged"]) == (201, 0)
    asn_id = made.json()["asns"][0]["asn_id"]
    detail = read(f"asns/{asn_id}").json()
    assert (detail["asn"]["units"], detail["lines"][0]["po_number"]) == (600, here.at.po.number)

    day = TOMORROW.date().isoformat()
    free = read("availability", site_id=here.at.site, first_on=day, asn_id=asn_id).json()
    assert (free["minutes"], free["slots"][0]["door"]) == (15, "D1")
    body = {"site_id": here.at.site, "door_id": here.d1, "starts_at": TOMORROW.isoformat(), "asn_ids": [asn_id]}
    booked = send("appointments", body)
    assert booked.status_code == 201
    appointment = booked.json()
    assert (appointment["loading_type"], appointment["asns"], appointment["version"]) == (
        "live", [made.json()["asns"][0]["number"]], 1,
    )  # fmt: skip
    again = send("appointments", {**body, "asn_ids": []})
    assert (again.status_code, again.json()["code"]) == (409, "slot_taken")
    at = f"appointments/{appointment['id']}"
    moved = send(f"{at}/reschedule", {"door_id": here.d2, "starts_at": TOMORROW.isoformat(), "version": 1})
    assert (moved.json()["door"], moved.json()["version"]) == ("D2", 2)
    assert send(f"{at}/cancel", {"reason": "no goods"}).json()["state"] == "cancelled"
    assert read(at).json()["end_reason"] == "no goods"
    assert [row["state"] for row in read("appointments").json()["items"]] == ["cancelled"]


def test_a_bad_notice_names_every_line(here):
    lines = [{"item": "NOPE", "quantity": "1"}, {"item": "V-200", "quantity": "1", "uom": "drum"}]
    asn = {"supplier_id": here.at.supplier, "site_id": here.at.site, "reference": "DN-1", "lines": lines}
    answer = send("asns", {"asns": [asn]})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_asn")
    assert [(e["line"], e["field"]) for e in answer.json()["errors"]] == [(1, "item"), (2, "uom")]
    asn["lines"] = [{"item": "V-200", "quantity": "1", "expires_on": "2027-02-29"}]
    assert send("asns", {"asns": [asn]}).status_code == 422
    assert read("asns").json()["items"] == []


def test_a_walk_in_goes_from_gate_to_door_and_out(here):
    walk_in = send("walk-ins", {"site_id": here.at.site, "reference": "T-1"})
    assert (walk_in.status_code, walk_in.json()["door_id"]) == (201, None)
    at = f"appointments/{walk_in.json()['id']}"
    assert send(f"{at}/dock", {"door_id": here.d1}).json()["state"] == "at_door"
    assert send(f"{at}/check-out", {}).json()["detention_amount"] == "0"
    assert send(f"{at}/check-in", {}).json()["code"] == "wrong_state"


def test_facilities_say_what_doors_can_take_and_managers_set_it(here):
    hours = [{"weekday": 1, "opens_at": "07:00:00", "closes_at": "16:00:00"}]
    assert send(f"doors/{here.d1}", {"capabilities": ["live"], "hours": hours}, by=ADA, method="put").status_code == 200
    one, other = read("facilities").json()[0]["doors"]
    assert (one["capabilities"], one["hours"], other["capabilities"]) == (
        ["live"], hours, ["drop", "hazmat", "live", "reefer"],
    )  # fmt: skip
    policy = {**read("facilities").json()[0]["policy"], "slot_minutes": 30}
    assert send(f"policies/{here.at.site}", policy, by=ADA, method="put").json()["slot_minutes"] == 30
    terms = {"free_minutes": 60, "interval_minutes": 30, "amount": "20.00"}
    assert send(f"detention/{carrier()}", terms, by=ADA, method="put").json() == terms
    assert send(f"doors/{here.d1}", {"capabilities": ["live"]}, by=DI, method="put").status_code == 403


def test_questions_that_make_no_sense_are_refused(here):
    day = TOMORROW.date()
    answer = read(
        "availability", site_id=here.at.site, first_on=day.isoformat(),
        last_on=(day - timedelta(days=1)).isoformat(), asn_id=10**6, pallets=-1,
    )  # fmt: skip
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == ["last_on", "pallets", "asn_id"]
    assert read("asns/999").status_code == 404
    assert read("appointments/999").status_code == 404
