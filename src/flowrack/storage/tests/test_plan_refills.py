import pytest
from tests.cast import ADA, BO, ctx
from tests.supply import counts_of, item

from flowrack.ledger.tests.house import receive
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands
from flowrack.storage.tests.house import plans, shelves
from flowrack.storage.types import PickFaceSetting, PlanRefills, SetPickFaces

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = shelves(), item("V-200")
    face = PickFaceSetting(here.places["forward_pick1"], hose, Units(10), Units(40))
    commands.set_pick_faces(ctx(ADA), SetPickFaces(here.site, [face]))
    receive(here, hose, 4, "1", "forward_pick1")
    return here, hose


def test_a_low_face_gets_a_refill_from_reserve_once(scene):
    here, hose = scene
    receive(here, hose, 20, "1", "R-02")
    receive(here, hose, 50, "1", "R-03")

    first = commands.plan_refills(ctx(ADA, "k"), PlanRefills(here.site))

    assert commands.plan_refills(ctx(ADA, "k"), PlanRefills(here.site)) == first
    assert plans() == [("open", 20, 0, "forward_pick-1", ""), ("open", 16, 0, "forward_pick-1", "")]
    assert sql.fetch_all("SELECT kind, units, priority FROM tasks_task ORDER BY id") == [
        ("refill", 20, 3),
        ("refill", 16, 3),
    ]
    [decision] = why(f"storage.planned_move:{first.planned_move_ids[1]}")
    assert decision.sentence == (
        "The face holds 4 and 0 are on the way, under its minimum of 10; 16 fill it towards 40, from the stock that"
        " expires or is reached first."
    )
    assert commands.plan_refills(ctx(ADA), PlanRefills(here.site)).planned_move_ids == []


def test_a_face_for_which_nothing_is_left_is_named_and_strangers_plan_nothing(scene):
    here, hose = scene
    face_id = sql.fetch_value("SELECT id FROM storage_pickface")
    by = ctx(BO)
    before = counts_of()
    with pytest.raises(NotPermitted):
        commands.plan_refills(by, PlanRefills(here.site))
    assert counts_of() == before
    done = commands.plan_refills(ctx(ADA), PlanRefills(here.site, [hose]))
    assert (done.planned_move_ids, done.empty_handed_face_ids) == ([], [face_id])
