"""A receiver with a phone and a wedge scanner clears a pallet and puts it away in a counted number of scans."""

from __future__ import annotations

import pytest

from flowrack.dock.tests.yard import announced, line, sscc, yard
from flowrack.platform import passwords, sql
from flowrack.platform.models import User
from flowrack.platform.outbox import drain
from tests.browser.conftest import PHONE, at_rest, wedge
from tests.cast import BO, user_id
from tests.supply import standing

pytestmark = pytest.mark.django_db(transaction=True)


class Scanner:
    """Counts how often the trigger is pulled; the page is at rest after each."""

    def __init__(self, page) -> None:
        self.page, self.scans = page, 0

    def scan(self, code: str, *, then: str) -> None:
        self.scans += 1
        wedge(self.page, code)
        self.page.get_by_text(then).first.wait_for()
        at_rest(self.page)


def test_an_asn_pallet_is_cleared_in_at_most_three_scans_and_put_away_in_two(visit):
    at = yard()
    announced(at, line(quantity="600", sscc=sscc(1)), line(quantity="360", sscc=sscc(2)))
    dock = Scanner(visit("/scan/receive", person=BO, size=PHONE, has_touch=True))

    dock.scan("receiving-2", then="at receiving-2")
    dock.scan(f"(00){sscc(1)}", then="1 more to come")
    assert dock.scans <= 3
    assert standing(at.hose) == {("receiving-2", "receiving"): 600}
    dock.page.locator("[data-action=undo]").tap()
    dock.page.get_by_text("2 more to come").first.wait_for()
    at_rest(dock.page)
    assert standing(at.hose) == {}
    dock.scan(sscc(1), then="1 more to come")

    drain()
    place = sql.fetch_value(
        "SELECT b.code FROM storage_plannedmove m JOIN locations_location b ON b.id = m.to_location_id"
    )
    lift = Scanner(visit("/scan/putaway", person=BO, size=PHONE, has_touch=True))
    lift.scan(sscc(1), then=place.rpartition("-")[2])
    lift.scan(place, then="Stored")
    assert lift.scans == 2
    assert standing(at.hose) == {(place, "reserve"): 600}
    lift.page.locator("[data-action=undo]").tap()
    lift.page.get_by_text("1 to put away").first.wait_for()
    at_rest(lift.page)
    assert standing(at.hose) == {("receiving-2", "receiving"): 600}


def test_goods_without_a_reference_are_counted_by_keyboard(visit):
    at = yard()
    page = visit("/scan/receive", person=BO, size=PHONE, has_touch=True)
    dock = Scanner(page)
    dock.scan("receiving-2", then="receiving-2")
    page.locator("[data-action=blind]").tap()
    page.get_by_text("It waits in quarantine").first.wait_for()
    at_rest(page)
    dock.scan(sql.fetch_value("SELECT sku FROM catalog_item WHERE id = %s", (at.hose,)), then="How many?")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    page.get_by_text("12 counted").first.wait_for()
    dock.scan("LP-12", then="held for the buyer")
    assert list(standing(at.hose).values()) == [12]


def test_a_receiver_who_signs_in_on_a_phone_stands_at_the_scanner(visit):
    User.objects.filter(pk=user_id(BO)).update(password=passwords.hash_of("correct horse battery staple"))
    page = visit("/sign-in", person=None, size=PHONE)
    page.locator("#id_username").fill("bo")
    page.locator("#id_password").fill("correct horse battery staple")
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/scan")
