import pytest
from tests.cast import BO, DI, ED, bearer, signed_in
from tests.supply import approved, house, item, supplier

from flowrack.platform import sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def po():
    return approved(house().site, supplier(), (item("V-200"), 100, "4"), (item("TAP"), 50, "2"))


def rows(*lines: tuple[str, ...]) -> dict[str, list[str]]:
    names = ("line_no", "item", "units", "confirmed_on", "unit_cost", "reference")
    return {f"grid-{name}": [line[at] for line in lines] for at, name in enumerate(names)}


def test_a_buyer_records_a_confirmation_and_decides_on_what_differs(po):
    browser, url = signed_in(DI), f"/purchase-orders/{po.po_id}"
    assert 'value="100"' in browser.get(f"{url}/confirm").content.decode()
    bad = browser.post(f"{url}/confirm", {"idempotency_key": "a", **rows(("1", "V-200", "x", "soon", "y", ""))})
    assert bad.status_code == 422 and "“soon” is no date" in bad.content.decode()
    good = rows(("1", "V-200", "80", "2099-03-09", "4", "P1"), ("2", "TAP", "50", "2099-03-09", "", ""))
    done = browser.post(f"{url}/confirm", {"reference": "OC-9", "idempotency_key": "b", **good})
    assert done.status_code == 303
    record = browser.get(url).content.decode()
    assert "Confirmed" in record and "20 of 100 units fewer, 0 are tolerated" in record
    page = browser.get("/confirmations").content.decode()
    assert po.number in page and "waits for the buyer" in page
    line = sql.fetch_value("SELECT min(id) FROM purchasing_confirmationline")
    decide = f"/confirmations/decide?lines={line}"
    assert browser.post(decide, {"verdict": "refuse", "idempotency_key": "c"}).status_code == 422
    form = {"verdict": "refuse", "reason": "All of it", "idempotency_key": "d"}
    assert browser.post(decide, form).status_code == 303
    assert sql.fetch_value("SELECT state FROM purchasing_confirmationline WHERE id = %s", (line,)) == "refused"
    assert browser.get("/confirmations/missing?view=all").content.decode().count(po.number) >= 1
    assert signed_in(BO).get(f"{url}/confirm").status_code == 403


def test_tolerances_are_set_by_page_and_the_api_records_lists_and_decides(po, client):
    form = {"late_days": "5", "early_days": "1", "cut_pct": "0", "price_up_pct": "2", "price_up_amount": "50",
            "confirm_within_days": "3", "reason": "as agreed", "idempotency_key": "a"}  # fmt: skip
    assert signed_in(ED).post("/confirmation-tolerances/new", form).status_code == 303
    assert "as agreed" in signed_in(ED).get("/confirmation-tolerances").content.decode()
    api = "/api/v1/purchase-confirmations"
    line = {"line_no": 1, "units": 100, "confirmed_on": "2099-03-09"}
    body = {"confirmations": [{"po_id": po.po_id, "reference": "OC-1", "lines": [line]}]}
    made = client.post(api, body, "application/json", headers=bearer(DI))
    assert (made.status_code, made.json()["lines"][0]["state"]) == (201, "open")
    listed = client.get(f"{api}?state=open", headers=bearer(BO)).json()["items"]
    assert [(x["number"], x["units"], x["reference"]) for x in listed] == [(po.number, 100, "OC-1")]
    verdict = {"confirmation_line_ids": [listed[0]["id"]], "verdict": "accept"}
    done = client.post(f"{api}/decide", verdict, "application/json", headers=bearer(DI))
    assert (done.status_code, done.json()["state"]) == (200, "accepted")
    assert str(sql.fetch_value("SELECT expected_on FROM purchasing_poline ORDER BY id LIMIT 1")) == "2099-03-09"
    went = {"sent": [{"po_id": po.po_id, "version_no": 2, "means": "email", "sent_to": "x@ostler.example"}]}
    assert client.post("/api/v1/purchase-orders/sent", went, "application/json", headers=bearer(DI)).status_code == 201
    assert client.get(f"{api}/missing", headers=bearer(BO)).json()[0]["means"] == "email"
