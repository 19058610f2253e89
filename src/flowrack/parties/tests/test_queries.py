"""Reads of parties and their terms."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.zero_rows import ensure_zero_rows

from flowrack.catalog.models import Item
from flowrack.parties import queries
from flowrack.parties.models import Address, CustomerTerms, Party, SupplierItem, SupplierTerms
from flowrack.parties.types import OWN, CustomerTermsRow, UnknownParty

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rows_of_every_house() -> None:
    ensure_zero_rows()


def test_row_one_is_our_own_company() -> None:
    assert queries.parties([OWN])[OWN].is_owner


def test_a_code_must_be_of_a_party_that_plays_the_part() -> None:
    acme = Party.objects.create(code="ACME", name="Acme", is_supplier=True)
    Party.objects.create(code="OLD", name="Old", is_supplier=True, is_active=False)
    assert queries.by_code(["ACME"], part="supplier")["ACME"].party_id == acme.pk
    with pytest.raises(UnknownParty) as refused:
        queries.by_code(["ACME", "OLD", "NONE"], part="supplier")
    assert [line.line for line in refused.value.lines] == [2, 3]
    with pytest.raises(UnknownParty):
        queries.by_code(["ACME"], part="customer")


def test_a_customer_without_terms_gets_the_defaults() -> None:
    plain = Party.objects.create(code="C1", name="Shop", is_customer=True)
    fussy = Party.objects.create(code="C2", name="Hotel", is_customer=True)
    CustomerTerms.objects.create(party=fussy, tier="A", ships_partial="complete", min_remaining_life_days=30)
    terms = queries.customer_terms([plain.pk, fussy.pk])
    assert terms[plain.pk] == CustomerTermsRow(plain.pk, "C", "partial", "no", 0, [])
    assert terms[fussy.pk] == CustomerTermsRow(fussy.pk, "A", "complete", "no", 30, [])


def test_the_preferred_supplier_wins_then_the_cheapest() -> None:
    mug = Item.objects.create(sku="MUG", name="Mug")
    jug = Item.objects.create(sku="JUG", name="Jug")
    dear = Party.objects.create(code="DEAR", name="Dear", is_supplier=True)
    cheap = Party.objects.create(code="CHEAP", name="Cheap", is_supplier=True)
    SupplierTerms.objects.create(party=dear, lead_time_days=21, order_multiple_units=6)
    SupplierItem.objects.create(supplier=dear, item=mug, unit_cost=Decimal("2.5"), is_preferred=True)
    for item in (mug, jug):
        SupplierItem.objects.create(supplier=cheap, item=item, unit_cost=Decimal("1.25"), multiple=4)
    SupplierItem.objects.create(supplier=dear, item=jug, unit_cost=Decimal("2.5"))
    best = queries.preferred_suppliers([mug.pk, jug.pk])
    assert (best[mug.pk].supplier_id, best[mug.pk].multiple, best[mug.pk].lead_time_days) == (dear.pk, 6, 21)
    assert (best[jug.pk].supplier_id, best[jug.pk].multiple, best[jug.pk].lead_time_days) == (cheap.pk, 4, 7)


def test_the_default_address_comes_first() -> None:
    shop = Party.objects.create(code="C1", name="Shop", is_customer=True)
    Address.objects.create(party=shop, code="A", name="Back door")
    Address.objects.create(party=shop, code="B", name="Front door", is_default=True)
    assert [a.code for a in queries.addresses([shop.pk])[shop.pk]] == ["B", "A"]
