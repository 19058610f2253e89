from datetime import date

import pytest
from tests.cast import ADA, BO, MAY, ctx
from tests.supply import counts_of, item

from flowrack.ledger.tests.house import house, receive
from flowrack.ledger.types import NotFree
from flowrack.ledger.verify import verify
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands_staging as staging
from flowrack.storage import commands_transfer_plans as plans
from flowrack.storage import queries_transfers
from flowrack.storage.tests.test_plan_transfer import free
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfer_plans import (
    ChangeTransfer,
    PlanLine,
    PlanTransfer,
    ReleaseTransfers,
    StageReleased,
    TransferNotPlanned,
)
from flowrack.storage.types_transfers import CancelTransfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, there, hose, nut = house("W1"), house("W2"), item("V-200"), item("N-1")
    receive(here, hose, 10, "4", "reserve1")
    receive(here, nut, 5, "4", "reserve1")
    req = PlanTransfer(here.site, there.site, [PlanLine(hose, 4)], date(2026, 3, 5), "SO-1 waits")
    return here, there, hose, nut, plans.plan_transfer(ctx(MAY), req).transfer_id


def test_other_lines_and_another_day_take_the_place_of_those_before(scene):
    here, _, hose, nut, transfer_id = scene
    lines = [PlanLine(hose, 10), PlanLine(nut, 2)]
    done = plans.change_transfer(ctx(MAY), ChangeTransfer(transfer_id, lines, date(2026, 3, 9)))
    assert (done.units, done.due_on, free(hose, here.site), free(nut, here.site)) == (12, date(2026, 3, 9), 0, 3)
    [row] = queries_transfers.transfers([transfer_id])
    assert (row.state, row.units, row.line_count, row.due_on, row.reason) == (
        "planned", 12, 2, date(2026, 3, 9), "SO-1 waits",
    )  # fmt: skip
    plans.change_transfer(ctx(MAY), ChangeTransfer(transfer_id, [PlanLine(nut, 1)], date(2026, 3, 9), "only nuts"))
    [row] = queries_transfers.transfers([transfer_id])
    assert (row.units, row.reason, free(hose, here.site), free(nut, here.site)) == (1, "only nuts", 10, 4)
    assert list(verify()) == []


def test_what_is_staged_stays_on_the_transfer(scene):
    here, _, hose, nut, transfer_id = scene
    plans.release_transfers(ctx(MAY), ReleaseTransfers([transfer_id]))
    lines = [StockAt(here.places["reserve1"], hose, Units(3))]
    staging.stage_released(ctx(BO), StageReleased(transfer_id, here.places["staged1"], lines))
    with pytest.raises(Invalid, match=r"3 more of V-200 are staged already\."):
        plans.change_transfer(ctx(MAY), ChangeTransfer(transfer_id, [PlanLine(nut, 1)], date(2026, 3, 9)))
    plans.change_transfer(
        ctx(MAY), ChangeTransfer(transfer_id, [PlanLine(hose, 5), PlanLine(nut, 1)], date(2026, 3, 9))
    )
    assert (free(hose, here.site), free(nut, here.site)) == (5, 4)
    plans.change_transfer(ctx(MAY), ChangeTransfer(transfer_id, [PlanLine(hose, 3)], date(2026, 3, 10)))
    [row] = queries_transfers.transfers([transfer_id])
    assert (row.state, row.units, row.due_on) == ("staged", 3, date(2026, 3, 10))
    assert (free(hose, here.site), free(nut, here.site)) == (7, 5)
    assert list(verify()) == []


def test_what_cannot_be_changed_is_refused_and_leaves_no_trace(scene):
    _, _, hose, _, transfer_id = scene
    before = counts_of()
    for who, kind, lines in (
        (MAY, NotFree, [PlanLine(hose, 11)]),
        (MAY, Invalid, []),
        (BO, NotPermitted, [PlanLine(hose, 1)]),
    ):
        with pytest.raises(kind):
            plans.change_transfer(ctx(who), ChangeTransfer(transfer_id, lines, date(2026, 3, 9)))
    assert counts_of() == before
    staging.cancel_transfer(ctx(ADA), CancelTransfer(transfer_id, "not wanted"))
    with pytest.raises(TransferNotPlanned, match="was called off"):
        plans.change_transfer(ctx(MAY), ChangeTransfer(transfer_id, [PlanLine(hose, 1)], date(2026, 3, 9)))
