"""Every page of the navigation and every floor job, as the people who may open them: drawn, clean, accessible."""

from __future__ import annotations

import pytest

from flowrack.platform.web.nav import all_items
from flowrack.platform.web.scan import all_flows
from tests.browser.conftest import DESK, PHONE, at_rest
from tests.browser.test_axe import faults
from tests.cast import ADA, BO, CY, ED, JO, KIM, OZ, PAM, QUIN

# The dearest tests: a group is begun before all that bears none, so that nobody waits for them at the end.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("pages")]


FRAME = "body > header, body > dialog"


def links(page, selector: str) -> list[str]:
    return page.eval_on_selector_all(selector, "found => found.map(a => a.getAttribute('href'))")


def test_every_page_of_the_navigation(visit):
    """Between them these people may open every page; each page is opened once, by the first who may.

    What is around them is the same on all, with a menu that names a hundred: it is looked at once a person.
    """
    seen: set[str] = set()
    wrong: dict[str, object] = {}
    for person in (ADA, QUIN, PAM, OZ, KIM, ED):
        page = visit("/jobs", person=person, size=DESK)
        looked_at = ""
        base = page.url.removesuffix("/jobs")
        for address in links(page, ".burger a"):
            if address in seen:
                continue
            seen.add(address)
            answer = page.goto(base + address)
            at_rest(page)
            found = faults(page, besides=looked_at)
            looked_at = FRAME
            if answer.status != 200 or found:
                wrong[address] = (answer.status, found)
    assert wrong == {}
    assert len(seen) == len(all_items()), "a page in the navigation that nobody of these may open"


def test_every_floor_job(visit):
    seen: set[str] = set()
    wrong: dict[str, object] = {}
    for person in (ADA, BO, CY, JO):
        page = visit("/scan", person=person, size=PHONE, has_touch=True)
        base = page.url.removesuffix("/scan")
        for address in links(page, ".tile"):
            if address in seen:
                continue
            seen.add(address)
            answer = page.goto(f"{base}{address}?virtual=1")
            at_rest(page)
            found = faults(page)
            if answer.status != 200 or found or page.evaluate("document.documentElement.scrollWidth") > 390:
                wrong[address] = (answer.status, found)
    assert wrong == {}
    assert len(seen - {"/scan/device", "/scan/offline"}) == len(all_flows())  # those two are of the device itself
