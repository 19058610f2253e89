"""Goods go back from the door to the dock, and a count that is taken back ends its cross-docks."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import BO, CY, ctx

from flowrack.allocation import commands_cross_docks as commands
from flowrack.allocation import queries_cross_docks
from flowrack.allocation.tests.doorside import Scene, ids, planned_putaways, tasks
from flowrack.allocation.types_cross_docks import (
    AlreadyStaged,
    StageCrossDocks,
    UndoCrossDock,
)
from flowrack.inbound import commands as inbound
from flowrack.inbound.types import TakeBack
from flowrack.ledger.verify import verify
from flowrack.platform import outbox

pytestmark = pytest.mark.django_db


def test_a_count_that_is_taken_back_ends_its_cross_docks_unless_they_stand_at_the_door():
    scene = Scene()
    done = scene.receive()
    commands.stage_cross_docks(ctx(CY), StageCrossDocks(ids(done)[:1]))
    with pytest.raises(AlreadyStaged) as refused:
        inbound.take_back(ctx(BO), TakeBack(done.posting_id))
    assert refused.value.fix == f"Undo {done.cross_docks[0].number} first."
    commands.undo_cross_dock(ctx(CY), UndoCrossDock(ids(done)[0]))
    assert outbound.where(scene.item) == {"receiving-1": 40}
    inbound.take_back(ctx(BO), TakeBack(done.posting_id))
    outbox.drain()
    rows = queries_cross_docks.cross_docks(frozenset({0}))
    assert {(row.state, row.end_reason) for row in rows} == {("cancelled", "the count was taken back")}
    assert {row[3] for row in tasks()} == {"done", "cancelled"}
    assert (planned_putaways(), outbound.where(scene.item)) == ([], {})
    assert [one["waiting"] for one in scene.counts()] == [25, 20, 10]
    assert not verify()
