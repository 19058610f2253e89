"""set_freight_terms: what counts as matched from now on."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.cast import NED, OZ, bearer, ctx, signed_in

from flowrack.freight import commands, queries
from flowrack.freight.types import BadFreightTerms, FreightTerms, SetFreightTerms
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
WIDE = FreightTerms(Decimal(50), Decimal(5), Decimal(100))


def test_terms_are_kept_by_a_controller_within_sense(client):
    assert queries.terms() == replace(FreightTerms(), currency="GBP")
    commands.set_freight_terms(ctx(OZ), SetFreightTerms(WIDE))
    commands.set_freight_terms(ctx(OZ), SetFreightTerms(WIDE))
    assert queries.terms() == replace(WIDE, currency="GBP")
    commands.set_freight_terms(ctx(OZ), SetFreightTerms(replace(WIDE, currency="EUR")))
    assert queries.terms().currency == "EUR"
    with pytest.raises(BadFreightTerms) as refused:
        commands.set_freight_terms(ctx(OZ), SetFreightTerms(FreightTerms(Decimal(101), Decimal(-1), Decimal(1))))
    assert [bad.field for bad in refused.value.lines] == ["tolerance_pct", "tolerance_amount"]
    with pytest.raises(NotPermitted):
        commands.set_freight_terms(ctx(NED), SetFreightTerms(FreightTerms()))
    body = {"tolerance_pct": "1", "tolerance_amount": "2", "limit_amount": "3", "days_back": "90", "days_ahead": "7"}
    assert signed_in(OZ).post("/freight-invoices/terms", body).status_code == 303
    said = client.get("/api/v1/freight-terms", headers=bearer(OZ)).json()
    assert said.pop("currency") == "GBP"
    assert {name: Decimal(text) for name, text in said.items()} == {name: Decimal(text) for name, text in body.items()}
