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
from flowrack.platform import outbox, sql
from flowrack.storage.commands import move_stock
from flowrack.storage.types import LpnMove, MoveStock

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


def stands(scene: Scene) -> list[tuple[str, str, int]]:
    return sql.fetch_all(
        """
        SELECT l.code, CASE WHEN c.lpn_id = 0 THEN '' ELSE p.code END, c.on_hand FROM ledger_cell c
        JOIN locations_location l ON l.id = c.location_id JOIN locations_lpn p ON p.id = c.lpn_id
        WHERE c.item_id = %s AND c.on_hand > 0 AND NOT c.is_virtual ORDER BY 1, 2
        """,
        (scene.item,),
    )


def test_a_part_goes_back_on_the_pallet_it_came_off():
    scene = Scene()
    done = scene.receive(lpn="PAL-1")
    first = ids(done)[0]
    commands.stage_cross_docks(ctx(CY), StageCrossDocks([first]))
    assert stands(scene) == [("receiving-1", "PAL-1", 30), ("staged-1", "", 10)]
    commands.undo_cross_dock(ctx(CY), UndoCrossDock(first))
    assert stands(scene) == [("receiving-1", "PAL-1", 40)]
    commands.stage_cross_docks(ctx(CY), StageCrossDocks(ids(done)))
    for one in ids(done):
        commands.undo_cross_dock(ctx(CY), UndoCrossDock(one))
    assert stands(scene) == [("receiving-1", "PAL-1", 40)], "nothing was left on it"
    inbound.take_back(ctx(BO), TakeBack(done.posting_id))
    assert (stands(scene), verify()) == ([], [])


def test_a_part_stays_loose_when_its_pallet_was_carried_away():
    scene = Scene()
    done = scene.receive(lpn="PAL-1")
    first = ids(done)[0]
    commands.stage_cross_docks(ctx(CY), StageCrossDocks([first]))
    lpn_id = sql.fetch_value("SELECT id FROM locations_lpn WHERE code = 'PAL-1'")
    carried = MoveStock(scene.at.site, lpns=[LpnMove(lpn_id, scene.at.places["reserve1"])], reason="in the way")
    move_stock(ctx(CY), carried)
    outbox.drain()
    commands.undo_cross_dock(ctx(CY), UndoCrossDock(first))
    assert stands(scene) == [("receiving-1", "", 10), ("reserve-1", "PAL-1", 30)]
    [row] = queries_cross_docks.cross_docks(frozenset({0}), ids=[first])
    assert (row.state, row.lpn) == ("planned", "")
    assert sql.fetch_value("SELECT lpn_id FROM tasks_task WHERE id = %s", (row.task_id,)) == 0
    commands.stage_cross_docks(ctx(CY), StageCrossDocks([first]))
    assert stands(scene) == [("reserve-1", "PAL-1", 30), ("staged-1", "", 10)]


def test_a_whole_pallet_goes_back_with_all_its_cross_docks():
    scene = Scene()
    both = [ids(scene.receive(units, lpn="PAL-1"))[0] for units in (6, 4)]
    staged = commands.stage_cross_docks(ctx(CY), StageCrossDocks(both))
    assert (staged.units, stands(scene)) == (10, [("staged-1", "PAL-1", 10)])
    undone = commands.undo_cross_dock(ctx(CY), UndoCrossDock(both[1]))
    assert undone.cross_dock_ids == both
    assert stands(scene) == [("receiving-1", "PAL-1", 10)]
    assert [row.state for row in queries_cross_docks.cross_docks(frozenset({0}), ids=both)] == ["planned", "planned"]
    assert (scene.counts()[2], verify()) == ({"units": 10, "waiting": 10}, [])
    assert commands.stage_cross_docks(ctx(CY), StageCrossDocks(both)).units == 10
