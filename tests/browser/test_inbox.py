"""The approval inbox by keys at a desk, and with a thumb on a phone."""

from __future__ import annotations

import pytest

from flowrack.approvals.tests.papers import MANAGER, paper, policy, state, submit
from tests.browser.conftest import PHONE, at_rest
from tests.browser.test_axe import faults
from tests.cast import ED
from tests.supply import house as build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked():
    policy("always", MANAGER)
    site = build().site
    papers = (paper(n, site=site, amount=f"{n}00", sentence=f"Sentence {n}.") for n in (4, 3, 2, 1))
    return submit(*papers)


def title(page) -> str:
    return page.text_content("#at")


def test_the_inbox_is_worked_by_keys(visit, asked):
    four, three, two, one = asked
    page = visit("/approvals", person=ED)
    assert (title(page), faults(page)) == ("Paper 4", [])
    for key, expected in (("j", "Paper 3"), ("j", "Paper 2"), ("k", "Paper 3")):
        with page.expect_navigation():
            page.keyboard.press(key)
        assert title(page) == expected
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == "nt"
    page.keyboard.type("Too dear")
    with page.expect_navigation():
        page.get_by_role("button", name="Reject").click()
    assert title(page) == "Paper 4"
    with page.expect_navigation():
        page.keyboard.press("a")
    assert title(page) == "Paper 2"
    page.keyboard.press("x")
    page.get_by_label(f"Select {one.number}", exact=True).check()
    assert page.text_content("[data-count]") == "2 selected"
    with page.expect_navigation():
        page.get_by_role("region", name="Batch actions").get_by_role("button", name="Approve").click()
    assert "Nothing waits for you." in page.text_content(".al")
    assert [state(o) for o in (four, three, two, one)] == ["approved", "rejected", "approved", "approved"]
    assert page.trouble == []


def test_on_a_phone_the_list_comes_first_and_one_tap_decides(visit, asked):
    page = visit("/approvals", person=ED, size=PHONE, has_touch=True)
    assert page.is_visible("text=Paper 4") and not page.is_visible("#at")
    page.get_by_role("link", name="Paper 3").tap()
    page.wait_for_selector("#at")
    at_rest(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert not page.is_visible(".al") and faults(page) == []
    assert page.get_by_role("link", name="Let somebody stand in").is_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Approve").tap()
    assert state(asked[1]) == "approved" and not page.is_visible("#at")
