import pytest
from tests.cast import ADA, EVE, HAL, OZ, bearer

from flowrack.ledger.tests import house as h
from flowrack.returns.tests.scene import sold

pytestmark = pytest.mark.django_db


def test_measures_and_states_answer_with_both_parts_and_hide_cost(client):
    s = sold(10, "3.00")
    h.receive(s.house, s.item, 40, "3.00")
    found = client.get("/api/v1/kpis?start=2026-05-01&end=2026-05-31", headers=bearer(OZ)).json()
    assert {k["key"] for k in found} >= {"line_fill", "turns", "units"}
    [site] = client.get("/api/v1/stock/states", headers=bearer(ADA)).json()
    assert (site["units"]["reserve"], site["value"]) == (40, None)
    [site] = client.get("/api/v1/stock/states", headers=bearer(OZ)).json()
    assert site["value"]["reserve"] == "120.00"
    assert client.get("/api/v1/kpis?start=2026-05-31&end=2026-05-01", headers=bearer(OZ)).status_code == 422
    assert client.get("/api/v1/stock/states", headers=bearer(EVE)).status_code == 403


def test_a_lot_is_traced_by_api(client):
    sold(30, lot="L-9")
    [subject] = client.get("/api/v1/trace?code=L-9", headers=bearer(HAL)).json()
    trace = client.get(f"/api/v1/trace/lots/{subject['id']}", headers=bearer(HAL)).json()
    assert (trace["balance"]["shipped"], trace["balance"]["unexplained"]) == (30, 0)
    assert client.get("/api/v1/trace?code=NOPE", headers=bearer(HAL)).status_code == 404
