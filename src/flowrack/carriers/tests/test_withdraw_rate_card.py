"""withdraw_rate_card: the version before it prices again."""

from __future__ import annotations

from datetime import date

import pytest
from tests.cast import OZ, PAM, ctx, signed_in

from flowrack.carriers import commands, queries
from flowrack.carriers.tests.house import carrier, in_force
from flowrack.carriers.types import CardNotDraft, WithdrawRateCard
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db


def in_use() -> set[int]:
    return {tariff.card_id for tariff in queries.tariffs(date(2026, 3, 2))}


def test_the_version_before_it_is_in_force_again():
    carrier()
    first, second = in_force(), in_force()
    assert in_use() == {second.card_id}
    for who, reason, refusal in ((PAM, "wrong fuel", NotPermitted), (OZ, " ", Invalid)):
        with pytest.raises(refusal):
            commands.withdraw_rate_card(ctx(who), WithdrawRateCard(second.card_id, reason))
    assert in_use() == {second.card_id}
    page = signed_in(OZ).post(f"/rate-cards/{second.card_id}/withdraw", {"reason": "Fuel of another carrier"})
    assert page.status_code == 303
    assert in_use() == {first.card_id}
    assert queries.card_row(second.card_id).end_reason == "Fuel of another carrier"
    with pytest.raises(CardNotDraft):
        commands.withdraw_rate_card(ctx(OZ), WithdrawRateCard(second.card_id, "again"))
