"""What suppliers sell, from a file."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.ledger.tests.house import item
from flowrack.parties import commands
from flowrack.parties.models import SupplierItem
from flowrack.parties.tests.companies import acme, file_of
from flowrack.parties.types import CreateParty, PartyFields, SupplierFields
from flowrack.platform.importing import ImportRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
GOOD = "Supplier,SKU,Cost,MOQ,Preferred\nACME,0042,1.25,12,yes\n"


def test_supplier_items_come_once_and_a_new_preferred_supplier_takes_over() -> None:
    acme()
    item("0042")
    new = commands.create_party(ctx(PAM), CreateParty("NEW", PartyFields("New", supplier=SupplierFields())))
    assert commands.import_supplier_items(ctx(PAM), file_of(GOOD)).created == 1
    assert list(SupplierItem.objects.values_list("unit_cost", "moq", "is_preferred")) == [(Decimal("1.25"), 12, True)]
    assert commands.import_supplier_items(ctx(PAM), file_of(GOOD)).unchanged == 1
    moved = commands.import_supplier_items(ctx(PAM), file_of("Supplier,SKU,Preferred\nNEW,0042,yes\n"))
    assert moved.created == 1
    assert SupplierItem.objects.get(is_preferred=True).supplier_id == new.party_id


def test_an_unknown_code_is_told_with_the_nearest_and_nothing_is_written() -> None:
    acme()
    item("85123A")
    with pytest.raises(ImportRefused) as refused:
        commands.import_supplier_items(
            ctx(PAM), file_of("Supplier,SKU,Preferred\nACNE,85123A,yes\nACME,85123B,yes\nOWN,85123A,yes\n")
        )
    assert {(line.line, line.field, line.message, line.fix) for line in refused.value.lines} == {
        (2, "Supplier", "There is no supplier “ACNE”.", "Did you mean ACME?"),
        (3, "SKU", "There is no item “85123B”.", "Did you mean 85123A?"),
        (4, "Supplier", "There is no supplier “OWN”.", "Add the supplier first, or correct the code."),
        (4, "Preferred", "Row 2 is the preferred supplier already.", "Only one can be."),
    }
    with pytest.raises(NotPermitted):
        commands.import_supplier_items(ctx(BO), file_of(GOOD))
    assert not SupplierItem.objects.exists()
