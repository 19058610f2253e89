"""Changing and archiving a company."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.parties import commands, queries
from flowrack.parties.forms import PartyForm
from flowrack.parties.models import Party
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


def test_holidays_are_kept_of_suppliers_and_never_lost_without_a_word() -> None:
    asked = {"code": "NORTH", "name": "Northline", "is_carrier": "on", "holidays_of": "GB"}
    refused = PartyForm(asked)
    assert refused.errors == {"holidays_of": ["Kept of suppliers only. Leave it empty, or tick Supplier."]}
    taken = PartyForm({**asked, "is_supplier": "on"})
    assert taken.is_valid()
    supplier = taken.fields_of().supplier
    assert supplier is not None and supplier.holidays_of == "GB"
