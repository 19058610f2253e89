"""The only row locks of the catalogue."""

from __future__ import annotations

from flowrack.catalog.models import Item
from flowrack.catalog.types import UnknownItem
from flowrack.platform import sql
from flowrack.shared.errors import Stale


def item(item_id: int, version: int) -> Item:
    """One item, locked; refuses with UnknownItem, or Stale when somebody changed it since it was read."""
    found = Item.objects.select_for_update(of=("self",)).filter(pk=item_id).first()
    if found is None:
        raise UnknownItem(f"There is no item {item_id}.", fix="Open it from the list of items.")
    if found.version != version:
        raise Stale("Somebody changed this item since you read it.", fix="Read it again, then repeat your change.")
    return found


def substitutes() -> None:
    """Nobody else changes substitutes until the command ends: a circle may close through edges of other items."""
    sql.execute("LOCK TABLE catalog_substitute IN SHARE ROW EXCLUSIVE MODE")
