"""A transfer by pages, scanner and API."""

from __future__ import annotations

from uuid import uuid4

import pytest
from tests.cast import BO, EVE, bearer, signed_in
from tests.scanner import Device
from tests.supply import item, standing

from flowrack.ledger.tests.house import house, receive
from flowrack.storage.models import Transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 10, "4", "reserve1")
    receive(here, hose, 3, "4", "reserve2")
    return here, there, hose


def lines(*rows: tuple[str, str, str, str]) -> dict[str, list[str]]:
    """Rows of the form's grid."""
    names = ("grid-item", "grid-units", "grid-place", "grid-lot")
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def send(here, there, *rows: tuple[str, str, str, str]):
    form = {"site": here.site, "to_site": there.site, "note": "shelf empty", "idempotency_key": uuid4().hex}
    return signed_in(BO).post("/transfers/new", {**form, **lines(*rows)})


def test_stock_is_sent_by_form_listed_and_shown(scene):
    here, there, hose = scene
    assert "V-200" in signed_in(BO).get("/transfers/new?item=V-200&units=4").content.decode()
    saved = send(here, there, ("V-200", "4", "", ""), ("V-200", "1", "reserve-2", ""))
    assert saved.status_code == 303, saved.content.decode()
    assert standing(hose) == {("TRANSIT", "in_transit"): 5, ("reserve-1", "reserve"): 6, ("reserve-2", "reserve"): 2}
    number = Transfer.objects.get().number
    for url in ("/transfers", "/transfers?state=on_the_way", saved.headers["Location"]):
        page = signed_in(BO).get(url).content.decode()
        assert number in page and "shelf empty" in page
        assert signed_in(EVE).get(url).status_code == 403


def test_every_bad_line_is_shown_in_its_place_and_nothing_is_sent(scene):
    here, there, hose = scene
    text = send(
        here, there, ("NOPE", "1", "", ""), ("V-200", "99", "", ""), ("V-200", "", "", ""), ("V-200", "1", "X-9", "")
    ).content.decode()
    for said in ("No item has the code “NOPE”.", "10 are free in reserve-1, 99 were named.", "The units are missing.",
                 "The site has no place “X-9”."):  # fmt: skip
        assert text.count(said) == 2, f"{said} stands in the summary and beside its field"
    assert not Transfer.objects.exists() and ("TRANSIT", "in_transit") not in standing(hose)


def test_the_other_site_receives_by_scan_in_parts(scene):
    here, there, hose = scene
    send(here, there, ("V-200", "4", "", ""))
    number = Transfer.objects.get().number
    device = Device(BO, "/scan/transfer", there.site)
    assert device.scan("PO-1") == "wrong" and "is no transfer" in device.page
    assert device.scan(number) == "ok" and "Scan place" in device.page
    assert device.scan("V-200") == "wrong"
    assert device.scan("receiving-1") == "ok" and "4 × V-200" in device.page
    assert device.scan("NOPE") == "wrong"
    assert device.scan("V-200") == "more" and "of 4" in device.page
    assert device.type("5") == "wrong"
    assert device.scan("V-200") == "wrong" and "How many of V-200 came is not booked yet." in device.page
    assert device.type("3") == "ok"
    assert device.scan("V-200") == "more"
    assert device.type("1") == "done"
    assert standing(hose)["receiving-1", "receiving"] == 4
    assert Transfer.objects.get().state == "received"
    assert device.scan(number) == "wrong" and "has arrived" in device.page


def test_systems_send_list_and_receive(client, scene):
    here, there, hose = scene
    place = there.places["receiving1"]
    key = {**bearer(BO), "Idempotency-Key": uuid4().hex}
    body = {
        "site_id": here.site, "to_site_id": there.site,
        "lines": [{"location_id": here.places["reserve1"], "item_id": hose, "units": 2}],
    }  # fmt: skip
    made = client.post("/api/v1/transfers", body, "application/json", headers=key)
    assert made.status_code == 201, made.content
    listed = client.get(f"/api/v1/transfers?to_site_id={there.site}", headers=bearer(BO)).json()
    assert [(t["number"], t["units"], t["received"]) for t in listed["items"]] == [(made.json()["number"], 2, 0)]
    body = {
        "site_id": there.site, "from_site_id": here.site, "location_id": place,
        "lines": [{"item_id": hose, "units": 2}], "transfer_id": made.json()["transfer_id"],
    }  # fmt: skip
    key = {**bearer(BO), "Idempotency-Key": uuid4().hex}
    came = client.post("/api/v1/transfers/receive", body, "application/json", headers=key)
    assert came.json()["finished_ids"] == [made.json()["transfer_id"]], came.content
    shown = client.get(f"/api/v1/transfers/{made.json()['transfer_id']}", headers=bearer(BO)).json()
    assert (shown["transfer"]["state"], shown["lines"][0]["left"]) == ("received", 0)
