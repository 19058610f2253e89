import pytest
from tests.cast import BO, CY
from tests.scanner import Device
from tests.supply import approved, item, receive, standing, supplier

from flowrack.inbound.types import CountedLine
from flowrack.ledger.tests.house import receive as stocked
from flowrack.platform import outbox, sql
from flowrack.platform.decisions import why
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage.tests.house import plans, shelves

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = shelves(max_lpns=1), item("V-200")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    receive(po, here, CountedLine(units=Units(60), item_id=hose, lpn="LP-1"))
    receive(po, here, CountedLine(units=Units(40), item_id=hose))
    outbox.drain()
    return here, hose


def test_a_pallet_is_put_away_in_two_scans(scene):
    here, hose = scene
    phone = Device(CY, "/scan/putaway", here.site)
    assert phone.scan("LP-1") == "ok" and "nearest empty bin" in phone.page
    assert phone.scan("r-01") == "done"
    assert phone.scans == 2
    assert standing(hose) == {("R-01", "reserve"): 60, ("receiving-1", "receiving"): 40}
    assert phone.scan("LP-1") == "wrong" and "Nothing is planned" in phone.page


def test_a_putaway_is_undone_until_the_goods_are_touched(scene):
    here, hose = scene
    phone = Device(CY, "/scan/putaway", here.site)
    assert phone.tap("undo") == "wrong"
    phone.scan("LP-1")
    phone.scan("R-01")
    assert "Undo" in phone.page and "LP-1 to R-01" in phone.page
    assert phone.tap("undo") == "ok"
    assert standing(hose) == {("receiving-1", "receiving"): 100}
    assert phone.tap("undo") == "wrong"
    assert phone.scan("LP-1") == "ok"
    assert phone.scan("R-01") == "done"
    mover = Device(CY, "/scan/move", here.site)
    mover.scan("LP-1")
    mover.scan("R-02")
    assert phone.tap("undo") == "wrong"
    assert standing(hose) == {("R-02", "reserve"): 60, ("receiving-1", "receiving"): 40}
    assert [row[0] for row in plans()] == ["done", "open", "done"]


def test_another_bin_is_scanned_twice_and_a_full_one_is_refused(scene):
    here, hose = scene
    phone = Device(CY, "/scan/putaway", here.site)
    phone.scan("LP-1")
    assert phone.scan("R-03") == "more" and "Scan R-03 again" in phone.page
    assert phone.tap("full") == "wrong"
    assert phone.scan("R-02") == "more" and "Scan R-02 again" in phone.page
    phone.scan("R-03")
    assert phone.scan("R-03") == "more" and "Why not R-01?" in phone.page
    assert phone.tap("full") == "done"
    assert plans()[0] == ("done", 60, 60, "R-01", "R-03")
    override = why(ref("storage.planned_move", sql.fetch_value("SELECT min(id) FROM storage_plannedmove")))[0]
    assert (override.kind, override.sentence) == ("putaway_override", "R-03, though R-01 was suggested: bin full.")
    assert phone.scan("V-200") == "ok"
    phone.scan("R-02")
    phone.scan("R-02")
    assert phone.tap("nearer") == "done"
    assert standing(hose) == {("R-02", "reserve"): 40, ("R-03", "reserve"): 60}


def test_a_pallet_an_item_or_a_whole_bin_moves_in_two_scans(scene):
    here, hose = scene
    phone = Device(CY, "/scan/move", here.site)
    assert phone.scan("LP-1") == "ok"
    assert phone.scan("R-02") == "done" and phone.scans == 2
    assert phone.scan("R-02") == "ok"
    assert phone.scan("R-03") == "done" and phone.scans == 4
    assert standing(hose) == {("R-03", "reserve"): 60, ("receiving-1", "receiving"): 40}
    assert phone.scan("V-200") == "wrong" and "2 places" in phone.page
    phone.scan("receiving-1")
    phone.scan("V-200")
    phone.tap("units")
    assert phone.type("41") == "wrong"
    assert phone.type("15") == "ok"
    assert phone.scan("R-01") == "done"
    assert standing(hose)["R-01", "reserve"] == 15


def test_a_bin_that_holds_another_item_is_scanned_twice_to_be_shared(scene):
    here, hose = scene
    stocked(here, item("TAP"), 5, "1", "forward_pick1")
    phone = Device(CY, "/scan/move", here.site)
    phone.scan("LP-1")
    assert phone.scan("forward_pick-1") == "more" and "forward_pick-1 holds TAP" in phone.page
    assert ("forward_pick-1", "forward_pick") not in standing(hose)
    assert phone.scan("forward_pick-1") == "done"
    assert standing(hose)["forward_pick-1", "forward_pick"] == 60


def test_a_move_that_one_person_began_is_not_booked_by_another(scene):
    here, hose = scene
    mine, other = Device(CY, "/scan/move", here.site), Device(BO, "/scan/move", here.site)
    assert mine.scan("LP-1") == "ok"
    for scan in ({"state": mine.state}, {"state": "", "by": str(CY.id)}):
        answer = other.client.post(other.url, {"kind": "code", "value": "R-02", "key": "k", **scan})
        assert (answer.status_code, answer.headers["X-Scan-Feedback"]) == (409, "other")
    assert standing(hose) == {("receiving-1", "receiving"): 100}
    answer = mine.client.post(mine.url, {"kind": "code", "value": "R-02", "key": "k", "state": mine.state})
    assert answer.headers["X-Scan-Feedback"] == "done"
    mover = "SELECT actor_id FROM platform_commandrecord WHERE key = 'k'"
    assert sql.fetch_all(mover) == [(CY.id,)]
