"""“When can I have 40?” from any page: the keys that are pressed until the answer stands there, counted honestly."""

from __future__ import annotations

from typing import Any

import pytest

from flowrack.platform import sql
from flowrack.promise.tests import given
from tests import outbound
from tests.browser.conftest import PHONE, answered, at_rest, wedge
from tests.cast import KIM

pytestmark = pytest.mark.django_db(transaction=True)

MOST_KEYS = 8
ANSWER = "#palette[open] #pl li.on b:has-text('40 x 22569: all')"


class Keys:
    """Presses keys and counts them; a key that is held with another counts as one more."""

    def __init__(self, page: Any) -> None:
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press("Space" if key == " " else key)
            self.count += len(key.split("+"))


def pages(at: outbound.House) -> list[str]:
    """Pages of every kind: a record, a list, a chart, a form without the cursor in a field, the question's own."""
    order = outbound.order(at.site, "ACME", ("22569", 5))
    item = sql.fetch_value("SELECT id FROM catalog_item WHERE sku = '22569'")
    return [f"/orders/{order.order_id}", "/orders", "/", "/tower", f"/items/{item}", "/promise?q=40+22569+acme",
            "/promise/setup"]  # fmt: skip


def house() -> outbound.House:
    at = outbound.house()
    outbound.receive(at, outbound.item("22569"), 100, "1")
    outbound.customer()
    return at


def test_the_answer_stands_there_after_eight_keys_on_any_page(visit):
    at = house()
    for address in pages(at):
        page = visit(address, person=KIM)
        if page.evaluate("document.activeElement.matches('input')"):
            page.evaluate("document.activeElement.blur()")
        keys = Keys(page)
        keys.press(*"40 22569")
        page.wait_for_selector(ANSWER)
        assert keys.count <= MOST_KEYS, address
        told = page.locator("#pl li.on").inner_text()
        assert ("for ACME Ltd" in told) is ("/orders/" in address), address


def test_the_item_of_the_open_page_needs_no_code(visit):
    at = house()
    page = visit(pages(at)[4], person=KIM)
    keys = Keys(page)
    keys.press("4", "0")
    page.wait_for_selector(ANSWER)
    answered(page)
    keys.press("Enter")
    page.wait_for_url("**/promise?q=40*")
    assert keys.count == 3
    assert page.locator("h1").inner_text() == "When can I have 40?"


def test_digits_stay_digits_in_fields_and_dialogs(visit):
    house()
    page = visit("/orders", person=KIM)
    page.locator("#q").focus()
    page.keyboard.type("40")
    assert page.input_value("#q") == "40" and page.locator("#palette[open]").count() == 0
    page.keyboard.press("Escape")
    page = visit("/promise?q=40+22569+acme", person=KIM)
    page.keyboard.press("1")
    page.wait_for_selector("#palette[open]")
    assert page.locator("#palette[open] input").input_value() == "1", "no option is held by a digit"
    assert given.rows()["promise_quote"] == 0


def test_a_code_that_is_scanned_on_a_page_opens_the_thing(visit):
    house()
    page = visit("/", person=KIM)
    wedge(page, "22569")
    page.wait_for_url("**/items/*")


def test_on_a_phone_the_answer_fits_the_screen(visit):
    house()
    page = visit("/promise?q=40+22569+acme", person=KIM, size=PHONE)
    at_rest(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
