"""Put away instead."""

from __future__ import annotations

import pytest
from tests.cast import BO, CY, ctx

from flowrack.allocation import commands_cross_docks as commands
from flowrack.allocation.tests.doorside import Scene, ids, planned_putaways
from flowrack.allocation.types_cross_docks import (
    CancelCrossDocks,
    StageCrossDocks,
)
from flowrack.platform import outbox
from flowrack.shared.errors import WrongState

pytestmark = pytest.mark.django_db


def test_put_away_instead_plans_a_bin_and_the_order_waits_for_allocation():
    scene = Scene()
    done = scene.receive()
    commands.cancel_cross_docks(ctx(BO), CancelCrossDocks(ids(done)[1:2], "no truck today"))
    outbox.drain()
    assert planned_putaways() == [20]
    with pytest.raises(WrongState):
        commands.stage_cross_docks(ctx(CY), StageCrossDocks(ids(done)))
