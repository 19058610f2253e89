"""Pallets by SSCC and goods without a reference, on a phone with a wedge scanner."""

from datetime import timedelta

import pytest
from tests.cast import ADA, BO, ctx, signed_in
from tests.scanner import Device
from tests.supply import approved, case, item, po_state, standing

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.dock import queries as dock
from flowrack.dock.commands_appointments import check_in, dock_truck
from flowrack.dock.tests.yard import announced, booked, doors, line, sscc, yard
from flowrack.dock.types_appointments import CheckIn, DockTruck
from flowrack.inbound.tests.dockside import on_record
from flowrack.ledger.tests.house import today
from flowrack.platform import sql
from flowrack.platform.outbox import drain
from flowrack.purchasing.queries import lines_for_receipt

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return yard()


def phone(at) -> Device:
    return Device(BO, "/scan/receive", at.site)


def test_a_pallet_is_cleared_in_two_scans_the_next_in_one_and_put_away_in_two(at):
    announced(at, line(quantity="600", sscc=sscc(1)), line(quantity="360", sscc=sscc(2)))
    device = phone(at)
    assert device.scan("receiving-2") == "ok" and "at receiving-2" in device.page
    assert device.scan(f"(00){sscc(1)}") == "ok" and "1 more to come" in device.page
    assert device.scans == 2 <= 3
    assert device.scan(sscc(2)) == "done" and "all pallets are here" in device.page
    assert device.scans == 3
    assert standing(at.hose) == {("receiving-2", "receiving"): 960}

    drain()
    lift = Device(BO, "/scan/putaway", at.site)
    lift.scan(sscc(1))
    place = sql.fetch_value(
        "SELECT b.code FROM storage_plannedmove m JOIN locations_location b ON b.id = m.to_location_id"
        " WHERE m.lpn_id = (SELECT id FROM locations_lpn WHERE code = %s)",
        (sscc(1),),
    )
    lift.scan(place)
    assert lift.scans == 2
    assert standing(at.hose) == {("receiving-2", "receiving"): 360, (place, "reserve"): 600}


def test_a_pallet_is_booked_where_its_truck_stands():
    here = doors()
    made = announced(here.at, line(quantity="600", sscc=sscc(1)), line(quantity="360", sscc=sscc(2)))
    truck = booked(here, 9, door_id=here.d2, asn_ids=[made.asn_id])
    for step, req in ((check_in, CheckIn(truck.appointment_id)), (dock_truck, DockTruck(truck.appointment_id))):
        step(ctx(BO), req)
    device = phone(here.at)
    assert device.scan(sscc(1)) == "ok" and "1 more to come; at D2, where its truck stands" in device.page
    assert device.scan("receiving-1") == "ok" and device.scan(sscc(2)) == "done"
    assert standing(here.at.hose) == {("D2", "receiving"): 600, ("receiving-1", "receiving"): 360}


def test_a_pallet_whose_lot_another_item_has_comes_in_once_somebody_read_the_label_again(at):
    milk, tea = item("MILK", tracking="lot"), item("TEA", tracking="lot")
    approved(at.site, at.supplier, (milk, 100, "1"))
    announced(at, line("MILK", "60", sscc=sscc(1), lot="L-7"), line("MILK", "40", sscc=sscc(2), lot="L-7"))
    sql.execute("INSERT INTO catalog_lot (item_id, code, is_serial) VALUES (%s, 'L-7', false)", (tea,))
    device = phone(at)
    assert device.scan(sscc(1)) == "wrong" and standing(milk) == {}
    assert "Read the lot again" in device.page and "Lot L-7 is on file for TEA, not for MILK." in device.page
    assert device.tap("leave") == "ok" and "2 more to come" in device.page
    assert device.tap("same_lot") == "wrong"
    device.scan(sscc(1))
    assert device.tap("same_lot") == "ok" and "1 more to come" in device.page
    assert standing(milk) == {("receiving-1", "receiving"): 60}
    assert device.scan(sscc(2)) == "done"  # MILK has the lot now: nobody is asked again
    assert standing(milk) == {("receiving-1", "receiving"): 100}


def test_what_is_missing_or_crushed_is_said_after_the_scan_and_undone_as_a_whole(at):
    announced(at, line(quantity="600", sscc=sscc(1)))
    device = phone(at)
    device.scan(sscc(1))
    assert device.tap("pack_problem") == "more" and "of 600, V-200" in device.page
    assert device.type("601", "missing") == "wrong"
    assert device.type("20", "missing") == "ok" and "20 short" in device.page and "Add a photo" in device.page
    assert on_record() == [("short", "open", 20, "80.00", "supplier", "flag")]
    device.tap("pack_problem")
    assert device.type("5", "crushed") == "ok"
    assert [row[:3] for row in on_record()] == [("short", "withdrawn", 20), ("damaged", "open", 5)]
    assert standing(at.hose) == {("receiving-1", "damaged"): 5, ("receiving-1", "receiving"): 595}
    assert device.tap("undo") == "ok"
    assert (standing(at.hose), po_state(at.po)[1]) == ({}, [(1_000, 0, 0)])
    assert device.scan(sscc(1)) == "done"
    assert device.scan(sscc(1)) == "wrong" and "was received" in device.page


def test_no_reference_is_a_tap_an_item_a_quantity_and_a_pallet(at):
    cup = item("CUP")
    case(cup, 12)
    sql.execute("UPDATE catalog_packlevel SET gtin = '09506000134352' WHERE item_id = %s AND level = 'case'", (cup,))
    device = phone(at)
    assert device.scan("PO-9999") == "wrong" and "tap No reference" in device.page
    assert device.tap("blind") == "ok"
    assert device.scan("(01)09506000134352(30)2") == "ok" and "24" in device.page
    assert device.scan("LP-9") == "ok" and "held for the buyer" in device.page
    assert device.scan("CUP") == "more" and "How many?" in device.page
    assert device.type("2.5") == "wrong"
    assert device.type("7") == "ok"
    assert device.tap("damaged") == "wrong"
    assert device.tap("loose") == "ok"
    assert standing(cup) == {("receiving-1", "quarantine"): 31}
    assert [row[:3] for row in on_record()] == [("no_po", "open", 24), ("no_po", "open", 7)]
    assert device.tap("leave") == "ok" and "Scan pallet or order" in device.page


def test_dates_and_lots_that_cannot_be_right_are_caught_at_the_scan(at):
    milk, tea = item("MILK", tracking="lot"), item("TEA", tracking="lot")
    sql.execute("UPDATE catalog_item SET has_expiry = true WHERE id = %s", (milk,))
    sql.execute("INSERT INTO catalog_lot (item_id, code, is_serial) VALUES (%s, 'T-1', false)", (tea,))
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, gtin) VALUES (%s, 'inner', 1, '09506000134369')",
        (milk,),
    )
    po = approved(at.site, at.supplier, (milk, 10, "1"))
    device = phone(at)
    device.scan(po.number)
    assert device.scan("(01)09506000134369(17)270229(10)A7") == "wrong" and "(17) has 270229: no date." in device.page
    assert device.scan("(01)09506000134369(11)261231(17)260101(10)A7") == "wrong" and "made on" in device.page
    assert device.scan("(01)09506000134369(17)400229(30)4") == "more" and "Scan lot" in device.page
    assert device.scan("T-1") == "wrong" and "Lot T-1 is on file for TEA." in device.page
    assert device.scan("T-1") == "wrong", "scanning it again does not make it right"
    assert device.scan("A7") == "ok"
    assert device.tap("loose") == "ok"
    assert sql.fetch_one("SELECT code, expires_on::text FROM catalog_lot WHERE item_id = %s", (milk,)) == (
        "A7",
        "2040-02-29",
    )


def test_a_pallet_with_too_many_asks_the_supervisor_and_is_received_when_allowed(at):
    announced(at, line(quantity="600", sscc=sscc(1)), line(quantity="500", sscc=sscc(2)))
    device = phone(at)
    device.scan(sscc(1))
    beyond = 500 - sum(x.most for x in lines_for_receipt([at.po.po_id]))
    assert device.scan(sscc(2)) == "wrong"
    assert "Ask the supervisor" in device.page and f"{beyond} too many" in device.page
    assert device.tap("ask_over") == "ok" and "asked, AP-" in device.page
    assert device.scan(sscc(2)) == "wrong", "nobody has said yes"
    assert device.tap("leave") == "ok" and "Scan pallet" in device.page
    number, units = sql.fetch_one("SELECT number, units FROM inbound_overreceipt")
    receipt = sql.fetch_value("SELECT id FROM inbound_receipt")
    shown = signed_in(BO).get(f"/receipts/{receipt}").content.decode()
    assert units == beyond and number in shown and "Asked beyond the order" in shown
    seen = Seen(*sql.fetch_one("SELECT id, content_hash FROM approvals_request WHERE state = 'waiting'"))
    approvals.decide(ctx(ADA), Decide([seen], "approve"))
    drain()
    assert device.scan(sscc(2)) == "done"
    assert standing(at.hose) == {("receiving-1", "receiving"): 1_100}


def test_the_receipt_page_asks_for_more(at):
    announced(at, line(quantity="600", sscc=sscc(1)))
    phone(at).scan(sscc(1))
    url = f"/receipts/{sql.fetch_value('SELECT id FROM inbound_receipt')}/ask"
    bo = signed_in(BO)
    assert "Ask for more on" in bo.get(url).content.decode()
    asked = bo.post(url, {"item": at.hose, "units": "40", "reason": "a case too many"})
    assert asked.status_code == 303
    assert sql.fetch_all("SELECT units, reason, state FROM inbound_overreceipt") == [(40, "a case too many", "waiting")]


def test_the_number_of_an_asn_asks_once_for_all_of_it_and_names_what_stays(at):
    approved(at.site, at.supplier, (item("MILK", tracking="lot"), 5, "1"))
    made = announced(
        at, line(quantity="600", sscc=sscc(1)), line(quantity="360", sscc=sscc(2)), line("MILK", "5", sscc=sscc(3))
    )
    device = phone(at)
    assert device.scan(made.number.lower()) == "ok"
    assert "3 packs, 3 lines, 965 units" in device.page and "Receive 2 lines" in device.page
    assert "line 3: MILK needs its lot." in device.page
    assert device.tap("all_no") == "ok" and standing(at.hose) == {}
    device.scan(made.number)
    assert device.tap("all_yes") == "ok" and "1 line left" in device.page and "1 more to come" in device.page
    assert standing(at.hose) == {("receiving-1", "receiving"): 960}
    assert device.tap("pack_problem") == "wrong"  # one pallet's problem is said at its own scan
    assert device.tap("undo") == "ok" and "3 more to come" in device.page
    assert (standing(at.hose), po_state(at.po)[1]) == ({}, [(1_000, 0, 0)])
    assert [x.received_units for x in dock.lines_of_asn(made.asn_id)] == [0, 0, 0]
    assert device.scan(sscc(1)) == "ok" and "2 more to come" in device.page


def test_an_expired_pallet_is_warned_of_first_and_one_more_scan_takes_it_in_apart(at):
    milk = item("MILK", tracking="lot")
    sql.execute("UPDATE catalog_item SET has_expiry = true WHERE id = %s", (milk,))
    approved(at.site, at.supplier, (milk, 100, "1"))
    past, good = today() - timedelta(3), today() + timedelta(400)
    announced(
        at,
        line("MILK", "60", sscc=sscc(1), lot="OLD", expires_on=past),
        line("MILK", "40", sscc=sscc(2), lot="NEW", expires_on=good),
    )
    device = phone(at)
    assert device.scan(sscc(1)) == "held" and standing(milk) == {}
    assert "60 of MILK were good until" in device.page and "Scan it again to take it in" in device.page
    assert device.tap("leave") == "ok" and standing(milk) == {}
    assert device.scan(sscc(1)) == "held"
    assert device.scan(sscc(2)) == "ok"  # another pallet: the warning is over
    assert device.scan(sscc(1)) == "held" and "Scan it again" in device.page
    assert device.scan(sscc(1)) == "held" and "Set apart: 60 of" in device.page
    assert standing(milk) == {("receiving-1", "expired"): 60, ("receiving-1", "receiving"): 40}


def test_the_scan_of_a_pallet_and_of_a_whole_asn_tells_the_bin(at):
    announced(at, line(quantity="600", sscc=sscc(1)), line(quantity="300", sscc=sscc(2)))
    device = phone(at)
    device.scan(sscc(1))
    [first] = bins()
    assert f"take to {first}" in device.page
    device.scan("ASN-" + device.page.partition("ASN-")[2][:4])
    assert device.tap("all_yes") == "done"
    assert f"take to {bins()[1]}" in device.page
    drain()
    assert len(bins()) == 2, "the worker plans nothing twice"


def bins():
    """The bins of planned putaways, oldest first."""
    return [
        row[0]
        for row in sql.fetch_all(
            """
            SELECT b.code FROM storage_plannedmove m JOIN locations_location b ON b.id = m.to_location_id
            WHERE m.state = 'open' ORDER BY m.id
            """
        )
    ]
