"""A keypad on a scan screen: what fills in its number, and what books it."""

from __future__ import annotations

from tests.browser.conftest import wedge
from tests.browser.test_scan import codes, scanner, settled  # noqa: F401 - the fixture


def test_a_keypad_that_only_fills_keeps_the_number_until_its_button_is_pressed(scanner):  # noqa: F811 - the fixture
    scanner.locator("[data-action=short]").tap()
    scanner.wait_for_selector("[data-pad]")
    scanner.evaluate("document.querySelector('[data-pad]').dataset.fills = 'yes'")
    wedge(scanner, "12", gap_ms=0)
    assert scanner.locator("[data-pad-value]").inner_text() == "12"
    scanner.locator("[data-reason=damaged]").tap()
    wedge(scanner, "WRONG")
    settled(scanner)
    assert scanner.locator("[data-pad-value]").inner_text() == "12", "a wrong scan takes nothing away"
    scanner.locator("[data-pad-ok]").tap()
    settled(scanner)
    assert codes() == ["action:short", "qty:12:damaged"]
