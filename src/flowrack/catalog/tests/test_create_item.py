"""Creating an item."""

from __future__ import annotations

import pytest
from tests.cast import EVE, PAM, ctx
from tests.zero_rows import ensure_zero_rows

from flowrack.catalog import commands, queries
from flowrack.catalog.models import Item, PackLevel
from flowrack.catalog.types import CreateItem, ItemFields, ItemRefused, Pack, SkuTaken
from flowrack.platform.models import CommandRecord
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
MUG = CreateItem("MUG", ItemFields("White mug", family="MUGS", steward="pam"), [Pack("case", "", 12)], ["OLD"])


@pytest.fixture(autouse=True)
def rows_of_every_house() -> None:
    ensure_zero_rows()


def test_an_item_is_made_with_its_base_unit_packs_and_codes() -> None:
    saved = commands.create_item(ctx(PAM), MUG)
    record = queries.item_record(saved.item_id)
    assert (record.sku, record.version, record.item.family, record.item.steward) == ("MUG", 1, "MUGS", "pam")
    assert [(p.level, p.factor) for p in record.packs] == [("each", 1), ("case", 12)]
    assert record.barcodes == ["OLD"]


def test_a_retry_makes_no_second_item() -> None:
    first = commands.create_item(ctx(PAM, "k"), MUG)
    assert commands.create_item(ctx(PAM, "k"), MUG) == first
    assert Item.objects.count() == 1
    with pytest.raises(SkuTaken):
        commands.create_item(ctx(PAM), MUG)


def test_a_refused_item_leaves_no_trace() -> None:
    with pytest.raises(ItemRefused) as refused:
        commands.create_item(ctx(PAM), CreateItem(" X", ItemFields(""), [Pack("case", "", 0, gtin="12345678")]))
    assert {line.field for line in refused.value.lines} == {"name", "sku", "factor", "gtin"}
    with pytest.raises(NotPermitted):
        commands.create_item(ctx(EVE), MUG)
    for table in (Item, PackLevel, CommandRecord):
        assert not table.objects.exists()
