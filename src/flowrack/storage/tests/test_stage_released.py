from datetime import date

import pytest
from tests.cast import ADA, BO, EVE, MAY, ctx
from tests.supply import counts_of, item, standing

from flowrack.ledger.tests.house import house, receive
from flowrack.ledger.verify import verify
from flowrack.locations.types import LpnRefused
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands, queries_staged, queries_transfers
from flowrack.storage import commands_staging as staging
from flowrack.storage import commands_transfer_plans as plans
from flowrack.storage.tests.test_plan_transfer import free
from flowrack.storage.types import Adjustment, AdjustStock, ItemMove, MoveStock, StockAt
from flowrack.storage.types_transfer_plans import (
    KeptForTransfer,
    NotOfTransfer,
    PlanLine,
    PlanTransfer,
    ReleaseTransfers,
    StageReleased,
    TransferNotReleased,
)
from flowrack.storage.types_transfers import SendStaged, TransferNotStaged

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, there, hose, nut = house("W1"), house("W2"), item("V-200"), item("N-1")
    receive(here, hose, 10, "4", "reserve1")
    receive(here, nut, 5, "4", "reserve2")
    req = PlanTransfer(here.site, there.site, [PlanLine(hose, 6)], date(2026, 3, 5), "SO-1 waits")
    transfer_id = plans.plan_transfer(ctx(MAY), req).transfer_id
    plans.release_transfers(ctx(MAY), ReleaseTransfers([transfer_id]))
    return here, hose, nut, transfer_id


def stage(transfer_id, here, item_id, units, *, at="reserve1", plate=""):
    lines = [StockAt(here.places[at], item_id, Units(units))]
    return StageReleased(transfer_id, here.places["staged1"], lines, plate)


def test_goods_reach_staging_in_parts_and_wait_for_their_truck_with_the_last(scene):
    here, hose, _, transfer_id = scene
    first = staging.stage_released(ctx(BO, "k"), stage(transfer_id, here, hose, 4, plate="PAL-1"))
    assert (first.units, first.left) == (4, 2)
    assert staging.stage_released(ctx(BO, "k"), stage(transfer_id, here, hose, 4, plate="PAL-1")) == first
    [row] = queries_transfers.transfers([transfer_id])
    assert (row.state, row.staged_at) == ("released", None)
    with pytest.raises(TransferNotStaged, match="is not staged yet"):
        staging.send_staged(ctx(BO), SendStaged(transfer_id))
    last = staging.stage_released(ctx(BO), stage(transfer_id, here, hose, 2, plate="PAL-1"))
    assert (last.units, last.left) == (2, 0)
    [row] = queries_transfers.transfers([transfer_id])
    assert (row.state, row.sent_by, row.due_on) == ("staged", "Bo Receiver", date(2026, 3, 5))
    assert standing(hose) == {("staged-1", "staged"): 6, ("reserve-1", "reserve"): 4}
    [goods] = queries_staged.goods([transfer_id])
    assert (goods.units, free(hose, here.site)) == (6, 4)
    staging.send_staged(ctx(BO), SendStaged(transfer_id))
    assert list(verify()) == []


def test_other_goods_and_more_than_planned_are_refused_and_leave_no_trace(scene):
    here, hose, nut, transfer_id = scene
    before = counts_of()
    for who, kind, req in (
        (BO, NotOfTransfer, stage(transfer_id, here, hose, 7)),
        (BO, NotOfTransfer, stage(transfer_id, here, nut, 1, at="reserve2")),
        (EVE, NotPermitted, stage(transfer_id, here, hose, 1)),
    ):
        with pytest.raises(kind):
            staging.stage_released(ctx(who), req)
    assert counts_of() == before


def test_nobody_stages_what_is_not_released(scene):
    here, hose, _, _ = scene
    other = plans.plan_transfer(
        ctx(MAY), PlanTransfer(here.site, scene_to(here), [PlanLine(hose, 1)], date(2026, 3, 5))
    ).transfer_id
    with pytest.raises(TransferNotReleased, match="is not released"):
        staging.stage_released(ctx(BO), stage(other, here, hose, 1))


def scene_to(here):
    return house("W3").site


def test_nothing_else_is_put_onto_the_pallet_of_a_transfer(scene):
    here, hose, nut, transfer_id = scene
    staging.stage_released(ctx(BO), stage(transfer_id, here, hose, 6, plate="PAL-1"))
    [goods] = queries_staged.goods([transfer_id])
    onto = ItemMove(nut, Units(1), here.places["reserve2"], here.places["staged1"], to_lpn_id=goods.lpn_id)
    with pytest.raises(KeptForTransfer, match="PAL-1 waits for its truck with TR-"):
        commands.move_stock(ctx(BO), MoveStock(here.site, items=[onto]))
    found = Adjustment(here.places["staged1"], nut, Units(1), lpn_id=goods.lpn_id)
    with pytest.raises(KeptForTransfer):
        commands.adjust_stock(ctx(ADA), AdjustStock(here.site, [found], "found", "on the pallet"))
    other = plans.plan_transfer(
        ctx(MAY), PlanTransfer(here.site, scene_to(here), [PlanLine(nut, 1)], date(2026, 3, 5))
    ).transfer_id
    plans.release_transfers(ctx(MAY), ReleaseTransfers([other]))
    with pytest.raises(LpnRefused, match="Other goods stand on PAL-1"):
        staging.stage_released(ctx(BO), stage(other, here, nut, 1, at="reserve2", plate="PAL-1"))
