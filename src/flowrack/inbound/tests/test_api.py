"""The whole way in by the API: order, approve, receive, put away, with the refusals a client must handle."""

from uuid import uuid4

import pytest
from tests.cast import ADA, BO, DI, ED, EVE, bearer
from tests.supply import house, item, sells, standing, supplier

from flowrack.platform import outbox, sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(client):
    def send(person, method, path, body=None, key=None):
        headers = {**bearer(person), "Idempotency-Key": key or uuid4().hex}
        kwargs = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(client, method)(f"/api/v1{path}", headers=headers, **kwargs)

    return send


def test_from_order_to_bin(call):
    here, seller, hose = house(), supplier(), item("V-200")
    sells(seller, hose, "4")
    order = {"supplier_id": seller, "site_id": here.site, "lines": [{"item_id": hose, "units": 100}]}
    made = call(DI, "post", "/purchase-orders", {"orders": [order]})
    assert made.status_code == 201, made.content
    [po] = made.json()["pos"]
    assert po["total"] == "400.00"
    assert call(DI, "post", "/purchase-orders/approve", {"po_ids": [po["po_id"]]}).status_code == 403
    read = call(ED, "get", f"/purchase-orders/{po['po_id']}")
    assert read.json()["lines"][0]["owed_units"] == 100 and read.headers["ETag"]
    assert call(ED, "post", "/purchase-orders/approve", {"po_ids": [po["po_id"]]}).json()["state"] == "approved"

    counted = {
        "po_id": po["po_id"],
        "location_id": here.places["receiving1"],
        "lines": [{"item_id": hose, "units": 60, "lpn": "LP-1"}],
    }
    first = call(BO, "post", "/receipts", counted, key="k1")
    assert first.status_code == 201, first.content
    assert call(BO, "post", "/receipts", counted, key="k1").json() == first.json()
    too_many = call(BO, "post", "/receipts", {**counted, "lines": [{"item_id": hose, "units": 99}]})
    assert too_many.status_code == 409
    assert too_many.json()["code"] == "over_receipt"
    assert too_many.json()["errors"][0]["message"].startswith("V-200: 100 ordered, 60 received, tolerance 2.")
    assert call(EVE, "post", "/receipts", counted).status_code == 403
    assert call(BO, "post", "/receipts", {**counted, "surprise": 1}).status_code == 422

    outbox.drain()
    [move] = call(BO, "get", "/planned-moves?kind=putaway").json()["items"]
    assert (move["units"], move["to_code"], move["lpn"]) == (60, "reserve-1", "LP-1")
    [reason] = call(BO, "get", f"/planned-moves/{move['id']}/why").json()
    assert reason["rule"] == "putaway.directed v0"
    done = call(BO, "post", "/putaways/confirm", {"lines": [{"planned_move_id": move["id"]}]})
    assert done.json()["open_move_ids"] == []
    assert standing(hose) == {("reserve-1", "reserve"): 60}

    receipt_id = first.json()["receipt_id"]
    assert call(BO, "get", f"/receipts/{receipt_id}/lines").json()[0]["value"] == "240.0000"
    closed = call(BO, "post", f"/receipts/{receipt_id}/close", {})
    assert (closed.json()["counted_units"], closed.json()["owed_units"]) == (60, 40)
    assert call(DI, "post", "/purchase-orders/close", {"po_ids": [po["po_id"]], "reason": "late"}).status_code == 200


def test_lists_come_in_pages_and_end(call):
    here, seller, hose = house(), supplier(), item("V-200")
    order = {"supplier_id": seller, "site_id": here.site, "lines": [{"item_id": hose, "units": 1, "unit_cost": "2"}]}
    call(DI, "post", "/purchase-orders", {"orders": [order] * 5})
    seen, cursor = [], ""
    while True:
        page = call(DI, "get", f"/purchase-orders?limit=2&cursor={cursor}").json()
        seen += [row["number"] for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


def test_stock_is_moved_held_adjusted_and_proposed_by_the_api(call):
    here, seller, hose = house(), supplier(), item("V-200")
    sells(seller, hose, "4")
    sql.execute("UPDATE catalog_item SET reorder_point = 20, order_up_to = 100 WHERE id = %s", (hose,))
    bin_ = here.places["reserve1"]
    found = {"site_id": here.site, "lines": [{"location_id": bin_, "item_id": hose, "units": 10, "unit_value": "4"}]}
    assert call(ADA, "post", "/stock/adjust", {**found, "reason": "found"}).json()["value"] == "40.00"
    line = {"item_id": hose, "units": 4, "from_location_id": bin_, "to_location_id": here.places["reserve2"]}
    assert call(BO, "post", "/stock/move", {"site_id": here.site, "items": [line]}).json()["units"] == 4
    held = {"site_id": here.site, "lines": [{"location_id": bin_, "item_id": hose, "units": 2}], "reason": "torn"}
    assert call(ADA, "post", "/stock/hold", held).status_code == 200
    assert standing(hose) == {("reserve-1", "hold"): 2, ("reserve-1", "reserve"): 4, ("reserve-2", "reserve"): 4}
    assert call(BO, "post", "/stock/adjust", {**found, "reason": "found"}).status_code == 403

    run = call(DI, "post", "/proposals/run", {"site_id": here.site}).json()
    [proposal] = call(DI, "get", "/proposals").json()["items"]
    assert [proposal["id"]] == run["proposal_ids"] and proposal["units"] == 92
    drafted = call(DI, "post", "/proposals/order", {"proposals": [{"proposal_id": proposal["id"]}]}).json()
    assert len(drafted["po_ids"]) == 1
