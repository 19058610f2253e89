"""A new company with its terms."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.parties import commands, queries
from flowrack.parties.models import Party
from flowrack.parties.tests.companies import ACME, acme
from flowrack.parties.types import (
    CreateParty,
    CustomerFields,
    PartyCodeTaken,
    PartyFields,
    PartyRefused,
    ShipsPartial,
)
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_company_is_made_with_its_terms() -> None:
    made = acme()
    assert (made.code, made.version) == ("ACME", 1)
    assert queries.party_record(made.party_id).party == ACME.party
    assert queries.supplier_terms([made.party_id])[made.party_id].lead_time_days == 9


def test_a_retry_makes_no_second_company_and_a_refusal_none_at_all() -> None:
    acme()
    other = CreateParty("B", PartyFields("Bee", is_carrier=True))
    assert commands.create_party(ctx(PAM, "k"), other) == commands.create_party(ctx(PAM, "k"), other)
    for who, req, refusal in (
        (PAM, ACME, PartyCodeTaken),
        (PAM, CreateParty("C", PartyFields("Nobody")), PartyRefused),
        (PAM, CreateParty(" C", PartyFields("Cee", is_carrier=True)), PartyRefused),
        (BO, CreateParty("C", PartyFields("Cee", is_carrier=True)), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.create_party(ctx(who), req)
    assert list(Party.objects.order_by("code").values_list("code", flat=True)) == ["ACME", "B", "OWN"]


def test_terms_that_do_not_fit_together_are_named_at_once() -> None:
    terms = CustomerFields(
        ships_partial=ShipsPartial.COMPLETE, max_shipments=2, min_shipment_value=Decimal(-1), cancel_after_days=-1
    )
    with pytest.raises(PartyRefused) as refused:
        commands.create_party(ctx(PAM), CreateParty("SHOP", PartyFields("Shop", customer=terms)))
    assert {line.field for line in refused.value.lines} == {"max_shipments", "min_shipment_value", "cancel_after_days"}
