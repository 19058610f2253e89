"""drop_rate_card and its page."""

from __future__ import annotations

import pytest
from tests.cast import CY, PAM, ctx, signed_in

from flowrack.carriers import commands, queries
from flowrack.carriers.tests.house import carrier, draft, in_force
from flowrack.carriers.types import CardNotDraft, DropRateCard
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_draft_is_dropped_once_and_a_new_one_may_begin():
    carrier()
    done = draft()
    with pytest.raises(NotPermitted):
        commands.drop_rate_card(ctx(CY), DropRateCard(done.card_id))
    assert queries.card_row(done.card_id).state == "draft"
    assert signed_in(PAM).post(f"/rate-cards/{done.card_id}/drop", {"idempotency_key": "d"}).status_code == 303
    assert queries.card_row(done.card_id).state == "dropped"
    with pytest.raises(CardNotDraft):
        commands.drop_rate_card(ctx(PAM), DropRateCard(done.card_id))
    assert draft().version == 2


def test_a_card_in_force_is_not_dropped():
    carrier()
    with pytest.raises(CardNotDraft):
        commands.drop_rate_card(ctx(PAM), DropRateCard(in_force().card_id))
