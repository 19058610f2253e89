"""Picking, packing and loading with a scanner: two scans a line, and words for every wrong scan."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client
from tests import outbound
from tests.cast import ADA, CY, GUS, signed_in

from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


class Device:
    """A scanner in one flow: keeps the signed state of the screen as the page does."""

    def __init__(self, browser: Client, url: str) -> None:
        self.browser, self.url = browser, url
        self._take(browser.get(url))

    def _take(self, response) -> str:
        self.text = response.content.decode()
        found = re.search(r'data-state="([^"]*)"|name="state" value="([^"]*)"', self.text)
        if found:
            self.state = found[1] or found[2] or ""
        self.feedback = response.headers.get("X-Scan-Feedback", "")
        return self.feedback

    def send(self, kind: str, value: str, reason: str = "", key: str = "") -> str:
        body = {"kind": kind, "value": value, "reason": reason, "key": key or uuid4().hex, "state": self.state}
        return self._take(self.browser.post(self.url, body))

    def scan(self, code: str, key: str = "") -> str:
        return self.send("code", code, key=key)


@pytest.fixture
def case():
    at = outbound.house()
    one, two = outbound.item("4711"), outbound.item("6024")
    outbound.receive(at, one, 12, "1", "forward_pick1")
    outbound.receive(at, two, 40, "1", "forward_pick2")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 12), ("6024", 2))
    outbound.allocate(at.site, order)
    outbound.tote(at.site, "T-03")
    outbound.tote(at.site, "T-05")
    return at, order, outbound.release(at.site, order)


def test_a_wave_is_picked_with_two_scans_a_line(case):
    _, order, wave = case
    device = Device(signed_in(CY), "/scan/pick")
    assert device.scan(wave.number) == "ok" and "Go to" in device.text
    assert device.scan("forward_pick-1") == "more" and "The bin is right: scan the item" in device.text
    assert device.scan("4711") == "more"
    assert device.scan("T-03") == "ok" and "Go to" in device.text
    assert device.scan("6024") == "more"
    assert device.scan("T-03") == "done" and "Bring T-03 (A) to staged-1." in device.text
    assert [outbound.counts(line) for line in order.line_ids] == [
        {"units": 12, "picked": 12},
        {"units": 2, "picked": 2},
    ]


def test_wrong_scans_say_what_was_scanned_and_what_to_scan(case):
    _, order, wave = case
    device = Device(signed_in(CY), "/scan/pick")
    device.scan(wave.number)
    assert device.scan("6024") == "wrong"
    assert "That is 6024." in device.text and "Scan 4711 in forward_pick-1." in device.text
    assert device.scan("reserve-1") == "wrong"
    assert "That is bin reserve-1." in device.text
    assert device.scan("NOTHING") == "wrong"
    assert "No item has the code NOTHING." in device.text
    device.scan("4711")
    device.scan("T-03")
    device.scan("6024")
    assert device.scan("T-05") == "wrong"
    assert "T-03, not T-05." in device.text and "This order goes into T-03 at A." in device.text
    assert outbound.counts(order.line_ids[1]) == {"units": 2, "allocated": 2, "released": 2}


def test_a_repeated_scan_with_its_key_picks_once_and_undo_puts_it_back(case):
    _, order, wave = case
    device = Device(signed_in(CY), "/scan/pick")
    device.scan(wave.number)
    device.scan("4711")
    before = device.state
    device.scan("T-03", key="beep-1")
    device.state = before
    device.scan("T-03", key="beep-1")
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "picked": 12}
    assert sql.fetch_value("SELECT count(*) FROM fulfilment_pickline WHERE state = 'picked'") == 1
    device.send("action", "undo")
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "allocated": 12, "released": 12}


def test_a_short_pick_takes_a_quantity_and_a_reason(case):
    _, order, wave = case
    device = Device(signed_in(CY), "/scan/pick")
    device.scan(wave.number)
    assert device.send("action", "short") == "more"
    assert "No other bin has any. forward_pick-1 will be counted." in device.text
    assert "4711" in device.text and "of 12" in device.text
    assert device.send("qty", "20", "none_there") == "wrong"
    assert "The pick asks for 12, not 20." in device.text and "data-pad-value>20<" in device.text
    device.send("qty", "9", "none_there")
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "waiting": 3, "picked": 9}
    assert f"3 × 4711 short, {order.number}" in device.text
    assert "3 wait: nothing that is to come covers it." in device.text
    device.scan("forward_pick-2")
    assert "4711 short" not in device.text, "it is told once"
    assert "short, I found the 3" in device.text
    device.send("action", "undo")
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "allocated": 3, "released": 3, "picked": 9}


def test_a_tote_is_checked_packed_loaded_and_leaves(case):
    _, order, wave = case
    tote = sql.fetch_value("SELECT id FROM locations_lpn WHERE code = 'T-03'")
    outbound.pick_all(wave, tote_id=tote)
    gus = signed_in(GUS)
    pack = Device(gus, "/scan/pack")
    assert pack.scan("T-05") == "wrong"
    assert pack.scan("T-03") == "ok"
    assert pack.scan("6024") == "ok"
    assert pack.scan("6024") == "ok"
    assert pack.scan("6024") == "wrong"
    assert "That is more 6024 than the order has." in pack.text
    assert "All checked" not in pack.text and pack.send("action", "all") == "wrong"
    assert pack.scan("4711") == "ok" and pack.send("action", "many") == "more"
    assert pack.send("qty", "12") == "ok"
    assert pack.send("action", "close") == "done"
    carton, sscc = sql.fetch_one("SELECT id, sscc FROM fulfilment_carton")
    printed = sql.fetch_value("SELECT id FROM labels_labelprint WHERE code = %s", (sscc,))
    assert f'href="/label-prints/{printed}.pdf"' in pack.text
    assert gus.get(f"/cartons/{carton}/label.pdf").status_code == 200
    number = order.number
    assert pack.scan(number) == "wrong"
    assert f"All that was picked of {number} is in cartons: {sscc} at " in pack.text
    assert "Pick it first" not in pack.text
    load = Device(gus, "/scan/load")
    assert load.scan("T-05") == "wrong"
    assert load.scan(f"]C100{sscc}") == "ok"
    assert load.send("action", "close") == "done"
    assert outbound.order_state(order) == "shipped"


def test_what_was_checked_is_there_again_when_the_page_was_left(case):
    _, _, wave = case
    outbound.pick_all(wave, tote_id=sql.fetch_value("SELECT id FROM locations_lpn WHERE code = 'T-03'"))
    gus = signed_in(GUS)
    first = Device(gus, "/scan/pack")
    assert 'data-begun="no"' in first.text
    first.scan("T-03")
    first.scan("6024")
    assert 'data-begun="yes"' in first.text and "1 of 14 checked" in first.text
    kept = first.state

    again = Device(gus, "/scan/pack")
    assert "1 of 14 checked" not in again.text
    again.state = kept
    assert again.send("begun", "") == "ok" and "1 of 14 checked" in again.text
    assert again.scan("6024") == "ok" and "2 of 14 checked" in again.text

    other = Device(signed_in(ADA), "/scan/pack")
    other.state = kept
    assert other.send("begun", "") == "ok" and "Scan tote" in other.text, "it is another person's"
    again.scan("4711")
    again.send("action", "many")
    again.send("qty", "12")
    again.send("action", "close")
    assert 'data-begun="no"' in again.text
    late = Device(gus, "/scan/pack")
    late.state = kept
    assert late.send("begun", "") == "ok" and "Scan tote" in late.text, "it is in its carton by now"
    late.state = "made-up"
    assert late.send("begun", "") == "ok" and "Scan tote" in late.text
