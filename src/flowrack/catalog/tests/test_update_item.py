"""Changing an item; what stock in hand locks stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cast import PAM, ctx
from tests.zero_rows import ensure_zero_rows

from flowrack.catalog import commands, queries
from flowrack.catalog.models import Item
from flowrack.catalog.types import CreateItem, ItemFields, ItemSaved, LockedByStock, Pack, UpdateItem
from flowrack.ledger.tests.house import House, house, receive, ship
from flowrack.platform.importing import ImportFile, ImportRefused, store_file
from flowrack.shared.errors import Stale

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mug() -> ItemSaved:
    ensure_zero_rows()
    return commands.create_item(ctx(PAM), CreateItem("MUG", ItemFields("White mug"), [Pack("case", "", 12)]))


def test_an_item_changes_and_counts_its_versions(mug: ItemSaved) -> None:
    req = UpdateItem(mug.item_id, 1, ItemFields("Cream mug", velocity="A"), [Pack("case", "Box", 24)])
    assert commands.update_item(ctx(PAM), req).version == 2
    record = queries.item_record(mug.item_id)
    assert (record.item.name, record.item.velocity, record.version) == ("Cream mug", "A", 2)
    assert [(p.name, p.factor) for p in record.packs] == [("Each", 1), ("Box", 24)]
    with pytest.raises(Stale):
        commands.update_item(ctx(PAM), replace(req, item=ItemFields("Third")))
    assert Item.objects.get().name == "Cream mug"


@pytest.fixture
def stocked(mug: ItemSaved) -> House:
    """Ten mugs lie in a bin."""
    here = house()
    receive(here, mug.item_id, 10, "4")
    return here


def test_factors_costing_and_tracking_stay_while_the_item_is_in_stock(mug: ItemSaved, stocked: House) -> None:
    for fields, packs, word in (
        (ItemFields("White mug"), [Pack("case", "", 10)], "pack factors may not change"),
        (ItemFields("White mug", costing="average"), [], "the costing method may not change"),
        (ItemFields("White mug", tracking="lot"), [], "tracking may not change"),
    ):
        with pytest.raises(LockedByStock, match=word):
            commands.update_item(ctx(PAM), UpdateItem(mug.item_id, 1, fields, packs))
    record = queries.item_record(mug.item_id)
    assert (record.version, record.item.costing, record.item.tracking) == (1, "fifo", "none")
    assert [(p.level, p.factor) for p in record.packs] == [("each", 1), ("case", 12)]
    freely = UpdateItem(mug.item_id, 1, ItemFields("Cream mug"), [Pack("case", "", 12), Pack("pallet", "", 480)])
    assert commands.update_item(ctx(PAM), freely).version == 2


def test_what_left_the_house_locks_nothing(mug: ItemSaved, stocked: House) -> None:
    ship(stocked, mug.item_id, 10)
    req = UpdateItem(mug.item_id, 1, ItemFields("Mug", costing="average", tracking="lot"), [Pack("case", "", 10)])
    assert commands.update_item(ctx(PAM), req).version == 2


def test_an_import_is_refused_for_the_same_reasons_row_by_row(mug: ItemSaved, stocked: House) -> None:
    text = b"SKU,Name,Case factor,Costing,Tracking\nMUG,Mug,10,average,lot\nJUG,Jug,10,average,none\n"
    with pytest.raises(ImportRefused) as refused:
        commands.import_items(ctx(PAM), ImportFile(store_file(text, "i.csv"), "i.csv"))
    assert [(line.line, line.field, line.message) for line in refused.value.lines] == [
        (2, "Case factor", "The item is in stock with 12 in a case: this may not change to 10."),
        (2, "Costing", "The item is in stock with costing fifo."),
        (2, "Tracking", "The item is in stock with tracking none."),
    ]
    assert list(Item.objects.values_list("sku", flat=True)) == ["MUG"]
