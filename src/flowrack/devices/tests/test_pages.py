"""Devices in the office and over the API."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, Person, bearer, signed_in, user_id

from flowrack.devices.models import Device
from flowrack.tasks.tests.house import site, zone

from .house import Scanner, enrolled

pytestmark = pytest.mark.django_db


def test_a_manager_finds_a_device_by_its_letters_and_approves_it():
    here = site()
    aisle = zone(here)
    device = Scanner(81)
    letters = device.ask()["letters"]
    browser = signed_in(ADA)
    assert device.code in browser.get(f"/devices?q={letters}").content.decode()
    row = Device.objects.get()
    assert letters in browser.get(f"/devices/{row.id}").content.decode()
    assert f"must show {letters}" in browser.get(f"/devices/{row.id}/approve").content.decode()
    body = {"name": "Dock 2", "site": here, f"zone_{aisle}": "on", "idempotency_key": "a"}
    assert browser.post(f"/devices/{row.id}/approve", body).status_code == 303
    page = browser.get(f"/devices/{row.id}").content.decode()
    assert "Dock 2" in page and "Report lost" in page
    body = {"reason": "Battery swollen", "idempotency_key": "c"}
    assert browser.post(f"/devices/{row.id}/change?action=revoke", body).status_code == 303
    assert Device.objects.get().state == "revoked"
    assert browser.get("/devices?view=all&format=csv").status_code == 200


def test_a_device_of_another_site_is_not_shown():
    device = enrolled()
    far = Person("far", "Far Manager", ("warehouse_manager",))
    user_id(far, site_id=987_654)
    assert device.code not in signed_in(far).get("/devices").content.decode()
    assert signed_in(far).get(f"/devices/{device.id}").status_code == 404
    assert signed_in(CY).get("/devices").status_code == 403


def test_the_api_does_what_the_pages_do(client):
    here = site()
    Scanner(82).ask()
    row = Device.objects.get()
    listed = client.get("/api/v1/devices", headers=bearer(ADA)).json()["items"]
    assert [(d["code"], d["state"], d["approval_code"]) for d in listed] == [(row.code, "asked", row.approval_code)]
    body = {"site_id": here, "name": "Dock 2"}
    answer = client.post(f"/api/v1/devices/{row.id}/approve", body, "application/json", headers=bearer(ADA))
    assert answer.json() == {"device_id": row.id, "state": "enrolled"}
    answer = client.put("/api/v1/pin", {"pin": "482917"}, "application/json", headers=bearer(CY))
    assert answer.json() == {"count": 1}
    badge = client.post(f"/api/v1/badges/{CY.id}", {}, "application/json", headers=bearer(ADA)).json()["text"]
    assert badge.startswith("FRB")
    people = client.get("/api/v1/badges", headers=bearer(ADA)).json()["items"]
    assert [(p["person"], p["badge"], p["pin"]) for p in people if p["id"] == CY.id] == [("Cy Picker", "live", "set")]
    assert client.get("/api/v1/device-entries", headers=bearer(ADA)).json()["items"] == []
