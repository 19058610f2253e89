"""An order is picked and packed by wedge and thumb in counted scans; the station is left and found again."""

from __future__ import annotations

import pytest

from flowrack.fulfilment import commands
from flowrack.fulfilment.types_cartons import CartonTypeOf, SetCartonTypes
from flowrack.platform import sql
from tests import outbound
from tests.browser.conftest import PHONE, at_rest, watched, wedge
from tests.cast import ADA, CY, GUS, ctx

pytestmark = pytest.mark.django_db(transaction=True)


def released() -> None:
    """Five of one item for a picker, and a carton that they fit into."""
    at = outbound.house()
    item = outbound.item("4711")
    sql.execute(
        """
        INSERT INTO catalog_packlevel (item_id, level, factor, length_mm, width_mm, height_mm, weight_g)
        VALUES (%s, 'each', 1, 100, 100, 100, 250) ON CONFLICT (item_id, level)
        DO UPDATE SET length_mm = 100, width_mm = 100, height_mm = 100, weight_g = 250
        """,
        (item,),
    )
    outbound.receive(at, item, 12, "1", "forward_pick1")
    commands.set_carton_types(ctx(ADA), SetCartonTypes([CartonTypeOf("M", 400, 300, 200, 15_000, 300)]))
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 5))
    outbound.allocate(at.site, order)
    outbound.tote(at.site, "T-03")
    outbound.release(at.site, order)


class Hand:
    """Pulls the trigger and counts how often."""

    def __init__(self, page) -> None:
        self.page, self.scans = page, 0

    def scan(self, code: str, *, then: str) -> None:
        self.scans += 1
        wedge(self.page, code)
        self.page.get_by_text(then).first.wait_for()
        at_rest(self.page)


def test_a_line_is_picked_in_two_scans_and_packed_in_one_one_an_item_and_one_though_the_page_was_closed(visit):
    released()
    picker = Hand(visit("/scan/pick", person=CY, size=PHONE, has_touch=True))
    picker.page.locator("[data-action=next]").tap()
    picker.page.get_by_text("Scan the item").first.wait_for()
    picker.scan("4711", then="without a tote")
    picker.scan("T-03", then="List done")
    assert picker.scans == 2

    station = Hand(visit("/scan/pack", person=GUS, size=PHONE, has_touch=True))
    station.scan("T-03", then="Scan item")
    station.scan("4711", then="1 of 5 checked")
    station.scan("4711", then="2 of 5 checked")

    address, back = station.page.url, watched(station.page.context.new_page())
    station.page.close()
    station.page = back
    back.goto(address)
    back.get_by_text("2 of 5 checked").first.wait_for()
    at_rest(back)
    for checked in (3, 4, 5):
        station.scan("4711", then=f"{checked} of 5 checked")
    station.scan("M", then="Scan tote")
    assert station.scans == 1 + 5 + 1
    back.reload()
    at_rest(back)
    assert back.get_by_text("Scan tote").first.is_visible()
    assert sql.fetch_all("SELECT state FROM fulfilment_carton") == [("packed",)]
