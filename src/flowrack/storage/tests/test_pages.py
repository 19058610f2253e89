import pytest
from tests.cast import ADA, BO, EVE, ctx, signed_in
from tests.supply import item

from flowrack.platform import sql
from flowrack.shared.quantity import Units
from flowrack.storage import commands
from flowrack.storage.tests.house import at_dock, plans, shelves
from flowrack.storage.types import PlanPutaways, PutawayNeed

pytestmark = pytest.mark.django_db


def test_planned_moves_say_why_and_get_another_bin_from_the_list():
    here, hose = shelves(bins=2), item("V-200")
    at_dock(here, hose, 60)
    need = PutawayNeed("test:1", here.places["receiving1"], hose, Units(60))
    [planned] = commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, [need])).moves
    record = f"/putaways/{planned.planned_move_id}"
    for url in ("/putaways", record, "/putaways?without_bin=no"):
        assert "R-01" in signed_in(BO).get(url).content.decode()
        assert signed_in(EVE).get(url).status_code == 403
    assert "nearest empty bin that fits" in signed_in(BO).get(record).content.decode()
    assert signed_in(BO).get("/putaways/999999").status_code == 404

    sql.execute("UPDATE locations_location SET blocked_reason = 'repair' WHERE code = 'R-01'")
    body = {"batch": "replan", "ids": str(planned.planned_move_id), "idempotency_key": "a"}
    signed_in(ADA).post("/putaways", body)
    assert plans() == [("open", 60, 0, "R-02", "")]
