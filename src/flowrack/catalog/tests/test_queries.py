"""Reads of the catalogue and the lots that later stages ask for."""

from __future__ import annotations

from datetime import date

import pytest
from tests.zero_rows import ensure_zero_rows

from flowrack.catalog import queries, steps
from flowrack.catalog.models import Barcode, Item, Lot, PackLevel
from flowrack.catalog.types import AmbiguousCode, LotRefused, UnknownCode
from flowrack.shared.check_digits import check_digit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rows_of_every_house() -> None:
    ensure_zero_rows()


CASE_GTIN = "1541234500001" + str(check_digit("1541234500001"))
EACH_GTIN = "541234500001" + str(check_digit("541234500001"))


@pytest.fixture
def mug() -> Item:
    item = Item.objects.create(sku="0085123A", name="White mug")
    PackLevel.objects.create(item=item, level="each", factor=1, gtin=EACH_GTIN.zfill(14), weight_g=310)
    PackLevel.objects.create(item=item, level="case", factor=12, gtin=CASE_GTIN)
    Barcode.objects.create(item=item, code="MUG-OLD", factor=6)
    return item


def test_a_code_is_found_by_sku_gtin_of_any_level_and_barcode(mug: Item, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        found = queries.resolve_codes(["0085123A", EACH_GTIN, EACH_GTIN.zfill(14), CASE_GTIN, " MUG-OLD "])
    assert {code: (r.item_id, r.factor, r.matched_by) for code, r in found.items()} == {
        "0085123A": (mug.pk, 1, "sku"),
        EACH_GTIN: (mug.pk, 1, "gtin"),
        EACH_GTIN.zfill(14): (mug.pk, 1, "gtin"),
        CASE_GTIN: (mug.pk, 12, "gtin"),
        " MUG-OLD ": (mug.pk, 6, "barcode"),
    }


def test_unknown_and_ambiguous_codes_are_refused_line_by_line(mug: Item) -> None:
    other = Item.objects.create(sku="MUG-2", name="Blue mug")
    Barcode.objects.create(item=other, code="MUG-OLD")
    with pytest.raises(AmbiguousCode) as refused:
        queries.resolve_codes(["0085123A", "MUG-OLD", "NEVER", "5412345000010"])
    assert [(line.line, line.field) for line in refused.value.lines] == [(2, "code"), (3, "code"), (4, "code")]
    assert "0085123A (barcode, 6 units)" in refused.value.lines[0].message
    assert "MUG-2 (barcode, 1 units)" in refused.value.lines[0].message
    assert "check digit is wrong" in refused.value.lines[2].message
    with pytest.raises(UnknownCode):
        queries.resolve_codes(["85123A"])


def test_an_archived_item_loses_its_code_to_the_one_in_use(mug: Item) -> None:
    successor = Item.objects.create(sku="MUG-3", name="Mug, new shape")
    Barcode.objects.create(item=successor, code="0085123A")
    Item.objects.filter(pk=mug.pk).update(is_active=False)
    assert queries.resolve_codes(["0085123A"])["0085123A"].item_id == successor.pk


def test_a_serial_number_names_its_lot() -> None:
    drill = Item.objects.create(sku="DRILL", name="Drill", tracking="serial")
    [lot_id] = steps.ensure_lots([(drill.pk, "SN-77", None)])
    resolved = queries.resolve_codes(["SN-77"])["SN-77"]
    assert (resolved.kind, resolved.item_id, resolved.lot_id, resolved.factor) == ("serial", drill.pk, lot_id, 1)
    assert Lot.objects.get(pk=lot_id).is_serial


def test_lots_are_made_once_and_keep_their_date(mug: Item, django_assert_num_queries) -> None:
    milk = Item.objects.create(sku="MILK", name="Milk", tracking="lot", has_expiry=True, shelf_life_days=10)
    may = date(2027, 5, 1)
    with django_assert_num_queries(4):
        first = steps.ensure_lots(
            [(milk.pk, "L1", may), (mug.pk, "", None), (milk.pk, "L1", may), (milk.pk, "L2", may)]
        )
    assert first[1] == 0
    assert first[0] == first[2] != first[3]
    assert steps.ensure_lots([(milk.pk, "L1", None)]) == [first[0]]
    with pytest.raises(LotRefused) as refused:
        steps.ensure_lots([(milk.pk, "L1", date(2027, 6, 1)), (mug.pk, "X", None), (milk.pk, "L9", None)])
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (1, "expires_on"),
        (2, "lot"),
        (3, "expires_on"),
    ]
    assert Lot.objects.filter(item=milk).count() == 2


def test_items_carry_size_and_weight_of_one_base_unit(mug: Item) -> None:
    PackLevel.objects.filter(item=mug, level="each").update(length_mm=100, width_mm=90, height_mm=105)
    row = queries.items([mug.pk, 999_999])[mug.pk]
    assert (row.volume_ml, row.weight_g) == (945, 310)
    assert [p.factor for p in queries.packs([mug.pk])[mug.pk]] == [1, 12]
