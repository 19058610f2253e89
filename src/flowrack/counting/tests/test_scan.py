import pytest
from tests.cast import ADA, CY, GUS, HAL, IDA, ctx
from tests.scanner import Device

from flowrack.counting import commands
from flowrack.counting.models import CountLine
from flowrack.counting.tests.scene import bin_with, count, task_for
from flowrack.counting.types import ApproveVariances, AskRecount, RecountFirst
from flowrack.ledger.tests import house as h
from flowrack.platform import sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """A bin with 30 of a lot-tracked item that comes in cases of 12."""
    house = h.house()
    milk = h.item("MILK", tracking="lot")
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, gtin) VALUES (%s, 'case', 12, '09506000134352')",
        (milk,),
    )
    h.receive(house, milk, 30, "1.00", "reserve1", lot_id=h.lot(milk, "L-26"))
    task_for(house)
    phone = Device(CY, "/scan/count", house.site)
    assert phone.scan("reserve-1") == "ok"
    return house, milk, phone


def counted():
    lines = CountLine.objects.exclude(counted_units=None).order_by("lot__code")
    return list(lines.values_list("lot__code", "counted_units"))


def test_a_plain_lot_label_counts_what_was_scanned_and_never_what_is_expected(scene):
    _, _, phone = scene
    assert phone.scan("L-26") == "ok"
    assert "How many?" in phone.page and "lot L-26" in phone.page and "30" not in phone.page.split()
    assert phone.type("1") == "ok"
    assert counted() == [("L-26", 1)]


def test_the_lot_is_asked_for_when_the_label_does_not_say_it(scene):
    _, _, phone = scene
    assert phone.scan("MILK") == "more" and "Scan lot" in phone.page
    assert phone.scan("L-27") == "wrong" and "MILK has no lot L-27." in phone.page
    assert phone.scan("(10)L-26") == "ok"
    assert phone.type("30") == "ok"
    assert counted() == [("L-26", 30)]


def test_a_pallet_is_counted_by_what_stands_on_it(scene):
    house, _, phone = scene
    sql.execute("INSERT INTO locations_lpn (code, kind, site_id) VALUES ('LP-9', 'pallet', %s)", (house.site,))
    assert phone.scan("LP-9") == "wrong" and "Scan what stands on it, item by item." in phone.page


def test_a_lot_of_digits_is_no_barcode_with_a_wrong_check_digit(scene):
    _, milk, phone = scene
    h.lot(milk, "20261101")
    assert phone.scan("20261101") == "ok" and "lot 20261101" in phone.page
    phone.type("2")
    assert phone.scan("20261102") == "wrong" and "its other digits give 8" in phone.page
    assert ("20261101", 2) in counted()


def test_each_scan_of_a_case_adds_a_case_and_a_second_pile_adds_to_the_first(scene):
    _, _, phone = scene
    phone.scan("(01)09506000134352(10)L-26")
    assert phone.scan("(01)09506000134352(10)L-26") == "ok" and " 24 " in phone.page
    assert phone.scan("(01)09506000134352(10)L-99") == "wrong" and "MILK is not counted yet." in phone.page
    phone.type("24")
    phone.scan("L-26")
    assert " 25 " in phone.page and "24 of them counted before" in phone.page
    phone.type("30")
    assert phone.tap("done") == "done"
    assert counted() == [("L-26", 30)]
    assert sql.fetch_value("SELECT state FROM counting_counttask") == "posted"


def test_serials_are_counted_by_one_scan_each():
    house = h.house()
    drill = h.item("DRILL", tracking="serial")
    for number in ("S-1", "S-2"):
        sql.execute("INSERT INTO catalog_lot (item_id, code, is_serial) VALUES (%s, %s, true)", (drill, number))
        lot = sql.fetch_value("SELECT id FROM catalog_lot WHERE code = %s", (number,))
        h.receive(house, drill, 1, "50", "reserve1", lot_id=lot)
    task_for(house)
    phone = Device(CY, "/scan/count", house.site)
    phone.scan("reserve-1")
    assert [phone.scan("S-1"), phone.scan("S-2")] == ["ok", "ok"]
    assert counted() == [("S-1", 1), ("S-2", 1)]


def test_counts_that_disagree_are_counted_again_and_at_last_judged_by_two():
    house, item = bin_with(100)
    task_id = task_for(house)
    for person, units in ((CY, 60), (GUS, 70)):
        count(person, task_id, (item, units))
        with pytest.raises(RecountFirst) as refused:
            commands.approve_variances(ctx(ADA), ApproveVariances(task_id, "unknown"))
        commands.ask_recount(ctx(HAL), AskRecount(task_id))
    assert refused.value.lines[0].message == "WIDGET was counted as 60, then as 70."
    count(IDA, task_id, (item, 80))
    first = commands.approve_variances(ctx(ADA), ApproveVariances(task_id, "unknown"))
    assert (first.state, first.posted_ids, len(first.waiting_ids)) == ("review", [], 1)
    assert h.on_hand(house, item, "reserve1") == 100
