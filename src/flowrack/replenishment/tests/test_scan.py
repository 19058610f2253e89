import pytest
from tests.cast import ADA, CY, ctx
from tests.scanner import Device
from tests.supply import approved, item, receive, standing, supplier

from flowrack.inbound.types import CountedLine
from flowrack.ledger.tests.house import receive as stocked
from flowrack.platform import outbox, sql
from flowrack.replenishment import commands
from flowrack.replenishment.types import PlanRefills
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
