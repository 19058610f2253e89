from datetime import UTC, date, datetime, timedelta

import pytest
from tests.cast import ADA, CY, ctx
from tests.outbound import allocate, customer, order, release
from tests.scanner import Device
from tests.supply import approved, item, receive, standing, supplier

from flowrack.inbound.types import CountedLine
from flowrack.ledger.tests.house import receive as stocked
from flowrack.platform import outbox, sql
from flowrack.replenishment import commands
from flowrack.replenishment.tests.faces import pilot, refills
from flowrack.replenishment.types import CancelDraws, ExpectDraws, NewDraw, PlanRefills, SetRefillPolicy
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import PickFaceSetting, SetPickFaces

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = shelves(max_lpns=1), item("V-200")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    receive(po, here, CountedLine(units=Units(60), item_id=hose, lpn="LP-1"))
    receive(po, here, CountedLine(units=Units(40), item_id=hose))
    outbox.drain()
    return here, hose


def test_a_refill_takes_two_scans():
    here, hose = shelves(), item("V-200")
    face = PickFaceSetting(here.places["forward_pick1"], hose, Units(10), Units(40))
    storage.set_pick_faces(ctx(ADA), SetPickFaces(here.site, [face]))
    stocked(here, hose, 100, "1", "R-01")
    commands.plan_refills(ctx(ADA), PlanRefills(here.site))
    phone = Device(CY, "/scan/refill", here.site)
    assert phone.scan("R-02") == "wrong" and "Scan R-01" in phone.page
    assert phone.scan("R-01") == "ok"
    assert phone.scan("forward_pick-1") == "done"
    assert standing(hose) == {("R-01", "reserve"): 60, ("forward_pick-1", "forward_pick"): 40}


def test_a_refill_from_a_bin_with_other_items_asks_which_is_taken():
    here, hose, tap = shelves(), item("V-200"), item("TAP")
    face = PickFaceSetting(here.places["forward_pick1"], hose, Units(10), Units(40))
    storage.set_pick_faces(ctx(ADA), SetPickFaces(here.site, [face]))
    stocked(here, hose, 100, "1", "R-01")
    stocked(here, tap, 5, "1", "R-01")
    commands.plan_refills(ctx(ADA), PlanRefills(here.site))
    phone = Device(CY, "/scan/refill", here.site)
    assert phone.scan("R-01") == "more" and "Scan item" in phone.page
    assert phone.scan("TAP") == "wrong" and "That is TAP. Scan V-200 in R-01." in phone.page
    assert phone.scan("V-200") == "ok"
    assert phone.scan("forward_pick-1") == "done"
    assert standing(hose) == {("R-01", "reserve"): 60, ("forward_pick-1", "forward_pick"): 40}


def test_after_a_pallet_the_nearest_work_is_offered(scene):
    here, _ = scene
    tap = item("TAP")
    stocked(here, tap, 200, "1", "R-03")
    face = PickFaceSetting(here.places["forward_pick1"], tap, Units(10), Units(40))
    storage.set_pick_faces(ctx(ADA), SetPickFaces(here.site, [face]))
    [refill] = commands.plan_refills(ctx(ADA), PlanRefills(here.site)).planned_move_ids
    task = sql.fetch_one(
        """
        SELECT t.id, t.sequence, t.end_sequence FROM tasks_task t JOIN storage_plannedmove m ON m.task_id = t.id
        WHERE m.id = %s
        """,
        (refill,),
    )
    assert task[1:] == (3, 1)  # the third reserve bin, the first face
    phone = Device(CY, "/scan/putaway", here.site)
    assert "near your last bin" not in phone.page
    phone.scan("LP-1")
    phone.scan("R-01")
    assert "Refill R-03" in phone.page and "near your last bin" in phone.page
    answer = phone.client.post(phone.url, {"kind": "action", "value": "near", "key": "n", "state": phone.state})
    assert answer.headers["X-Scan-Go"] == f"/scan/refill?task={task[0]}"
    truck = Device(CY, answer.headers["X-Scan-Go"], here.site)
    assert "R-03" in truck.page.replace(" ", "")


def soon(here, hose, units=150):
    """The draws of the pilot, from now on by the clock of the scanner."""
    at = datetime.now(UTC)
    draw = NewDraw(here.places["forward_pick1"], hose, Units(units), at, at + timedelta(hours=1))
    return commands.expect_draws(ctx(ADA, now=at), ExpectDraws(here.site, "Counter sale", [draw]))


def test_the_most_urgent_is_offered_and_the_next_only_when_its_face_has_room():
    here, hose = pilot(task_seconds=60)
    soon(here, hose)
    phone = Device(CY, "/scan/refill", here.site)
    assert "forward_pick-1 is empty at" in phone.page and "LP-1" in phone.page
    assert phone.scan("LP-2") == "wrong" and "Scan LP-1." in phone.page
    assert phone.scan("LP-1") == "ok" and "R-01 is empty now" in phone.page
    assert phone.scan("forward_pick-1") == "done" and phone.scans == 3
    assert standing(hose)["forward_pick-1", "forward_pick"] == 90
    assert "Nothing to refill" in phone.page and "The next may begin at" in phone.page


def test_fewer_are_put_in_by_the_keypad_and_the_rest_is_put_back():
    here, hose = pilot(task_seconds=60)
    soon(here, hose)
    phone = Device(CY, "/scan/refill", here.site)
    phone.scan("LP-1")
    assert phone.tap("units") == "ok"
    assert phone.tap("back") == "ok" and "Scan face" in phone.page
    assert phone.tap("units") == "ok"
    assert phone.type("61") == "wrong"
    assert phone.type("50") == "ok"
    assert phone.scan("forward_pick-1") == "done"
    assert standing(hose) == {
        ("R-01", "reserve"): 10,
        ("R-02", "reserve"): 60,
        ("R-03", "reserve"): 60,
        ("forward_pick-1", "forward_pick"): 80,
    }
    assert phone.scan("R-01") == "done" and "back to R-01" in phone.page
    assert [row[0] for row in refills()] == ["planned", "planned"]


def test_the_driver_is_told_that_nobody_needs_it_any_more():
    here, hose = pilot(task_seconds=60)
    soon(here, hose)
    phone = Device(CY, "/scan/refill", here.site)
    phone.scan("LP-1")
    commands.cancel_draws(ctx(ADA), CancelDraws(here.site, "Counter sale"))
    assert phone.scan("forward_pick-1") == "wrong" and "Bring it back to R-01." in phone.page
    assert phone.scan("R-01") == "done"
    assert [row[0] for row in refills()] == ["returned", "cancelled"]


def test_a_source_that_is_not_empty_is_told_by_one_tap():
    here, hose = pilot(task_seconds=60)
    soon(here, hose)
    phone = Device(CY, "/scan/refill", here.site)
    phone.scan("LP-1")
    assert phone.tap("leftover") == "ok" and "Not empty" not in phone.page
    assert phone.scan("forward_pick-1") == "done"
    told = "SELECT count(*) FROM platform_outboxevent WHERE kind = 'replenishment.leftover_found'"
    assert sql.fetch_value(told) == 1


def test_lines_that_wait_come_first_and_the_driver_sees_since_when():
    here, _ = pilot(there=10, task_seconds=60)
    policy = SetRefillPolicy(here.site, task_seconds=60, spare_seconds=0, waits_for_refill=True)
    commands.set_refill_policy(ctx(ADA), policy)
    one = order(here.site, customer(), ("V-200", 25), on=date(2026, 3, 4))
    allocate(here.site, one)
    release(here.site, one)
    sql.execute("UPDATE replenishment_wait SET since = now() - interval '2 minutes 10 seconds'")
    phone = Device(CY, "/scan/refill", here.site)
    assert "1 line waits for it since 2 min" in phone.page
