import pytest
from tests.cast import BO, EVE, MAY, ctx
from tests.supply import counts_of, item, standing

from flowrack.ledger.tests.house import house, receive
from flowrack.ledger.verify import verify
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands, queries_transfers, steps_staged
from flowrack.storage import commands_staging as staging
from flowrack.storage import commands_transfer_plans as plans
from flowrack.storage.types import ItemMove, MoveStock, StockAt
from flowrack.storage.types_transfer_plans import PlanLine, PlanTransfer, ReleaseTransfers, StageReleased
from flowrack.storage.types_transfers import CancelTransfer, StageTransfer, TransferNotStaged, TransferOnLoad

pytestmark = pytest.mark.django_db


def test_goods_of_a_transfer_that_does_not_go_are_free_where_they_stand():
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 10, "4", "reserve1")
    lines = [StockAt(here.places["reserve1"], hose, Units(4))]
    staged = staging.stage_transfer(ctx(BO), StageTransfer(here.site, there.site, here.places["staged1"], lines))
    before = counts_of()
    with pytest.raises(NotPermitted):
        staging.cancel_transfer(ctx(EVE), CancelTransfer(staged.transfer_id, "no truck"))
    with pytest.raises(Invalid):
        staging.cancel_transfer(ctx(BO), CancelTransfer(staged.transfer_id, " "))
    steps_staged.plan_truck([staged.transfer_id], "LD-1001")
    with pytest.raises(TransferOnLoad):
        staging.cancel_transfer(ctx(BO), CancelTransfer(staged.transfer_id, "no truck"))
    assert counts_of() == before
    steps_staged.plan_truck([staged.transfer_id], "")
    staging.cancel_transfer(ctx(BO), CancelTransfer(staged.transfer_id, "no truck"))
    [row] = queries_transfers.transfers([staged.transfer_id])
    assert (row.state, row.note, row.left) == ("cancelled", "no truck", 0)
    with pytest.raises(TransferNotStaged, match="was called off"):
        staging.cancel_transfer(ctx(BO), CancelTransfer(staged.transfer_id, "again"))
    back = ItemMove(hose, Units(4), here.places["staged1"], here.places["reserve1"])
    commands.move_stock(ctx(BO), MoveStock(here.site, items=[back]))
    assert standing(hose) == {("reserve-1", "reserve"): 10}
    assert list(verify()) == []


def test_a_planned_transfer_is_called_off_by_a_planner_and_its_stock_is_free():
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 10, "4", "reserve1")
    planned = plans.plan_transfer(ctx(MAY), PlanTransfer(here.site, there.site, [PlanLine(hose, 6)]))
    plans.release_transfers(ctx(MAY), ReleaseTransfers([planned.transfer_id]))
    lines = [StockAt(here.places["reserve1"], hose, Units(4))]
    staging.stage_released(ctx(BO), StageReleased(planned.transfer_id, here.places["staged1"], lines))
    with pytest.raises(NotPermitted):
        staging.cancel_transfer(ctx(BO), CancelTransfer(planned.transfer_id, "not wanted"))
    staging.cancel_transfer(ctx(MAY), CancelTransfer(planned.transfer_id, "not wanted"))
    [row] = queries_transfers.transfers([planned.transfer_id])
    assert (row.state, row.note) == ("cancelled", "not wanted")
    assert standing(hose) == {("staged-1", "staged"): 4, ("reserve-1", "reserve"): 6}
    back = ItemMove(hose, Units(4), here.places["staged1"], here.places["reserve1"])
    commands.move_stock(ctx(BO), MoveStock(here.site, items=[back]))
    with pytest.raises(TransferNotStaged, match="was called off"):
        staging.cancel_transfer(ctx(MAY), CancelTransfer(planned.transfer_id, "again"))
    assert queries_transfers.coming([(there.site, hose)]) == []
    assert list(verify()) == []
