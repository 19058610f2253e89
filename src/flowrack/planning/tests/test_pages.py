import pytest
from tests.cast import BO, DI, MAY, signed_in
from tests.supply import approved, house, item, sells, supplier

from flowrack.platform import sql

pytestmark = pytest.mark.django_db


def test_a_planner_looks_again_and_sees_why():
    house()
    hose = item("V-200")
    sql.execute("UPDATE catalog_item SET reorder_point = 20, order_up_to = 100 WHERE id = %s", (hose,))
    sells(supplier("OSTLER"), hose)
    browser = signed_in(MAY)
    assert "Nobody has looked yet what runs low" in browser.get("/replenish").content.decode()
    assert browser.get("/replenish/run").status_code == 200
    assert signed_in(BO).get("/replenish").status_code == 403
    assert browser.post("/replenish/run", {"idempotency_key": "a"}).status_code == 303
    assert "Looked at last " in browser.get("/replenish?state=ordered").content.decode()
    proposal = sql.fetch_value("SELECT id FROM planning_proposal")
    text = signed_in(DI).get(f"/replenish/{proposal}").content.decode()
    assert "100 proposed: the position is 0" in text
    assert "V-200" in signed_in(DI).get("/replenish?state=open").content.decode()
    assert signed_in(DI).get("/replenish/999999").status_code == 404


def test_what_came_under_way_since_is_bought_on_top_with_a_reason_on_each_page():
    here, seller = house(), supplier("OSTLER")
    items = [item("V-200"), item("TAP"), item("NUT")]
    sql.execute("UPDATE catalog_item SET reorder_point = 20, order_up_to = 100")
    for one in items:
        sells(seller, one)
    assert signed_in(MAY).post("/replenish/run", {"idempotency_key": "a"}).status_code == 303
    first, second, _ = [row[0] for row in sql.fetch_all("SELECT id FROM planning_proposal ORDER BY item_id")]
    approved(here.site, seller, *((one, 30, "4") for one in items))
    order = f"/supplier-order/{seller}/{here.site}?days=180"
    for n, (by, url, form, kept) in enumerate(
        (
            (DI, "/replenish", {"batch": "order", "ids": [first]}, f'name="ids" value="{first}"'),
            (MAY, "/replenish", {"batch": "request", "ids": [second]}, f'name="ids" value="{second}"'),
            (DI, order, {}, 'name="seen"'),
        )
    ):
        told = signed_in(by).post(url, {**form, "idempotency_key": f"b{n}"})
        text = told.content.decode()
        assert told.status_code == 409 and kept in text and 'name="cover_reason"' in text and "30 due" in text
        reason = {"cover_reason": "a fair", "idempotency_key": f"c{n}"}
        assert signed_in(by).post(url, {**form, **reason}).status_code == 303
    assert (
        sql.fetch_all("SELECT covered_units, reason FROM purchasing_coveroverride ORDER BY id")[-3:]
        == [(30, "a fair")] * 3
    )
