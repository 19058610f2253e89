"""take_transfer: one person stages a released transfer, and nobody else is sent to its bins."""

from datetime import date, timedelta

import pytest
from tests.cast import ADA, BO, EVE, MAY, NOW, ctx
from tests.supply import item

from flowrack.ledger.tests.house import house, receive
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands_staging as staging
from flowrack.storage import commands_transfer_plans as plans
from flowrack.storage import queries_transfer_plans
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfer_plans import (
    PlanLine,
    PlanTransfer,
    ReleaseTransfers,
    StageReleased,
    TakeTransfer,
    TransferNotReleased,
    WithColleague,
)

pytestmark = pytest.mark.django_db
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def scene():
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 10, "4", "reserve1")
    req = PlanTransfer(here.site, there.site, [PlanLine(hose, 6)], date(2026, 3, 5), "SO-1 waits")
    transfer_id = plans.plan_transfer(ctx(MAY), req).transfer_id
    return here, hose, transfer_id


def tasks() -> list[tuple[object, ...]]:
    return sql.fetch_all("SELECT kind, origin, units, state, leased_by_id, lease_until FROM tasks_task ORDER BY id")


def stage(here, hose, transfer_id, units):
    return StageReleased(transfer_id, here.places["staged1"], [StockAt(here.places["reserve1"], hose, Units(units))])


def seen(here, who) -> int:
    return queries_transfer_plans.to_stage_count(here.site, NOW, but_of=who.id)


def test_a_released_transfer_is_a_task_that_its_stager_holds_until_it_is_done(scene):
    here, hose, transfer_id = scene
    assert tasks() == []
    plans.release_transfers(ctx(MAY), ReleaseTransfers([transfer_id]))
    origin = f"storage.transfer:{transfer_id}"
    assert tasks() == [("stage", origin, 6, "open", None, None)]
    done = staging.take_transfer(ctx(BO), TakeTransfer(transfer_id))
    assert done.until == NOW + HALF_AN_HOUR
    assert tasks() == [("stage", origin, 6, "leased", BO.id, NOW + HALF_AN_HOUR)]
    later = NOW + timedelta(minutes=20)
    staging.stage_released(ctx(BO, now=later), stage(here, hose, transfer_id, 4))
    assert tasks() == [("stage", origin, 6, "leased", BO.id, later + HALF_AN_HOUR)]
    staging.stage_released(ctx(BO, now=later), stage(here, hose, transfer_id, 2))
    assert sql.fetch_all("SELECT state, finished_by_id FROM tasks_task") == [("done", BO.id)]
    with pytest.raises(TransferNotReleased, match="is staged"):
        staging.take_transfer(ctx(BO), TakeTransfer(transfer_id))


def test_a_colleague_is_told_who_stages_it_and_takes_it_when_its_time_is_over(scene):
    here, _, transfer_id = scene
    plans.release_transfers(ctx(MAY), ReleaseTransfers([transfer_id]))
    staging.take_transfer(ctx(BO), TakeTransfer(transfer_id))
    before = tasks()
    with pytest.raises(WithColleague, match="Bo Receiver stages TR-"):
        staging.take_transfer(ctx(ADA), TakeTransfer(transfer_id))
    assert tasks() == before and (seen(here, BO), seen(here, ADA)) == (1, 0)
    over = NOW + HALF_AN_HOUR + timedelta(seconds=1)
    staging.take_transfer(ctx(ADA, now=over), TakeTransfer(transfer_id))
    assert [row[4] for row in tasks()] == [ADA.id]


def test_a_transfer_that_was_released_before_there_were_tasks_gets_one(scene):
    _, _, transfer_id = scene
    plans.release_transfers(ctx(MAY), ReleaseTransfers([transfer_id]))
    sql.execute("DELETE FROM tasks_task")
    staging.take_transfer(ctx(BO), TakeTransfer(transfer_id))
    assert [row[2:5] for row in tasks()] == [(6, "leased", BO.id)]


def test_the_last_units_may_come_from_somebody_else(scene):
    here, hose, transfer_id = scene
    plans.release_transfers(ctx(MAY), ReleaseTransfers([transfer_id]))
    staging.take_transfer(ctx(BO), TakeTransfer(transfer_id))
    staging.stage_released(ctx(ADA), stage(here, hose, transfer_id, 6))
    assert sql.fetch_all("SELECT state, reason FROM tasks_task") == [
        ("cancelled", "somebody else staged the last of it")
    ]


def test_an_outsider_takes_nothing(scene):
    _, _, transfer_id = scene
    plans.release_transfers(ctx(MAY), ReleaseTransfers([transfer_id]))
    before = tasks()
    with pytest.raises(NotPermitted):
        staging.take_transfer(ctx(EVE), TakeTransfer(transfer_id))
    assert tasks() == before
