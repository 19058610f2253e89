"""Stock that is released by its place asks as a hold does."""

from __future__ import annotations

import pytest
from tests.cast import FAY, HAL, bearer, ctx
from tests.supply import item, standing

from flowrack.approvals.types import ApprovalNeeded
from flowrack.fulfilment import commands as floor
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.inspection.tests.house import answer
from flowrack.ledger.tests.house import receive
from flowrack.platform import sql
from flowrack.shared.quantity import Units
from flowrack.storage import commands_releases as commands
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import ReleaseStock, StockAt

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    """20 of 50 units stand apart as damaged."""
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    at = here.places["R-01"]
    floor.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(at, hose, Units(20))], "torn", "damaged"))
    return here, hose, ReleaseStock(here.site, [StockAt(at, hose, Units(20), quality="damaged")], "only the carton")


def test_damaged_stock_waits_for_a_second_person_and_then_settles_its_hold(held):
    _, hose, req = held
    with pytest.raises(ApprovalNeeded, match="“A second person releases what was found defective” asks"):
        commands.release_stock(ctx(FAY), req)
    asked = commands.ask_release_stock(ctx(FAY), req)
    assert (asked.state, asked.units) == ("waiting", 20)
    assert commands.ask_release_stock(ctx(FAY), req).release_id == asked.release_id
    answer(asked.approval)
    assert standing(hose) == {("R-01", "reserve"): 50}
    assert sql.fetch_all("SELECT state FROM inspection_release") == [("released",)]
    assert sql.fetch_value("SELECT left_units FROM inspection_hold") == 0


def test_the_api_asks(held, client):
    here, hose, _ = held
    line = {"location_id": here.places["R-01"], "item_id": hose, "units": 20, "quality": "damaged"}
    body = {"site_id": here.site, "lines": [line], "reason": "only the carton"}
    refused = client.post("/api/v1/stock/release", body, "application/json", headers=bearer(FAY))
    assert (refused.status_code, refused.json()["code"]) == (409, "approval_needed")
    done = client.post("/api/v1/stock/release/ask", body, "application/json", headers=bearer(FAY))
    assert (done.status_code, done.json()["state"]) == (201, "waiting")
