"""What "Ship from elsewhere" tells before it is done: days, freight, stock, holds; and nothing is written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from tests import outbound
from tests.cast import KIM, LOU, bearer, ctx, signed_in

from flowrack.platform import sql
from flowrack.promise import commands_sites, rules_moved, steps_move_preview
from flowrack.promise.rules_moved import LineMoves
from flowrack.promise.tests import elsewhere, given
from flowrack.promise.tests.elsewhere import two_sites, where
from flowrack.promise.types_sites import MoveLines, MoveUnits, SiteRefused
from flowrack.sales import commands_holds
from flowrack.sales.types_holds import PlaceHolds

pytestmark = pytest.mark.django_db(transaction=True)


def told(*asked: object) -> list[str]:
    req = MoveLines(*asked)  # type: ignore[arg-type]
    return steps_move_preview.preview(ctx(LOU), commands_sites.move_lines, req).consequences


def test_a_part_that_moves_is_told_with_its_day_who_gets_the_stock_and_what_it_costs():
    at, north = two_sites(40, 100)
    elsewhere.site_rule(split_cost=Decimal("12.50"))
    order = outbound.order(at.site, "ACME", ("V-200", 40))
    given.drain()
    outbound.allocate(at.site)
    waits = outbound.order(at.site, "ACME", ("V-200", 10))
    given.drain()
    before, rows = where(), given.rows()
    said = told(order.order_id, [MoveUnits(order.line_ids[0], 15)], north.site, "")
    assert said == [
        f"15 V-200 (line 1) go to a new order beside {order.number}, which ships from NORTH: two deliveries.",
        "15 reserved units are given back at W1, free for others at once.",
        f"May go to {waits.number} (tier B) 10 of V-200, who wait for it.",
        "Line 1, V-200: there on Wed 4 Mar from NORTH, as promised.",
        "One more shipment counts 12.50 by the rules.",
        "What the freight comes to nobody can say: no rate card covers it.",
    ]
    assert (where(), given.rows()) == (before, rows)


def test_a_whole_order_keeps_its_number_and_a_later_day_is_named():
    at, north = two_sites(40, 0)
    order = outbound.order(at.site, "ACME", ("V-200", 4))
    given.drain()
    said = told(order.order_id, [], north.site, "the truck is there")
    assert said[0] == f"All of {order.number} ships from NORTH; it keeps its number."
    assert "Line 1, V-200: nobody can say when it is there from NORTH; it was promised for Wed 4 Mar." in said
    assert where() == [(order.number, "W1", 4, 0)]
    with pytest.raises(SiteRefused):
        told(order.order_id, [], at.site, "")


def test_what_joins_an_order_on_hold_is_told_and_the_page_shows_it_before_it_is_done():
    at, north = two_sites(100, 100)
    order = outbound.order(at.site, "ACME", ("V-200", 40))
    browser, path = signed_in(KIM), f"/orders/{order.order_id}/ship-from"
    page = browser.get(path).content.decode()
    assert f"All of {order.number} ships from NORTH; it keeps its number." in page and "What will happen" in page
    line = order.line_ids[0]
    asked = {"idempotency_key": "k", "preview": "1", "site": north.site, f"units-{line}": "5"}
    part = browser.post(path, asked, headers={"HX-Request": "true"}).content.decode()
    assert f"5 V-200 (line 1) go to a new order beside {order.number}" in part and "<html" not in part
    assert where() == [(order.number, "W1", 40, 0)]
    browser.post(path, {**asked, "reason": "sooner", "preview": ""} | {"idempotency_key": "l"})
    assert len(where()) == 1, "a preview does nothing, whatever else is typed"
    done = {name: value for name, value in asked.items() if name != "preview"}
    assert browser.post(path, {**done, "reason": "sooner"}).status_code == 303
    [_, (beside, *_)] = where()
    target = sql.fetch_value("SELECT id FROM sales_order WHERE number = %s", (beside,))
    commands_holds.place_holds(ctx(LOU), PlaceHolds("credit dispute", [target], []))
    body = {"site": "NORTH", "lines": [{"line_id": line, "units": 5}], "reason": ""}
    keyless = {name: value for name, value in bearer(KIM).items() if name != "Idempotency-Key"}
    answer = Client().post(f"/api/v1{path}/preview", body, "application/json", headers=keyless).json()
    assert answer["consequences"][0] == f"5 V-200 (line 1) join {beside}, which ships from NORTH already."
    assert "They are on hold with it." in answer["consequences"]


def test_money_is_told_beside_what_it_is_now():
    assert rules_moved.money(930, 410, 560, Decimal("2")) == [
        "Freight and split come to 11.70, of which 2.00 for the shipment more, instead of 9.30."
    ]
    assert rules_moved.money(930, 930, 0, Decimal(0)) == ["It costs as much as before: 9.30."]
    lines = [LineMoves(n, f"S-{n}", 1_000 * n) for n in range(1, 7)]
    assert rules_moved.where("SO-1", "NORTH", lines, "SO-2", is_whole=False, is_new=False) == (
        "1,000 S-1 (line 1), 2,000 S-2 (line 2), 3,000 S-3 (line 3), 4,000 S-4 (line 4) and 2 more lines join SO-2, "
        "which ships from NORTH already."
    )
