"""Codes are looked up while one types, by keys alone; what a scanner types is left as it is."""

from __future__ import annotations

import pytest

from tests.browser.conftest import answered
from tests.browser.test_axe import faults
from tests.cast import DI
from tests.supply import house, item, sells, supplier

pytestmark = pytest.mark.django_db(transaction=True)


def found(page, code: str) -> None:
    """The code is among those that fit, and no later answer to what was typed draws them anew."""
    answered(page)
    page.wait_for_selector(f"#looks [data-code='{code}']")


def test_a_supplier_and_an_item_are_chosen_by_keys_and_a_scanned_code_needs_no_choice(visit):
    house("W1")
    seller = supplier("OSTLER")
    for sku in ("V-200", "V-300"):
        sells(seller, item(sku), "4")
    page = visit("/purchase-orders/new", person=DI)
    page.get_by_label("Supplier", exact=True).focus()
    page.keyboard.type("ostler w")
    found(page, "OSTLER")
    assert faults(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.get_by_label("Supplier", exact=True).input_value() == "OSTLER"
    cell = page.get_by_label("Item, barcode or SKU, line 1", exact=True)
    cell.focus()
    page.keyboard.type("v-")
    found(page, "V-300")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert (cell.input_value(), page.locator("#looks").is_hidden()) == ("V-300", True)
    page.keyboard.press("Enter")
    page.keyboard.type("V-2")
    found(page, "V-200")
    page.keyboard.type("00")
    page.keyboard.press("Enter")
    assert page.get_by_label("Item, barcode or SKU, line 2", exact=True).input_value() == "V-200"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Item, barcode or SKU, line 3"
