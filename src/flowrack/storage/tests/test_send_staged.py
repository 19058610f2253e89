from decimal import Decimal

import pytest
from tests.cast import BO, EVE, HAL, ctx
from tests.supply import counts_of, item, standing

from flowrack.ledger import queries as stock
from flowrack.ledger.tests.house import house, receive
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands_staging as staging
from flowrack.storage import commands_transfers as transfers
from flowrack.storage import queries_transfers, steps_staged
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfers import (
    ArrivedLine,
    ClaimMissing,
    NothingMissing,
    ReceiveSent,
    SendStaged,
    StageTransfer,
    TransferNotStaged,
    TransferOnLoad,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 10, "4", "reserve1")
    lines = [StockAt(here.places["reserve1"], hose, Units(4))]
    req = StageTransfer(here.site, there.site, here.places["staged1"], lines, "PAL-1")
    return here, there, hose, staging.stage_transfer(ctx(BO), req)


def test_a_staged_transfer_leaves_without_a_load_and_is_received_as_any(scene):
    here, there, hose, staged = scene
    with pytest.raises(NothingMissing, match="has not left"):
        transfers.claim_missing(ctx(HAL), ClaimMissing(staged.transfer_id, "lost on the road"))
    left = staging.send_staged(ctx(BO, "k"), SendStaged(staged.transfer_id))
    assert (left.units, left.rest) == (4, "") and staging.send_staged(
        ctx(BO, "k"), SendStaged(staged.transfer_id)
    ) == left
    assert standing(hose) == {("TRANSIT", "in_transit"): 4, ("reserve-1", "reserve"): 6}
    balance = {row.account: row.value for row in stock.trial_balance(here.site)}
    assert (balance["in_transit"], balance["inventory"]) == (Decimal("16.0000"), Decimal("24.0000"))
    assert sql.fetch_value("SELECT closed_at IS NOT NULL FROM locations_lpn WHERE code = 'PAL-1'")
    [row] = queries_transfers.transfers([staged.transfer_id])
    assert (row.state, row.left, row.sent_at is not None) == ("on_the_way", 4, True)
    came = [ArrivedLine(hose, Units(4))]
    req = ReceiveSent(there.site, here.site, there.places["receiving1"], came, staged.transfer_id)
    assert transfers.receive_sent(ctx(BO), req).finished_ids == [staged.transfer_id]
    assert standing(hose)["receiving-1", "receiving"] == 4
    assert list(verify()) == []


def test_what_has_left_or_waits_for_a_load_or_is_not_seen_does_not_leave(scene):
    *_, staged = scene
    before = counts_of()
    with pytest.raises(NotPermitted):
        staging.send_staged(ctx(EVE), SendStaged(staged.transfer_id))
    steps_staged.plan_truck([staged.transfer_id], "LD-1001")
    with pytest.raises(TransferOnLoad, match="is on LD-1001"):
        staging.send_staged(ctx(BO), SendStaged(staged.transfer_id))
    assert counts_of() == before
    steps_staged.plan_truck([staged.transfer_id], "")
    staging.send_staged(ctx(BO), SendStaged(staged.transfer_id))
    with pytest.raises(TransferNotStaged, match="has left"):
        staging.send_staged(ctx(BO), SendStaged(staged.transfer_id))
