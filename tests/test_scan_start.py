"""A code scanned on the start page opens the job that waits for it, and the job takes the code along."""

from __future__ import annotations

import re
from html import unescape
from uuid import uuid4

import pytest

from flowrack.counting.tests.scene import task_for
from flowrack.inbound.types import CountedLine
from flowrack.platform import outbox, sql
from flowrack.returns import commands as returns
from flowrack.returns.tests.scene import sold
from flowrack.returns.types import CreateRma, NewRmaLine
from flowrack.shared.quantity import Units
from flowrack.storage.tests.house import shelves
from tests import outbound, supply
from tests.cast import ADA, BO, CY, GUS, JO, KIM, RAY, Person, ctx, signed_in

pytestmark = pytest.mark.django_db


def sent(person: Person, code: str, key: str = "") -> str:
    """Where the start page sends the person who scans the code; its words where it refuses."""
    answer = signed_in(person).post("/scan", {"kind": "code", "value": code, "key": key or uuid4().hex, "state": ""})
    return answer.headers.get("X-Scan-Go") or re.sub(r"\s+", " ", answer.content.decode())


def brought(person: Person, address: str) -> tuple[str, str]:
    """The code and key with which the job's page begins."""
    page = signed_in(person).get(address).content.decode()
    found = re.search(r'data-scanned="([^"]*)" data-scanned-key="([^"]*)"', page)
    return (unescape(found[1]), found[2]) if found else ("", "")


def take(person: Person, address: str) -> tuple[str, str]:
    """Open the address and send the code that came along, as the page does; feedback and screen."""
    browser = signed_in(person)
    page = browser.get(address).content.decode()
    state = re.search(r'data-state="([^"]*)"|name="state"[^>]*value="([^"]*)"', page)
    assert state
    code, key = brought(person, address)
    body = {"kind": "code", "value": code, "key": key, "state": state[1] or state[2] or ""}
    answer = browser.post(address.partition("?")[0], body)
    return answer.headers["X-Scan-Feedback"], re.sub(r"\s+", " ", answer.content.decode())


def test_an_order_scanned_at_the_start_is_open_when_the_receiving_screen_appears():
    here, hose = shelves(max_lpns=1), supply.item("V-200")
    po = supply.approved(here.site, supply.supplier(), (hose, 100, "4"))
    address = sent(BO, po.number, key="k-1")
    assert address.startswith("/scan/receive?scanned=")
    assert brought(BO, address) == (po.number, "k-1")
    for _ in range(2):
        feedback, screen = take(BO, address)
        assert feedback == "ok" and po.number in screen and "Scan item" in screen


def test_what_came_along_is_taken_only_from_the_person_who_scanned_it():
    here, hose = shelves(max_lpns=1), supply.item("V-200")
    address = sent(BO, supply.approved(here.site, supply.supplier(), (hose, 100, "4")).number)
    assert brought(ADA, address) == ("", "")
    assert brought(BO, address[:-1] + ("A" if address[-1] != "A" else "B")) == ("", "")
    assert brought(BO, "/scan/receive?scanned=PO-1") == ("", "")
    assert "Choose a job" in signed_in(BO).get("/scan/").content.decode()  # as people type it


def test_a_pallet_goes_to_its_putaway_and_once_it_stands_to_a_move():
    here, hose = shelves(max_lpns=1), supply.item("V-200")
    po = supply.approved(here.site, supply.supplier(), (hose, 100, "4"))
    supply.receive(po, here, CountedLine(units=Units(60), item_id=hose, lpn="LP-1"))
    assert sent(CY, "LP-1").startswith("/scan/move?")
    outbox.drain()
    assert sent(CY, "LP-1").startswith("/scan/putaway?")
    feedback, screen = take(CY, sent(CY, "LP-1"))
    assert feedback == "ok" and "Scan bin" in screen
    assert "No job starts with" in sent(CY, "R-01")
    assert "No job starts with" in sent(RAY, "LP-1")


def test_a_bin_goes_to_its_count_when_one_is_due_and_else_to_a_move():
    house, jug = outbound.house(), outbound.item("JUG")
    outbound.receive(house, jug, 12, "1", "forward_pick1")
    code = sql.fetch_value("SELECT code FROM locations_location WHERE id = %s", (house.places["forward_pick1"],))
    assert sent(CY, code).startswith("/scan/move?")
    task_for(house, "forward_pick1")
    assert sent(CY, code).startswith("/scan/count?")
    assert take(CY, sent(CY, code))[0] == "ok"
    assert sent(BO, code).startswith("/scan/move?")


def test_a_picked_order_goes_to_packing_and_a_packed_one_to_the_door():
    house, jug = outbound.house(), outbound.item("JUG")
    outbound.receive(house, jug, 12, "1", "forward_pick1")
    order = outbound.order(house.site, outbound.customer(), ("JUG", 12))
    outbound.allocate(house.site, order)
    assert "No job starts with" in sent(GUS, order.number)
    wave = outbound.release(house.site, order)
    assert sent(GUS, wave.number).startswith("/scan/pick?")
    outbound.pick_all(wave, tote_id=outbound.tote(house.site, "T-03"))
    assert sent(GUS, order.number).startswith("/scan/pack?")
    assert sent(GUS, "T-03").startswith("/scan/pack?")
    assert take(GUS, sent(GUS, "T-03"))[0] == "ok"
    [carton] = outbound.pack(order)
    assert sent(GUS, carton.sscc).startswith("/scan/load?")
    feedback, screen = take(GUS, sent(GUS, order.number))
    assert feedback == "ok" and "Scan carton" in screen
    assert "No job starts with" in sent(BO, order.number)


def test_a_return_goes_to_its_receipt_by_its_number_or_the_orders():
    s = sold(10)
    lines = [NewRmaLine(units=4, order_line_id=s.line)]
    rma = returns.create_rma(ctx(KIM), CreateRma(s.house.site, "changed_mind", lines, order_id=s.order))
    number = sql.fetch_value("SELECT number FROM sales_order WHERE id = %s", (s.order,))
    assert sent(JO, rma.number).startswith("/scan/returns?") and sent(JO, number).startswith("/scan/returns?")
    assert take(JO, sent(JO, rma.number))[0] == "ok"
    assert "No job starts with" in sent(BO, rma.number)


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (BO, "or scan a purchase order, ASN, cross-dock label, transfer, pallet, pick list, wave or bin"),
        (GUS, "or scan a cross-dock label, transfer, pallet, pick list, wave, order, tote, carton or bin"),
        (JO, "or scan a return"),
        (RAY, ""),
    ],
)
def test_the_start_page_promises_only_what_it_does_for_the_person(person: Person, words: str):
    page = re.sub(r"\s+", " ", signed_in(person).get("/scan").content.decode())
    assert (words in page) if words else ("or scan a" not in page)
