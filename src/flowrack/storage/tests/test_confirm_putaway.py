import pytest
from tests.cast import ADA, BO, EVE, ctx
from tests.supply import approved, counts_of, item, receive, standing, supplier

from flowrack.inbound.types import CountedLine
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context
from flowrack.ledger.types import InsufficientStock, Move
from flowrack.ledger.verify import verify
from flowrack.platform import outbox, sql
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands
from flowrack.storage.tests.house import at_dock, measured, plans, shelves
from flowrack.storage.types import (
    Carried,
    ConfirmPutaway,
    NoSuchPlan,
    NotAllowedThere,
    OverCapacity,
    PlanPutaways,
    PutawayNeed,
    ReasonNeeded,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = shelves(max_volume_ml=100_000), item("V-200")
    measured(hose)
    at_dock(here, hose, 60)
    need = PutawayNeed("test:1", here.places["receiving1"], hose, Units(60))
    [planned] = commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, [need])).moves
    return here, hose, planned.planned_move_id


def test_goods_reach_the_suggested_bin_and_the_work_is_done(scene):
    _here, hose, move = scene
    done = commands.confirm_putaway(ctx(BO), ConfirmPutaway([Carried(move)]))
    assert (done.units, done.open_move_ids) == (60, [])
    assert standing(hose) == {("R-01", "reserve"): 60}
    assert plans() == [("done", 60, 60, "R-01", "R-01")]
    assert sql.fetch_one("SELECT state, finished_by_id FROM tasks_task") == ("done", BO.id)
    assert sql.fetch_value("SELECT origin FROM ledger_move ORDER BY id DESC LIMIT 1") == f"storage.planned_move:{move}"


def test_a_retried_scan_moves_nothing_twice(scene):
    _, hose, move = scene
    first = commands.confirm_putaway(ctx(BO, "k"), ConfirmPutaway([Carried(move)]))
    assert commands.confirm_putaway(ctx(BO, "k"), ConfirmPutaway([Carried(move)])) == first
    assert standing(hose) == {("R-01", "reserve"): 60}
    with pytest.raises(NoSuchPlan):
        commands.confirm_putaway(ctx(BO), ConfirmPutaway([Carried(move)]))


def test_a_part_leaves_the_rest_to_do(scene):
    here, hose, move = scene
    done = commands.confirm_putaway(ctx(BO), ConfirmPutaway([Carried(move, units=Units(20))]))
    assert done.open_move_ids == [move]
    assert plans() == [("open", 60, 20, "R-01", "")]
    assert sql.fetch_value("SELECT state FROM tasks_task") == "open"
    done = commands.confirm_putaway(
        ctx(BO), ConfirmPutaway([Carried(move, here.places["R-02"], reason="bin is full of straps")])
    )
    assert done.units == 40
    assert plans() == [("done", 60, 60, "R-01", "R-02")]
    assert standing(hose) == {("R-01", "reserve"): 20, ("R-02", "reserve"): 40}


def test_another_bin_needs_a_reason_room_and_permission_of_the_place(scene):
    here, hose, move = scene
    other = here.places["R-02"]
    ledger.post(context(), [Move(hose, 50, here.virtual("SUPPLIER"), here["R-02"], "receipt", value=50)])
    sql.execute("UPDATE locations_location SET temperature = 'frozen' WHERE code = 'R-03'")
    by = [ctx(BO) for _ in range(5)]
    before = counts_of()
    with pytest.raises(ReasonNeeded):
        commands.confirm_putaway(by[0], ConfirmPutaway([Carried(move, other)]))
    with pytest.raises(OverCapacity) as refused:
        commands.confirm_putaway(by[1], ConfirmPutaway([Carried(move, other, reason="nearer")]))
    assert refused.value.message == (
        "R-02 takes 100000 ml: 50000 lie there, 0 are on the way, 60000 more are 10000 too many."
    )
    with pytest.raises(NotAllowedThere) as refused:
        commands.confirm_putaway(by[2], ConfirmPutaway([Carried(move, here.places["R-03"], reason="nearer")]))
    assert refused.value.message == "R-03 is frozen; this must stay ambient."
    with pytest.raises(NoSuchPlan) as refused:
        commands.confirm_putaway(by[3], ConfirmPutaway([Carried(move, units=Units(61)), Carried(999_999)]))
    assert [(b.line, b.field) for b in refused.value.lines] == [(1, "units"), (2, "planned_move")]
    with pytest.raises(NotPermitted):
        commands.confirm_putaway(ctx(EVE), ConfirmPutaway([Carried(move)]))
    assert counts_of() == before and plans() == [("open", 60, 0, "R-01", "")]


def test_goods_that_are_gone_are_refused_by_the_ledger(scene):
    here, hose, move = scene
    ledger.post(context(), [Move(hose, 30, here["receiving1"], here["R-02"], "MOVE")])
    by = ctx(BO)
    before = counts_of()
    with pytest.raises(InsufficientStock):
        commands.confirm_putaway(by, ConfirmPutaway([Carried(move)]))
    assert counts_of() == before


def plate_at_dock(units):
    """A pallet at the dock, received by Bo and planned by the worker: (house, items, lpn, planned moves)."""
    here, items = shelves(max_lpns=4), [item(f"I-{n}") for n in range(len(units))]
    po = approved(here.site, supplier(), *[(one, many, "4") for one, many in zip(items, units, strict=True)])
    counted = [CountedLine(units=Units(many), item_id=one, lpn="LP-1") for one, many in zip(items, units, strict=True)]
    done = receive(po, here, *counted)
    outbox.drain()
    ids = [row[0] for row in sql.fetch_all("SELECT id FROM storage_plannedmove ORDER BY id")]
    return here, items, done.lines[0].lpn_id, ids


def plates():
    """(location, LPN, units) of everything on hand, in order."""
    return sql.fetch_all(
        """
        SELECT l.code, p.code, c.on_hand FROM ledger_cell c JOIN locations_location l ON l.id = c.location_id
        JOIN locations_lpn p ON p.id = c.lpn_id WHERE c.on_hand > 0 AND NOT c.is_virtual ORDER BY 1, 2, 3
        """
    )


def test_a_part_of_a_pallet_comes_off_it():
    _, _, _, [move] = plate_at_dock([60])
    none = sql.fetch_value("SELECT code FROM locations_lpn WHERE id = 0")
    commands.confirm_putaway(ctx(BO), ConfirmPutaway([Carried(move, units=Units(20))]))
    assert plates() == [("R-01", none, 20), ("receiving-1", "LP-1", 40)]
    commands.confirm_putaway(ctx(BO), ConfirmPutaway([Carried(move)]))
    assert plates() == [("R-01", none, 20), ("R-01", "LP-1", 40)]
    assert verify() == []


def test_one_of_two_items_comes_off_the_pallet_and_both_together_move_it():
    _, _, _, moves = plate_at_dock([10, 4])
    commands.confirm_putaway(ctx(BO), ConfirmPutaway([Carried(move) for move in moves]))
    assert plates() == [("R-01", "LP-1", 4), ("R-01", "LP-1", 10)]


def test_a_pallet_whose_goods_go_to_two_bins_is_unloaded():
    here, _, _, moves = plate_at_dock([10, 4])
    none = sql.fetch_value("SELECT code FROM locations_lpn WHERE id = 0")
    other = Carried(moves[1], here.places["R-02"], reason="too heavy")
    commands.confirm_putaway(ctx(BO), ConfirmPutaway([Carried(moves[0]), other]))
    assert plates() == [("R-01", none, 10), ("R-02", none, 4)]
    assert verify() == []
