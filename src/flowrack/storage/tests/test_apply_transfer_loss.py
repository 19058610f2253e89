"""apply_transfer_loss: goods on the way are given up once somebody else agrees, and only as they were asked for."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import ADA, BO, HAL, NOW, OZ, bearer, ctx, signed_in
from tests.supply import standing

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, RejectedBefore, Seen
from flowrack.ledger.verify import verify
from flowrack.platform import outbox, sql
from flowrack.shared.errors import DutiesConflict, NotPermitted
from flowrack.storage import commands_transfers as commands
from flowrack.storage import queries_transfers as queries
from flowrack.storage.tests.test_claim_missing import arrive, scene
from flowrack.storage.types_transfers import ApplyLoss, ClaimMissing, MissingClaimed, TransferClaimNotFound

__all__ = ["scene"]
pytestmark = pytest.mark.django_db


def asked(here, there, hose, transfer_id: int) -> MissingClaimed:
    """300 of 500 came, at 2.00; Hal asks to give up the rest."""
    arrive(here, there, hose, 300)
    done = commands.claim_missing(ctx(HAL), ClaimMissing(transfer_id, "one pallet was not on the truck"))
    assert (done.state, done.units, done.value) == ("asked", 200, Decimal(400))
    return done


def decide(number: str, verdict: str, *, by) -> None:
    seen = sql.fetch_one("SELECT id, content_hash FROM approvals_request WHERE number = %s", (number,))
    assert seen is not None
    approvals.decide(ctx(by), Decide([Seen(*seen)], verdict, "looked at it"))
    outbox.drain(now=NOW)


def test_who_asked_does_not_agree_but_another_does_and_then_the_loss_is_posted(scene, client):
    here, _, hose, transfer_id = scene
    done = asked(*scene)
    page = signed_in(HAL).get(f"/transfers/{transfer_id}").content.decode()
    assert done.number in page and "Asked" in page
    for who in (HAL, BO):
        with pytest.raises((DutiesConflict, NotPermitted)):
            decide(done.request, "approve", by=who)
    decide(done.request, "approve", by=ADA)
    assert standing(hose) == {("receiving-1", "receiving"): 300}
    lost = "SELECT value FROM ledger_book WHERE item_id = %s AND site_id = %s AND account = 'adjustment'"
    assert sql.fetch_value(lost, (hose, here.site)) == Decimal(400)
    assert list(verify()) == []
    [row] = queries.transfers([transfer_id])
    assert (row.state, row.claim) == ("short", f"{done.number}, open")
    assert "storage.transfer_claimed" in {row[0] for row in sql.fetch_all("SELECT kind FROM platform_outboxevent")}
    read = client.get(f"/api/v1/transfers/{transfer_id}", headers=bearer(HAL)).json()
    assert [(one["state"], one["units"]) for one in read["claims"]] == [("open", 200)]


def test_what_is_rejected_is_on_the_way_still(scene):
    *_, hose, transfer_id = scene
    done = asked(*scene)
    decide(done.request, "reject", by=OZ)
    assert standing(hose)["TRANSIT", "in_transit"] == 200
    claim = queries.claim(done.claim_id)
    assert claim is not None and (claim.state, claim.answer) == ("refused", "Nobody allowed the loss.")
    assert queries.transfers([transfer_id])[0].state == "on_the_way"


def test_what_was_rejected_is_asked_again_only_with_more_to_say_and_the_next_one_reads_who_said_no(scene):
    *_, transfer_id = scene
    first = asked(*scene)
    [seen] = sql.fetch_all("SELECT id, content_hash FROM approvals_request WHERE number = %s", (first.request,))
    approvals.decide(ctx(OZ), Decide([Seen(*seen)], "reject", "look in the yard"))
    again = ClaimMissing(transfer_id, " One pallet was  not on the TRUCK")
    for _ in ("before the claim has heard of it", "after"):
        with pytest.raises(RejectedBefore, match=f"{first.request} was rejected by .*: look in the yard"):
            commands.claim_missing(ctx(HAL), again)
        outbox.drain(now=NOW)
    assert sql.fetch_all("SELECT number, state FROM storage_transferclaim") == [(first.number, "refused")]
    second = commands.claim_missing(ctx(HAL), ClaimMissing(transfer_id, "looked in the yard"))
    third = commands.claim_missing(ctx(HAL), ClaimMissing(transfer_id, "looked in the yard twice"))
    sentences = "SELECT sentence FROM approvals_request WHERE number = ANY(%s) ORDER BY id"
    for (sentence,) in sql.fetch_all(sentences, ([second.request, third.request],)):
        assert sentence.endswith(" rejected it before: look in the yard")
    with pytest.raises(RejectedBefore):
        commands.claim_missing(ctx(HAL), again)
    decide(third.request, "approve", by=ADA)
    assert queries.transfers([transfer_id])[0].claim == f"{third.number}, open"
    assert list(verify()) == []


def test_what_arrives_meanwhile_is_not_given_up(scene):
    here, there, hose, _ = scene
    done = asked(*scene)
    arrive(here, there, hose, 50)
    decide(done.request, "approve", by=ADA)
    assert standing(hose)["TRANSIT", "in_transit"] == 150
    claim = queries.claim(done.claim_id)
    assert claim is not None and claim.answer == "More arrived since it was asked for: claim what is missing now."


def test_only_flowrack_itself_applies_what_was_decided(scene):
    done = asked(*scene)
    with pytest.raises(NotPermitted):
        commands.apply_transfer_loss(ctx(ADA), ApplyLoss(done.claim_id, "approved", "x"))
    with pytest.raises(TransferClaimNotFound):
        commands.apply_transfer_loss(outbox.context_for_system(NOW, "k"), ApplyLoss(10**9, "approved", "x"))
