import pytest
from tests.cast import ADA, BO, EVE, ctx
from tests.supply import counts_of, item, standing

from flowrack.ledger.tests.house import receive
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands
from flowrack.storage.tests.house import plans, shelves
from flowrack.storage.types import (
    Carried,
    ConfirmPutaway,
    ConfirmRefill,
    NoSuchPlan,
    PickFaceSetting,
    PlanRefills,
    SetPickFaces,
)

pytestmark = pytest.mark.django_db


def test_a_refill_moves_reserve_to_the_face_once():
    here, hose = shelves(), item("V-200")
    face = PickFaceSetting(here.places["forward_pick1"], hose, Units(10), Units(40))
    commands.set_pick_faces(ctx(ADA), SetPickFaces(here.site, [face]))
    receive(here, hose, 100, "1", "R-01")
    [move] = commands.plan_refills(ctx(ADA), PlanRefills(here.site)).planned_move_ids
    bo, eve = ctx(BO), ctx(EVE)
    before = counts_of()
    with pytest.raises(NoSuchPlan):
        commands.confirm_putaway(bo, ConfirmPutaway([Carried(move)]))
    with pytest.raises(NotPermitted):
        commands.confirm_refill(eve, ConfirmRefill([Carried(move)]))
    assert counts_of() == before

    done = commands.confirm_refill(ctx(BO, "k"), ConfirmRefill([Carried(move)]))

    assert commands.confirm_refill(ctx(BO, "k"), ConfirmRefill([Carried(move)])) == done
    assert standing(hose) == {("R-01", "reserve"): 60, ("forward_pick-1", "forward_pick"): 40}
    assert plans() == [("done", 40, 40, "forward_pick-1", "forward_pick-1")]
