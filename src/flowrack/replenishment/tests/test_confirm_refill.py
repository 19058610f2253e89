import pytest
from tests.cast import ADA, BO, CY, EVE, ctx
from tests.supply import counts_of, item, standing

from flowrack.ledger.tests.house import receive
from flowrack.platform import sql
from flowrack.replenishment import commands
from flowrack.replenishment.tests.faces import clock, expects, ids, moves, pilot, plan, refills
from flowrack.replenishment.types import (
    CancelDraws,
    ConfirmRefill,
    FaceFull,
    LiftRefill,
    NoSuchRefill,
    NotItsFace,
    PlanRefills,
    SetRefillPolicy,
)
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.tests.house import plans, shelves
from flowrack.storage.types import (
    Carried,
    ConfirmPutaway,
    NoSuchPlan,
    NothingThere,
    PickFaceSetting,
    SetPickFaces,
)
from flowrack.tasks.types import TaskTaken

pytestmark = pytest.mark.django_db


def test_a_refill_moves_reserve_to_the_face_once():
    here, hose = shelves(), item("V-200")
    face = PickFaceSetting(here.places["forward_pick1"], hose, Units(10), Units(40))
    storage.set_pick_faces(ctx(ADA), SetPickFaces(here.site, [face]))
    receive(here, hose, 100, "1", "R-01")
    [move] = commands.plan_refills(ctx(ADA), PlanRefills(here.site)).planned_move_ids
    bo, eve = ctx(BO), ctx(EVE)
    before = counts_of()
    with pytest.raises(NoSuchPlan):
        storage.confirm_putaway(bo, ConfirmPutaway([Carried(move)]))
    with pytest.raises(NotPermitted):
        commands.confirm_refill(eve, ConfirmRefill([Carried(move)]))
    assert counts_of() == before

    done = commands.confirm_refill(ctx(BO, "k"), ConfirmRefill([Carried(move)]))

    assert commands.confirm_refill(ctx(BO, "k"), ConfirmRefill([Carried(move)])) == done
    assert standing(hose) == {("R-01", "reserve"): 60, ("forward_pick-1", "forward_pick"): 40}
    assert plans() == [("done", 40, 40, "forward_pick-1", "forward_pick-1")]


def test_never_more_than_the_face_holds():
    here, hose = pilot()
    expects(here, hose)
    [first, second] = moves()
    commands.confirm_refill(ctx(BO, now=clock("13:30")), ConfirmRefill([Carried(first)]))
    by = ctx(BO, now=clock("13:31"))
    before = counts_of()
    with pytest.raises(FaceFull) as refusal:
        commands.confirm_refill(by, ConfirmRefill([Carried(second)]))
    assert (refusal.value.message, refusal.value.fix) == (
        "forward_pick-1 holds 90 of 96: 60 do not fit.",
        "Put 6 there, or wait until more is picked.",
    )
    assert counts_of() == before
    part = commands.confirm_refill(ctx(BO, now=clock("13:32")), ConfirmRefill([Carried(second, units=Units(6))]))
    assert part.open_move_ids == [second]
    assert [row[:4] for row in refills()] == [("landed", "run_out", 60, 60), ("planned", "run_out", 60, 6)]
    assert standing(hose)["forward_pick-1", "forward_pick"] == 96


def test_it_lands_nowhere_else_and_a_colleague_lands_nothing():
    here, hose = pilot()
    expects(here, hose)
    commands.lift_refill(ctx(CY, now=clock("13:05")), LiftRefill(ids()[0]))
    elsewhere, bo, cy = here.places["forward_pick2"], ctx(BO, now=clock("13:06")), ctx(CY, now=clock("13:06"))
    before = counts_of()
    with pytest.raises(NotItsFace) as refusal:
        commands.confirm_refill(cy, ConfirmRefill([Carried(moves()[0], elsewhere, reason="nearer")]))
    assert [(bad.line, bad.field) for bad in refusal.value.lines] == [(1, "location")]
    with pytest.raises(TaskTaken):
        commands.confirm_refill(bo, ConfirmRefill([Carried(moves()[0])]))
    assert counts_of() == before
    assert refills()[0][:4] == ("lifted", "run_out", 60, 0)


def test_what_goes_back_does_not_land():
    here, hose = pilot()
    expects(here, hose)
    commands.lift_refill(ctx(CY, now=clock("13:05")), LiftRefill(ids()[0]))
    commands.cancel_draws(ctx(ADA, now=clock("13:10")), CancelDraws(here.site, "Counter sale"))
    with pytest.raises(NoSuchRefill):
        commands.confirm_refill(ctx(CY, now=clock("13:11")), ConfirmRefill([Carried(moves()[0])]))
    assert standing(hose)["forward_pick-1", "forward_pick"] == 30


def test_a_chain_over_a_hand_over_place_is_two_carries_of_the_whole_pallet():
    here, hose = pilot(pallets=1)
    zone = sql.fetch_value("SELECT zone_id FROM locations_location WHERE id = %s", (here.places["R-01"],))
    policy = SetRefillPolicy(
        here.site, task_seconds=600, spare_seconds=0, hand_overs=[(zone, here.places["forward_pick2"])]
    )
    commands.set_refill_policy(ctx(ADA), policy)
    expects(here, hose, 90)
    assert refills() == [("planned", "run_out", 60, 0, "13:00", "14:00", "13:40")]
    with pytest.raises(NothingThere):
        commands.confirm_refill(ctx(CY, now=clock("13:05")), ConfirmRefill([Carried(moves()[0], units=Units(9))]))

    first = commands.confirm_refill(ctx(CY, now=clock("13:05")), ConfirmRefill([Carried(moves()[0])]))

    assert first.next_move_ids == moves()
    assert standing(hose) == {("forward_pick-1", "forward_pick"): 30, ("forward_pick-2", "forward_pick"): 60}
    assert sql.fetch_all(
        "SELECT lpn_id > 0 FROM ledger_cell WHERE location_id = %s", (here.places["forward_pick2"],)
    ) == [(True,)]
    assert sql.fetch_all("SELECT state, units FROM tasks_task ORDER BY id") == [("done", 60), ("open", 60)]
    assert plan(here, now="13:06").cancelled_ids == []
    commands.confirm_refill(ctx(BO, now=clock("13:20")), ConfirmRefill([Carried(moves()[0])]))
    assert standing(hose) == {("forward_pick-1", "forward_pick"): 90}
    assert [row[:4] for row in refills()] == [("landed", "run_out", 60, 60)]
