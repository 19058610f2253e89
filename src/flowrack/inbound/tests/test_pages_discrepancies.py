"""The pages of discrepancies and tolerances, and the same by the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cast import BO, CY, ED, bearer, ctx, signed_in
from tests.supply import approved, receive

from flowrack.dock.tests.yard import announced, line, sscc, yard
from flowrack.inbound import commands_packs
from flowrack.inbound.tests.dockside import ids, on_record
from flowrack.inbound.types import CountedLine
from flowrack.inbound.types_discrepancies import BlindLine, ReceiveBlind
from flowrack.platform import sql
from flowrack.platform.tests.test_photos import png
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    made = yard()
    good = CountedLine(units=Units(95), item_id=made.hose)
    receive(made.po, made.house, good, CountedLine(Units(5), made.hose, quality="damaged", reason="crushed"))
    return made


def test_the_list_decides_many_and_exports(at):
    ed = signed_in(ED)
    page = ed.get("/discrepancies?state=open").content.decode()
    assert "V-200: 5 damaged, crushed." in page and "20.00" in page
    export = b"".join(ed.get("/discrepancies?format=csv").streaming_content).decode()
    assert "damaged" in export
    answer = ed.post("/discrepancies", {"batch": "debit", "ids": ids()})
    assert answer.status_code == 303, answer.content.decode()[:2000]
    assert on_record()[0][1] == "debited"


def test_one_is_given_a_photo_and_decided_with_its_money(at):
    one = ids()[0]
    bo, ed = signed_in(BO), signed_in(ED)
    not_one = bo.post(f"/discrepancies/{one}/photos", {"file": SimpleUploadedFile("x.jpg", b"no")})
    assert not_one.status_code == 422 and "This file is no picture." in not_one.content.decode()
    kept = bo.post(f"/discrepancies/{one}/photos", {"file": SimpleUploadedFile("x.jpg", png())})
    assert kept.status_code == 303
    record = ed.get(f"/discrepancies/{one}").content.decode()
    assert "Photo 1" in record and "Claim or debit" in record
    assert "At stake" in ed.get(f"/discrepancies/{one}").content.decode()
    asked = {"verdict": "claim", "responsible": "carrier", "amount": "18.50", "note": "noted on the delivery paper"}
    assert ed.post(f"/discrepancies/{one}/decide", asked).status_code == 303
    assert on_record()[0][1:] == ("claimed", 5, "20.00", "carrier", "flag")
    claim = sql.fetch_value("SELECT id FROM inbound_claim")
    assert f"/claims/{claim}" in ed.get(f"/discrepancies/{one}").content.decode()
    assert "noted on the delivery paper" in ed.get(f"/claims/{claim}").content.decode()
    assert ed.get(f"/claims/{claim}/paper.pdf").content.startswith(b"%PDF")
    assert ed.post(f"/claims/{claim}/send").status_code == 303
    too_much = ed.post(f"/claims/{claim}/settle", {"amount": "19", "note": ""})
    assert too_much.status_code == 422 and "at most what was asked for" in too_much.content.decode()
    assert ed.post(f"/claims/{claim}/settle", {"amount": "15", "note": "half an hour on the phone"}).status_code == 303
    assert on_record()[0][1] == "settled"
    assert "15.00" in ed.get("/claims?view=all").content.decode()
    assert bo.post(f"/discrepancies/{one}/verdict", {"verdict": "accept"}).status_code == 403


def test_money_is_shown_only_to_those_who_may_see_what_goods_cost(at):
    """20.00 is asked for 5 of 100 hoses at 4.00. Cy, a picker, sees claims but no cost."""
    one = ids()[0]
    signed_in(ED).post(f"/discrepancies/{one}/decide", {"verdict": "debit", "amount": "18.50"})
    claim = sql.fetch_value("SELECT id FROM inbound_claim")
    for person, sees in ((ED, True), (CY, False)):
        browser = signed_in(person)
        for url, money in ((f"/claims/{claim}", "18.50"), (f"/discrepancies/{one}", "20.00")):
            page = browser.get(url)
            assert page.status_code == 200 and (money in page.content.decode()) == sees, (person, url)
        assert ("paper.pdf" in browser.get(f"/claims/{claim}").content.decode()) == sees
        assert browser.get(f"/claims/{claim}/paper.pdf").status_code == (200 if sees else 403)

        def api(url, person=person, browser=browser):
            return browser.get(f"/api/v1{url}", headers=bearer(person)).json()

        amount, value = ("18.5000", "20.0000") if sees else (None, None)
        assert api("/claims")["items"][0]["amount"] == amount
        record = api(f"/claims/{claim}")
        assert (record["amount"], record["discrepancies"][0]["amount"]) == (amount, amount)
        listed = api("/discrepancies")["items"][0]
        assert (listed["value"], listed["amount"]) == (value, amount)


def test_a_label_nobody_can_read_is_put_on_record(at):
    bo = signed_in(BO)
    said = {"site": at.site, "supplier": "OSTLER", "kind": "unreadable", "units": "0", "reason": "torn off",
            "responsible": "carrier"}  # fmt: skip
    wrong = bo.post("/discrepancies/new", {**said, "sku": "NONE"})
    assert wrong.status_code == 422 and "not the code of one item" in wrong.content.decode()
    assert bo.post("/discrepancies/new", {**said, "sku": "V-200"}).status_code == 303
    assert on_record()[1] == ("unreadable", "open", 0, "0.00", "carrier", "flag")


def test_goods_without_an_order_are_put_on_one(at):
    po = approved(at.site, at.supplier, (at.hose, 10, "4"))
    door = at.house.places["receiving1"]
    one = commands_packs.receive_blind(ctx(BO), ReceiveBlind(door, [BlindLine(at.hose, Units(4))])).discrepancy_ids[0]
    bo = signed_in(BO)
    assert "No open order" in bo.post(f"/discrepancies/{one}/put-on-order", {"po": "PO-1"}).content.decode()
    assert bo.post(f"/discrepancies/{one}/put-on-order", {"po": po.number}).status_code == 303
    assert on_record()[1][1] == "settled"


def test_a_tolerance_is_set_on_its_page(at):
    ed = signed_in(ED)
    flags = dict.fromkeys(("on_over", "on_under", "on_early", "on_late", "on_short_dated"), "flag")
    wrong = ed.post("/tolerances/new", {**flags, "supplier": "NOBODY"})
    assert wrong.status_code == 422 and "There is no supplier" in wrong.content.decode()
    assert ed.post("/tolerances/new", {**flags, "supplier": "OSTLER", "early_days": "2"}).status_code == 303
    assert "OSTLER Works" in ed.get("/tolerances?is_in_force=yes").content.decode()


def test_the_api_does_the_same(at):
    announced(at, line(quantity="60", sscc=sscc(1)))
    door = at.house.places["receiving1"]
    client = signed_in(BO)

    def send(person, path, body, key):
        headers = {**bearer(person), "Idempotency-Key": key}
        return client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)

    pack = send(BO, "/receipts/packs", {"sscc": sscc(1), "location_id": door}, "a")
    assert (pack.status_code, pack.json()["units"]) == (201, 60)
    again = send(BO, "/receipts/packs", {"sscc": sscc(1), "location_id": door}, "b")
    assert (again.status_code, again.json()["code"]) == (409, "already_received")
    blind = send(BO, "/receipts/blind", {"location_id": door, "lines": [{"item_id": at.hose, "units": 3}]}, "c")
    assert blind.status_code == 201
    said = {"site_id": at.site, "supplier_id": at.supplier, "kind": "unreadable", "reason": "torn label"}
    assert send(BO, "/discrepancies", said, "d").status_code == 201
    listed = client.get("/api/v1/discrepancies?state=open", headers=bearer(ED)).json()
    assert [row["kind"] for row in listed["items"]] == ["unreadable", "no_po", "damaged"]
    body = {"discrepancy_ids": [listed["items"][2]["id"]], "verdict": "debit"}
    decided = send(ED, "/discrepancies/decide", body, "e").json()["decided"][0]
    assert (decided["state"], decided["amount"]) == ("debited", "20.00")
    flags = dict.fromkeys(("on_over", "on_under", "on_early", "on_late", "on_short_dated"), "hold")
    assert send(ED, "/tolerances", flags, "f").json()["version"] == 1
    assert client.get("/api/v1/tolerances", headers=bearer(ED)).json()[0]["on_over"] == "hold"
