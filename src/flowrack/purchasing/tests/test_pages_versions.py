import pytest
from tests.cast import BO, DI, EVE, bearer, signed_in
from tests.supply import approved, house, item, supplier

from flowrack.platform import sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def po():
    here, seller = house(), supplier()
    return approved(here.site, seller, (item("V-200"), 100, "4"), (item("TAP"), 50, "2"))


def rows(*lines: tuple[str, str, str, str, str]) -> dict[str, list[str]]:
    names = ("line_no", "item", "units", "unit_cost", "due_on")
    return {f"grid-{name}": [line[at] for line in lines] for at, name in enumerate(names)}


def test_a_buyer_changes_an_approved_order_in_the_grid_and_sees_how_versions_differ(po):
    browser, url = signed_in(DI), f"/purchase-orders/{po.po_id}"
    page = browser.get(f"{url}/revise")
    assert page.status_code == 200 and 'value="V-200"' in page.content.decode()
    form = {"version": "1", "due_on": "2099-03-09", "reason": "Sold less", "idempotency_key": "a"}
    bad = browser.post(f"{url}/revise", {**form, **rows(("1", "V-200", "x", "", "soon"), ("7", "TAP", "1", "y", ""))})
    said = bad.content.decode()
    assert bad.status_code == 422
    for sentence in ("“x” is not a number", "“soon” is no date", "There is no line 7", "“y” is not a price"):
        assert sentence in said
    good = rows(("1", "V-200", "60", "4", ""), ("", "TAP", "5", "2.5", "2099-04-01"))
    assert browser.post(f"{url}/revise", {**form, **good}).status_code == 303
    record = browser.get(url).content.decode()
    assert "waits" in record and "Change order" in record
    page = signed_in(BO).get(f"{url}/versions?from=1&to=2").content.decode()
    assert "Version 1 to 2" in page and "dropped" in page and "Sold less" in page
    assert browser.post(f"{url}/revise/withdraw", {"reason": "no", "idempotency_key": "b"}).status_code == 303
    assert sql.fetch_value("SELECT state FROM purchasing_poversion ORDER BY id DESC LIMIT 1") == "withdrawn"
    assert signed_in(EVE).get(f"{url}/versions").status_code == 403
    assert signed_in(BO).get(f"{url}/revise").status_code == 403


def test_the_api_changes_lists_and_compares(po, client):
    api = "/api/v1/purchase-orders"
    body = {"changes": [{"po_id": po.po_id, "version": 1, "reason": "less", "lines": [{"line_no": 1, "units": 90}]}]}
    made = client.post(f"{api}/changes", body, "application/json", headers=bearer(DI))
    assert (made.status_code, made.json()["versions"][0]["state"]) == (201, "waiting")
    listed = client.get(f"{api}/{po.po_id}/versions", headers=bearer(BO)).json()
    assert [(v["version_no"], v["state"], v["total"]) for v in listed] == [
        (2, "waiting", "460.00"),
        (1, "approved", "500.00"),
    ]
    [one] = client.get(f"{api}/{po.po_id}/versions/1/2", headers=bearer(BO)).json()
    assert one == {
        "line_no": 1, "label": "V-200 V-200", "field": "Units", "before": "100", "after": "90", "is_exception": True,
    }  # fmt: skip
    assert client.get(f"{api}/{po.po_id}/versions/1/9", headers=bearer(BO)).status_code == 404
    gone = {"po_ids": [po.po_id], "reason": "kept"}
    done = client.post(f"{api}/changes/withdraw", gone, "application/json", headers=bearer(DI))
    assert done.json()["versions"][0]["state"] == "withdrawn"
