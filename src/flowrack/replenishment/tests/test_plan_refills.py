from datetime import date

import pytest
from tests.cast import ADA, BO, ctx
from tests.outbound import allocate, customer, order
from tests.supply import counts_of, item

from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context, receive
from flowrack.ledger.types import CellClaim
from flowrack.platform import outbox, sql
from flowrack.platform.decisions import why
from flowrack.replenishment import commands
from flowrack.replenishment.tests.faces import clock, expects, ids, pilot, plan, refills
from flowrack.replenishment.types import CancelDraws, PlanRefills
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.tests.house import plans, shelves
from flowrack.storage.types import LpnMove, MoveStock, PickFaceSetting, SetPickFaces

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = shelves(), item("V-200")
    face = PickFaceSetting(here.places["forward_pick1"], hose, Units(10), Units(40))
    storage.set_pick_faces(ctx(ADA), SetPickFaces(here.site, [face]))
    receive(here, hose, 4, "1", "forward_pick1")
    return here, hose


def test_a_low_face_gets_a_refill_from_reserve_once(scene):
    here, hose = scene
    receive(here, hose, 20, "1", "R-02")
    receive(here, hose, 50, "1", "R-03")

    first = commands.plan_refills(ctx(ADA, "k"), PlanRefills(here.site))

    assert commands.plan_refills(ctx(ADA, "k"), PlanRefills(here.site)) == first
    assert plans() == [("open", 20, 0, "forward_pick-1", ""), ("open", 16, 0, "forward_pick-1", "")]
    assert sql.fetch_all("SELECT kind, units, priority FROM tasks_task ORDER BY id") == [
        ("refill", 20, 5),
        ("refill", 16, 5),
    ]
    [decision] = why(f"storage.planned_move:{first.planned_move_ids[1]}")
    assert decision.sentence == (
        "forward_pick-1 holds 4 of at most 40, under its minimum of 10; nothing says when it runs out. There is room"
        " for 16 now. A part of the stock that expires or is reached first."
    )
    assert commands.plan_refills(ctx(ADA), PlanRefills(here.site)).planned_move_ids == []


def test_a_face_for_which_nothing_is_left_is_named_and_strangers_plan_nothing(scene):
    here, hose = scene
    face_id = sql.fetch_value("SELECT id FROM storage_pickface")
    by = ctx(BO)
    before = counts_of()
    with pytest.raises(NotPermitted):
        commands.plan_refills(by, PlanRefills(here.site))
    assert counts_of() == before
    done = commands.plan_refills(ctx(ADA), PlanRefills(here.site, [hose]))
    assert (done.planned_move_ids, done.empty_handed_face_ids) == ([], [face_id])


def test_stock_that_an_order_took_is_replaced_by_other_stock():
    here, hose = pilot()
    expects(here, hose)
    cell = sql.fetch_value("SELECT id FROM ledger_cell WHERE location_id = %s", (here.places["R-01"],))
    ledger.reserve(context(), [CellClaim(cell, 60, "sales.line:77")])
    done = plan(here, now="13:01")
    assert (len(done.cancelled_ids), len(done.refill_ids)) == (1, 1)
    assert [row[0] for row in refills()] == ["cancelled", "planned", "planned"]
    assert why(f"replenishment.refill:{ids()[0]}")[0].sentence == (
        "The faces were looked at again: its stock is not free any more, so it is cancelled."
    )


def test_reserved_and_promised_units_of_today_are_what_a_face_must_give():
    here, _ = pilot(there=40)
    who = customer()
    one = order(here.site, who, ("V-200", 75), on=date(2026, 3, 2))
    allocate(here.site, one)
    plan(here, now="13:00")
    assert [row[:3] for row in refills()] == []  # 60 leave as a whole pallet, 15 from the face
    other = order(here.site, who, ("V-200", 50), on=date(2026, 3, 2))
    allocate(here.site, other)
    plan(here, now="13:00")
    assert [row[:3] for row in refills()] == [("planned", "run_out", 60)]


def test_a_plan_does_not_ask_more_often_for_more_faces(django_assert_max_num_queries):
    here, hose = pilot()
    expects(here, hose)
    with django_assert_max_num_queries(30):
        plan(here, now="13:02")


def test_a_pallet_that_was_moved_by_hand_is_replaced_and_its_refill_is_over():
    here, hose = pilot()
    expects(here, hose)
    plate = sql.fetch_value("SELECT id FROM locations_lpn WHERE code = 'LP-1'")
    storage.move_stock(ctx(BO), MoveStock(here.site, lpns=[LpnMove(plate, here.places["R-03"])]))
    outbox.drain(now=clock("13:02"))
    assert [row[0] for row in refills()] == ["cancelled", "planned", "planned"]
    assert [row[3] for row in refills()] == [0, 0, 0]


def test_what_must_leave_the_face_soon_is_not_brought_to_it():
    here, hose = pilot(there=0, pallets=0)
    sql.execute("UPDATE catalog_item SET removal_days = 30, tracking = 'lot' WHERE id = %s", (hose,))
    old = sql.fetch_value(
        "INSERT INTO catalog_lot (item_id, code, expires_on) VALUES (%s, 'OLD', '2026-03-31') RETURNING id", (hose,)
    )
    new = sql.fetch_value(
        "INSERT INTO catalog_lot (item_id, code, expires_on) VALUES (%s, 'NEW', '2026-06-30') RETURNING id", (hose,)
    )
    receive(here, hose, 100, "1", "R-01", lot_id=old)
    receive(here, hose, 100, "1", "R-02", lot_id=new)
    plan(here)
    assert sql.fetch_all("SELECT lot_id, units FROM storage_plannedmove") == [(new, 96)]


def test_a_refill_that_nobody_did_keeps_its_times_and_its_why():
    here, _ = pilot(there=15, pallets=1)
    sql.execute("UPDATE storage_pickface SET min_units = 1")
    allocate(here.site, order(here.site, customer(), ("V-200", 20), on=date(2026, 3, 2)))
    plan(here, now="13:00")
    assert refills() == [("planned", "run_out", 60, 0, "13:00", "16:00", "15:35")]
    for later in ("13:02", "16:30", "20:28"):
        plan(here, now=later)
        assert refills()[0][5:] == ("16:00", "15:35")
    [only] = why(f"replenishment.refill:{ids()[0]}")
    assert "it is empty at 16:00, so the work starts by 15:35" in only.sentence


def test_why_says_when_the_times_moved():
    here, hose = pilot(pallets=1)
    expects(here, hose, 80)
    commands.cancel_draws(ctx(ADA, now=clock("13:10")), CancelDraws(here.site, "Counter sale", Units(20)))
    now, _ = why(f"replenishment.refill:{ids()[0]}")
    assert now.sentence == (
        "20 units of Counter sale were cancelled: it must land by 14:10 instead of 14:02, so the work starts by 13:45."
        " 30 units are missing in the face without it."
    )
