"""Cross-docks follow the goods."""

from __future__ import annotations

import pytest
from tests.cast import CY, ctx

from flowrack.allocation import queries_cross_docks
from flowrack.allocation.tests.doorside import Scene, ids, planned_putaways
from flowrack.ledger.verify import verify
from flowrack.platform import outbox
from flowrack.shared.quantity import Units
from flowrack.storage.commands import move_stock
from flowrack.storage.types import ItemMove, MoveStock

pytestmark = pytest.mark.django_db


def test_goods_that_were_moved_by_hand_do_not_go_to_the_door_and_the_rest_is_put_away():
    scene = Scene()
    done = scene.receive()
    carried = ItemMove(scene.item, Units(15), scene.at.places["receiving1"], scene.at.places["reserve1"])
    move_stock(ctx(CY), MoveStock(scene.at.site, items=[carried], reason="in the way"))
    outbox.drain()
    rows = queries_cross_docks.cross_docks(frozenset({0}), ids=ids(done))
    assert [(row.units, row.state, row.end_reason) for row in reversed(rows)] == [
        (10, "planned", ""),
        (20, "cancelled", "the goods are not there any more"),
        (10, "planned", ""),
    ]
    assert planned_putaways() == [5], "what stands there for no cross-dock needs a bin"
    assert not verify()
