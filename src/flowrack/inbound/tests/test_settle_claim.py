"""What was agreed settles a claim and its discrepancies; nothing is posted."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import ED, bearer, ctx

from flowrack.inbound import commands_claims as commands
from flowrack.inbound.tests.asked import asked, stands
from flowrack.inbound.types_claims import BadClaim, SendClaim, SettleClaim
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import WrongState

pytestmark = pytest.mark.django_db


def test_what_was_agreed_settles_the_claim_and_posts_nothing():
    claim, note = asked()
    moves = sql.fetch_value("SELECT count(*) FROM ledger_move")
    commands.send_claim(ctx(ED), SendClaim(claim))
    commands.send_claim(ctx(ED), SendClaim(note))
    assert commands.settle_claim(ctx(ED), SettleClaim(claim, Decimal(40), "by phone")).settled_amount == 40
    commands.settle_claim(ctx(ED), SettleClaim(note))
    assert stands() == [
        ("settled", "60.0000", "40.0000"), ("settled", "90.0000", "90.0000"), ("settled",), ("settled",),
    ]  # fmt: skip
    assert sql.fetch_value("SELECT count(*) FROM ledger_move") == moves
    assert not verify()


@pytest.mark.parametrize("amount", [Decimal("60.01"), Decimal(-1)])
def test_more_than_was_asked_for_is_refused(amount):
    claim, _ = asked()
    commands.send_claim(ctx(ED), SendClaim(claim))
    with pytest.raises(BadClaim):
        commands.settle_claim(ctx(ED), SettleClaim(claim, amount))


def test_a_draft_is_sent_before_it_is_settled():
    claim, _ = asked()
    with pytest.raises(WrongState) as refused:
        commands.settle_claim(ctx(ED), SettleClaim(claim))
    assert refused.value.fix == "Send it first."


def test_a_token_that_may_not_see_costs_is_told_none(client):
    claim, _ = asked()
    commands.send_claim(ctx(ED), SendClaim(claim))

    def settle(amount, *more):
        headers = bearer(ED, scopes=["inbound.view", "inbound.accept", *more])
        return client.post(f"/api/v1/claims/{claim}/settle", {"amount": amount}, "application/json", headers=headers)

    too_much = settle("60.01")
    assert too_much.status_code == 422 and "60.00" not in too_much.content.decode()
    assert "asks for 60.00" in settle("60.01", "purchasing.view").content.decode()
    done = settle("40").json()
    assert (done["state"], done["amount"], done["settled_amount"]) == ("settled", None, None)
