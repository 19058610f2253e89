"""Changing and archiving an item, and its substitutes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cast import PAM, ctx
from tests.zero_rows import ensure_zero_rows

from flowrack.catalog import commands, queries
from flowrack.catalog.models import Item
from flowrack.catalog.types import (
    ArchiveItem,
    CreateItem,
    ItemFields,
    ItemRefused,
    ItemSaved,
    Pack,
    SetSubstitute,
    SubstituteRow,
    UnknownItem,
    UpdateItem,
)
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


def test_an_archived_item_can_come_back(mug: ItemSaved) -> None:
    assert commands.archive_item(ctx(PAM), ArchiveItem(mug.item_id, 1)).version == 2
    assert not Item.objects.get().is_active
    commands.archive_item(ctx(PAM), ArchiveItem(mug.item_id, 2, is_active=True))
    assert Item.objects.get().is_active


def test_a_substitute_goes_one_way_and_can_be_taken_back(mug: ItemSaved) -> None:
    jug = commands.create_item(ctx(PAM), CreateItem("JUG", ItemFields("Jug")))
    commands.set_substitute(ctx(PAM), SetSubstitute("MUG", "JUG", 2, 1, needs_consent=False))
    assert queries.substitutes([mug.item_id, jug.item_id]) == {
        mug.item_id: [SubstituteRow(mug.item_id, jug.item_id, 2, 1, False)]
    }
    for bad, refusal in (
        (SetSubstitute("MUG", "MUG"), ItemRefused),
        (SetSubstitute("MUG", "JUG", 1, 0), ItemRefused),
        (SetSubstitute("MUG", "X"), UnknownItem),
    ):
        with pytest.raises(refusal):
            commands.set_substitute(ctx(PAM), bad)
    commands.set_substitute(ctx(PAM), SetSubstitute("MUG", "JUG", 0, 0))
    assert queries.substitutes([mug.item_id]) == {}
