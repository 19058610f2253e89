"""Cross-docks follow what customers want."""

from __future__ import annotations

import pytest
from tests.cast import KIM, ctx

from flowrack.allocation.tests.doorside import Scene, planned_putaways
from flowrack.platform import outbox
from flowrack.sales import commands_changes as sales
from flowrack.sales.types import CancelOrder

pytestmark = pytest.mark.django_db


def test_a_cancelled_order_sends_its_goods_to_a_bin():
    scene = Scene()
    scene.receive()
    sales.cancel_order(ctx(KIM), CancelOrder(scene.orders[1].order_id, "too late"))
    outbox.drain()
    assert planned_putaways() == [20]
