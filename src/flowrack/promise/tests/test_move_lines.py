"""move_lines: a person lets an order, or units of it, ship from another site; what a picker has stays."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, CY, KIM, LOU, bearer, ctx, signed_in

from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.promise import commands_sites as commands
from flowrack.promise.tests import elsewhere, given
from flowrack.promise.tests.elsewhere import astray, two_sites, where
from flowrack.promise.types_sites import MoveLines, MoveUnits, SiteRefused
from flowrack.sales import commands_holds
from flowrack.sales.types import OrderNotFound
from flowrack.sales.types_holds import PlaceHolds
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands as shipping
from flowrack.shipping.types import PrepareShipment
from flowrack.shipping.types_loads import CancelLoad, PlanLoad, Truck

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "the customer needs it sooner"


def test_a_whole_order_keeps_its_number_gives_its_stock_back_and_is_promised_anew():
    at, north = two_sites(100, 100)
    order = outbound.order(at.site, "ACME", ("V-200", 40))
    given.drain()
    outbound.allocate(at.site)
    req = MoveLines(order.order_id, [], north.site, WHY)
    done = commands.move_lines(ctx(KIM, "k"), req)
    assert commands.move_lines(ctx(KIM, "k"), req) == done
    assert (done.moved[0].number, done.moved[0].unpromised_units) == (order.number, 40)
    assert where() == [(order.number, "NORTH", 40, 0)]
    before = sql.fetch_all("SELECT site_id, ships_on FROM promise_linepromise")
    given.drain()
    # It has two days to go from there.
    assert (before, sql.fetch_all("SELECT site_id, first_ships_on, ships_on FROM promise_linepromise")) == (
        [(north.site, given.TODAY.replace(day=3))],
        [(north.site, given.TODAY.replace(day=3), given.TODAY)],
    )
    outbound.allocate(north.site)
    assert astray() == [] and not verify()


def test_units_go_to_an_order_beside_it_and_come_back_to_where_they_were():
    at, north = two_sites(100, 100)
    order = outbound.order(at.site, "ACME", ("V-200", 40), ("V-200", 5), reference="PO 7")
    given.drain()
    outbound.allocate(at.site)
    line, other = order.line_ids
    [moved] = commands.move_lines(
        ctx(KIM), MoveLines(order.order_id, [MoveUnits(line, 15), MoveUnits(other)], north.site, WHY)
    ).moved
    assert (moved.from_line_ids, moved.unpromised_units) == ([other, line], 20)
    assert where() == [
        (order.number, "W1", 25, 25), (moved.number, "NORTH", 5, 0), (moved.number, "NORTH", 15, 0),
    ]  # fmt: skip
    heads = "SELECT reference, requested_on, ship_by_on, tier, state FROM sales_order ORDER BY id"
    assert sql.fetch_all(heads) == [
        ("PO 7", given.WED, given.TODAY.replace(day=3), "B", "confirmed"),
        ("PO 7 NORTH", given.WED, given.TODAY.replace(day=3), "B", "confirmed"),
    ]
    # More of the first line joins the same order; what comes back is an order at its site again.
    [again] = commands.move_lines(ctx(KIM), MoveLines(order.order_id, [MoveUnits(line, 5)], north.site, WHY)).moved
    assert (again.order_id, len(where())) == (moved.order_id, 4)
    [back] = commands.move_lines(
        ctx(KIM), MoveLines(moved.order_id, [MoveUnits(moved.line_ids[0])], at.site, WHY)
    ).moved
    assert back.order_id == order.order_id
    given.drain()
    assert [row[:3] for row in where()][1] == (order.number, "W1", 5)
    assert astray() == [] and not verify()


def test_what_joins_an_order_on_hold_is_held_with_it():
    at, north = two_sites(100, 100)
    order = outbound.order(at.site, "ACME", ("V-200", 40), ("V-200", 5))
    line, other = order.line_ids
    [moved] = commands.move_lines(ctx(KIM), MoveLines(order.order_id, [MoveUnits(other)], north.site, WHY)).moved
    commands_holds.place_holds(ctx(KIM), PlaceHolds("credit dispute", [moved.order_id], []))
    [again] = commands.move_lines(ctx(KIM), MoveLines(order.order_id, [MoveUnits(line, 5)], north.site, WHY)).moved
    assert again.order_id == moved.order_id
    assert outbound.allocate(north.site).units == 0
    assert where() == [(order.number, "W1", 35, 0), (moved.number, "NORTH", 5, 0), (moved.number, "NORTH", 5, 0)]
    held = "SELECT held_at_units FROM sales_orderline ORDER BY id"
    assert sql.fetch_all(held) == [(None,), (0,), (0,)]


def test_an_order_that_a_truck_or_a_shipment_waits_for_stays_until_it_is_taken_off():
    at, north = two_sites(100, 100)
    order, other = (outbound.order(at.site, "ACME", ("V-200", units)) for units in (40, 5))
    load = shipping.plan_load(ctx(ADA), PlanLoad(at.site, [order.order_id], Truck()))
    shipment = shipping.prepare_shipment(ctx(ADA), PrepareShipment(at.site, [other.order_id]))
    words = []
    for one in (order, other):
        with pytest.raises(SiteRefused) as refused:
            commands.move_lines(ctx(KIM), MoveLines(one.order_id, [], north.site, WHY))
        words += [bad.message for bad in refused.value.lines]
    assert words == [
        f"Line 1, V-200, stays: it is planned on {load.number}.",
        f"Line 1, V-200, stays: it waits on {shipment.number}, which is prepared.",
    ]
    shipping.cancel_load(ctx(ADA), CancelLoad(load.load_id, "no truck"))
    commands.move_lines(ctx(KIM), MoveLines(order.order_id, [], north.site, WHY))
    assert where() == [(order.number, "NORTH", 40, 0), (other.number, "W1", 5, 0)]


def test_what_a_picker_has_is_not_touched_and_the_rest_may_go():
    at, north = two_sites(10, 100)
    order = outbound.order(at.site, "ACME", ("V-200", 40))
    given.drain()
    outbound.allocate(at.site)
    outbound.release(at.site, order)
    [line] = order.line_ids
    with pytest.raises(SiteRefused) as refused:
        commands.move_lines(ctx(KIM), MoveLines(order.order_id, [MoveUnits(line, 31)], north.site, WHY))
    assert [bad.message for bad in refused.value.lines] == ["Line 1, V-200: 1 to 30 can move."]
    [moved] = commands.move_lines(ctx(KIM), MoveLines(order.order_id, [], north.site, WHY)).moved
    assert where() == [(order.number, "W1", 10, 10), (moved.number, "NORTH", 30, 0)]
    assert outbound.counts(line) == {"units": 10, "allocated": 10, "released": 10}


def test_everything_that_is_wrong_is_named_and_nothing_moves():
    at, north = two_sites(100, 100, policy="complete")
    order = outbound.order(at.site, "ACME", ("V-200", 40), ("V-200", 5))
    line = order.line_ids[0]
    sql.execute("UPDATE sales_orderline SET held_at_units = 0 WHERE id = %s", (line,))
    before = where()
    with pytest.raises(SiteRefused) as refused:
        commands.move_lines(ctx(KIM), MoveLines(order.order_id, [MoveUnits(line), MoveUnits(99)], at.site, " "))
    assert [(bad.line, bad.field) for bad in refused.value.lines] == [
        (0, "reason"), (0, "site"), (1, "line"), (2, "line"), (0, "lines"),
    ]  # fmt: skip
    assert refused.value.lines[2].message == "Line 1, V-200, stays: it is on hold."
    with pytest.raises(OrderNotFound):
        commands.move_lines(ctx(KIM), MoveLines(99, [], north.site, WHY))
    with pytest.raises(NotPermitted):
        commands.move_lines(ctx(CY), MoveLines(order.order_id, [], north.site, WHY))
    assert where() == before


def test_the_database_itself_keeps_a_line_that_is_promised_at_its_site():
    at, north = two_sites(100, 100)
    outbound.order(at.site, "ACME", ("V-200", 40))
    outbound.allocate(at.site)
    for statement in ("UPDATE sales_order SET site_id = %s", "UPDATE sales_orderline SET order_id = -%s"):
        with pytest.raises(Exception, match="is promised, picked or gone"):
            sql.execute(statement, (north.site,))


def test_the_page_shows_the_ways_and_moves_what_is_typed(client):
    at, north = two_sites(10, 100)
    order = outbound.order(at.site, "ACME", ("V-200", 40))
    sql.execute("UPDATE sales_order SET requested_on = now()::date + 9")
    given.drain()
    url = f"/orders/{order.order_id}/ship-from"
    browser = signed_in(LOU)
    shown = browser.get(url).content.decode()
    assert "NORTH" in shown and "By the rules" in shown and "Freight and split" in shown
    assert "Freight and split" not in signed_in(KIM).get(url).content.decode()
    body = client.get(f"/api/v1{url}", headers=bearer(LOU)).json()
    assert (body["ways"][0]["portions"][0]["site"], body["ways"][0]["shipments"]) == ("NORTH", 1)
    assert client.get("/api/v1/orders/99/ship-from", headers=bearer(LOU)).status_code == 404
    [line] = order.line_ids
    nothing = browser.post(url, {"site": north.site, f"units-{line}": 0, "reason": WHY})
    assert "Nothing would move" in nothing.content.decode() and [row[1] for row in where()] == ["W1"]
    done = browser.post(url, {"site": north.site, f"units-{line}": 15, "reason": WHY})
    assert (done.status_code, [row[1:3] for row in where()]) == (303, [("W1", 25), ("NORTH", 15)])
    assert "Beside it" in browser.get(f"/orders/{order.order_id}?line={line}").content.decode()
    asked = {"site": "NORTH", "reason": WHY}
    moved = client.post(f"/api/v1{url}", asked, content_type="application/json", headers=bearer(KIM)).json()["moved"]
    assert [one["number"] for one in moved] == [order.number]
    assert "as a person decided" in browser.get(f"/orders/{order.order_id}?line={line}").content.decode()


def test_a_claim_that_waits_for_the_line_sees_that_it_moved():
    at, north = two_sites(100, 100)
    order = outbound.order(at.site, "ACME", ("V-200", 40), ("V-200", 5))
    commands.move_lines(ctx(KIM), MoveLines(order.order_id, [MoveUnits(order.line_ids[1])], north.site, WHY))
    assert outbound.allocate(at.site, order).units == 40
    assert elsewhere.astray() == []
