"""A packer leaves the station with a carton half checked, and comes back."""

from __future__ import annotations

import pytest

from flowrack.platform import sql
from tests import outbound
from tests.browser.conftest import PHONE, at_rest, watched, wedge
from tests.cast import GUS

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_was_checked_survives_the_closing_of_the_page_until_the_carton_is_closed(visit):
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 12, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 5))
    outbound.allocate(at.site, order)
    outbound.tote(at.site, "T-03")
    outbound.pick_all(
        outbound.release(at.site, order), tote_id=sql.fetch_value("SELECT id FROM locations_lpn WHERE code = 'T-03'")
    )
    station = visit("/scan/pack", person=GUS, size=PHONE, has_touch=True)
    wedge(station, "T-03")
    station.get_by_text("Scan item").first.wait_for()
    for checked in (1, 2):
        wedge(station, "4711")
        station.get_by_text(f"{checked} of 5 checked").wait_for()
    at_rest(station)

    address, back = station.url, station.context.new_page()
    back.under_way = watched(back)
    station.close()
    back.goto(address)
    back.get_by_text("2 of 5 checked").wait_for()
    wedge(back, "4711")
    back.get_by_text("3 of 5 checked").wait_for()
    back.locator("[data-action=all]").tap()
    back.locator("[data-action=close]").tap()
    back.get_by_text("Scan tote").first.wait_for()
    back.reload()
    at_rest(back)
    assert back.get_by_text("Scan tote").first.is_visible()
    assert sql.fetch_all("SELECT state FROM fulfilment_carton") == [("packed",)]
