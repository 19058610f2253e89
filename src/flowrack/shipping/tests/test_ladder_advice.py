"""The ladder's advice on the page of an order: what a run would really do, in rank, with the units."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from tests import outbound, supply
from tests.cast import ADA, KIM, NOW, bearer, ctx, signed_in

from flowrack.allocation import commands_undo
from flowrack.allocation.tests import instead
from flowrack.allocation.types_substitutes import UndoSubstitutes
from flowrack.inbound.types import CountedLine
from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.promise.tests import given
from flowrack.purchasing.types import PoCreated
from flowrack.sales import commands_changes, commands_holds, queries, queries_soon, queries_substitutes
from flowrack.sales.types import CancelOrder
from flowrack.sales.types_holds import PlaceHolds
from flowrack.shared.quantity import Units
from flowrack.shipping.pages import ladder, order

pytestmark = pytest.mark.django_db(transaction=True)


def text_of(order, who=KIM, *, line=0) -> str:
    html = signed_in(who).get(f"/orders/{order.order_id}{f'?line={line}' if line else ''}").content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def case():
    """BIG (tier A) and SMALL (tier C) wait for 40 each; a first delivery of 40 and a later one of 12 are due."""
    at = outbound.house()
    item = outbound.item("4711")
    from_whom = supply.supplier()
    supply.sells(from_whom, item)
    first = supply.approved(at.site, from_whom, (item, 40, "1"), due=date(2030, 3, 12))
    later = supply.approved(at.site, from_whom, (item, 12, "1"), due=date(2030, 3, 20))
    orders = []
    for code, tier in (("BIG", "A"), ("SMALL", "C")):
        outbound.customer(code, tier=tier)
        orders.append(outbound.order(at.site, code, ("4711", 40)))
    outbound.allocate(at.site)
    return at, *orders, first.number, later.number


def test_a_delivery_that_goes_to_a_better_rank_is_no_advice(case):
    _, big, small, first, later = case
    told = text_of(small)
    assert f"Wait for {first}" not in told
    assert f"{first} (40, 12 Mar 2030) brings this line nothing: orders that rank before it get that." in told
    assert f"Wait for {later}" in told and "due 20 Mar 2030, can leave from 26 Mar 2030: 12 of 40" in told
    pegged = f"Pegged for it, not reserved: 12 of {later} (can leave from 26 Mar 2030)."
    assert f"40 of others wait before it. {pegged} 12 are in sight, 28 are not." in told
    told = text_of(big)
    assert "due 12 Mar 2030, can leave from 18 Mar 2030: all 40" in told
    assert "Expected to be complete on 18 Mar 2030." in told
    assert f"Wait for {later}" not in told


def test_goods_at_the_dock_are_drawn_as_supply_and_only_as_that(case):
    at, big, _, _, later = case
    item_id = sql.fetch_value("SELECT id FROM catalog_item WHERE sku = '4711'")
    po_id = sql.fetch_value("SELECT id FROM purchasing_po WHERE number = %s", (later,))
    supply.receive(PoCreated(po_id, later, [], Decimal(0)), at, CountedLine(Units(12), item_id))
    told = text_of(big)
    assert "goods at the dock" in told and "In the house" not in told
    assert "Put away 12 of 4711 12 in receiving: this line would get 12 of 40." in told


def test_the_api_tells_the_same_outlook(case):
    _, _, small, first, later = case
    url = f"/api/v1/order-lines/{small.line_ids[0]}/outlook"
    found = Client().get(url, headers=bearer(KIM)).json()
    assert (found["wanted"], found["now"], found["expected"], found["wanted_before"]) == (40, 0, 12, 40)
    assert [(one["name"], one["units"], one["due_on"]) for one in found["arrivals"]] == [(later, 12, "2030-03-20")]
    assert [(one["name"], one["offered"]) for one in found["in_vain"]] == [(first, 40)]
    assert found["complete_on"] is None and found["is_tried"] is True
    assert found["in_vain"][0]["why"] == "before" and found["in_vain"][0]["rest"]["before"] == 40
    assert found["arrivals"][0]["rest"] == {"order": 0, "before": 0, "behind": 0, "quotes": 0, "free": 0}


def test_a_huge_order_on_hold_stands_apart_and_hides_nobody(case):
    at, _, small, _, _ = case
    outbound.customer("HUGE", tier="A")
    huge = outbound.order(at.site, "HUGE", ("4711", 50_000))
    commands_holds.place_holds(ctx(ADA), PlaceHolds("a typing error", [huge.order_id], []))
    html = signed_in(KIM).get(f"/orders/{small.order_id}").content.decode()
    picture = html[html.index('<svg width="100%"') : html.index('<div class="stacked">')]
    claims, _, held = picture.partition("On hold: nothing is reserved for these")
    assert "HUGE Ltd" not in claims and huge.number in held and "50,000" in held
    bars = [float(h) for h in re.findall(r'<rect [^>]*height="([0-9.]+)"', claims)]
    assert min(bars) > 30


def test_a_complete_order_names_the_item_that_is_missing_and_when_it_comes(case):
    at, _, _, first, _ = case
    other = outbound.item("4712")
    outbound.receive(at, other, 5, "1")
    outbound.customer("WHOLE", tier="A", policy="complete")
    sql.execute("UPDATE sales_order SET requested_on = requested_on + 1 WHERE tier = 'A'")
    whole = outbound.order(at.site, "WHOLE", ("4712", 5), ("4711", 30))
    outbound.allocate(at.site, whole)
    told = text_of(whole)
    assert "One delivery: line 2, item 4711, has 30 of 30 missing. Why?" in told
    assert "its promise is being made" in told, "what tells of the order is not delivered yet"
    assert "this customer takes one complete delivery, and 30 of 30 are missing" in told
    here = text_of(whole, line=whole.line_ids[0])
    assert f"5 can go when {first} brings 4711 (can leave from 18 Mar 2030)." in here
    assert "Pegged for it" not in here
    url = f"/api/v1/order-lines/{whole.line_ids[0]}/outlook"
    arrivals = Client().get(url, headers=bearer(KIM)).json()["arrivals"]
    assert [(one["name"], one["sku"], one["units"]) for one in arrivals] == [(first, "4711", 5)]


def test_stock_that_stays_for_a_promised_day_stands_apart_from_what_is_reserved():
    at = given.house(20, tier="C")
    first = outbound.order(at.site, "ACME", ("V-200", 12))
    given.drain()
    outbound.customer("BEST", tier="A")
    later = outbound.order(at.site, "BEST", ("V-200", 30))
    outbound.allocate(at.site, later)
    told = text_of(later)
    kept = f"Kept for promised days 12 for {first.number}, Tue 3 Mar, not reserved"
    assert kept in told and f"12 in stock are kept for {first.number}, promised for 3 Mar." in told
    assert "V-200 promised for a day" in told


def test_a_quote_on_goods_to_come_is_drawn_and_counted_as_what_it_holds(monkeypatch):
    monkeypatch.setattr(ladder, "now", lambda: NOW)
    at = given.house(0)
    po = given.po(at, 100, date(2026, 3, 9))
    quote = given.quote(30)
    outbound.customer("LATE", tier="C")
    order = outbound.order(at.site, "LATE", ("V-200", 20))
    outbound.allocate(at.site)
    told = text_of(order)
    assert re.search(
        rf"{quote.number} a quote leaves \w+ \d+ Mar held by it, not ordered yet 30 expected from {po.number}", told
    )
    assert "Free not yet promised 50 expected from" in told
    assert "all 20. Of its 100: 30 to quotes, 50 free." in told


def test_a_line_says_its_promised_day_beside_the_one_on_which_it_is_expected_and_no_closed_day(case):
    _, _, small, first, _ = case
    sql.execute(
        "UPDATE sales_orderline SET first_promised_on = '2030-03-11', promised_on = '2030-03-11' WHERE order_id = %s",
        (small.order_id,),
    )
    risk = "Expected to be complete on 18 Mar 2030, promised for 11 Mar 2030: at risk."
    assert risk in text_of(small)
    site = sql.fetch_value("SELECT site_id FROM sales_order WHERE id = %s", (small.order_id,))
    sql.execute(
        """INSERT INTO sales_sendday (site_id, region, "on", days, until) VALUES (%s, '', '2030-03-19', 1, '17:00')""",
        (site,),
    )
    sql.execute("UPDATE sales_orderline SET promised_on = '2030-03-19' WHERE order_id = %s", (small.order_id,))
    told = text_of(small)
    assert "Expected to be complete on 19 Mar 2030, as promised." in told
    assert f"40 of {first} (can leave from 19 Mar 2030)" in told
    sql.execute("UPDATE sales_orderline SET units = 90 WHERE order_id = %s", (small.order_id,))
    told = text_of(small)
    rest = "52 are in sight, 38 are not. It is promised for 19 Mar 2030: at risk, nothing covers 38 of it."
    assert rest in told


def test_units_of_a_substitute_are_not_counted_as_ordered_again():
    here = instead.short()
    ordered = sum(line.units for line in queries.lines_of(here.order.order_id))
    instead.accept(here, "A")
    lines = queries.lines_of(here.order.order_id)
    assert sum(line.units for line in lines) == ordered + 20
    assert order._ordered(lines, queries_substitutes.lines_instead(here.order.order_id)) == ordered
    assert re.search(rf"Total {ordered} ", text_of(here.order))
    commands_undo.undo_substitutes(ctx(KIM), UndoSubstitutes(here.line_id))
    commands_changes.cancel_order(ctx(KIM), CancelOrder(here.order.order_id, "no more need"))
    assert f"All {ordered} cancelled." in text_of(here.order)


def test_what_is_free_is_told_behind_who_waits_and_what_quotes_hold_as_order_entry_tells_it():
    at = given.house(100)
    given.quote(40)
    order = outbound.order(at.site, "ACME", ("V-200", 25))
    outbound.customer("LATE", tier="C")
    outbound.order(at.site, "LATE", ("V-200", 5))
    told = text_of(order)
    assert queries_soon.free([given.item_id()], at.site, now())[given.item_id()][0][1] == 30
    assert re.search(r"Held besides by quotes, transfers or other work 40", told), told
    assert re.search(r"Kept for those who wait, and safety stock not reserved 30", told), told
    assert re.search(r"Free not yet promised 30", told), told
