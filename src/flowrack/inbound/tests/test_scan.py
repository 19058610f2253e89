import pytest
from tests.cast import BO
from tests.scanner import Device
from tests.supply import approved, case, house, item, po_state, standing, supplier

from flowrack.platform import sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose, milk = house(), item("V-200"), item("MILK", tracking="lot")
    case(hose, 20)
    sql.execute("UPDATE catalog_packlevel SET gtin = '09506000134352' WHERE item_id = %s AND level = 'case'", (hose,))
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, gtin) VALUES (%s, 'inner', 1, '09506000134369')",
        (milk,),
    )
    sql.execute("UPDATE catalog_item SET has_expiry = true WHERE id = %s", (milk,))
    po = approved(here.site, supplier(), (hose, 100, "4"), (milk, 10, "1"))
    return here, hose, milk, po


def test_an_order_is_received_in_one_scan_and_two_per_line(scene):
    here, hose, milk, po = scene
    phone = Device(BO, "/scan/receive", here.site)
    assert phone.scan(po.number) == "ok"
    assert phone.scan("V-200") == "ok" and "100" in phone.page
    assert phone.scan("LP-1") == "ok"
    assert phone.scan("(01)09506000134369(17)261231(10)A7(30)10") == "ok"
    assert phone.scan("LP-2") == "done"
    assert phone.scans == 1 + 2 * 2
    assert po_state(po) == ("received", [(100, 100, 0), (10, 10, 0)])
    assert standing(hose) == {("receiving-1", "receiving"): 100}
    lot = sql.fetch_one("SELECT code, expires_on::text FROM catalog_lot WHERE item_id = %s", (milk,))
    assert lot == ("A7", "2026-12-31")


def test_a_case_label_counts_its_units_and_a_wrong_scan_changes_nothing(scene):
    here, hose, _milk, po = scene
    item("CUP")
    phone = Device(BO, "/scan/receive", here.site)
    assert phone.scan("nothing") == "wrong" and "No open order" in phone.page
    phone.scan(po.number)
    assert phone.scan("CUP") == "wrong" and "CUP is not on" in phone.page
    assert phone.scan("(01)09506000134353") == "wrong"
    assert phone.scan("(01)09506000134352(30)2") == "ok" and "40" in phone.page
    assert phone.scan("reserve-1") == "wrong" and "no dock place" in phone.page
    assert phone.tap("loose") == "ok"
    assert standing(hose) == {("receiving-1", "receiving"): 40}


def test_an_item_scanned_again_is_no_pallet(scene):
    here, hose, _milk, po = scene
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan(po.number)
    assert phone.scan("V-200") == "ok"
    assert phone.scan("V-200") == "wrong" and "That is an item." in phone.page
    assert standing(hose) == {}
    assert sql.fetch_value("SELECT count(*) FROM locations_lpn WHERE code = 'V-200'") == 0
    assert phone.scan("LP-1") == "ok"
    assert standing(hose) == {("receiving-1", "receiving"): 100}


def test_quantity_damage_undo_and_close(scene):
    here, hose, _milk, po = scene
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan("V-200")
    phone.tap("damaged")
    assert phone.type("3", "crushed") == "more"
    phone.tap("units")
    phone.type("50")
    assert phone.scan("receiving-2") == "ok"
    assert standing(hose) == {("receiving-1", "damaged"): 3, ("receiving-2", "receiving"): 50}
    assert phone.tap("undo") == "ok"
    assert standing(hose) == {("receiving-1", "damaged"): 3}
    phone.scan("V-200")
    phone.tap("units")
    assert phone.type("0") == "wrong"
    assert phone.type("200") == "ok"
    assert phone.tap("loose") == "wrong" and "too many" in phone.page
    assert po_state(po) == ("receiving", [(100, 3, 0), (10, 0, 0)])


def test_lot_and_date_are_asked_for_when_the_label_does_not_say(scene):
    here, _hose, _milk, po = scene
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan(po.number)
    assert phone.scan("MILK") == "more" and "Scan lot" in phone.page
    assert phone.scan("A9") == "more" and "Scan expiry date" in phone.page
    assert phone.scan("soon") == "wrong"
    assert phone.scan("2026-11-30") == "ok"
    phone.tap("loose")
    phone.tap("close")
    assert "100 units missing" in phone.page
    assert sql.fetch_value("SELECT state FROM inbound_receipt") == "closed"
