import pytest
from tests.cast import CY, GUS, HAL, IDA, bearer

from flowrack.counting.tests.scene import bin_with
from flowrack.ledger.tests import house as h

pytestmark = pytest.mark.django_db


def test_a_bin_is_counted_recounted_and_approved_by_api(client):
    house, item = bin_with(100)

    def post(path, person, body=None, status=201):
        answer = client.post(f"/api/v1{path}", body or {}, content_type="application/json", headers=bearer(person))
        assert answer.status_code == status, answer.content
        return answer.json()

    asked = post("/counts", HAL, {"site_id": house.site, "location_ids": [house.places["reserve1"]]})
    [task] = client.get("/api/v1/counts/due", headers=bearer(CY)).json()
    assert task["task_id"] == asked["task_ids"][0] and "units" not in task
    for person, path in ((CY, "open"), (GUS, "open")):
        if person is GUS:
            post(f"/counts/{task['task_id']}/recount", HAL, status=200)
        opened = post(f"/counts/{task['task_id']}/{path}", person)
        lines = {"lines": [{"item_id": item, "units": 60}]}
        assert post(f"/counts/rounds/{opened['count_id']}/lines", person, lines, 200)["lines"] == 1
        done = post(f"/counts/rounds/{opened['count_id']}/finish", person, {}, 200)
        assert done == {"task_id": task["task_id"], "state": "review"}
    approved = post(f"/counts/{task['task_id']}/approve", IDA, {"reason": "mispick"}, 200)
    assert (approved["state"], len(approved["posted_ids"])) == ("posted", 1)
    assert h.on_hand(house, item, "reserve1") == 60
