import pytest
from tests.cast import ADA, CY, ctx
from tests.supply import item

from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands
from flowrack.storage.tests.house import at_dock, plans, shelves
from flowrack.storage.types import PlanPutaways, PutawayNeed, ReplanPutaways

pytestmark = pytest.mark.django_db


def test_goods_without_a_bin_get_one_when_there_is_one_again():
    here, hose = shelves(bins=1), item("V-200")
    sql.execute("UPDATE locations_location SET blocked_reason = 'repair' WHERE role IN ('reserve', 'forward_pick')")
    at_dock(here, hose, 10)
    need = PutawayNeed("test:1", here.places["receiving1"], hose, Units(10))
    [planned] = commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, [need])).moves
    assert planned.location_id == 0
    sql.execute("UPDATE locations_location SET blocked_reason = '' WHERE code = 'R-01'")
    with pytest.raises(NotPermitted):
        commands.replan_putaways(ctx(CY), ReplanPutaways(here.site))

    first = commands.replan_putaways(ctx(ADA, "k"), ReplanPutaways(here.site))

    assert [m.location_id for m in first.moves] == [here.places["R-01"]]
    assert plans() == [("open", 10, 0, "R-01", "")]
    assert commands.replan_putaways(ctx(ADA, "k"), ReplanPutaways(here.site)) == first
    assert [d.detail["chosen"] for d in why(f"storage.planned_move:{planned.planned_move_id}")] == ["R-01", None]
    assert commands.replan_putaways(ctx(ADA), ReplanPutaways(here.site)).moves == []
