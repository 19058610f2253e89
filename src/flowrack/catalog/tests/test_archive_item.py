"""An item goes out of use and comes back; its stock and history stay."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.catalog import commands
from flowrack.catalog.models import Item
from flowrack.catalog.types import ArchiveItem, CreateItem, ItemFields, ItemSaved
from flowrack.shared.errors import NotPermitted, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug() -> ItemSaved:
    return commands.create_item(ctx(PAM), CreateItem("MUG", ItemFields("White mug")))


def test_an_archived_item_can_come_back(mug: ItemSaved) -> None:
    assert commands.archive_item(ctx(PAM), ArchiveItem(mug.item_id, 1)).version == 2
    assert not Item.objects.get().is_active
    commands.archive_item(ctx(PAM), ArchiveItem(mug.item_id, 2, is_active=True))
    assert Item.objects.get().is_active


def test_a_retry_is_answered_from_the_record(mug: ItemSaved) -> None:
    req = ArchiveItem(mug.item_id, 1)
    assert commands.archive_item(ctx(PAM, "k"), req) == commands.archive_item(ctx(PAM, "k"), req)
    assert Item.objects.get().version == 2


def test_a_refused_archive_leaves_no_trace(mug: ItemSaved) -> None:
    for who, version, refusal in ((PAM, 7, Stale), (BO, 1, NotPermitted)):
        with pytest.raises(refusal):
            commands.archive_item(ctx(who), ArchiveItem(mug.item_id, version))
    assert (Item.objects.get().is_active, Item.objects.get().version) == (True, 1)
