"""A released transfer is staged on a phone: a pallet in three scans, loose goods by bin and number, or all by touch."""

from __future__ import annotations

from datetime import date

import pytest

from flowrack.ledger.tests.house import house
from flowrack.ledger.tests.house import receive as stocked
from flowrack.ledger.verify import verify
from flowrack.shared.quantity import Units
from flowrack.storage.commands import move_stock
from flowrack.storage.commands_transfer_plans import plan_transfer, release_transfers
from flowrack.storage.tests.house import lpn
from flowrack.storage.types import ItemMove, MoveStock
from flowrack.storage.types_transfer_plans import PlanLine, PlanTransfer, ReleaseTransfers
from tests.browser.conftest import PHONE, at_rest, wedge
from tests.cast import BO, MAY, ctx
from tests.supply import item, standing

pytestmark = pytest.mark.django_db(transaction=True)


def released() -> tuple[str, int]:
    """Ten go from W1: six stand on a pallet, the others lie in a bin; the number of the transfer, and the item."""
    here, there, hose = house("W1"), house("W2"), item("V-200")
    stocked(here, hose, 6, "4", "reserve2")
    onto = ItemMove(hose, Units(6), here.places["reserve2"], here.places["reserve2"], to_lpn_id=lpn(here, "PAL-9"))
    move_stock(ctx(BO), MoveStock(here.site, items=[onto]))
    stocked(here, hose, 10, "4", "reserve1")
    made = plan_transfer(
        ctx(MAY), PlanTransfer(here.site, there.site, [PlanLine(hose, 10)], date(2030, 3, 5), "SO-7 waits")
    )
    release_transfers(ctx(MAY), ReleaseTransfers([made.transfer_id]))
    return made.number, hose


def test_a_pallet_is_three_scans_and_what_is_loose_a_bin_and_a_number(visit):
    number, hose = released()
    page = visit("/scan/stage-transfer", person=BO, size=PHONE, has_touch=True)
    scans = taps = 0
    for code, words in (
        (number, "Scan staging place"),
        ("staged-1", "Scan bin or pallet"),
        ("PAL-9", "Scan bin or pallet"),
        ("reserve-1", "How many go?"),
    ):
        wedge(page, code)
        scans += 1
        page.get_by_text(words).first.wait_for()
        at_rest(page)
        if code == "PAL-9":
            assert page.get_by_text("6 of PAL-9").first.is_visible()
    page.locator("[data-pad-ok]").tap()
    taps += 1
    page.get_by_text("Nothing is to be staged").first.wait_for()
    assert (scans, taps) == (4, 1)
    assert standing(hose) == {("staged-1", "staged"): 10, ("reserve-1", "reserve"): 6}
    assert verify() == []


def test_it_can_be_done_by_touch_alone_and_what_is_wrong_is_said(visit):
    number, hose = released()
    page = visit(f"/scan/stage-transfer?transfer={number}", person=BO, size=PHONE, has_touch=True)

    def typed(code: str, then: str) -> None:
        page.locator(".typer summary").tap()
        page.locator("[data-typed]").fill(code)
        page.locator("[data-type] button").tap()
        page.get_by_text(then).first.wait_for()
        at_rest(page)

    typed("reserve-1", "is no staging place of W1")
    typed("staged-1", "Scan bin or pallet")
    typed("reserve-1", "How many go?")
    for action in page.locator("#scan button:visible").all():
        box = action.bounding_box()
        assert box is None or box["height"] >= 44, action.inner_text()
    page.locator("[data-pad-ok]").tap()
    page.get_by_text("Nothing is to be staged").first.wait_for()
    assert standing(hose)["staged-1", "staged"] == 10


def test_a_network_that_fails_in_the_middle_loses_nothing_and_doubles_nothing_and_the_screen_says_so(visit):
    number, hose = released()
    page = visit(f"/scan/stage-transfer?transfer={number}", person=BO, size=PHONE, has_touch=True)
    wedge(page, "staged-1")
    page.get_by_text("Scan bin or pallet").first.wait_for()
    at_rest(page)
    heard = {"is": False, "lost": 0}

    def lose(route):
        if heard["is"] or route.request.method != "POST":
            route.continue_()
            return
        heard["lost"] += 1
        if heard["lost"] > 1:
            route.fetch()  # the pallet is staged; the phone never hears of it, and asks again
        route.abort()

    page.route("**/scan/stage-transfer**", lose)
    wedge(page, "PAL-9")
    page.get_by_text("Offline, 1 kept").first.wait_for()
    wedge(page, "reserve-1")
    page.get_by_text("Offline, 2 kept").first.wait_for()
    while heard["lost"] < 3:
        page.wait_for_timeout(100)
    assert standing(hose)["staged-1", "staged"] == 6, "what was done before it was heard is done once"
    heard["is"] = True
    page.get_by_text("How many go?").first.wait_for()
    at_rest(page)
    assert page.get_by_text("kept").count() == 0
    page.locator("[data-pad-ok]").tap()
    page.get_by_text("Nothing is to be staged").first.wait_for()
    assert standing(hose) == {("staged-1", "staged"): 10, ("reserve-1", "reserve"): 6}
    assert verify() == []
