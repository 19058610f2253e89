"""Nothing is asked for any more."""

from __future__ import annotations

import pytest
from tests.cast import ED, ctx

from flowrack.inbound import commands_claims as commands
from flowrack.inbound.tests.asked import asked, stands
from flowrack.inbound.types_claims import BadClaim, CancelClaim, SendClaim
from flowrack.platform import sql
from flowrack.shared.errors import WrongState

pytestmark = pytest.mark.django_db


def test_a_cancelled_claim_opens_its_discrepancies_again_and_says_why():
    claim, note = asked()
    commands.send_claim(ctx(ED), SendClaim(note))
    for one in (claim, note):
        with pytest.raises(BadClaim):
            commands.cancel_claim(ctx(ED), CancelClaim(one, " "))
        commands.cancel_claim(ctx(ED), CancelClaim(one, "they sent new goods"))
    assert stands() == [("cancelled", "60.0000", None), ("cancelled", "90.0000", None), ("open",), ("open",)]
    assert sql.fetch_value("SELECT sum(amount) FROM inbound_discrepancy") == 0
    with pytest.raises(WrongState):
        commands.cancel_claim(ctx(ED), CancelClaim(claim, "again"))
