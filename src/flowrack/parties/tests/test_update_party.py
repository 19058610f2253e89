"""Changing and archiving a company."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx, signed_in

from flowrack.parties import commands, queries
from flowrack.parties.forms import PartyForm
from flowrack.parties.models import Party
from flowrack.parties.rules import check_party
from flowrack.parties.tests.companies import acme
from flowrack.parties.types import (
    OWN,
    CustomerFields,
    PartyFields,
    PartyRefused,
    Tier,
    UnknownParty,
    UpdateParty,
)
from flowrack.shared.errors import NotPermitted, Stale

pytestmark = pytest.mark.django_db


def test_a_company_changes_its_part_and_is_archived() -> None:
    made = acme()
    req = UpdateParty(made.party_id, 1, PartyFields("Acme Ltd", "GB", customer=CustomerFields(tier=Tier.A)), False)
    changed = commands.update_party(ctx(PAM, "k"), req)
    assert changed.version == 2
    assert commands.update_party(ctx(PAM, "k"), req) == changed
    record = queries.party_record(made.party_id)
    assert (record.party.name, record.party.supplier, record.party.customer, record.is_active) == (
        "Acme Ltd", None, CustomerFields(tier=Tier.A), False,
    )  # fmt: skip


def test_a_refused_change_leaves_no_trace() -> None:
    made = acme()
    good = PartyFields("Acme Ltd", is_carrier=True)
    for who, req, refusal in (
        (PAM, UpdateParty(made.party_id, 7, good), Stale),
        (PAM, UpdateParty(999_999, 1, good), UnknownParty),
        (PAM, UpdateParty(made.party_id, 1, PartyFields("Nothing")), PartyRefused),
        (BO, UpdateParty(made.party_id, 1, good), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.update_party(ctx(who), req)
    assert list(Party.objects.filter(pk=made.party_id).values_list("name", "version", "is_carrier")) == [
        ("Acme", 1, False)
    ]


def test_our_own_company_stays_an_owner() -> None:
    with pytest.raises(PartyRefused):
        commands.update_party(ctx(PAM), UpdateParty(OWN, 1, PartyFields("Us", is_carrier=True)))
    commands.update_party(ctx(PAM), UpdateParty(OWN, 1, PartyFields("Kestrel", is_owner=True)))
    assert queries.parties([OWN])[OWN].name == "Kestrel"


def test_holidays_are_kept_of_suppliers_and_carriers_and_never_lost_without_a_word() -> None:
    asked = {"code": "NORTH", "name": "Northline", "is_owner": "on", "holidays_of": "GB"}
    said = "Kept of suppliers and carriers only. Leave it empty, or tick one of them."
    assert PartyForm(asked).errors == {"holidays_of": [said]}
    made = acme()
    for part in ({"is_supplier": "on", "delivery_weekdays": ["1", "2"]}, {"is_carrier": "on"}):
        form = PartyForm({**asked, **part})
        assert form.is_valid()
        req = UpdateParty(made.party_id, queries.party_record(made.party_id).version, form.fields_of())
        commands.update_party(ctx(PAM), req)
        assert queries.party_record(made.party_id).party.holidays_of == "GB"
    page = signed_in(PAM).get(f"/parties/{made.party_id}").content.decode()
    assert "United Kingdom (GB)" in page


def test_holidays_of_a_country_that_is_not_known_are_refused_in_words() -> None:
    assert "holidays_of" in PartyForm({"code": "N", "name": "N", "is_carrier": "on", "holidays_of": "ZZ"}).errors
    refused = check_party(PartyFields("N", is_carrier=True, holidays_of="ZZ"))
    assert [(one.field, one.message) for one in refused] == [
        ("holidays_of", "No public holidays are known of a country “ZZ”.")
    ]
    of_nobody = check_party(PartyFields("N", is_owner=True, holidays_of="GB"))
    assert [one.message for one in of_nobody] == ["Kept of suppliers and carriers only."]
