"""A house with two faces on one aisle, the slow item near the start and the busy one far from it."""

from __future__ import annotations

from datetime import date

from tests.cast import ADA, ctx
from tests.outbound import customer, order
from tests.supply import item

from flowrack.ledger.tests.house import House, receive
from flowrack.platform import sql
from flowrack.replenishment import commands_slotting as commands
from flowrack.replenishment.types_slotting import SuggestSlots
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import PickFaceSetting, SetPickFaces


def two_faces() -> tuple[House, int, int]:
    """The site, the busy item (far, face 2), the slow one (near, face 1)."""
    here, busy, slow = shelves(), item("BUSY"), item("SLOW")
    near, far = here.places["forward_pick1"], here.places["forward_pick2"]
    sql.execute("UPDATE locations_location SET aisle = 'A', bay = '1' WHERE id = %s", (near,))
    sql.execute("UPDATE locations_location SET aisle = 'A', bay = '60' WHERE id = %s", (far,))
    sql.execute("UPDATE locations_site SET layout_version = layout_version + 1")
    faces = [PickFaceSetting(near, slow, Units(5), Units(50)), PickFaceSetting(far, busy, Units(10), Units(90))]
    storage.set_pick_faces(ctx(ADA), SetPickFaces(here.site, faces))
    receive(here, slow, 20, "1", "forward_pick1")
    receive(here, busy, 40, "1", "forward_pick2")
    who = customer()
    for _ in range(12):
        order(here.site, who, ("BUSY", 4), on=date(2026, 3, 4))
    return here, busy, slow


def look(here: House, key: str | None = None):
    """Ada looks at the orders of the last day."""
    return commands.suggest_slots(ctx(ADA, key), SuggestSlots(here.site, days=1, pays_within_days=365))


def suggestions() -> list[tuple[object, ...]]:
    """(item, from, to, changes places with, state, lines) of every suggestion."""
    return sql.fetch_all(
        """
        SELECT i.sku, f.code, t.code, o.sku, s.state, s.picks FROM replenishment_slotsuggestion s
        JOIN catalog_item i ON i.id = s.item_id JOIN locations_location t ON t.id = s.to_location_id
        LEFT JOIN locations_location f ON f.id = s.from_location_id LEFT JOIN catalog_item o ON o.id = s.swaps_item_id
        ORDER BY s.id
        """
    )
