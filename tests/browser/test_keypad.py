"""A keypad on a scan screen: what fills in its number, and what books it."""

from __future__ import annotations

import pytest

from tests.browser.conftest import wedge
from tests.browser.test_scan import codes, scanner, settled  # noqa: F401 - the fixture

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_keypad_that_only_fills_keeps_the_number_until_its_button_is_pressed(scanner):  # noqa: F811 - the fixture
    scanner.locator("[data-action=short]").tap()
    scanner.wait_for_selector("[data-pad]")
    scanner.evaluate("document.querySelector('[data-pad]').dataset.fills = 'yes'")
    wedge(scanner, "12", gap_ms=0)
    assert scanner.locator("[data-pad-value]").inner_text() == "12"
    scanner.locator("[data-reason=damaged]").tap()
    wedge(scanner, "WRONG")
    scanner.get_by_role("alert").wait_for()
    settled(scanner)
    assert scanner.locator("[data-pad-value]").inner_text() == "12", "a wrong scan takes nothing away"
    scanner.locator("[data-pad-ok]").tap()
    settled(scanner)
    assert codes() == ["action:short", "qty:12:damaged"]


def test_a_quantity_is_typed_or_tapped_and_a_scan_in_between_is_a_scan(scanner):  # noqa: F811 - the fixture
    scanner.locator("[data-action=short]").tap()
    scanner.wait_for_selector("[data-pad]")
    scanner.locator("[data-digit='7']").tap()
    scanner.locator("[data-reason=damaged]").tap()
    scanner.locator("[data-pad-ok]").tap()
    settled(scanner)
    scanner.locator("[data-action=short]").tap()
    scanner.wait_for_selector("[data-pad]")
    wedge(scanner, "9520123456788", gap_ms=1)
    settled(scanner)
    wedge(scanner, "4711", gap_ms=160)
    settled(scanner)
    wedge(scanner, "12", gap_ms=160)
    settled(scanner)
    assert codes() == ["action:short", "qty:7:damaged", "action:short", "9520123456788", "4711", "qty:12:none"]


@pytest.mark.parametrize(
    ("typed", "gap_ms", "heard"),
    [
        ("12", 160, "qty:12:none"),
        ("12", 0, "qty:12:none"),  # nobody scans two digits
        ("12345", 160, "qty:12345:none"),
        ("4711", 160, "4711"),  # the goods' own code, however slow
        ("123456", 160, "123456"),  # more than a quantity has
        ("96385074", 160, "96385074"),  # a GTIN
    ],
)
def test_where_a_number_is_asked_for_digits_and_enter_are_the_number(
    scanner,  # noqa: F811 - the fixture
    typed: str,
    gap_ms: int,
    heard: str,
):
    scanner.locator("[data-action=short]").tap()
    scanner.wait_for_selector("[data-pad]")
    wedge(scanner, typed, gap_ms=gap_ms)
    settled(scanner)
    assert codes() == ["action:short", heard]


def test_a_burst_of_four_digits_is_a_label_where_a_number_is_asked_for(scanner):  # noqa: F811 - the fixture
    scanner.locator("[data-action=short]").tap()
    scanner.wait_for_selector("[data-pad]")
    scanner.evaluate("""() => {
      for (const key of ["4", "7", "1", "2", "Enter"])
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code: key, bubbles: true, cancelable: true }));
    }""")
    settled(scanner)
    assert codes() == ["action:short", "4712"]


def test_two_keys_rolled_over_and_a_later_enter_are_a_persons(scanner):  # noqa: F811 - the fixture
    scanner.locator("[data-action=short]").tap()
    scanner.wait_for_selector("[data-pad]")
    scanner.evaluate("""async () => {
      const press = (key) => document.body.dispatchEvent(
        new KeyboardEvent("keydown", { key, code: key, bubbles: true, cancelable: true }));
      for (const key of "1234") press(key);
      await new Promise((done) => setTimeout(done, 600));
      press("Enter");
    }""")
    settled(scanner)
    assert codes() == ["action:short", "qty:1234:none"]


def test_digits_in_the_virtual_scanners_box_are_the_number_that_is_asked_for(scanner):  # noqa: F811 - the fixture
    scanner.locator("[data-action=short]").tap()
    scanner.wait_for_selector("[data-pad]")
    scanner.locator("[data-typed]").fill("12")
    scanner.locator("[data-typed]").press("Enter")
    settled(scanner)
    assert codes() == ["action:short", "qty:12:none"]


def test_backspace_takes_the_last_digit_off_and_the_next_one_stands_behind_the_rest(scanner):  # noqa: F811 - the fixture
    scanner.locator("[data-action=short]").tap()
    scanner.wait_for_selector("[data-pad]")
    for key, shown in (("9", "9"), ("8", "98"), ("Backspace", "9"), ("5", "95"), ("Backspace", "9"),
                       ("Backspace", "0"), ("7", "7")):  # fmt: skip
        scanner.keyboard.press(key, delay=20)
        scanner.wait_for_timeout(120)
        assert scanner.locator("[data-pad-value]").inner_text() == shown, key
    scanner.keyboard.press("2")
    scanner.wait_for_timeout(120)
    scanner.keyboard.press("Enter")
    settled(scanner)
    assert codes() == ["action:short", "qty:72:none"]
