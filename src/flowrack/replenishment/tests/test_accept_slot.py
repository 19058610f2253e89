from datetime import timedelta

import pytest
from tests.cast import ADA, BO, CY, HAL, NOW, ctx, signed_in
from tests.outbound import EnteredOrder, allocate, release
from tests.supply import standing

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, Pick, UndoPick
from flowrack.ledger.tests.house import receive
from flowrack.platform import sql
from flowrack.replenishment import commands, queries_slotting
from flowrack.replenishment import commands_slotting as slotting
from flowrack.replenishment.tests.faces import clock, pallet, plan
from flowrack.replenishment.tests.slots import look, suggestions, two_faces
from flowrack.replenishment.types import ConfirmRefill, ExpectDraws, NewDraw
from flowrack.replenishment.types_slotting import AcceptSlot, NoSuchSuggestion
from flowrack.shared.errors import NotFound, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.tests.house import measured
from flowrack.storage.types import Adjustment, AdjustStock, Carried, PickFaceSetting, SetPickFaces

pytestmark = pytest.mark.django_db


def faces():
    return sql.fetch_all(
        """
        SELECT l.code, i.sku, f.min_units, f.max_units FROM storage_pickface f
        JOIN locations_location l ON l.id = f.location_id JOIN catalog_item i ON i.id = f.item_id ORDER BY l.code
        """
    )


def test_the_items_change_places_and_what_lies_there_is_carried_over():
    here, busy, slow = two_faces()
    [wanted] = look(here).suggestion_ids
    done = slotting.accept_slot(ctx(ADA, "k"), AcceptSlot(wanted))
    assert slotting.accept_slot(ctx(ADA, "k"), AcceptSlot(wanted)) == done
    assert faces() == [("forward_pick-1", "BUSY", 10, 90), ("forward_pick-2", "SLOW", 5, 50)]
    moves = sql.fetch_all(
        "SELECT planned_move_id, cause, units FROM replenishment_refill WHERE ended_at IS NULL ORDER BY id"
    )
    assert [row[1:] for row in moves] == [("slotting", 40), ("slotting", 20)]
    commands.confirm_refill(ctx(CY), ConfirmRefill([Carried(row[0]) for row in moves]))
    assert standing(busy) == {("forward_pick-1", "forward_pick"): 40}
    assert standing(slow) == {("forward_pick-2", "forward_pick"): 20}
    assert suggestions()[0][4] == "accepted"


def test_what_it_has_saved_is_measured_by_the_lines_picked_since():
    here, _, _ = two_faces()
    [wanted] = look(here).suggestion_ids
    assert queries_slotting.slot_line(wanted).saved_since is None
    slotting.accept_slot(ctx(ADA), AcceptSlot(wanted))
    moves = sql.fetch_all("SELECT planned_move_id FROM replenishment_refill WHERE ended_at IS NULL ORDER BY id")
    commands.confirm_refill(ctx(CY), ConfirmRefill([Carried(row[0]) for row in moves]))
    of = [EnteredOrder(*row, []) for row in sql.fetch_all("SELECT id, number FROM sales_order ORDER BY id LIMIT 3")]
    allocate(here.site, *of)
    picks = [Pick(pick_id) for pick_id in release(here.site, *of).pick_ids]
    fulfilment.confirm_picks(ctx(CY, now=NOW + timedelta(hours=1)), ConfirmPicks(picks[:2]))
    row = queries_slotting.slot_line(wanted)
    assert (row.picks, row.days, row.picked_since) == (12, 1, 2)
    assert (row.saved_since, row.has_paid) == (2 * row.saved_seconds_a_day // 12, False)
    page = signed_in(ADA).get(f"/slotting/{wanted}").content.decode()
    assert f"seconds, of the {row.move_seconds:,} that the move took" in page
    fulfilment.undo_pick(ctx(CY, now=NOW + timedelta(hours=2)), UndoPick(picks[0].pick_id))
    assert queries_slotting.slot_line(wanted).picked_since == 1


def planned():
    """(item, cause, units, from) of the open refills, in order."""
    return sql.fetch_all(
        """
        SELECT i.sku, r.cause, r.units, l.code, r.planned_move_id FROM replenishment_refill r
        JOIN storage_plannedmove m ON m.id = r.planned_move_id JOIN locations_location l ON l.id = m.from_location_id
        JOIN catalog_item i ON i.id = r.item_id WHERE r.ended_at IS NULL AND i.sku = 'BUSY' ORDER BY r.id
        """
    )


def test_old_stock_beyond_the_new_face_follows_before_reserve_as_room_comes():
    here, busy, _ = two_faces()
    receive(here, busy, 110, "1", "forward_pick2")  # 150 lie there, the new face holds 90
    pallet(here, busy, "LP-1", "R-01", 60)
    [wanted] = look(here).suggestion_ids
    slotting.accept_slot(ctx(ADA), AcceptSlot(wanted))
    [first] = planned()
    assert first[:4] == ("BUSY", "slotting", 90, "forward_pick-2")
    [why] = sql.fetch_all(
        "SELECT sentence FROM platform_decision WHERE subject = %s", (f"storage.planned_move:{first[4]}",)
    )
    assert "these 90 lie in the face that the item had before" in why[0]
    plan(here)
    assert planned() == [first]  # it stays when the faces are looked at again, and nothing else comes
    commands.confirm_refill(ctx(CY), ConfirmRefill([Carried(first[4])]))
    plan(here)
    assert planned() == []  # the face is full
    lost = [Adjustment(here.places["forward_pick1"], busy, -85)]
    storage.adjust_stock(ctx(HAL), AdjustStock(here.site, lost, "lost"))
    plan(here)
    [rest] = planned()
    assert rest[:4] == ("BUSY", "slotting", 60, "forward_pick-2")
    commands.confirm_refill(ctx(CY), ConfirmRefill([Carried(rest[4])]))
    assert standing(busy) == {("forward_pick-1", "forward_pick"): 65, ("R-01", "reserve"): 60}


def test_both_get_levels_that_their_bins_hold_with_the_minimum_under_the_maximum():
    here, busy, slow = two_faces()
    measured(slow, mm=100, grams=100)
    measured(busy, mm=100, grams=100)
    sql.execute("UPDATE locations_location SET max_volume_ml = 60000 WHERE id = %s", (here.places["forward_pick1"],))
    [wanted] = look(here).suggestion_ids
    sql.execute("UPDATE locations_location SET max_volume_ml = 5000 WHERE id = %s", (here.places["forward_pick2"],))
    slotting.accept_slot(ctx(ADA), AcceptSlot(wanted))
    assert faces() == [("forward_pick-1", "BUSY", 10, 60), ("forward_pick-2", "SLOW", 2, 5)]


def test_a_refill_of_the_face_of_before_is_over():
    here, busy, _ = two_faces()
    storage.adjust_stock(
        ctx(HAL), AdjustStock(here.site, [Adjustment(here.places["forward_pick2"], busy, -35)], "lost")
    )
    pallet(here, busy, "LP-1", "R-01", 60)
    plan(here)
    [before] = planned()
    assert before[1:4] == ("minimum", 60, "R-01")
    [wanted] = look(here).suggestion_ids
    slotting.accept_slot(ctx(ADA), AcceptSlot(wanted))
    assert [one[1:4] for one in planned()] == [("slotting", 5, "forward_pick-2"), ("minimum", 60, "R-01")]
    ended = sql.fetch_all(
        """
        SELECT r.state, l.code, d.sentence FROM replenishment_refill r
        JOIN locations_location l ON l.id = r.location_id
        JOIN platform_decision d ON d.kind = 'refill_end' AND d.subject = 'replenishment.refill:' || r.id
        WHERE r.planned_move_id = %s
        """,
        (before[4],),
    )
    words = "Its face was moved: this is not the item's face any more, so it is cancelled."
    assert ended == [("cancelled", "forward_pick-2", words)]


def test_who_waits_for_the_face_and_what_will_leave_it_go_along():
    here, busy, _ = two_faces()
    near, far = here.places["forward_pick1"], here.places["forward_pick2"]
    draws = [NewDraw(far, busy, Units(30), clock("13:40"), clock("14:40"))]
    commands.expect_draws(ctx(ADA), ExpectDraws(here.site, "Counter sale", draws))
    sql.execute(
        """
        INSERT INTO replenishment_wait (site_id, location_id, item_id, order_line_id, units, since, "end")
        SELECT %s, %s, item_id, id, 4, %s, '' FROM sales_orderline ORDER BY id LIMIT 1
        """,
        (here.site, far, NOW),
    )
    sql.execute("UPDATE sales_orderline SET allocated_units = 4")
    [wanted] = look(here).suggestion_ids
    slotting.accept_slot(ctx(ADA), AcceptSlot(wanted))
    assert sql.fetch_all("SELECT item_id, location_id, units FROM replenishment_draw") == [(busy, near, 30)]
    assert sql.fetch_all("SELECT item_id, location_id, ended_at FROM replenishment_wait") == [(busy, near, None)]


def test_what_was_decided_changed_or_is_anothers_is_refused():
    here, busy, _ = two_faces()
    [wanted] = look(here).suggestion_ids
    with pytest.raises(NotPermitted):
        slotting.accept_slot(ctx(BO), AcceptSlot(wanted))
    with pytest.raises(NotFound):
        slotting.accept_slot(ctx(ADA), AcceptSlot(wanted + 99))
    end = [PickFaceSetting(here.places["forward_pick2"], busy, Units(1), Units(0))]
    storage.set_pick_faces(ctx(ADA), SetPickFaces(here.site, end))
    before = faces()
    with pytest.raises(NoSuchSuggestion):
        slotting.accept_slot(ctx(ADA), AcceptSlot(wanted))
    assert faces() == before and suggestions()[0][4] == "open"


def test_the_pages_show_accept_and_reject():
    here, _, _ = two_faces()
    [wanted] = look(here).suggestion_ids
    office = signed_in(ADA)
    assert "BUSY" in office.get("/slotting?state=open").content.decode()
    page = office.get(f"/slotting/{wanted}").content.decode()
    assert "Changes places with" in page and "12 order lines in 1 days" in page
    assert office.post(f"/slotting/{wanted}/reject", {"reason": ""}).status_code == 422
    assert office.post(f"/slotting/{wanted}/accept").status_code == 303
    assert suggestions()[0][4] == "accepted"
    assert "Look now" in office.get("/slotting/look").content.decode()
