"""settle_transfer_claim: credited, rejected, or the goods were found and come after all."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from tests.cast import ADA, BO, CY, HAL, bearer, ctx, signed_in
from tests.supply import standing

from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import DutiesConflict, Invalid, NotPermitted, WrongState
from flowrack.storage import commands_transfers as commands
from flowrack.storage.tests.test_claim_missing import arrive, scene
from flowrack.storage.types_transfers import ClaimMissing, SettleTransferClaim, TransferClaimNotFound

pytestmark = pytest.mark.django_db
__all__ = ["scene"]


@pytest.fixture
def claimed(scene):
    """12 of 500 are lost and claimed."""
    here, there, hose, transfer_id = scene
    arrive(here, there, hose, 488)
    return commands.claim_missing(ctx(HAL), ClaimMissing(transfer_id, "one case short")).claim_id


def kept() -> tuple[object, ...]:
    row = sql.fetch_one("SELECT state, credited, answer FROM storage_transferclaim")
    assert row is not None
    return row


def test_a_credit_names_its_amount_and_ends_the_claim(claimed, client):
    req = SettleTransferClaim(claimed, "credited", Decimal("20.00"), "CN-77")
    for who, kind, bad in (
        (BO, NotPermitted, req),
        (HAL, DutiesConflict, req),
        (HAL, DutiesConflict, SettleTransferClaim(claimed, "rejected")),
        (ADA, Invalid, SettleTransferClaim(claimed, "credited")),
        (ADA, Invalid, SettleTransferClaim(claimed, "credited", Decimal("24.01"))),
        (ADA, Invalid, SettleTransferClaim(claimed, "forgotten")),
        (ADA, TransferClaimNotFound, SettleTransferClaim(10**9, "rejected")),
    ):
        with pytest.raises(kind):
            commands.settle_transfer_claim(ctx(who), bad)
    assert kept() == ("open", None, "")
    body = {"outcome": "credited", "credited": "20.00", "answer": "CN-77"}
    sent = client.post(f"/api/v1/transfer-claims/{claimed}/settle", body, "application/json", headers=bearer(ADA))
    assert sent.json()["state"] == "credited" and kept() == ("credited", Decimal(20), "CN-77")
    with pytest.raises(WrongState):
        commands.settle_transfer_claim(ctx(HAL), SettleTransferClaim(claimed, "found"))


def test_what_lost_goods_cost_is_told_only_to_who_may_see_costs(claimed, scene, client):
    transfer_id = scene[-1]
    told = [client.get(f"/api/v1/transfers/{transfer_id}", headers=bearer(who)).json() for who in (ADA, CY)]
    assert [one["claims"][0]["value"] for one in told] == ["24.0000", None]
    assert "24.00" in signed_in(ADA).get(f"/transfers/{transfer_id}").content.decode()
    assert "24.00" not in signed_in(CY).get(f"/transfers/{transfer_id}").content.decode()


def test_goods_that_turn_up_are_on_the_way_again_at_their_value(claimed, scene):
    here, there, hose, transfer_id = scene
    commands.settle_transfer_claim(ctx(ADA), SettleTransferClaim(claimed, "rejected", answer="signed for in full"))
    form = {"outcome": "found", "idempotency_key": uuid4().hex}
    assert signed_in(HAL).post(f"/transfers/{transfer_id}/settle", form).status_code == 303
    assert standing(hose)["TRANSIT", "in_transit"] == 12
    arrive(here, there, hose, 12)
    worth = "SELECT value FROM ledger_book WHERE item_id = %s AND account = 'inventory' AND site_id = %s"
    assert sql.fetch_value(worth, (hose, there.site)) == Decimal(1_000)
    assert sql.fetch_value("SELECT state FROM storage_transfer") == "received"
    assert kept()[0] == "found" and list(verify()) == []
