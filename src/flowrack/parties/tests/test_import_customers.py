"""Customers and their terms from a file."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.parties import commands, queries
from flowrack.parties.models import Party
from flowrack.parties.tests.companies import file_of
from flowrack.platform.importing import ImportRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
GOOD = "Code;Name;Tier;Labels\nSHOP;The Shop;A;sscc, lot\n"


def test_customers_come_with_their_terms_and_again_change_nothing() -> None:
    assert commands.import_customers(ctx(PAM), file_of(GOOD)).created == 1
    shop = queries.find_by_code(["SHOP"])["SHOP"]
    terms = queries.customer_terms([shop.party_id])[shop.party_id]
    assert (shop.is_customer, shop.is_supplier) == (True, False)
    assert (terms.tier, sorted(terms.label_needs)) == ("A", ["lot", "sscc"])
    assert commands.import_customers(ctx(PAM), file_of(GOOD)).unchanged == 1
    changed = commands.import_customers(ctx(PAM), file_of(GOOD.replace(";A;", ";B;")))
    assert [(c.field, c.before, c.after) for c in changed.changes] == [("Tier", "A", "B")]


def test_bad_rows_are_named_and_nothing_is_written() -> None:
    with pytest.raises(ImportRefused) as refused:
        commands.import_customers(ctx(PAM), file_of("Code,Name,Tier,Labels\nA,Aye,D,sscc\nB,Bee,A,barcode\n"))
    assert {(line.line, line.field, line.message) for line in refused.value.lines} == {
        (2, "Tier", "“D” is not known here."),
        (3, "Labels", "“barcode” is not known here."),
    }
    with pytest.raises(NotPermitted):
        commands.import_customers(ctx(BO), file_of(GOOD))
    assert list(Party.objects.values_list("code", flat=True)) == ["OWN"]


def test_terms_of_shipments_backorders_lots_and_substitutes_come_along() -> None:
    text = (
        "Code;Name;Allows substitutes;Maximum shipments;Last shipment;Minimum shipment value;"
        "Cancel backorders after days;Lots;Transit days\n"
        "SHOP;The Shop;consent;2;cancels;50,00;14;same;3\nOLD;Old;yes;;;;;;\n"
    )
    commands.import_customers(ctx(PAM), file_of(text))
    found = queries.find_by_code(["SHOP", "OLD"])
    shop, old = (queries.party_record(found[code].party_id).party.customer for code in ("SHOP", "OLD"))
    assert shop is not None and old is not None
    assert (shop.substitutes, shop.max_shipments, shop.last_shipment) == ("consent", 2, "cancels")
    assert (shop.min_shipment_value, shop.cancel_after_days, shop.lot_rule, shop.transit_days) == (50, 14, "same", 3)
    assert (old.substitutes, old.max_shipments, old.last_shipment, old.cancel_after_days) == (
        "yes",
        None,
        "waits",
        None,
    )


def test_terms_that_make_no_sense_are_named() -> None:
    text = "Code,Name,Maximum shipments,Lots,Substitutes\nA,Aye,0,first,maybe\n"
    with pytest.raises(ImportRefused) as refused:
        commands.import_customers(ctx(PAM), file_of(text))
    assert {line.field for line in refused.value.lines} == {"Maximum shipments", "Lots", "Substitutes"}
