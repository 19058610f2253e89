import pytest
from tests.cast import BO, JO, KIM, OZ, bearer

from flowrack.returns.tests.scene import sold

pytestmark = pytest.mark.django_db


def test_a_return_is_announced_received_and_decided_by_api(client):
    s = sold(10, "3.00")

    def post(path, person, body, status=201):
        answer = client.post(f"/api/v1{path}", body, content_type="application/json", headers=bearer(person))
        assert answer.status_code == status, answer.content
        return answer.json()

    new = {"site_id": s.house.site, "order_id": s.order, "reason": "changed_mind"}
    rma = post("/returns", KIM, new | {"lines": [{"units": 4, "order_line_id": s.line}]})
    seen = {"rma_line_id": rma["line_ids"][0], "units": 4, "condition": "A"}
    came = {"location_id": s.house.places["return_review1"], "lines": [seen]}
    received = post(f"/returns/{rma['rma_id']}/receipts", JO, came)
    assert received["proposals"] == ["restock"]
    [row] = client.get("/api/v1/returns", headers=bearer(JO)).json()
    assert (row["waiting_units"], row["waiting_value"]) == (4, None)
    view = client.get(f"/api/v1/returns/{rma['rma_id']}", headers=bearer(OZ)).json()
    assert (view["waiting_value"], view["lines"][0]["lots"][0]["left_units"]) == ("12.00", 4)
    split = {"returned_lot_id": received["returned_lot_ids"][0], "units": 4, "verdict": "restock"}
    done = post("/dispositions", JO, {"splits": [split | {"location_id": s.house.places["receiving1"]}]})
    assert done["closed_rma_ids"] == [rma["rma_id"]]
    problem = post("/returns", KIM, new | {"lines": [{"units": 7, "order_line_id": s.line}]}, 409)
    assert problem["code"] == "over_return" and problem["errors"][0]["line"] == 1
    assert client.get("/api/v1/returns", headers=bearer(BO)).status_code == 403
