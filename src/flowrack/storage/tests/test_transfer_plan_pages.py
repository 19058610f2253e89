"""A planned transfer by pages, scanner and API."""

from __future__ import annotations

import re
from types import SimpleNamespace
from uuid import uuid4

import pytest
from tests.cast import ADA, BO, EVE, MAY, bearer, ctx, signed_in
from tests.scanner import Device
from tests.supply import item, standing

from flowrack.ledger.tests.house import house, receive
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.platform.web.viewer import Viewer, site_of
from flowrack.shared.quantity import Units
from flowrack.storage import queries_staged, queries_transfers, scan_transfers
from flowrack.storage.commands import move_stock
from flowrack.storage.models import Transfer
from flowrack.storage.scan import stage
from flowrack.storage.tests.house import lpn
from flowrack.storage.types import ItemMove, MoveStock

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, there, hose, nut = house("W1"), house("W2"), item("V-200"), item("N-1")
    receive(here, hose, 10, "4", "reserve1")
    receive(here, nut, 5, "4", "reserve1")
    return here, there, hose, nut


def post(person, url, **fields):
    return signed_in(person).post(url, {**fields, "idempotency_key": uuid4().hex})


def grid(*rows: tuple[str, str, str]) -> dict[str, list[str]]:
    names = ("grid-item", "grid-units", "grid-lot")
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def planned(here, there, *rows: tuple[str, str, str], due_on: str = "2027-01-05") -> Transfer:
    made = post(
        MAY, "/transfers/plan", site=here.site, to_site=there.site, due_on=due_on, reason="SO-7 waits",
        for_ref="sales.line:7", **grid(*rows),
    )  # fmt: skip
    assert made.status_code == 303, made.content.decode()
    return Transfer.objects.latest("id")


def at_site(site_id: int):
    """Ada's browser, at a site."""
    browser = signed_in(ADA)
    session = browser.session
    session["site_id"] = site_id
    session.save()
    return browser


def test_the_phone_says_at_which_site_there_is_something_to_stage(scene):
    here, there, _, _ = scene
    one = planned(here, there, ("V-200", "4", ""))
    post(MAY, f"/transfers/{one.pk}/release")
    code = sql.fetch_value("SELECT code FROM locations_site WHERE id = %s", (here.site,))
    ada = at_site(there.site)
    assert f"Released: 1 at {code}; choose that site." in ada.get("/scan/stage-transfer").content.decode()
    page = at_site(here.site).get("/scan/stage-transfer").content.decode()
    assert "Staging needs the network" in page and one.number in page


def chosen(page: str) -> list[str]:
    """The choices that are selected on a form."""
    return re.findall(r'<option value="(\d*)" selected', page)


@pytest.mark.parametrize("url", ["/transfers/plan", "/transfers/new"])
def test_a_transfer_is_never_offered_to_the_site_that_it_comes_from(scene, url):
    here, there, _, _ = scene
    third = house("W3")
    sites = sorted({here.site, there.site, third.site})
    page = signed_in(ADA).get(f"{url}?site={here.site}").content.decode()
    assert chosen(page)[:1] == [str(here.site)] and str(here.site) not in chosen(page)[1:]
    assert len(sites) == 3 and "Choose a site" in page
    page = signed_in(ADA).get(f"{url}?site={here.site}&to_site={here.site}").content.decode()
    assert str(here.site) not in chosen(page)[1:]
    page = signed_in(ADA).get(f"{url}?site={here.site}&to_site={there.site}").content.decode()
    assert chosen(page)[:2] == [str(here.site), str(there.site)] and "Choose a site" not in page


def test_a_planner_plans_changes_releases_and_calls_off_by_page(scene):
    here, there, _, _ = scene
    form = signed_in(MAY).get(f"/transfers/plan?site={here.site}&to_site={there.site}&item=V-200&units=4&reason=SO-7")
    assert 'value="V-200"' in form.content.decode() and 'value="SO-7"' in form.content.decode()
    one = planned(here, there, ("V-200", "4", ""))
    for url in ("/transfers?view=all", "/transfers?state=planned&sort=due_on", f"/transfers/{one.pk}"):
        page = signed_in(MAY).get(url).content.decode()
        assert one.number in page and "SO-7 waits" in page
        assert signed_in(EVE).get(url).status_code == 403
    assert signed_in(BO).get("/transfers/plan").status_code == 403
    refused = post(
        MAY, "/transfers/plan", site=here.site, to_site=there.site, **grid(("V-200", "7", ""), ("X", "1", ""))
    )
    text = refused.content.decode()
    assert "7 of V-200 wanted, 6 free at the site." in text and "No item has the code “X”." in text
    changed = post(MAY, f"/transfers/{one.pk}/change", due_on="2027-01-06", reason="", **grid(("V-200", "9", "")))
    assert changed.status_code == 303, changed.content.decode()
    assert post(MAY, f"/transfers/{one.pk}/release").status_code == 303
    one.refresh_from_db()
    assert (one.state, one.due_on.isoformat(), one.reason) == ("released", "2027-01-06", "SO-7 waits")
    page = signed_in(ADA).get(f"/transfers/{one.pk}").content.decode()
    assert "9 V-200 in reserve-1" in page and "/scan/stage-transfer?transfer=" in page
    assert post(MAY, f"/transfers/{one.pk}/cancel", reason="not wanted").status_code == 303
    one.refresh_from_db()
    assert one.state == "cancelled"
    ticked = planned(here, there, ("V-200", "4", ""))
    listed = signed_in(MAY).post(
        "/transfers?state=planned", {"batch": "release", "ids": [ticked.pk], "idempotency_key": uuid4().hex}
    )
    assert listed.status_code in (302, 303), listed.content.decode()[:400]
    ticked.refresh_from_db()
    assert ticked.state == "released"


def test_a_released_transfer_is_staged_by_scan(scene):
    here, there, hose, nut = scene
    one = planned(here, there, ("V-200", "4", ""), ("N-1", "2", ""))
    device = Device(BO, "/scan/stage-transfer", here.site)
    assert "Nothing is to be staged" in device.page
    assert device.scan(one.number) == "wrong" and "is not released" in device.page
    post(MAY, f"/transfers/{one.pk}/release")
    device = Device(BO, "/scan/stage-transfer", here.site)
    assert device.tap("next") == "ok" and "Scan staging place" in device.page
    assert device.scan("reserve-1") == "wrong" and "is no staging place of W1" in device.page
    assert device.scan("staged-1") == "ok" and "Scan bin or pallet" in device.page
    assert device.scan("NOPE") == "wrong"
    assert device.scan("reserve-1") == "ok" and "Scan item" in device.page
    assert device.scan("V-200") == "more" and "of 4" in device.page and "How many go? V-200 V-200" in device.page
    assert device.scan("N-1") == "wrong" and "How many of V-200 go is not booked yet." in device.page
    assert device.scan("V-200") == "more"
    assert device.type("5") == "wrong" and "Type 1 to 4." in device.page
    assert device.type("4") == "ok"
    assert device.scan("reserve-1") == "more" and "of 2" in device.page, "one item of it is left there"
    assert device.type("2") == "done"
    one.refresh_from_db()
    assert one.state == "staged"
    assert standing(hose) == {("staged-1", "staged"): 4, ("reserve-1", "reserve"): 6}
    assert standing(nut) == {("staged-1", "staged"): 2, ("reserve-1", "reserve"): 3}
    assert device.scan(one.number) == "wrong" and "Nothing of" in device.page
    assert list(verify()) == []


def test_the_phone_counts_the_transfers_of_the_place_it_works_at(scene):
    here, there, _, _ = scene
    one = planned(here, there, ("V-200", "4", ""))
    post(MAY, f"/transfers/{one.pk}/release")
    for at, count in ((here, 1), (there, 0)):
        person = SimpleNamespace(pk=BO.id, is_authenticated=True)
        viewer = Viewer(person, {"storage.move": frozenset({at.site})})
        assert (viewer.site_id, site_of(viewer)) == (0, at.site)
        assert (stage.FLOW.count(viewer), scan_transfers.FLOW.count(viewer)) == (count, 0)


def test_a_pallet_goes_whole_in_three_scans_and_loose_goods_on_a_named_one(scene):
    here, there, hose, _ = scene
    plate = lpn(here, "PAL-9")
    receive(here, hose, 6, "4", "reserve2")
    onto = ItemMove(hose, Units(6), here.places["reserve2"], here.places["reserve2"], to_lpn_id=plate)
    move_stock(ctx(BO), MoveStock(here.site, items=[onto]))
    one = planned(here, there, ("V-200", "8", ""))
    post(MAY, f"/transfers/{one.pk}/release")
    device = Device(BO, "/scan/stage-transfer", here.site)
    assert [device.scan(code) for code in (one.number, "staged-1", "PAL-9")] == ["ok", "ok", "ok"]
    assert device.scans == 3 and "6 of PAL-9" in device.page
    assert device.tap("plate") == "ok" and device.scan("PAL-10") == "ok"
    assert device.scan("reserve-1") == "more" and device.type("2") == "done"
    goods = queries_staged.goods([one.pk])
    assert sorted(x.units for x in goods) == [2, 6] and all(x.lpn_id for x in goods)


def test_who_stages_says_that_the_rest_is_not_there(scene):
    here, there, _, _ = scene
    one = planned(here, there, ("V-200", "8", ""))
    post(MAY, f"/transfers/{one.pk}/release")
    device = Device(BO, "/scan/stage-transfer", here.site)
    assert [device.scan(code) for code in (one.number, "staged-1", "V-200")] == ["ok", "ok", "more"]
    assert device.type("5") == "ok"
    other = Device(BO, f"/scan/stage-transfer?transfer={one.number}", here.site)
    assert device.tap("end") == "ok" and "Why does the rest not go?" in device.page
    assert device.tap("end-empty") == "done"
    [row] = queries_transfers.transfers([one.pk])
    assert (row.state, row.units) == ("staged", 5)
    assert other.scan("staged-1") == "wrong" and "Nothing of this transfer is left to stage." in other.page


def test_systems_plan_release_stage_and_read(client, scene):
    here, there, hose, _ = scene

    def call(person, url, body):
        key = {**bearer(person), "Idempotency-Key": uuid4().hex}
        return client.post(f"/api/v1/transfers/{url}", body, "application/json", headers=key)

    body = {
        "site_id": here.site, "to_site_id": there.site, "due_on": "2027-01-05", "reason": "SO-7 waits",
        "lines": [{"item_id": hose, "units": 4}],
    }  # fmt: skip
    made = call(MAY, "plan", body)
    assert made.status_code == 201, made.content
    transfer_id = made.json()["transfer_id"]
    assert call(BO, "plan", body).status_code == 403
    changed = call(MAY, f"{transfer_id}/change", {"due_on": "2027-01-06", "lines": [{"item_id": hose, "units": 5}]})
    assert (changed.json()["units"], changed.json()["due_on"]) == (5, "2027-01-06")
    assert call(MAY, "release", {"transfer_ids": [transfer_id]}).json() == {"count": 1}
    url = f"/api/v1/transfers?to_site_id={there.site}&state=released"
    assert [t["units"] for t in client.get(url, headers=bearer(BO)).json()["items"]] == [5]
    left = client.get(f"/api/v1/transfers/{transfer_id}/to-stage", headers=bearer(BO)).json()
    assert [(x["sku"], x["units"], x["place"], x["there"]) for x in left] == [("V-200", 5, "reserve-1", 10)]
    assert client.get("/api/v1/transfers/999999/to-stage", headers=bearer(BO)).status_code == 404
    goods = {"location_id": here.places["staged1"],
             "lines": [{"location_id": here.places["reserve1"], "item_id": hose, "units": 3}]}  # fmt: skip
    assert call(BO, f"{transfer_id}/stage", goods).json()["left"] == 2
    assert call(BO, f"{transfer_id}/end-staging", {"reason": "no more"}).json()["dropped"] == 2
