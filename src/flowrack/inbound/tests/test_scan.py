from datetime import date, timedelta

import pytest
from tests.cast import BO
from tests.scanner import Device
from tests.supply import approved, case, counts_of, house, item, po_state, receive, standing, supplier

from flowrack.inbound.types import CountedLine, LotOfAnotherItem
from flowrack.ledger.tests.house import today
from flowrack.platform import outbox, sql
from flowrack.shared.quantity import Units

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
    assert phone.scan("V-200") == "ok" and "1 counted" in phone.page
    assert phone.tap("all") == "ok" and "100 counted" in phone.page
    assert phone.scan("LP-1") == "ok"
    assert phone.scan("(01)09506000134369(17)401231(10)A7(30)10") == "ok"
    assert phone.scan("LP-2") == "done"
    assert phone.scans == 1 + 2 * 2
    assert po_state(po) == ("received", [(100, 100, 0), (10, 10, 0)])
    assert standing(hose) == {("receiving-1", "receiving"): 100}
    lot = sql.fetch_one("SELECT code, expires_on::text FROM catalog_lot WHERE item_id = %s", (milk,))
    assert lot == ("A7", "2040-12-31")


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


def test_each_scan_counts_what_its_code_stands_for_until_the_goods_are_booked(scene):
    here, hose, _milk, po = scene
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan(po.number)
    assert phone.scan("(01)09506000134352") == "ok" and "20 counted" in phone.page and "All 100" in phone.page
    assert phone.scan("(01)09506000134352") == "ok" and "40 counted" in phone.page
    assert phone.scan("V-200") == "ok" and "41 counted" in phone.page
    assert phone.scan("MILK") == "wrong" and "That is MILK. 41 × V-200 are not booked yet." in phone.page
    assert phone.scan("(01)09506000134376") == "wrong" and "No item has the code" in phone.page
    assert standing(hose) == {}
    assert sql.fetch_value("SELECT count(*) FROM locations_lpn WHERE code = 'V-200'") == 0
    assert phone.scan("LP-1") == "ok"
    assert standing(hose) == {("receiving-1", "receiving"): 41}


def test_goods_are_booked_where_their_receipt_is_open_else_where_the_person_received_last(scene):
    here, hose, _milk, po = scene
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan("receiving-2")
    phone.scan(po.number)
    phone.scan("V-200")
    phone.tap("loose")
    again = Device(BO, "/scan/receive", here.site)
    again.scan(po.number)
    assert "at receiving-2, where its receipt is open" in again.page
    again.scan("V-200")
    again.tap("loose")
    assert standing(hose) == {("receiving-2", "receiving"): 2}
    assert sql.fetch_value("SELECT count(*) FROM inbound_receipt") == 1
    other = approved(here.site, supplier("S-9"), (hose, 5, "4"))
    third = Device(BO, "/scan/receive", here.site)
    third.scan(other.number)
    assert "at receiving-2, where you received last" in third.page
    third.scan("receiving-1")
    third.scan("V-200")
    third.tap("loose")
    assert standing(hose) == {("receiving-1", "receiving"): 1, ("receiving-2", "receiving"): 2}


def test_quantity_damage_undo_and_close(scene):
    here, hose, _milk, po = scene
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan("V-200")
    phone.tap("all")
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
    assert phone.tap("aside") == "ok" and "99 counted" in phone.page
    assert phone.tap("loose") == "ok"
    assert standing(hose)["receiving-2", "quarantine"] == 101 and standing(hose)["receiving-2", "receiving"] == 99


def test_the_number_of_another_order_offers_to_change_to_it(scene):
    here, _hose, _milk, po = scene
    other = approved(here.site, supplier("S-9"), (item("CUP"), 5, "4"))
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan(po.number)
    assert phone.scan(other.number) == "more" and f"Change to {other.number}" in phone.page
    assert phone.tap("change_po") == "ok"
    assert phone.scan("CUP") == "ok"
    assert phone.tap("loose") == "ok"
    assert po_state(other) == ("receiving", [(5, 1, 0)])


def test_an_unusual_number_without_an_order_is_asked_about_and_taken_back(scene):
    here, hose, _milk, _po = scene
    phone = Device(BO, "/scan/receive", here.site)
    phone.tap("blind")
    phone.scan("V-200")
    assert phone.type("801") == "more" and "Really 801?" in phone.page  # 40 cases of 20 are usual
    assert phone.type("800") == "ok"
    phone.tap("units")
    assert phone.type("99999") == "more" and "Really 99,999?" in phone.page
    phone.tap("units")  # whatever is done instead ends the question
    assert "Really" not in phone.page
    assert phone.type("99999") == "more"
    assert phone.type("99999") == "ok"
    assert phone.tap("loose") == "ok"
    assert standing(hose) == {("receiving-1", "quarantine"): 99_999}
    assert phone.tap("undo") == "ok"
    assert standing(hose) == {}
    assert sql.fetch_all("SELECT state FROM inbound_discrepancy") == [("withdrawn",)]


def test_lot_and_date_are_asked_for_when_the_label_does_not_say(scene):
    here, _hose, _milk, po = scene
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan(po.number)
    assert phone.scan("MILK") == "more" and "Scan lot" in phone.page
    assert phone.scan("A9") == "more" and "Scan expiry date" in phone.page
    assert phone.scan("soon") == "wrong"
    assert phone.scan("2040-11-30") == "ok"
    phone.tap("all")
    phone.tap("loose")
    assert phone.tap("close") == "more" and "100 units missing" in phone.page
    assert sql.fetch_value("SELECT state FROM inbound_receipt") == "open"
    assert phone.tap("close") == "done"
    assert "100 units missing" in phone.page
    assert sql.fetch_value("SELECT state FROM inbound_receipt") == "closed"


def test_expired_and_short_dated_goods_are_set_apart_with_their_reason_and_never_reach_a_pick_face(scene):
    here, _hose, milk, po = scene
    sql.execute("UPDATE catalog_item SET removal_days = 30 WHERE id = %s", (milk,))
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan(po.number)
    assert phone.scan("(01)09506000134369(17)260301(10)OLD(30)2") == "more"
    assert "Good until 1 Mar 2026. It would be set apart" in phone.page
    assert phone.scan("LP-1") == "wrong" and standing(milk) == {}
    assert phone.tap("apart") == "ok"
    assert phone.scan("LP-1") == "held"
    assert "Set apart: 2 × MILK" in phone.page and "MILK expired on 1 Mar 2026." in phone.page
    soon = today() + timedelta(20)
    phone.scan(f"(01)09506000134369(17){soon:%y%m%d}(10)SOON(30)3")
    assert "Set apart" not in phone.page
    assert phone.scan("LP-2") == "held"
    assert "days left; it leaves the pick face 30 days before expiry." in phone.page
    phone.scan("(01)09506000134369(17)401231(10)GOOD(30)5")
    assert phone.scan("LP-3") == "ok"
    assert standing(milk) == {
        ("receiving-1", "expired"): 2,
        ("receiving-1", "hold"): 3,
        ("receiving-1", "receiving"): 5,
    }
    assert sql.fetch_all("SELECT kind, outcome, units FROM inbound_discrepancy ORDER BY id") == [
        ("expired", "hold", 2),
        ("short_dated", "hold", 3),
    ]
    outbox.drain()
    planned = sql.fetch_all(
        "SELECT m.quality, b.role FROM storage_plannedmove m JOIN locations_location b ON b.id = m.to_location_id"
        " ORDER BY m.id"
    )
    assert [quality for quality, _ in planned] == ["expired", "hold", "available"]
    assert {role for quality, role in planned if quality != "available"} <= {"expired", "hold", "quarantine"}
    lift = Device(BO, "/scan/putaway", here.site)
    assert lift.scan("LP-1") == "ok"
    assert "lot OLD, until 1 Mar 2026" in lift.page and "Expired" in lift.page
    for place in ("forward_pick-1", "reserve-1"):
        assert lift.scan(place) == "wrong"
        assert "This stock cannot be put where people pick: it is expired" in lift.page
        assert lift.tap("nearer") == "wrong"
    assert standing(milk)["receiving-1", "expired"] == 2


@pytest.mark.parametrize("begin", ["PO", "blind"])
def test_a_label_that_gives_the_counted_lot_another_date_is_refused_and_counts_nothing(scene, begin: str):
    here, _hose, milk, po = scene
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan("receiving-1")
    assert (phone.tap("blind") if begin == "blind" else phone.scan(po.number)) == "ok"
    assert phone.scan("(01)09506000134369(17)400202(10)LOTA(30)2") == "ok"
    assert phone.scan("(01)09506000134369(17)230101(10)LOTA(30)3") == "wrong"
    assert "Lot LOTA is good until 2 Feb 2040, but this label says 1 Jan 2023, which is expired." in phone.page
    assert phone.scan("(01)09506000134369(17)400203(10)LOTA(30)3") == "wrong"
    assert "Lot LOTA is good until 2 Feb 2040, but this label says 3 Feb 2040." in phone.page
    assert phone.scan("(01)09506000134369(17)230101(30)3") == "wrong"
    assert phone.scan("(01)09506000134369(17)400202(10)LOTA(30)3") == "ok" and "5 counted" in phone.page
    assert phone.scan("MILK") == "ok" and "6 counted" in phone.page
    phone.scan("LP-1")
    assert list(standing(milk).values()) == [6]
    assert sql.fetch_all("SELECT code, expires_on::text FROM catalog_lot WHERE id > 0") == [("LOTA", "2040-02-02")]


def test_another_date_of_a_lot_is_refused_where_only_the_books_know_the_date(scene):
    here, _hose, milk, po = scene
    sql.execute(
        "INSERT INTO catalog_lot (item_id, code, is_serial, expires_on) VALUES (%s, 'LOTA', false, '2040-02-02')",
        (milk,),
    )
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan(po.number)
    assert phone.scan("(01)09506000134369(10)LOTA") == "ok"
    assert phone.scan("(01)09506000134369(17)230101(10)LOTA") == "wrong"
    assert "Lot LOTA is good until 2 Feb 2040, but this label says 1 Jan 2023" in phone.page
    assert standing(milk) == {}


def test_a_lot_of_another_item_is_refused_by_scan_and_by_command_until_it_is_confirmed(scene):
    here, _hose, milk, po = scene
    tea = item("TEA", tracking="lot")
    sql.execute("INSERT INTO catalog_lot (item_id, code, is_serial) VALUES (%s, 'T-1', false)", (tea,))
    count = CountedLine(units=Units(2), item_id=milk, lot="T-1", expires_on=date(2026, 12, 31))
    before = counts_of()
    with pytest.raises(LotOfAnotherItem) as refused:
        receive(po, here, count)
    assert refused.value.lines[0].message == "Lot T-1 is on file for TEA, not for MILK."
    assert counts_of() == before
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan(po.number)
    phone.scan("MILK")
    assert phone.scan("T-1") == "wrong" and "Same number" in phone.page
    assert phone.tap("same_lot") == "more"
    assert phone.scan("2027-02-29") == "wrong" and "is no date" in phone.page
    phone.scan("2040-12-31")
    phone.tap("all")
    assert phone.scan("LP-1") == "ok"
    assert standing(milk) == {("receiving-1", "receiving"): 10}


def test_a_label_that_names_item_and_lot_is_asked_about_like_a_typed_lot(scene):
    here, _hose, milk, po = scene
    sql.execute("INSERT INTO catalog_lot (item_id, code, is_serial) VALUES (%s, 'T-1', false)", (item("TEA"),))
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan(po.number)
    assert phone.scan("(01)09506000134369(17)401231(10)T-1(30)10") == "wrong"
    assert "Lot T-1 is on file for TEA." in phone.page
    assert phone.tap("same_lot") == "ok" and standing(milk) == {}
    assert phone.scan("LP-1") == "ok"
    assert standing(milk) == {("receiving-1", "receiving"): 10}
    assert sql.fetch_value("SELECT count(*) FROM catalog_lot WHERE code = 'T-1'") == 2


def test_damage_needs_a_word_from_whoever_sees_it(scene):
    here, _hose, _milk, po = scene
    phone = Device(BO, "/scan/receive", here.site)
    phone.scan(po.number)
    phone.scan("V-200")
    phone.tap("all")
    phone.tap("damaged")
    assert phone.type("3") == "wrong" and "What is wrong with them?" in phone.page
    assert phone.type("3", "wet") == "more"
