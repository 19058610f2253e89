"""Addresses of a company, one of them the default."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.parties import commands, queries
from flowrack.parties.models import Address
from flowrack.parties.tests.companies import acme
from flowrack.parties.types import PartyRefused, SaveAddress, UnknownParty
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_an_address_is_added_and_changed_by_its_code() -> None:
    made = acme()
    req = SaveAddress(made.party_id, "A", "Dock", city="Leeds", country="GB")
    assert commands.save_address(ctx(PAM, "k"), req) == commands.save_address(ctx(PAM, "k"), req)
    commands.save_address(ctx(PAM), SaveAddress(made.party_id, "A", "Dock 2", city="York", country="GB"))
    [found] = queries.addresses([made.party_id])[made.party_id]
    assert (found.code, found.name, found.city, found.is_default) == ("A", "Dock 2", "York", False)


def test_a_new_default_takes_over() -> None:
    made = acme()
    for code in ("A", "B"):
        commands.save_address(ctx(PAM), SaveAddress(made.party_id, code, "Dock", is_default=True))
    assert list(Address.objects.order_by("code").values_list("code", "is_default")) == [("A", False), ("B", True)]


def test_a_refused_address_leaves_no_trace() -> None:
    made = acme()
    for who, req, refusal in (
        (PAM, SaveAddress(999_999, "A", "Dock"), UnknownParty),
        (PAM, SaveAddress(made.party_id, " ", "Dock"), PartyRefused),
        (PAM, SaveAddress(made.party_id, "A", ""), PartyRefused),
        (BO, SaveAddress(made.party_id, "A", "Dock"), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.save_address(ctx(who), req)
    assert not Address.objects.exists()
