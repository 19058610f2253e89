"""Packing with a scanner: one scan for the tote, one an item, one for the carton; then the scale and the label."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, CY, GUS, ctx, signed_in
from tests.scanner import Device

from flowrack.fulfilment import commands
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.fulfilment.types_lists import CartOf, ChangeTote, SetCarts
from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at():
    return packing.staged()


def pack_all(device: Device) -> None:
    """All eight units, scanned one by one."""
    assert device.scan("T-1") == "ok"
    for code in ["4711"] * 6 + ["6024"] * 2:
        assert device.scan(code) in ("ok", "done")


def carton() -> tuple[object, ...] | None:
    return sql.fetch_one("SELECT k.id, k.sscc, k.state, k.checked FROM fulfilment_carton k ORDER BY k.id DESC LIMIT 1")


def test_one_scan_one_an_item_and_one_for_the_carton_close_and_label_it(at):
    device = Device(GUS, "/scan/pack", at.site)
    pack_all(device)
    assert "Close carton" in device.page
    assert device.scan("M") == "done"
    assert device.scans == 1 + 8 + 1
    _, sscc, state, checked = carton()
    assert (state, checked) == ("packed", "scanned")
    assert sql.fetch_all("SELECT code, copy_of FROM labels_labelprint") == [(sscc, 1)]
    assert "Open the carton&#x27;s label" in device.page and "Scan tote" in device.page
    assert device.tap("reprint") == "done"
    assert sql.fetch_all("SELECT max(copy_of) FROM labels_labelprint") == [(2,)]


def test_a_carton_with_too_little_room_is_refused_and_choosing_closes_nothing(at):
    device = Device(GUS, "/scan/pack", at.site)
    pack_all(device)
    assert device.scan("S") == "wrong" and "S is too small: 8.0 l into 4.0 l." in device.page
    device.tap("choose")
    assert device.tap("box:1") == "wrong" and device.scan("S") == "wrong"
    assert device.scan("L") == "ok" and carton() is None, "it was asked which carton, not to close it"
    assert device.scan("L") == "done" and carton()[2] == "packed"


def test_a_carton_that_takes_only_a_part_of_what_is_planned_is_asked_about_and_filled_with_that_part(at):
    device = Device(GUS, "/scan/pack", at.site)
    device.scan("T-1")
    assert device.scan("S") == "more" and "Only a part into S?" in device.page
    assert "S is too small: 8.0 l into 4.0 l." in device.page
    assert device.tap("back") == "ok" and "Carton M" in device.page, "nothing was taken"
    assert device.tap("choose") == "ok" and device.tap("box:1") == "more" and "Only a part into S?" in device.page
    assert device.tap("tight") == "ok" and "Carton S, then 1 more" in device.page
    assert "S is 200 × 200 × 100 mm inside; 100 % filled" in device.page and "You took S; M was planned." in device.page
    for _ in range(4):
        device.scan("4711")
    assert device.tap("close") == "done" and carton()[2] == "packed", "all that S holds is in it"
    taken = (
        "SELECT t.code, p.code FROM fulfilment_carton k JOIN fulfilment_cartontype t ON t.id = k.carton_type_id"
        " JOIN fulfilment_cartontype p ON p.id = k.planned_type_id"
    )
    assert sql.fetch_all(taken) == [("S", "M")]
    assert f"{at.order.number} still has for another carton: 2 × 4711, 2 × 6024." in device.page
    device.scan("T-1")
    assert device.scan("S") == "ok" and "Carton S" in device.page, "the rest fits"


def test_an_order_in_a_carton_of_a_wrong_weight_is_not_sent_to_be_loaded(at):
    packing.rule(must_weigh=True)
    device = Device(GUS, "/scan/pack", at.site)
    pack_all(device)
    device.scan("M")
    device.type("2600")
    again = Device(GUS, "/scan/pack", at.site)
    assert again.scan("T-99") == "wrong" and "T-99 is no tote and no order." in again.page
    assert again.scan(at.order.number) == "wrong" and "Weigh it again, or let a lead accept it." in again.page
    assert f"may not leave. {carton()[1]}: its weight is off." in again.page and "Load it" not in again.page


def test_a_label_is_proved_and_a_carton_weighed_whenever_its_label_is_scanned_at_the_bench(at):
    packing.asks_for_scans()
    packing.rule(must_weigh=True)
    device = Device(GUS, "/scan/pack", at.site)
    pack_all(device)
    device.scan("M")
    assert device.tap("later") == "ok"
    sscc = carton()[1]
    start = signed_in(GUS).post("/scan", {"kind": "code", "value": f"]C100{sscc}", "key": "k", "state": ""})
    assert "/scan/pack" in str(dict(start.headers)), "the start page knows where its proof goes on"
    later = Device(GUS, "/scan/pack", at.site)
    assert later.scan(f"00{sscc}") == "more" and "Put it on the scale" in later.page
    later.type("2300")
    assert "Scan the label" in later.page and later.tap("later") == "ok"
    again = Device(GUS, "/scan/pack", at.site)
    assert again.scan(f"]C100{sscc}") == "done" and "label proved" in again.page
    assert sql.fetch_value("SELECT count(*) FROM labels_labelprint WHERE scanned_at IS NOT NULL") == 1
    assert again.scan(sscc) == "done" and "may be loaded" in again.page


def test_what_is_still_on_a_cart_is_not_packed_by_the_number_of_its_order(at):
    commands.set_carts(ctx(ADA), SetCarts(at.site, [CartOf("CART-1", 8)]))
    orders = [outbound.order(at.site, "ACME", ("4711", 3), ("6024", 2)) for _ in range(2)]
    outbound.allocate(at.site, *orders)
    outbound.release(at.site, *orders)
    for code in ("T-7", "T-8"):
        outbound.tote(at.site, code)
    picker = Device(CY, "/scan/pick", at.site)
    picker.tap("next")
    for code in ("CART-1", "4711", "T-7"):
        assert picker.scan(code) in ("ok", "more")
    number = sql.fetch_value("SELECT number FROM fulfilment_picklist WHERE state = 'taken'")
    whose = sql.fetch_value("SELECT o.number FROM sales_order o JOIN fulfilment_pickline p ON p.order_id = o.id "
                            "JOIN locations_lpn n ON n.id = p.tote_id WHERE n.code = 'T-7'")  # fmt: skip
    packer = Device(GUS, "/scan/pack", at.site)
    assert packer.scan(whose) == "wrong"
    assert f"3 are still on CART-1 of {number}." in packer.page
    assert packer.scan("T-7") == "ok" and "0 of 3" in packer.page, "a tote that was scanned is here"


def test_the_station_on_a_desk_is_the_same_flow(at):
    device = Device(GUS, "/pack-station", at.site)
    assert "js/pack-desk.js" in device.html
    pack_all(device)
    assert device.tap("box:2") == "ok" and device.tap("close") == "done"
    assert carton()[2] == "packed"


def test_a_wrong_item_tells_whose_it_is(at):
    other = packing.picked(at.site, "ACME", "T-2", ("4711", 1))
    device = Device(GUS, "/scan/pack", at.site)
    device.scan("T-2")
    assert device.scan("6024") == "wrong"
    assert f"6024 is not for {other.number}: it is of {at.order.number} (ACME Ltd)." in device.page
    assert device.scan("T-1") == "wrong"
    assert f"T-1 holds goods of {at.order.number}, not of {other.number}." in device.page
    assert device.scan("T-2") == "wrong" and f"T-2 is a tote of {other.number}, and it is here." in device.page
    assert device.scan("T-99") == "wrong" and "No item has the code T-99." in device.page


def test_quantity_undo_and_another_carton(at):
    device = Device(GUS, "/scan/pack", at.site)
    device.scan("T-1")
    device.scan("4711")
    assert device.tap("many") == "more" and "How many?" in device.page
    assert device.type("7") == "wrong" and "7 is not 0 to 6." in device.page
    assert device.type("5") == "ok" and "5 of 8 checked" in device.page
    device.scan("6024")
    assert "6 of 8 checked" in device.page
    assert device.tap("undo") == "ok" and "5 of 8 checked" in device.page
    assert device.tap("choose") == "ok" and "Which carton?" in device.page
    assert device.tap("box:3") == "ok" and "You took L; M was planned." in device.page
    assert device.tap("choose") == "ok"
    assert device.tap("small") == "wrong" and "There is no larger carton than L." in device.page
    assert device.tap("back") == "ok"
    assert device.scan("M") == "ok" and device.tap("close") == "more"
    assert "Close without the rest?" in device.page and "Not checked: 1 × 4711, 2 × 6024." in device.page
    assert device.tap("back") == "ok" and "5 of 8 checked" in device.page
    assert (device.tap("close"), carton(), device.tap("close")) == ("more", None, "done")
    assert f"{at.order.number} still has for another carton: 1 × 4711, 2 × 6024." in device.page
    taken = "SELECT t.code FROM fulfilment_carton k JOIN fulfilment_cartontype t ON t.id = k.carton_type_id"
    assert sql.fetch_all(taken) == [("M",)]
    assert carton()[3] == "counted", "five of it were typed"
    device.scan("T-1")
    sql.execute("DELETE FROM fulfilment_plannedcartonline")
    packing.rule(must_check=False)
    sql.execute("DELETE FROM fulfilment_plannedcarton")  # what the release planned is used up, as in a second go
    assert device.tap("all") == "done" and device.tap("close") == "done"
    proposed = (
        "SELECT t.code FROM fulfilment_carton k JOIN fulfilment_cartontype t ON t.id = k.planned_type_id ORDER BY k.id"
    )
    assert len(sql.fetch_all(proposed)) == 2, "the station proposed one for the rest"


def test_the_scale_and_the_label_are_asked_for_and_hold_the_carton_back(at):
    packing.rule(must_weigh=True)
    packing.asks_for_scans()
    device = Device(GUS, "/scan/pack", at.site)
    pack_all(device)
    assert device.tap("all") == "wrong"
    assert device.scan("M") == "ok" and "Put it on the scale" in device.page
    assert device.scan("heavy") == "wrong"
    assert device.type("2500") == "more" and "+200 g" in device.page and "2,300 g expected" in device.page
    assert "Accept it" not in device.page, "a packer may not let it go"
    assert sql.fetch_value("SELECT count(*) FROM labels_labelprint") == 0
    assert device.scan("2490 g") == "more" and "+190 g" in device.page, "the scale sends another weight"
    weighed = "SELECT count(*) FROM fulfilment_cartonweighing"
    before = sql.fetch_value(weighed)
    assert device.scan("4711") == "wrong" and "4711 is an item, no weight." in device.page
    assert sql.fetch_value(weighed) == before
    assert device.scan("4711g") == "more" and "+2,411 g" in device.page, "the scale may say so"
    assert device.tap("again") == "ok"
    assert device.scan("6024") == "wrong" and "6024 is an item, no weight." in device.page
    assert device.scan("T-1") == "wrong" and "tap Later and scan the next one then" in device.page
    assert (
        device.type("13800") == "more" and "Really 13,800 g?" in device.page and "2,300 g are expected" in device.page
    )
    assert sql.fetch_value(weighed) == before + 1, "nothing is kept of it"
    assert device.tap("again") == "ok" and "Put it on the scale" in device.page
    assert device.type("13801") == "more" and device.type("13801") == "more" and "+11,501 g" in device.page
    assert sql.fetch_value(weighed) == before + 2, "told twice"
    assert device.scan("2310 g") == "ok" and "Scan the label" in device.page
    assert device.scan("T-1") == "wrong" and "T-1 is the label of no carton." in device.page
    assert device.scan(f"]C100{carton()[1]}") == "done" and "Scan tote" in device.page
    assert sql.fetch_value("SELECT count(*) FROM labels_labelprint WHERE scanned_at IS NOT NULL") == 1


def test_a_scale_may_send_the_right_weight_though_an_item_has_it_as_its_code(at):
    packing.rule(must_weigh=True)
    device = Device(GUS, "/scan/pack", at.site)
    pack_all(device)
    device.scan("M")
    sql.execute("UPDATE catalog_item SET sku = '2310' WHERE id = %s", (at.items[1],))
    assert device.scan("2310") in ("ok", "done")
    assert sql.fetch_all("SELECT weight_g, state FROM fulfilment_cartonweighing") == [(2_310, "ok")]


def test_a_lead_accepts_a_weight_and_a_carton_is_opened_again(at):
    packing.rule(must_weigh=True)
    device = Device(ADA, "/scan/pack", at.site)
    pack_all(device)
    device.scan("M")
    device.type("2600")
    assert device.tap("why") == "more"
    assert device.type("2600", "packing material") == "done"
    states = sql.fetch_all("SELECT state, reason FROM fulfilment_cartonweighing ORDER BY id")
    assert states == [("off", ""), ("accepted", "More packing material")]
    assert device.tap("reopen") == "ok" and "Scan item" in device.page
    assert carton()[2] == "unpacked"


def test_what_hinders_the_label_is_told_and_the_carton_stays_closed(at):
    sql.execute("UPDATE labels_labelspecversion SET state = 'ended'")
    device = Device(GUS, "/scan/pack", at.site)
    pack_all(device)
    assert device.tap("close") == "done"
    assert "No label: No approved label spec for carton" in device.page and carton()[2] == "packed"


def test_all_checked_is_offered_where_a_rule_says_why_and_taken_back_as_one(at):
    packing.rule(must_check=False)
    device = Device(GUS, "/scan/pack", at.site)
    device.scan("T-1")
    device.scan("4711")
    assert device.tap("all") == "done" and "All is checked" in device.page
    assert device.page.count("All checked") == 1 and "Undo All checked" in device.page, "nothing is left to check"
    assert device.tap("undo") == "ok" and "1 of 8 checked" in device.page
    assert "All checked" in device.page and carton() is None
    device.tap("all")
    assert device.tap("close") == "done" and carton()[3] == "at_once"
    shown = signed_in(GUS).get(f"/cartons/{carton()[0]}").content.decode()
    assert "all at once, without a scan" in shown and "by Gus Packer" in shown


def lots_staged() -> tuple[outbound.House, outbound.EnteredOrder]:
    """An order of 5 of which 3 are of lot A and 2 of lot B, in one tote."""
    at = outbound.house()
    item = outbound.item("4711", tracking="lot")
    for code, units, place in (("A", 3, "forward_pick1"), ("B", 2, "forward_pick2")):
        outbound.receive(at, item, units, "1", place, lot_id=outbound.lot(item, code))
    outbound.customer()
    return at, packing.picked(at.site, "ACME", "T-1", ("4711", 5))


def test_an_item_in_several_lots_asks_which_so_that_the_carton_says_what_is_in_it():
    at, _ = lots_staged()
    device = Device(GUS, "/scan/pack", at.site)
    device.scan("T-1")
    assert "3 × 4711 4711, lot A" in device.page and "2 × 4711 4711, lot B" in device.page
    assert device.scan("4711") == "more" and "Which lot?" in device.page
    assert device.tap("lot:2") == "ok" and "1 of 5 checked" in device.page
    assert device.scan("4711") == "more" and device.scan("b") == "ok" and "2 of 5 checked" in device.page
    assert device.scan("4711") == "ok" and "3 of 5 checked" in device.page, "only lot A is left"
    assert (device.tap("close"), device.tap("close")) == ("more", "done")
    inside = "SELECT t.code, l.units FROM fulfilment_cartonline l JOIN catalog_lot t ON t.id = l.lot_id ORDER BY 1"
    assert sql.fetch_all(inside) == [("A", 1), ("B", 2)]


def test_a_label_of_a_lot_that_the_order_does_not_have_is_refused_and_one_that_it_has_is_counted():
    at, order = lots_staged()
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, gtin) "
        "SELECT id, 'each', 1, '04012345678901' FROM catalog_item"
    )
    device = Device(GUS, "/scan/pack", at.site)
    device.scan("T-1")
    assert device.scan("]C1010401234567890110C") == "wrong"
    assert "That is lot C of 4711." in device.page and f"{order.number} gets A, B." in device.page
    assert device.scan("]C1010401234567890110B") == "ok" and "1 of 5 checked" in device.page
    assert device.tap("undo") == "ok" and "0 of 5 checked" not in device.page
    for _ in range(2):
        assert device.scan("]C1010401234567890110B") == "ok"
    assert device.scan("]C1010401234567890110B") == "wrong"
    assert "That is more 4711 of lot B than the order has." in device.page


def test_a_case_is_taken_out_of_two_totes_and_undone_as_one(at):
    order = outbound.order(at.site, "ACME", ("4711", 8))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    [pick] = wave.pick_ids
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(pick, 3, outbound.tote(at.site, "T-7"))]))
    rest = sql.fetch_value(
        "SELECT id FROM fulfilment_pickline WHERE order_id = %s AND state = 'open'", (order.order_id,)
    )
    full = sql.fetch_value("SELECT pick_list_id FROM fulfilment_pickline WHERE id = %s", (rest,))
    tote = sql.fetch_value("SELECT id FROM locations_lpn WHERE code = 'T-7'")
    commands.change_tote(ctx(CY), ChangeTote(full, tote))
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(rest, 0, outbound.tote(at.site, "T-8"))]))
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, gtin) VALUES (%s, 'case', 6, '14012345678908')",
        (at.items[0],),
    )
    device = Device(GUS, "/scan/pack", at.site)
    device.scan(order.number)
    assert device.scan("14012345678908") == "ok" and "6 of 8 checked" in device.page
    assert device.scan("14012345678908") == "wrong" and "That is more 4711 than the order has." in device.page
    assert device.tap("undo") == "ok" and "8 to check" in device.page


def test_the_page_of_an_order_opens_the_station_with_it(at):
    from_page = Device(GUS, f"/pack-station?order={at.order.number}", at.site)
    assert f"{at.order.number}" in from_page.page and "0 of 8 checked" not in from_page.page
    assert "Scan item" in from_page.page and 'data-begun="yes"' in from_page.html
    assert from_page.scan("4711") == "ok" and "1 of 8 checked" in from_page.page
    none = Device(GUS, "/pack-station?order=SO-0", at.site)
    assert "There is no order SO-0." in none.page and "Scan tote" in none.page


def test_the_drawing_and_what_is_still_to_check_stand_first(at):
    device = Device(GUS, "/scan/pack", at.site)
    device.scan("T-1")
    for _ in range(6):
        device.scan("4711")
    page = device.page
    legend, to_check, checked = (
        page.index("6 × 4711 2 × 6024"),
        page.index("2 × 6024 6024"),
        page.index("6 × 4711 4711"),
    )
    assert legend < to_check < checked


def test_the_page_opens_the_slip_that_came_with_the_last_carton(at):
    packing.rule(prints_slip=True)
    device = Device(GUS, "/scan/pack", at.site)
    pack_all(device)
    assert device.scan("M") == "done" and "Open the packing slip" in device.page
    kinds = sql.fetch_all("SELECT kind FROM labels_labelprint ORDER BY id")
    assert kinds == [("carton",), ("slip",)]
