"""Picking a cart of orders with a scanner: one scan for the cart, two a line, and words for whatever goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests import outbound
from tests.cast import ADA, BO, CY, ctx, signed_in

from flowrack.fulfilment import commands
from flowrack.fulfilment.tests.test_scan import Device
from flowrack.fulfilment.types import ConfirmPicks, Pick, RecallOrders
from flowrack.fulfilment.types_lists import CartOf, PickRule, SetCarts, SetPickRules
from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


def house(*, rule: PickRule | None = None, carts: bool = False, on=None):
    """Two orders of two lines each, on one cart."""
    at = outbound.house()
    if rule:
        commands.set_pick_rules(ctx(ADA), SetPickRules(at.site, [rule]))
    if carts:
        commands.set_carts(ctx(ADA), SetCarts(at.site, [CartOf("CART-1", 8), CartOf("CART-2", 1)]))
    for n, sku in enumerate(("4711", "6024"), 1):
        outbound.receive(at, outbound.item(sku), 100, "1", f"forward_pick{n}")
    outbound.customer()
    orders = [outbound.order(at.site, "ACME", ("4711", 3), ("6024", 2)) for _ in range(2)]
    outbound.allocate(at.site, *orders)
    for code in ("T-03", "T-05", "T-07"):
        outbound.tote(at.site, code)
    return at, orders, outbound.release(at.site, *orders)


def test_a_cart_takes_one_scan_and_two_a_line():
    _, orders, _ = house(carts=True)
    device, scans = Device(signed_in(CY), "/scan/pick"), 0
    assert device.send("action", "next") == "ok" and "Scan cart" in device.text
    assert device.scan("CART-2") == "wrong" and "CART-2 has 1 place, PL-" in device.text
    answers = [("CART-1", "ok"), ("4711", "more"), ("T-03", "ok"), ("4711", "more"), ("T-05", "ok"), ("6024", "more"),
               ("T-03", "ok"), ("6024", "more"), ("T-05", "done")]  # fmt: skip
    for code, feedback in answers:
        assert device.scan(code) == feedback, code
        scans += 1
    assert scans == 1 + 2 * 4
    assert "Bring T-03 (A), T-05 (B) to staged-1." in device.text
    assert [outbound.order_state(order) for order in orders] == ["released", "released"]
    assert sql.fetch_all(
        "SELECT state, k.code FROM fulfilment_picklist l JOIN fulfilment_cart k ON k.id = l.cart_id"
    ) == [("done", "CART-1")]


def test_a_tote_of_the_neighbour_or_of_another_cart_is_refused_in_words():
    at, _, _ = house()
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    for code in ("4711", "T-03", "4711"):
        device.scan(code)
    assert "into a new tote at B" in device.text
    assert device.scan("T-03") == "wrong" and "T-03 holds goods of another order." in device.text
    device.scan("T-05")
    device.scan("6024")
    assert device.scan("T-05") == "wrong"
    assert "T-03, not T-05." in device.text and "T-05 is at B." in device.text
    other = outbound.order(at.site, "ACME", ("4711", 1))
    outbound.allocate(at.site, other)
    outbound.release(at.site, other)
    second = Device(signed_in(BO), "/scan/pick")
    second.send("action", "next")
    second.scan("4711")
    assert second.scan("T-05") == "wrong" and "T-05 stands at B on PL-" in second.text
    assert second.scan("T-07") == "done"


def test_the_first_pick_of_an_order_that_is_undone_frees_its_tote_whoever_had_it_before():
    _, orders, _ = house()
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    tote = sql.fetch_value("SELECT id FROM locations_lpn WHERE code = 'T-03'")
    mine = sql.fetch_all("SELECT id FROM fulfilment_pickline WHERE order_id = %s", (orders[0].order_id,))
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(one, 0, tote) for (one,) in mine]))
    outbound.pack(orders[0])
    assert device.scan("4711") == "more" and device.scan("T-03") == "ok"
    assert "into B · T-03" in device.text
    device.send("action", "undo")
    assert "into a new tote at B" in device.text
    assert device.scan("4711") == "more" and device.scan("T-05") == "ok"
    assert "into B · T-05" in device.text


def test_a_full_tote_makes_room_for_another():
    house()
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    for code in ("4711", "T-03", "4711", "T-05"):
        device.scan(code)
    device.send("action", "full")
    assert "into a new tote at A" in device.text
    device.scan("6024")
    assert device.scan("T-07") == "ok"
    rows = sql.fetch_all(
        "SELECT t.position, n.code, t.is_full FROM fulfilment_picklisttote t JOIN locations_lpn n ON n.id = t.tote_id "
        "ORDER BY n.code"
    )
    assert rows == [(1, "T-03", True), (2, "T-05", False), (1, "T-07", False)]
    device.scan("6024")
    assert device.scan("T-05") == "done"
    assert "Bring T-03 (A, full), T-07 (A), T-05 (B) to staged-1." in device.text, (
        "the full one stands on the cart, too"
    )


def test_a_trigger_pulled_twice_changes_nothing_and_a_typed_number_is_no_label():
    house()
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    assert device.scan("12") == "wrong" and "12 is a quantity, no label." in device.text
    assert device.scan("22951") == "wrong" and "No item has the code 22951." in device.text
    assert device.scan("4711") == "more"
    assert device.scan("4711") == "more" and "Scan tote" in device.text
    assert device.scan("T-03") == "ok"
    assert device.scan("T-03") == "ok" and "Go to" in device.text
    assert sql.fetch_value("SELECT count(*) FROM fulfilment_pickline WHERE state = 'picked'") == 1


def test_a_rule_asks_for_the_bin_and_counts_each_unit():
    house(rule=PickRule(scan_bin=True, scan_qty=True))
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, gtin) "
        "SELECT id, 'inner', 2, '04012345678901' FROM catalog_item WHERE sku = '4711'"
    )
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    assert device.scan("4711") == "wrong" and "The bin comes first here." in device.text
    assert device.scan("forward_pick-1") == "more"
    assert device.scan("4012345678901") == "more" and "2 counted" in device.text
    assert device.scan("4012345678901") == "wrong" and "That is 4, 3 are asked." in device.text
    assert device.scan("4711") == "more" and "Scan tote" in device.text
    assert device.scan("T-03") == "ok"


def test_a_colleague_is_asked_before_a_list_is_taken_over():
    _, _, wave = house()
    first, second = Device(signed_in(CY), "/scan/pick"), Device(signed_in(BO), "/scan/pick")
    first.send("action", "next")
    first.scan("4711")
    first.scan("T-03")
    assert second.scan(wave.number) == "more" and "Cy Picker has PL-" in second.text
    assert second.send("action", "take_over") == "ok" and "into a new tote at B" in second.text
    assert first.scan("4711") == "wrong" and "Bo Receiver has PL-" in first.text
    assert "Give back" in first.text and "Undo" not in first.text
    assert first.send("action", "undo") == "wrong" and "Give them what you hold" in first.text
    assert sql.fetch_value("SELECT count(*) FROM fulfilment_pickline WHERE state = 'picked'") == 1
    assert first.send("action", "return") == "ok" and "Bo Receiver has PL-" not in first.text
    assert sql.fetch_value("SELECT count(*) FROM fulfilment_picklist WHERE state = 'taken'") == 1
    again = Device(signed_in(BO), "/scan/pick")
    assert "into a new tote at B" in again.text, "the page was left: the list is still his"


def test_an_order_called_back_while_it_is_picked_is_told():
    _, orders, _ = house()
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    device.scan("4711")
    device.scan("T-03")
    later = datetime.now(UTC)
    commands.recall_orders(ctx(ADA, now=later), RecallOrders([orders[0].order_id], "the customer cancelled"))
    assert device.scan("4711") == "more"
    assert f"{orders[0].number} was called back" in device.text
    assert "Leave 2 × 6024: nothing of it was booked. T-03 holds goods of it" in device.text
    assert device.scan("T-05") == "ok" and "was called back" not in device.text
    assert device.scan("6024") == "more"
    assert device.scan("T-05") == "done"


def test_a_skipped_pick_returns_at_the_end_and_undo_ends_no_list():
    house()
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    device.send("action", "skip")
    for code in ("4711", "T-05", "6024", "T-03", "6024", "T-05"):
        assert device.scan(code) == "ok" or "Scan" in device.text
    assert "forward_pick-" in device.text
    device.scan("4711")
    assert device.scan("T-03") == "done"
    assert "List done" in device.text and 'data-action="undo"' in device.text
    assert device.send("action", "undo") == "ok"
    assert sql.fetch_one("SELECT state, finished_at FROM fulfilment_picklist") == ("taken", None)


def test_a_pallet_is_picked_by_its_plate_and_stays_one():
    at = outbound.house()
    item = outbound.item("4711")
    pallet = outbound.value(
        "INSERT INTO locations_lpn (code, kind, site_id) VALUES ('LP-9', 'pallet', %s) RETURNING id", at.site
    )
    outbound.receive(at, item, 40, "1")
    sql.execute("UPDATE ledger_cell SET lpn_id = %s WHERE item_id = %s AND NOT is_virtual", (pallet, item))
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 40))
    outbound.allocate(at.site, order)
    outbound.release(at.site, order)
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    assert "the whole pallet" in device.text
    assert device.scan("LP-9") == "done"
    assert sql.fetch_one("SELECT tote_id, lpn_id FROM fulfilment_pickline") == (pallet, pallet)
    assert outbound.where(item) == {"staged-1": 40}
    device.send("action", "undo")
    assert outbound.where(item) == {"reserve-1": 40}
    assert sql.fetch_value("SELECT lpn_id FROM ledger_cell WHERE on_hand > 0 AND NOT is_virtual") == pallet


def test_a_list_that_one_has_on_another_device_is_gone_on_with_here_and_not_taken_over_from_oneself():
    house()
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    device.scan("4711")
    device.scan("T-03")
    sql.execute("UPDATE fulfilment_picklist SET device = 'scan-a1' WHERE state = 'taken'")
    list_id = sql.fetch_value("SELECT id FROM fulfilment_picklist WHERE state = 'taken'")
    here = Device(signed_in(CY), "/scan/pick")
    assert here.send("action", f"mine:{list_id}") == "ok"
    assert "Take over" not in here.text and "into a new tote at B" in here.text


def test_a_list_that_was_begun_is_offered_when_the_page_opens_again():
    house()
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    device.scan("4711")
    device.scan("T-03")
    sql.execute("UPDATE fulfilment_picklist SET device = 'scan-a1', lease_until = now() - interval '1 minute'")
    again = Device(signed_in(CY), "/scan/pick")
    assert "Your list" in again.text and "Go on with PL-" in again.text and "1 of 4" in again.text
    list_id = sql.fetch_value("SELECT id FROM fulfilment_picklist WHERE state = 'taken'")
    assert again.send("action", f"mine:{list_id}") == "ok" and "into a new tote at B" in again.text
    other = Device(signed_in(BO), "/scan/pick")
    assert "Go on with" not in other.text
    assert other.send("action", f"mine:{list_id}") == "wrong" and "You do not have that list any more." in other.text


def test_on_a_cart_of_several_orders_the_main_button_is_not_without_a_tote():
    house(carts=True)
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    device.scan("CART-1")
    device.scan("4711")
    assert 'class="fb main ghost" data-action="loose"' in device.text


def test_what_a_short_pick_found_asks_for_the_tote_of_its_order():
    house(carts=True)
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    device.scan("CART-1")
    device.send("action", "short")
    assert device.send("qty", "1", "none_there") == "more" and "Scan tote" in device.text
    assert device.scan("T-99") == "wrong" and "T-99 is no tote." in device.text
    assert device.scan("T-03") == "ok"
    assert sql.fetch_all(
        "SELECT p.units, n.code, t.is_bound FROM fulfilment_pickline p JOIN locations_lpn n ON n.id = p.tote_id "
        "JOIN fulfilment_picklisttote t ON t.tote_id = n.id WHERE p.state = 'picked'"
    ) == [(1, "T-03", True)]
    device.send("action", "undo")
    assert "1 of 5" in device.text, "what was found, and the rest again"
    assert device.scan("4711") == "more" and "Scan T-03" in device.text
