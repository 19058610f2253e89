"""copy_rate_card: next year's card begins with this year's, dearer by a percentage."""

from __future__ import annotations

from datetime import date

import pytest
from tests.cast import CY, PAM, ctx, signed_in

from flowrack.carriers import commands, queries
from flowrack.carriers.tests.house import CARD, carrier, d, in_force
from flowrack.carriers.types import CardNotFound, CopyRateCard, DraftStands
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db
NEXT = date(2027, 1, 1)


def test_amounts_rise_by_the_percentage_each_to_the_cent():
    carrier()
    first = in_force()
    done = commands.copy_rate_card(ctx(PAM), CopyRateCard(first.card_id, NEXT, d("4.9")))
    assert (done.version, done.state) == (2, "draft")
    copied = queries.card(done.card_id)
    assert [rate.price for rate in copied.services[0].rates] == [d("6.71"), d("6.71"), d("14.95")]
    assert [rate.per_kg for rate in copied.services[0].rates] == [0, d("0.58"), 0]
    assert copied.services[0].surcharges[0].amount == d("9.97")
    assert (copied.valid_from, copied.lanes) == (NEXT, CARD.lanes)
    assert queries.card(first.card_id) == CARD


def test_refused_copies_leave_no_draft():
    carrier()
    first = in_force()
    for who, req, refusal in (
        (CY, CopyRateCard(first.card_id, NEXT), NotPermitted),
        (PAM, CopyRateCard(999_999, NEXT), CardNotFound),
        (PAM, CopyRateCard(first.card_id, NEXT, d("-100")), Invalid),
    ):
        with pytest.raises(refusal):
            commands.copy_rate_card(ctx(who), req)
    assert sql.fetch_value("SELECT count(*) FROM carriers_ratecard") == 1


def test_the_page_copies():
    carrier()
    first = in_force()
    page = signed_in(PAM).post(f"/rate-cards/{first.card_id}/copy", {"valid_from": "2027-01-01", "change_pct": "10"})
    assert page.status_code == 303
    [found] = sql.fetch_all("SELECT price FROM carriers_cardrate WHERE upto_g = 5000 ORDER BY id DESC LIMIT 1")
    assert found == (d("7.04"),)


def test_a_draft_that_stands_is_nobodys_to_write_over():
    carrier()
    first = in_force()
    second = commands.copy_rate_card(ctx(PAM), CopyRateCard(first.card_id, NEXT, d("4.9")))
    before = queries.card(second.card_id)
    with pytest.raises(DraftStands, match="Version 2 is a draft already"):
        commands.copy_rate_card(ctx(PAM), CopyRateCard(first.card_id, NEXT))
    browser = signed_in(PAM)
    begun = browser.post("/rate-cards/new", {"carrier": "NORTH", "valid_from": "2027-01-01", "name": "New"})
    assert "Version 2 is a draft already" in begun.content.decode()
    assert queries.card(second.card_id) == before
