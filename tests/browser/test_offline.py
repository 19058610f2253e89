"""The scan app without the network: taken along, picked, killed, opened again, and booked when the network is back."""

from __future__ import annotations

import random
import re
import time
from typing import Any

import pytest

from flowrack.devices import commands as devices
from flowrack.devices.models import Device, JournalEntry
from flowrack.devices.types import ApproveDevice, IssueBadge, SetPin
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import RecallOrders
from flowrack.fulfilment.types_lists import CartOf, SetCarts
from flowrack.platform import sql
from tests import outbound
from tests.browser.conftest import wedge
from tests.browser.phones import Phone, enrolled
from tests.cast import ADA, CY, GUS, ctx

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3


def stocked(lines: int = 2, *, carts: bool = False) -> Any:
    """Two orders of some lines on one cart."""
    at = outbound.house()
    if carts:
        fulfilment.set_carts(ctx(ADA), SetCarts(at.site, [CartOf("CART-1", 8)]))
    asked = []
    for n in range(lines):
        sku = f"47{n:02}"
        outbound.receive(at, outbound.item(sku), 100, "1", f"forward_pick{n % 2 + 1}")
        asked.append((sku, n + 2))
    outbound.customer()
    orders = [outbound.order(at.site, "ACME", *asked) for _ in range(2)]
    outbound.allocate(at.site, *orders)
    for code in ("T-03", "T-05"):
        outbound.tote(at.site, code)
    outbound.release(at.site, *orders)
    return at, orders


def picks() -> list[tuple[Any, ...]]:
    """Every pick with its state, units and tote."""
    return sql.fetch_all(
        """
        SELECT p.state, p.units, coalesce(x.code, '') FROM fulfilment_pickline p
        LEFT JOIN locations_lpn x ON x.id = p.tote_id ORDER BY p.id
        """
    )


def opened(phone: Phone) -> float:
    """Seconds until the app stands there, without the network."""
    started = time.monotonic()
    phone.page.goto(f"{phone.house}/scan")
    phone.page.wait_for_function("() => document.documentElement.dataset.ready")
    return time.monotonic() - started


def test_a_list_is_picked_without_network_killed_in_the_middle_and_booked_once(phone):
    """A cart is one scan and a line two; what is wrong is told on the device and counts for nothing."""
    at, _ = stocked(carts=True)
    enrolled(phone, at.site)
    phone.page.get_by_role("button", name="Take a list along").tap()
    phone.says("Scan cart")
    phone.offline(True)
    phone.page.reload()
    assert min(opened(phone) for _ in range(3)) < 3, "well under a second on a device; this machine may be busy"
    phone.scan("CART-1", "into a new tote at A")
    phone.scan("9999999", "Nothing on this list has the code")
    phone.scan("4701", "That is 4701.")
    phone.scan("4700", "Scan tote")
    phone.scan("T-03", "into a new tote at B")
    phone.scan("4700", "Scan tote")
    phone.scan("T-03", "T-03 holds goods for A.")
    phone.scan("T-05", "Offline, 3 stored")
    phone.kill()

    phone.start(offline=True)
    phone.says("Offline, 3 stored")
    phone.says("2 of 4")
    phone.scan("4701", "Scan T-03")
    phone.scan("T-05", "T-03, not T-05.")
    phone.scan("T-03", "3 of 4")
    phone.page.locator("[data-action=undo]").tap()
    phone.says("2 of 4")
    phone.scan("4701", "Scan T-03")
    phone.scan("T-03", "3 of 4")
    phone.page.locator("[data-action=short]").tap()
    phone.says("How many are there?")
    phone.page.locator('[data-digit="1"]').tap()
    phone.page.locator("[data-pad-ok]").tap()
    phone.says("List done")
    phone.page.locator("[data-action=undo]", has_text="short, I found the 2").wait_for()
    wrong, redone = 4, 2
    assert phone.scans - wrong - redone == 1 + 2 * 3, "the fourth line was short"
    assert JournalEntry.objects.count() == 0
    outbound.receive(at, sql.fetch_value("SELECT id FROM catalog_item WHERE sku = '4701'"), 50, "1")
    phone.offline(False)
    phone.says("1 new pick was added to PL-")
    phone.says("5 of 6")
    phone.says("Online")
    assert {(p, u, t) for p, u, t in picks()[:4]} == {
        ("picked", 2, "T-03"), ("picked", 2, "T-05"), ("picked", 3, "T-03"), ("picked", 1, "T-05"),
    }  # fmt: skip
    assert list(JournalEntry.objects.order_by("seq").values_list("flow", "state")) == [
        ("list.cart", "applied"), ("pick.confirm", "applied"), ("pick.confirm", "applied"),
        ("pick.confirm", "applied"), ("pick.undo", "applied"), ("pick.confirm", "applied"), ("pick.short", "applied"),
    ]  # fmt: skip


HEAD = """() => new Promise((done) => {
    const asked = indexedDB.open('flowrack-scan');
    asked.onsuccess = () => {
        const head = asked.result.transaction('meta').objectStore('meta').get('head');
        head.onsuccess = () => { asked.result.close(); done(head.result.seq); };
    };
})"""
ITEM, TOTE = "[data-ready] .item b", ".qty span"


WIPE = """() => new Promise((done) => {
    localStorage.clear();
    const asked = indexedDB.deleteDatabase('flowrack-scan');
    asked.onsuccess = () => done();
})"""


def pick_one(phone: Phone) -> None:
    """The pick on the screen, by what the screen says; returns when it is on the disk."""
    before, shown = phone.page.evaluate(HEAD), phone.page.locator(".prog").inner_text()
    sku = phone.page.locator(ITEM).inner_text().split(" ")[0]
    into = phone.page.locator(TOTE).inner_text()
    wedge(phone.page, sku)
    asks = phone.page.locator("#scan .prompt[role=status]", has_text="can t")
    phone.page.locator("#scan .p-bad").or_(asks).first.wait_for()
    if phone.page.locator("#scan .p-bad").count():
        return  # the house took the order off the screen in the meantime, and the scan was of it
    wedge(phone.page, "T-05" if "T-05" in into or "at B" in into else "T-03")
    deadline = time.monotonic() + 10
    while phone.page.evaluate(HEAD) == before and time.monotonic() < deadline:
        phone.page.wait_for_timeout(10)
    # It is drawn after it is stored; who reads the screen before that picks the same once more.
    phone.page.wait_for_function("(shown) => document.querySelector('.prog')?.textContent !== shown", arg=shown)


def test_a_device_that_is_killed_at_any_moment_has_every_scan_in_the_books_or_before_a_person(phone):
    """T-05: the browser dies at a random place of the journal, while it sends or not, and is opened again."""
    at, orders = stocked(lines=ROUNDS)
    enrolled(phone, at.site)
    phone.page.get_by_role("button", name="Take a list along").tap()
    phone.says("into a new tote at A")
    phone.offline(True)
    fulfilment.recall_orders(ctx(ADA), RecallOrders([orders[1].order_id], "Customer called"))
    dice = random.Random(5)
    for turn in range(ROUNDS):
        for _ in range(dice.randint(1, 2)):
            if phone.page.locator(ITEM).count():
                pick_one(phone)
        stored = phone.page.evaluate(HEAD)
        phone.kill()
        phone.start(offline=turn < ROUNDS - 2)
        phone.page.evaluate("() => document.querySelector('[data-open]')?.click()")
        phone.page.wait_for_timeout(dice.randint(0, 60))
    phone.offline(False)
    deadline = time.monotonic() + 20
    while JournalEntry.objects.filter(state__in=["applied", "review"]).count() < stored and time.monotonic() < deadline:
        phone.page.wait_for_timeout(50)
    phone.page.locator("[data-net]", has_text=re.compile("needs? you")).wait_for()
    needs = JournalEntry.objects.filter(state="review").count()
    phone.page.locator("[data-net]", has_text=re.compile(f"^{needs} needs? you$")).wait_for()
    last = JournalEntry.objects.latest("seq")
    assert phone.page.locator("[data-action=undo]").count() == 0 or last.state == "applied", "it is in no book"
    told = dict(JournalEntry.objects.order_by("seq").values_list("seq", "state"))
    assert list(told) == list(range(1, stored + 1)), "each stored scan once, none lost"
    assert set(told.values()) == {"applied", "review"}, "those of the order that was called back wait for a person"
    keys = list(JournalEntry.objects.filter(state="applied").values_list("key", flat=True))
    booked = "SELECT count(*) FROM platform_commandrecord WHERE command LIKE 'fulfilment%%' AND key = ANY(%s::text[])"
    assert sql.fetch_value(booked, (keys,)) == len(keys)
    refused = JournalEntry.objects.filter(state="review")
    assert all("This pick is cancelled already." in entry.message for entry in refused)


def test_a_wiped_storage_is_told_on_every_page_and_what_was_lost_once_it_is_approved_anew(phone):
    at = outbound.house()
    enrolled(phone, at.site)
    gone = Device.objects.get()
    Device.objects.update(outbox_told=7)
    phone.page.goto(f"{phone.house}/scan/sheet")
    phone.page.evaluate(WIPE)
    words = f"The storage of this device was wiped. It was {gone.code}."
    phone.page.goto(f"{phone.house}/scan/offline")
    phone.says(words)
    phone.page.goto(f"{phone.house}/scan/pick")
    phone.page.locator("body", has_text=words).wait_for()
    phone.page.get_by_role("link", name="Set up device").tap()
    phone.says(words)
    phone.page.get_by_role("button", name="Ask to join").tap()
    phone.says("Waiting for approval")
    row = Device.objects.get(state="asked")
    assert row.replaces_id == gone.id
    devices.approve_device(ctx(ADA), ApproveDevice(row.id, at.site, "Aisle phone"))
    phone.page.goto(f"{phone.house}/scan/device")
    phone.says("Aisle phone")
    phone.page.goto(f"{phone.house}/scan/offline")
    phone.says(f"7 scans of {gone.code} were not sent and are lost.")


def test_a_badge_and_a_pin_sign_in_and_another_badge_takes_the_device_over(phone):
    at = outbound.house()
    phone.start(at="/scan/sign-in")
    phone.says("This device is not set up")
    wedge(phone.page, "FRB" + "0" * 32)
    phone.page.locator("[data-wrong]", has_text="Sign in with your password.").wait_for()
    phone.kill()
    enrolled(phone, at.site)
    badges = {}
    for person, pin in ((CY, "482917"), (GUS, "739164")):
        devices.set_pin(ctx(person), SetPin(pin))
        badges[person] = devices.issue_badge(ctx(ADA), IssueBadge(person.id)).text
    phone.page.goto(f"{phone.house}/scan/sign-in?next=/scan/offline")
    phone.scan("4711", "That is no badge.")
    phone.scan(badges[CY], "Your PIN")
    for digit in "000001":
        phone.page.locator(f'[data-digit="{digit}"]').tap()
    phone.says("4 tries are left.")
    phone.scan(badges[GUS], "Your PIN")
    for digit in "739164":
        wedge(phone.page, f"FR-{digit}")
    phone.page.wait_for_url("**/scan/offline")
    phone.says("Gus Packer")
    phone.page.goto(f"{phone.house}/tasks")
    assert "opens the floor only" in phone.page.locator("main").inner_text()
