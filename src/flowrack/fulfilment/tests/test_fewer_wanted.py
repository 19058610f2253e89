"""A customer wants fewer of what is in picking: only these units are called back, and the picker is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests import outbound
from tests.cast import CY, KIM, ctx, signed_in

from flowrack.fulfilment.tests.test_scan import Device
from flowrack.fulfilment.tests.test_scan_lists import house
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.sales import commands_changes, steps_preview
from flowrack.sales.types import CancelLine, CancelLines, ChangeLine

pytestmark = pytest.mark.django_db(transaction=True)
PICKS = "SELECT state, units FROM fulfilment_pickline ORDER BY id"


def released(*bins: int, wanted: int) -> tuple[outbound.House, int, int]:
    """An order in picking, of units in several bins; house, order, line."""
    at = outbound.house()
    item = outbound.item("4711")
    for n, units in enumerate(bins, 1):
        outbound.receive(at, item, units, "1", f"reserve{n}")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", wanted))
    outbound.allocate(at.site, order)
    outbound.release(at.site, order)
    return at, order.order_id, order.line_ids[0]


def test_the_pick_gets_smaller_and_the_rest_of_the_order_stays_on_the_floor():
    _, order_id, line = released(10, wanted=10)
    told = steps_preview.preview(ctx(KIM), commands_changes.change_line, ChangeLine(line, 6), order_id).consequences
    assert told == [
        "Line 1, 4711: 6 instead of 10 units.",
        "Line 1, 4711: 4 units are called back from the pickers.",
        "Line 1, 4711: 4 reserved units are given back, free for others at once.",
        "Nobody waits for these items: what is given back stays free.",
        "What is still wanted of these picks goes on; the picker's screen says how many it is now.",
    ]
    assert sql.fetch_all(PICKS) == [("open", 10)]
    done = commands_changes.change_line(ctx(KIM), ChangeLine(line, 6))
    assert (done.called_back_units, done.unpromised_units) == (4, 4)
    assert sql.fetch_all(PICKS) == [("open", 6), ("cancelled", 4)]
    assert outbound.counts(line) == {"units": 6, "allocated": 6, "released": 6}
    assert sql.fetch_value("SELECT state FROM sales_order") == "released"
    assert sql.fetch_all("SELECT units FROM ledger_reservation") == [(6,)] and not verify()


def test_what_waits_and_what_no_picker_has_goes_first():
    at, _, line = released(10, wanted=14)
    commands_changes.change_line(ctx(KIM), ChangeLine(line, 11))
    assert sql.fetch_all(PICKS) == [("open", 10)]
    outbound.receive(at, sql.fetch_value("SELECT id FROM catalog_item"), 5, "1", "reserve1")
    outbound.allocate(at.site)
    done = commands_changes.cancel_lines(ctx(KIM), CancelLines([CancelLine(line, 3)], "fewer"))
    assert (done.called_back_units, done.unpromised_units) == (2, 3)
    assert sql.fetch_all(PICKS) == [("open", 8), ("cancelled", 2)]
    assert outbound.counts(line) == {"units": 11, "allocated": 8, "released": 8, "cancelled": 3}
    assert not verify()


def test_whoever_holds_too_much_is_told_before_anything_is_booked():
    _, orders, _ = house()
    device = Device(signed_in(CY), "/scan/pick")
    device.send("action", "next")
    assert device.scan("4711") == "more"
    line = sql.fetch_value("SELECT order_line_id FROM fulfilment_pickline WHERE state = 'open' ORDER BY place LIMIT 1")
    before = outbound.counts(line)["units"]
    assert before > 1
    later = datetime.now(UTC)
    commands_changes.change_line(ctx(KIM, now=later), ChangeLine(line, 1))
    assert device.scan("T-03") == "wrong"
    assert f"1 now, not {before}" in device.text and f"put {before - 1} back" in device.text
    assert sql.fetch_value("SELECT count(*) FROM fulfilment_pickline WHERE state = 'picked'") == 0
    device.scan("T-03")
    assert outbound.counts(line) == {"units": 1, "picked": 1}
    assert orders
