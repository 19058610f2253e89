import pytest
from tests.cast import BO, DI, MAY, signed_in
from tests.supply import house, item, sells, supplier

from flowrack.platform import sql

pytestmark = pytest.mark.django_db


def test_a_planner_looks_again_and_sees_why():
    house()
    hose = item("V-200")
    sql.execute("UPDATE catalog_item SET reorder_point = 20, order_up_to = 100 WHERE id = %s", (hose,))
    sells(supplier("OSTLER"), hose)
    browser = signed_in(MAY)
    assert browser.get("/replenish").status_code == 200
    assert browser.get("/replenish/run").status_code == 200
    assert signed_in(BO).get("/replenish").status_code == 403
    assert browser.post("/replenish/run", {"idempotency_key": "a"}).status_code == 303
    proposal = sql.fetch_value("SELECT id FROM planning_proposal")
    text = signed_in(DI).get(f"/replenish/{proposal}").content.decode()
    assert "100 proposed: the position is 0" in text
    assert "V-200" in signed_in(DI).get("/replenish?state=open").content.decode()
    assert signed_in(DI).get("/replenish/999999").status_code == 404
