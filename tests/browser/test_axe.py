"""Axe on every pattern, in both themes and at both sizes: WCAG 2.0 to 2.2, A and AA, target size included."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESK, PHONE, at_rest

pytestmark = pytest.mark.django_db(transaction=True)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Only faults are worked out in full: what is right, and where, costs as much again.
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
PAGES = [
    "/house/orders", "/house/orders/3", "/house/form", "/house/grid", "/house/empty", "/house/closed",
    "/house/pictures", "/jobs", "/sign-in", "/scan", "/scan/house?virtual=1", "/nothing-here",
]  # fmt: skip


def faults(page, *, besides: str = "") -> list[str]:
    """What axe finds on the page, besides what was looked at before and is the same on every page."""
    context = {"exclude": [[besides]]} if besides else None
    answer = Axe().run(page, context, OPTIONS).response
    return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in answer["violations"] for n in v["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_pattern_is_accessible(visit, theme, size):
    page = visit(PAGES[0], size=size, color_scheme=theme)
    found = {}
    for address in PAGES:
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + address)
        at_rest(page)
        wrong = faults(page)
        if wrong:
            found[address] = wrong
    assert found == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_opens_over_the_page_is_accessible(visit, theme):
    page = visit("/house/orders", color_scheme=theme)
    page.keyboard.press("Control+k")
    page.wait_for_selector("#pl li")
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.locator("#palette").wait_for(state="hidden")
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.locator("#keys").wait_for(state="hidden")
    page.locator("#f-state summary").click()
    assert faults(page) == []
    page.locator("[data-pick-all]").check()
    assert faults(page) == []
