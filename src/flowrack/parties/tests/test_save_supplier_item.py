"""How a supplier sells an item; one supplier is preferred."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.ledger.tests.house import item
from flowrack.parties import commands, queries
from flowrack.parties.models import SupplierItem
from flowrack.parties.tests.companies import acme
from flowrack.parties.types import CreateParty, PartyFields, PartyRefused, SaveSupplierItem, SupplierFields
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_new_preferred_supplier_takes_over() -> None:
    first = acme()
    bee = commands.create_party(ctx(PAM), CreateParty("BEE", PartyFields("Bee", supplier=SupplierFields())))
    mug = item("MUG")
    for party in (first, bee):
        commands.save_supplier_item(ctx(PAM), SaveSupplierItem(party.party_id, mug, Decimal("1.25"), is_preferred=True))
    assert queries.preferred_suppliers([mug])[mug].supplier_id == bee.party_id
    assert SupplierItem.objects.filter(is_preferred=True).count() == 1


def test_a_retry_is_one_and_a_second_call_changes_it() -> None:
    made, mug = acme(), item("MUG")
    req = SaveSupplierItem(made.party_id, mug, Decimal("1.25"), moq=12)
    assert commands.save_supplier_item(ctx(PAM, "k"), req) == commands.save_supplier_item(ctx(PAM, "k"), req)
    commands.save_supplier_item(ctx(PAM), SaveSupplierItem(made.party_id, mug, Decimal("1.10"), moq=24))
    assert list(SupplierItem.objects.values_list("unit_cost", "moq")) == [(Decimal("1.10"), 24)]


def test_every_mistake_is_named_at_once_and_nothing_is_stored() -> None:
    made, mug = acme(), item("MUG")
    carrier = commands.create_party(ctx(PAM), CreateParty("FAST", PartyFields("Fast", is_carrier=True)))
    for who, req, fields in (
        (PAM, SaveSupplierItem(made.party_id, 999_999, Decimal(-1), moq=0), {"item_id", "unit_cost", "moq"}),
        (PAM, SaveSupplierItem(carrier.party_id, mug, Decimal(1), over_tolerance_pct=Decimal(101)),
         {"supplier_id", "over_tolerance_pct"}),
    ):  # fmt: skip
        with pytest.raises(PartyRefused) as refused:
            commands.save_supplier_item(ctx(who), req)
        assert {line.field for line in refused.value.lines} == fields
    with pytest.raises(NotPermitted):
        commands.save_supplier_item(ctx(BO), SaveSupplierItem(made.party_id, mug, Decimal(1)))
    assert not SupplierItem.objects.exists()
