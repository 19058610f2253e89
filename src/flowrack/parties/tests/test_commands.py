"""Companies, their addresses and supplier items, through the door."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import BO, PAM, ctx
from tests.zero_rows import ensure_zero_rows

from flowrack.catalog.models import Item
from flowrack.parties import commands, queries
from flowrack.parties.models import Address, Party, SupplierItem
from flowrack.parties.types import (
    OWN,
    CreateParty,
    CustomerFields,
    PartyCodeTaken,
    PartyFields,
    PartyRefused,
    PartySaved,
    SaveAddress,
    SaveSupplierItem,
    SupplierFields,
    Tier,
    UpdateParty,
)
from flowrack.platform.importing import ImportFile, ImportRefused, store_file
from flowrack.shared.errors import NotPermitted, Stale

pytestmark = pytest.mark.django_db(transaction=True)
ACME = CreateParty("ACME", PartyFields("Acme", "GB", supplier=SupplierFields(lead_time_days=9)))


@pytest.fixture
def acme() -> PartySaved:
    ensure_zero_rows()
    return commands.create_party(ctx(PAM), ACME)


def test_a_company_is_made_changed_and_archived(acme: PartySaved) -> None:
    changed = UpdateParty(acme.party_id, 1, PartyFields("Acme Ltd", "GB", customer=CustomerFields(tier=Tier.A)))
    assert commands.update_party(ctx(PAM), changed).version == 2
    record = queries.party_record(acme.party_id)
    assert (record.party.name, record.party.supplier, record.party.customer) == (
        "Acme Ltd",
        None,
        CustomerFields(tier=Tier.A),
    )
    with pytest.raises(Stale):
        commands.update_party(ctx(PAM), changed)
    with pytest.raises(PartyCodeTaken):
        commands.create_party(ctx(PAM), ACME)


def test_a_retry_makes_no_second_company_and_a_refusal_none_at_all(acme: PartySaved) -> None:
    other = CreateParty("B", PartyFields("Bee", is_carrier=True))
    assert commands.create_party(ctx(PAM, "k"), other) == commands.create_party(ctx(PAM, "k"), other)
    for who, req, refusal in (
        (PAM, CreateParty("C", PartyFields("Nobody")), PartyRefused),
        (BO, CreateParty("C", PartyFields("Cee", is_carrier=True)), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.create_party(ctx(who), req)
    assert list(Party.objects.order_by("code").values_list("code", flat=True)) == ["ACME", "B", "OWN"]


def test_our_own_company_stays_an_owner(acme: PartySaved) -> None:
    with pytest.raises(PartyRefused):
        commands.update_party(ctx(PAM), UpdateParty(OWN, 1, PartyFields("Us", is_carrier=True)))
    commands.update_party(ctx(PAM), UpdateParty(OWN, 1, PartyFields("Kestrel", is_owner=True)))
    assert queries.parties([OWN])[OWN].name == "Kestrel"


def test_a_new_default_address_takes_over(acme: PartySaved) -> None:
    for code in ("A", "B"):
        commands.save_address(ctx(PAM), SaveAddress(acme.party_id, code, "Dock", is_default=True))
    assert list(Address.objects.order_by("code").values_list("code", "is_default")) == [("A", False), ("B", True)]


def test_a_new_preferred_supplier_takes_over(acme: PartySaved) -> None:
    bee = commands.create_party(ctx(PAM), CreateParty("BEE", PartyFields("Bee", supplier=SupplierFields())))
    mug = Item.objects.create(sku="MUG", name="Mug")
    for party in (acme, bee):
        commands.save_supplier_item(
            ctx(PAM), SaveSupplierItem(party.party_id, mug.pk, Decimal("1.25"), is_preferred=True)
        )
    assert queries.preferred_suppliers([mug.pk])[mug.pk].supplier_id == bee.party_id
    assert SupplierItem.objects.filter(is_preferred=True).count() == 1
    with pytest.raises(PartyRefused) as refused:
        commands.save_supplier_item(ctx(PAM), SaveSupplierItem(acme.party_id, 999, Decimal(-1), moq=0))
    assert {line.field for line in refused.value.lines} == {"item_id", "unit_cost", "moq"}


def imported(text: str) -> ImportFile:
    return ImportFile(store_file(text.encode(), "f.csv"), "f.csv")


def test_suppliers_items_customers_and_addresses_come_from_files(acme: PartySaved) -> None:
    Item.objects.create(sku="0042", name="Mug")
    suppliers = commands.import_suppliers(
        ctx(PAM), imported("Code,Name,Lead time,Delivery weekdays\nACME,Acme Ltd,3,mon;fri\nNEW,New,5,\n")
    )
    assert (suppliers.created, suppliers.updated) == (1, 1)
    new = queries.find_by_code(["NEW"])["NEW"]
    terms = queries.supplier_terms([acme.party_id, new.party_id])
    assert terms[acme.party_id].delivery_weekdays == [1, 5]
    assert (terms[new.party_id].lead_time_days, terms[new.party_id].delivery_weekdays) == (5, [1, 2, 3, 4, 5])
    items = "Supplier,SKU,Cost,MOQ,Preferred\nACME,0042,1.25,12,yes\n"
    assert commands.import_supplier_items(ctx(PAM), imported(items)).created == 1
    assert commands.import_supplier_items(ctx(PAM), imported(items)).unchanged == 1
    moved = commands.import_supplier_items(ctx(PAM), imported("Supplier,SKU,Preferred\nNEW,0042,yes\n"))
    assert moved.created == 1
    assert SupplierItem.objects.get(is_preferred=True).supplier_id == new.party_id
    customers = "Code;Name;Tier;Labels\nSHOP;The Shop;A;sscc, lot\n"
    assert commands.import_customers(ctx(PAM), imported(customers)).created == 1
    assert commands.import_customers(ctx(PAM), imported(customers)).unchanged == 1
    addresses = "Customer,Address code,Name,City,Default\nSHOP,1,Front,Leeds,yes\nSHOP,2,Back,Leeds,\n"
    assert commands.import_addresses(ctx(PAM), imported(addresses)).created == 2


def test_an_unknown_code_in_a_file_is_told_with_the_nearest(acme: PartySaved) -> None:
    Item.objects.create(sku="85123A", name="Mug")
    with pytest.raises(ImportRefused) as refused:
        commands.import_supplier_items(
            ctx(PAM), imported("Supplier,SKU,Preferred\nACNE,85123A,yes\nACME,85123B,yes\nOWN,85123A,yes\n")
        )
    assert {(line.line, line.field, line.message, line.fix) for line in refused.value.lines} == {
        (2, "Supplier", "There is no supplier “ACNE”.", "Did you mean ACME?"),
        (3, "SKU", "There is no item “85123B”.", "Did you mean 85123A?"),
        (4, "Supplier", "There is no supplier “OWN”.", "Add the supplier first, or correct the code."),
        (4, "Preferred", "Row 2 is the preferred supplier already.", "Only one can be."),
    }
