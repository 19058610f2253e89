"""swap_lot: the picker has another lot in hand; it is taken where the customer and the dates allow it."""

from __future__ import annotations

from datetime import date

import pytest
from tests import outbound
from tests.cast import ADA, CY, EVE, bearer, ctx, signed_in

from flowrack.fulfilment import commands
from flowrack.fulfilment.tests.test_scan import Device
from flowrack.fulfilment.types_lists import LotRefused, PickRule, SetPickRules, SwapLot
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def case(*, promised=date(2026, 9, 1), others=(), life: int = 0, lot: str = ""):
    """An order of 5 of lot A, promised; other lots (code, expiry, units) lie in the same bin."""
    at = outbound.house()
    item = outbound.item("4711", tracking="lot")
    own = outbound.lot(item, "A")
    outbound.receive(at, item, 5, "1", "forward_pick1", lot_id=own)
    sql.execute("UPDATE catalog_lot SET expires_on = %s WHERE id = %s", (promised, own))
    outbound.customer(life=life)
    order = outbound.order(at.site, "ACME", ("4711", 5))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    for code, expires, units in others:
        other = outbound.lot(item, code)
        sql.execute("UPDATE catalog_lot SET expires_on = %s WHERE id = %s", (expires, other))
        outbound.receive(at, item, units, "1", "forward_pick1", lot_id=other)
    return at, order, wave.pick_ids[0]


def promised():
    return sql.fetch_all(
        "SELECT t.code, c.units FROM ledger_commitment c JOIN ledger_pool p ON p.id = c.pool_id "
        "JOIN catalog_lot t ON t.id = p.lot_id"
    )


def test_an_older_lot_of_the_bin_is_taken_and_says_why():
    _, order, pick = case(others=[("B", date(2026, 8, 1), 9)])
    answer = signed_in(CY).post(
        f"/api/v1/picks/{pick}/lot", {"lot": "B"}, content_type="application/json", headers=bearer(CY)
    )
    assert answer.json()["lot"] == "B"
    assert promised() == [("B", 5)]
    told = "SELECT count(*) FROM platform_outboxevent WHERE kind = 'fulfilment.lot_freed'"
    assert sql.fetch_value(told) == 1, "lot A is free for who waits for it"
    assert decisions.why(f"sales.line:{order.line_ids[0]}")[0].sentence.startswith("5 of lot B instead of lot A")
    commands.confirm_picks(ctx(CY), outbound.ConfirmPicks([outbound.Pick(pick)]))
    assert not verify()


@pytest.mark.parametrize(
    ("others", "life", "why"),
    [
        ([("B", date(2026, 12, 1), 9)], 0, "Lot A expires first and has to leave first."),
        ([("B", None, 9)], 0, "Lot A expires first"),
        ([("B", date(2026, 8, 1), 4)], 0, "4 of lot B are free in this bin, 5 are asked."),
        ([("B", date(2026, 3, 24), 9)], 60, "Lot B keeps 21 days, the customer asks for 61."),
        ([], 0, "No other lot B of this item lies in this bin."),
    ],
)
def test_a_lot_that_may_not_be_taken_is_refused_with_why_and_changes_nothing(others, life, why):
    _, _, pick = case(others=others, life=life)
    with pytest.raises(LotRefused, match=why):
        commands.swap_lot(ctx(CY), SwapLot(pick, "B"))
    with pytest.raises(NotPermitted):
        commands.swap_lot(ctx(EVE), SwapLot(pick, "B"))
    assert promised() == [("A", 5)]


def test_a_lot_by_itself_is_read_in_its_forms_and_another_one_is_asked():
    at, _, _ = case(others=[("B", date(2026, 8, 1), 9)])
    commands.set_pick_rules(ctx(ADA), SetPickRules(at.site, [PickRule(method="discrete", scan_lot=True)]))
    outbound.tote(at.site, "T-77")
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    assert device.scan("T-77") == "wrong" and "T-77 is a tote." in device.text
    device.scan("4711")
    assert "Scan the lot A" in device.text
    assert device.scan("C-1") == "wrong" and "4711 has no lot C-1." in device.text
    assert device.scan("10b") == "wrong" and "That is lot B." in device.text and "Take this lot" in device.text
    assert device.scan("(10)a") == "more" and "Scan the lot A" not in device.text


def test_a_scan_of_another_lot_is_told_and_taken_by_one_tap():
    case(others=[("B", date(2026, 8, 1), 9)])
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, gtin) "
        "SELECT id, 'each', 1, '04012345678901' FROM catalog_item"
    )
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    assert device.scan("]C1010401234567890110B") == "wrong"
    assert "That is lot B." in device.text and "Take this lot" in device.text
    assert device.send("action", "swap") == "more"
    assert device.send("action", "loose") == "done"
    assert sql.fetch_value("SELECT t.code FROM fulfilment_pickline p JOIN catalog_lot t ON t.id = p.lot_id") == "B"


def test_a_bin_with_several_lots_of_the_item_asks_which_though_no_rule_does():
    case(others=[("B", date(2026, 9, 1), 9)])
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    assert device.scan("4711") == "more"
    assert "Scan the lot A: other lots lie in this bin, too" in device.text
    assert "Confirm 5" not in device.text, "the item alone does not say which lot is in the hand"
    assert device.scan("4711") == "more" and "Scan the lot A" in device.text
    assert device.scan("A") == "more" and device.send("action", "loose") == "done"


def test_a_bin_with_one_lot_asks_the_item_only_and_a_plate_tells_its_lot():
    at, _, _ = case()
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    assert device.scan("4711") == "more" and "Confirm 5" in device.text
    other = sql.fetch_value("SELECT id FROM catalog_item WHERE sku = '4711'")
    plate = outbound.tote(at.site, "P-1")
    outbound.receive(at, other, 3, "1", "forward_pick1", lot_id=outbound.lot(other, "C"))
    device = Device(signed_in(CY), "/scan/pick")
    assert device.scan("4711") == "more" and "Scan the lot A" in device.text
    sql.execute("UPDATE ledger_cell SET lpn_id = %s WHERE lot_id > 0 AND reserved = 5", (plate,))
    sql.execute("UPDATE fulfilment_pickline SET lpn_id = %s", (plate,))
    assert device.scan("P-1") == "more" and "Confirm 5" in device.text, "the plate holds no other lot"
