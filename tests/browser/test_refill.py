"""Refills on a phone: two scans each, by the wedge and by touch, with the network and without."""

from __future__ import annotations

import pytest

from flowrack.devices.models import JournalEntry
from flowrack.ledger.tests.house import House
from flowrack.ledger.tests.house import receive as stocked
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.replenishment import commands
from flowrack.replenishment.types import PlanRefills
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import PickFaceSetting, SetPickFaces
from tests.browser.conftest import PHONE, at_rest, wedge
from tests.browser.phones import Phone, enrolled
from tests.cast import ADA, CY, ctx
from tests.supply import item, standing

pytestmark = pytest.mark.django_db(transaction=True)
FACES = {"V-200": ("forward_pick1", "R-01"), "22303": ("forward_pick2", "R-02")}


def low() -> tuple[House, dict[str, int]]:
    """Two faces that run low, each with 100 of its item in a bin of the reserve."""
    here = shelves()
    items = {sku: item(sku) for sku in FACES}
    faces = [PickFaceSetting(here.places[FACES[sku][0]], items[sku], Units(10), Units(40)) for sku in FACES]
    storage.set_pick_faces(ctx(ADA), SetPickFaces(here.site, faces))
    for sku, (_, place) in FACES.items():
        stocked(here, items[sku], 100, "1", place)
    commands.plan_refills(ctx(ADA), PlanRefills(here.site))
    return here, items


def asked(page) -> tuple[str, str]:
    """The bin on the screen, and of which item it is."""
    return page.locator("#scan .bin").inner_text(), page.locator("#scan .item b").inner_text().split(" ")[0]


def test_a_refill_is_two_scans_by_the_wedge_and_can_be_done_by_touch_alone(visit):
    _, items = low()
    page = visit("/scan/refill", person=CY, size=PHONE, has_touch=True)
    scans = taps = 0
    place, sku = asked(page)
    face = "forward_pick-1" if sku == "V-200" else "forward_pick-2"
    wedge(page, "R-03")
    at_rest(page)
    assert page.get_by_text(f"Scan {place}.").is_visible()
    for code, words in ((place, "Scan face"), (face, "Scan bin")):
        wedge(page, code)
        scans += 1
        page.locator("#scan .prompt[role=status]", has_text=words).wait_for()
        at_rest(page)
    assert scans == 2
    first, (place, sku) = sku, asked(page)
    face = "forward_pick-1" if sku == "V-200" else "forward_pick-2"

    def typed(code: str, then: str) -> None:
        nonlocal taps
        page.locator(".typer summary").tap()
        page.locator("[data-typed]").fill(code)
        page.locator("[data-type] button").tap()
        taps += 2
        page.locator("#scan .prompt[role=status]", has_text=then).wait_for()
        at_rest(page)

    typed(place, "Scan face")
    page.locator("[data-action=units]").tap()
    page.get_by_text("How many?").first.wait_for()
    page.locator('[data-digit="2"]').tap()
    page.locator('[data-digit="5"]').tap()
    page.locator("[data-pad-ok]").tap()
    page.locator("#scan .prompt[role=status]", has_text="Scan face").wait_for()
    page.get_by_text("25").first.wait_for()
    at_rest(page)
    typed(face, "Scan")
    assert taps == 4
    assert sorted(standing(items[sku]).values()) == [25, 75]
    assert sorted(standing(items[first]).values()) == [40, 60]
    assert not verify()


def test_refills_are_carried_without_network_killed_with_the_goods_on_the_fork_and_booked_once(phone: Phone) -> None:
    here, items = low()
    enrolled(phone, here.site)
    phone.page.get_by_role("button", name="Take refills along").tap()
    phone.says("Scan bin")
    place, sku = asked(phone.page)
    face = "forward_pick-1" if sku == "V-200" else "forward_pick-2"
    phone.offline(True)
    phone.scan("R-03", f"Scan {place}.")
    phone.scan(place, "Scan face")
    phone.scan(place, "Scan face")  # the trigger was pulled twice
    phone.kill()

    phone.start(offline=True)
    phone.says("Scan face")
    phone.page.locator("[data-action=units]").tap()
    phone.page.locator('[data-digit="2"]').tap()
    phone.page.locator('[data-digit="5"]').tap()
    phone.page.locator("[data-pad-ok]").tap()
    phone.scan(face, "1 of 2")
    phone.page.locator("#scan .ticks", has_text=f"25 × {sku}").wait_for()
    place, other = asked(phone.page)
    phone.scan(place, "Scan face")
    phone.page.locator("[data-action=put_down]").tap()
    phone.says("All refilled")
    phone.says("Offline, 4 stored")
    assert JournalEntry.objects.count() == 0
    phone.offline(False)
    phone.says("Online")
    assert list(JournalEntry.objects.order_by("seq").values_list("flow", "state")) == [
        ("refill.lift", "applied"), ("refill.land", "applied"), ("refill.lift", "applied"), ("refill.down", "applied"),
    ]  # fmt: skip
    assert sorted(standing(items[sku]).values()) == [25, 75]
    assert standing(items[other]) == {(place, "reserve"): 100}
    assert sql.fetch_value("SELECT count(*) FROM ledger_posting WHERE occurred_at > recorded_at") == 0
    assert not verify()
