import pytest
from tests.cast import ADA, NED, OZ, bearer

from flowrack.ledger.tests import house as h

pytestmark = pytest.mark.django_db


def test_cost_is_set_split_and_read_by_api(client):
    house = h.house()
    item = h.item("W", "standard", standard_cost="10")
    fifo = h.item("F")
    h.receive(house, item, 100, None)
    receipt = h.receive(house, fifo, 10, "2.00")

    def post(path, person, body, status=201):
        answer = client.post(f"/api/v1{path}", body, content_type="application/json", headers=bearer(person))
        assert answer.status_code == status, answer.content
        return answer.json()

    set_cost = {"costs": [{"item_id": item, "unit_cost": "11"}], "reason": "price list"}
    assert post("/costing/standard-costs", OZ, set_cost)["value"] == "100.00"
    late = {"amount": "5.00", "reason": "freight", "receipt_move_ids": receipt.move_ids}
    assert post("/costing/late-costs", NED, late)["stock_value"] == "5.00"
    assert post(f"/costing/items/{item}/method", OZ, {"costing": "fifo"}, 409)["code"] == "stock_in_the_way"
    rows = client.get("/api/v1/costing/trial-balance", headers=bearer(OZ)).json()
    assert {row["account"]: row["value"] for row in rows}["inventory"] == "1125.0000"
    assert client.get("/api/v1/costing/value?on=2026-05-13", headers=bearer(OZ)).json() == []
    assert client.get("/api/v1/costing/trial-balance", headers=bearer(ADA)).status_code == 403
