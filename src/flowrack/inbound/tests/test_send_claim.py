"""A draft goes out."""

from __future__ import annotations

import pytest
from tests.cast import BO, ED, OZ, ctx

from flowrack.inbound import commands_claims as commands
from flowrack.inbound.tests.asked import asked, stands
from flowrack.inbound.types_claims import SendClaim
from flowrack.shared.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db


def test_a_draft_is_sent_once_by_somebody_who_may():
    claim, note = asked()
    assert commands.send_claim(ctx(ED), SendClaim(claim)).state == "sent"
    assert [row[0] for row in stands()] == ["sent", "draft", "claimed", "debited"]
    with pytest.raises(WrongState):
        commands.send_claim(ctx(ED), SendClaim(claim))
    for person in (BO, OZ):
        with pytest.raises(NotPermitted):
            commands.send_claim(ctx(person), SendClaim(note))
