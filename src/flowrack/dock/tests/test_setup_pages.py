"""Doors, dock times and detention terms are set on pages, as by the API."""

from datetime import time
from decimal import Decimal

import pytest
from tests.cast import ADA, BO, signed_in, user_id

from flowrack.dock import queries_calendar, queries_setup
from flowrack.dock.types_appointments import OpenHours, Policy, Terms
from flowrack.ledger.tests.house import house
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery

pytestmark = pytest.mark.django_db


@pytest.fixture
def door():
    here = house("W1")
    sql.execute("UPDATE locations_location SET kind = 'door' WHERE id = %s", (here.places["receiving1"],))
    return here.site, here.places["receiving1"]


def text(response, status=200):
    assert response.status_code == status, response.getvalue()[:1500]
    return response.getvalue().decode()


def test_a_door_is_set_with_its_hours(door):
    site_id, location_id = door
    browser = signed_in(ADA)
    assert "live, drop" in text(browser.get("/dock/doors")) and "always" in text(browser.get("/dock/doors"))
    asked = {"idempotency_key": "d1", "live": "on", "reefer": "on", "is_active": "on", "day_1": "6:00 - 22:00"}
    assert browser.post(f"/dock/doors/{location_id}", {**asked, "day_2": "later"}).status_code == 422
    assert browser.post(f"/dock/doors/{location_id}", asked).status_code == 303
    [row] = queries_calendar.doors(site_id)
    assert (sorted(row.capabilities), row.hours) == (["live", "reefer"], [OpenHours(1, time(6), time(22))])
    shown = text(browser.get("/dock/doors"))
    assert "live, reefer" in shown and "Mon 06:00-22:00" in shown
    assert 'value="06:00-22:00"' in text(browser.get(f"/dock/doors/{location_id}"))
    neither = {"idempotency_key": "d2", "is_active": "on"}
    assert "takes neither live nor drop" in text(browser.post(f"/dock/doors/{location_id}", neither), 422)


def test_times_of_a_site_and_terms_of_a_carrier_are_set(door):
    site_id, _ = door
    browser = signed_in(ADA)
    assert "built in" in text(browser.get("/dock/times"))
    figures = {name: getattr(Policy(), name) for name in Policy.__slots__}
    refused = browser.post(f"/dock/times/{site_id}", {**figures, "idempotency_key": "p1", "slot_minutes": 7})
    assert "Slots must divide the hour." in text(refused, 422)
    asked = {**figures, "idempotency_key": "p2", "seconds_per_pallet": 90}
    assert browser.post(f"/dock/times/{site_id}", asked).status_code == 303
    assert queries_calendar.policy(site_id) == Policy(seconds_per_pallet=90)
    carrier = sql.fetch_value(
        "INSERT INTO parties_party (code, name, is_carrier) VALUES ('HAUL', 'Haul Ltd', true) RETURNING id"
    )
    asked = {"idempotency_key": "t1", "free_minutes": "90", "interval_minutes": "30", "amount": "25.00"}
    assert browser.post(f"/dock/detention-terms/{carrier}", asked).status_code == 303
    assert queries_calendar.terms([carrier]) == {carrier: Terms(90, 30, Decimal(25))}
    assert "25.00" in text(browser.get("/dock/detention-terms"))
    assert browser.get("/dock/detention-terms/999999").status_code == 404


def test_who_sets_up_another_site_may_not_set_this_one(door):
    site_id, location_id = door
    elsewhere = house("W2")
    user_id(ADA, site_id=elsewhere.site)
    browser = signed_in(ADA)
    assert browser.get(f"/dock/times/{site_id}").status_code == 403
    assert browser.get(f"/dock/doors/{location_id}").status_code == 403
    assert signed_in(BO).get(f"/dock/doors/{location_id}").status_code == 403


def test_doors_and_times_are_listed_for_the_sites_where_the_right_is_held(door):
    there = house("W2")
    sql.execute("UPDATE locations_location SET kind = 'door' WHERE id = %s", (there.places["receiving1"],))
    user_id(BO, site_id=door[0])
    for who, seen in ((BO, [door[0]]), (ADA, [door[0], there.site])):
        query = ListQuery(actor_id=who.id)
        assert sorted(row.site_id for row in queries_setup.door_page(query).rows) == seen
        assert sorted(row.id for row in queries_setup.policy_page(query).rows) == seen
