import json
from datetime import date

import pytest
from tests.cast import BO, EVE, MAY, ctx
from tests.supply import counts_of, item

from flowrack.ledger.tests.house import house, receive
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands_staging as staging
from flowrack.storage import commands_transfer_plans as plans
from flowrack.storage import queries_transfers
from flowrack.storage.tests.test_plan_transfer import free
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfer_plans import (
    EndStaging,
    PlanLine,
    PlanTransfer,
    ReleaseTransfers,
    StageReleased,
    TransferNotReleased,
)

pytestmark = pytest.mark.django_db


def test_what_is_not_there_does_not_go_and_the_rest_waits_for_its_truck():
    here, there, hose, nut = house("W1"), house("W2"), item("V-200"), item("N-1")
    receive(here, hose, 10, "4", "reserve1")
    receive(here, nut, 5, "4", "reserve1")
    lines = [PlanLine(hose, 6), PlanLine(nut, 2)]
    transfer_id = plans.plan_transfer(
        ctx(MAY), PlanTransfer(here.site, there.site, lines, date(2026, 3, 5))
    ).transfer_id
    plans.release_transfers(ctx(MAY), ReleaseTransfers([transfer_id]))
    with pytest.raises(Invalid, match="Nothing of TR-"):
        staging.end_staging(ctx(BO), EndStaging(transfer_id, "the bin is empty"))
    staged = [StockAt(here.places["reserve1"], hose, Units(4))]
    staging.stage_released(ctx(BO), StageReleased(transfer_id, here.places["staged1"], staged))
    before = counts_of()
    for who, kind, reason in ((BO, Invalid, " "), (EVE, NotPermitted, "the bin is empty")):
        with pytest.raises(kind):
            staging.end_staging(ctx(who), EndStaging(transfer_id, reason))
    assert counts_of() == before
    done = staging.end_staging(ctx(BO, "k"), EndStaging(transfer_id, "the bin is empty"))
    assert (done.units, done.dropped) == (4, 4)
    assert staging.end_staging(ctx(BO, "k"), EndStaging(transfer_id, "the bin is empty")) == done
    [row] = queries_transfers.transfers([transfer_id])
    assert (row.state, row.units, row.line_count) == ("staged", 4, 1)
    assert (free(hose, here.site), free(nut, here.site)) == (6, 5)
    told = json.loads(
        sql.fetch_value(
            "SELECT body FROM platform_outboxevent WHERE kind = 'storage.transfer_changed' ORDER BY id DESC LIMIT 1"
        )
    )
    assert (told["item_ids"], told["freed"]) == (sorted([hose, nut]), True)
    with pytest.raises(TransferNotReleased, match="is staged"):
        staging.end_staging(ctx(BO), EndStaging(transfer_id, "again"))
    assert list(verify()) == []
