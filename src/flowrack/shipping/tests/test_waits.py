"""Why is it not shipped? Each state of an order names what it waits for: on its page, in the list, in the API."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import transaction
from django.test import Client
from tests import outbound, supply
from tests.cast import ADA, CY, GUS, KIM, NOW, bearer, ctx, signed_in

from flowrack.allocation import commands as allocation
from flowrack.allocation.types import Allocate
from flowrack.analytics.queries import tower
from flowrack.fulfilment import commands as floor
from flowrack.fulfilment.types import ShortPick
from flowrack.inbound.types import CountedLine
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.web.query import ListQuery
from flowrack.promise.tests import given
from flowrack.sales import commands_changes, commands_holds
from flowrack.sales.types import CancelOrder
from flowrack.sales.types_holds import PlaceHolds
from flowrack.shared.quantity import Units
from flowrack.shipping import commands as shipping
from flowrack.shipping import queries_waits
from flowrack.shipping.types import PrepareShipment

pytestmark = pytest.mark.django_db(transaction=True)


DECIDED = "of the line that is asked about, and of the order"  # below it stand the decisions of their days


def told(order) -> list[tuple[str, str]]:
    """What it waits for: kind and words, the same in the list, the API and on the page."""
    asked = Client().get(f"/api/v1/orders/{order.order_id}/waits", headers=bearer(KIM)).json()["waits"]
    found = [(one["kind"], one["words"]) for one in asked]
    kim = signed_in(KIM)
    page = _text(kim.get(f"/orders/{order.order_id}").content)
    for kind, words in found:
        assert f"Waits for {found[0][1]}" in page and words in page
        listed = _text(kim.get(f"/orders?waits_for={kind}").content)
        assert order.number in listed and found[0][1] in listed
        paged = Client().get(f"/api/v1/orders/waiting?waits_for={kind}", headers=bearer(KIM)).json()["items"]
        assert [row["waits"] for row in paged if row["id"] == order.order_id] == [asked]
    for kind in {"hold", "reservation", "stock", "wave", "picker", "packer", "carrier"} - {k for k, _ in found}:
        assert order.number not in _text(kim.get(f"/orders?waits_for={kind}").content)
    return found


def _text(html: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.decode()))


def test_an_order_says_on_its_whole_way_what_it_waits_for():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 30, "2.50", "forward_pick1")
    from_whom = supply.supplier()
    supply.sells(from_whom, item)
    po = supply.approved(at.site, from_whom, (item, 40, "1"), due=date(2099, 3, 14)).number
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 40))
    assert told(order) == [("reservation", "reservation: 40 units not reserved yet")]
    outbound.allocate(at.site, order)
    stock = ("stock", f"line 1, item 4711: 10 missing, next delivery 14 Mar ({po})")
    assert told(order) == [stock, ("wave", "wave: 30 reserved, none of them with a picker")]
    wave = outbound.release(at.site, order)
    assert told(order) == [stock, ("picker", f"picker: 30 of 30 still to pick in {wave.number}")]
    outbound.pick_all(wave)
    assert told(order) == [stock, ("packer", "packer: 30 picked and not packed")]
    outbound.pack(order)
    assert told(order) == [stock, ("carrier", "carrier: 30 packed, not on a shipment yet")]
    done = shipping.prepare_shipment(ctx(GUS), PrepareShipment(at.site, [order.order_id], "Parcelway", ""))
    assert told(order) == [stock, ("carrier", f"Parcelway: {done.number} is ready to leave")]


def test_a_delivery_that_did_not_come_on_its_day_is_overdue_and_not_the_next_one():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 30, "1")
    from_whom = supply.supplier()
    supply.sells(from_whom, item)
    po = supply.approved(at.site, from_whom, (item, 40, "1"), due=date(2026, 3, 14)).number
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 40))
    outbound.allocate(at.site, order)

    def said(day: int) -> str:
        return queries_waits.of_order(order.order_id, NOW.replace(day=day))[0][0].words

    assert said(14) == f"line 1, item 4711: 10 missing, next delivery 14 Mar ({po})"
    assert said(15) == f"line 1, item 4711: 10 missing, {po} is overdue since 14 Mar"


def test_what_stands_at_the_dock_is_told_first_and_what_is_overdue_last():
    at = outbound.house()
    item = outbound.item("4711")
    from_whom = supply.supplier()
    supply.sells(from_whom, item)
    late = supply.approved(at.site, from_whom, (item, 40, "1"), due=date(2026, 3, 9))
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 40))

    then = NOW.replace(day=11)

    def said() -> tuple[str, str]:
        allocation.allocate(ctx(ADA, now=then), Allocate(at.site, [order.order_id]))
        why = decisions.why(f"sales.line:{order.line_ids[0]}")[0].sentence
        return why.partition("; ")[2], queries_waits.of_order(order.order_id, then)[0][0].words.partition(", ")[2]

    missing = "item 4711: 40 missing, "
    assert said() == (
        f"{late.number} with 40 is overdue since 9 Mar.", f"{missing}{late.number} is overdue since 9 Mar"
    )  # fmt: skip
    soon = supply.approved(at.site, from_whom, (item, 5, "1"), due=date(2026, 3, 14))
    assert said() == (f"{soon.number} brings 5 on 14 Mar.", f"{missing}next delivery 14 Mar ({soon.number})")
    supply.receive(soon, at, CountedLine(Units(5), item))
    waiting = _text(signed_in(KIM).get("/allocation/waiting").content)
    assert "at the site; 5 stand at the dock." in waiting and "brings 5" not in waiting
    assert said() == ("5 stand at the dock.", f"{missing}5 stand at the dock")


def test_why_units_wait_for_stock_is_told_when_a_wave_took_the_others():
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 30, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 40))
    outbound.allocate(at.site, order)
    with transaction.atomic():
        why = DecisionRow("wave.goes", f"sales.line:{order.line_ids[0]}", "the hands reach until 15:55", "Parcels")
        decisions.record(ctx(ADA), [why])
    kim, stock = signed_in(KIM), "no more free stock of this item at the site"
    for address in (f"/orders/{order.order_id}", f"/orders?q={order.number}", "/allocation/waiting"):
        page = _text(kim.get(address).content).partition(DECIDED)[0].lower()
        assert stock in page or address == f"/orders?q={order.number}"
        assert "the hands reach" not in page


def test_a_held_order_waits_for_its_release_and_leads_to_its_holds():
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 30, "1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 10))
    commands_holds.place_holds(ctx(ADA), PlaceHolds("the price is asked about", [order.order_id], []))
    [(kind, words)] = told(order)
    assert kind == "hold" and words.startswith("release of its hold: ") and "the price is asked about" in words
    page = signed_in(KIM).get("/orders?waits_for=hold").content.decode()
    assert f'href="/orders/holds?q={order.number}&amp;state=open"' in page
    waiting = _text(signed_in(KIM).get("/allocation/waiting").content)
    assert "Nothing waits for stock; 1 more line is on hold with 10 units." in waiting


def test_a_complete_order_waits_for_the_line_that_lacks_most_and_leads_to_its_ladder():
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 10, "1")
    outbound.receive(at, outbound.item("4712"), 8, "1")
    outbound.item("4713")
    outbound.customer(policy="complete")
    order = outbound.order(at.site, "ACME", ("4711", 10), ("4712", 20), ("4713", 2))
    outbound.allocate(at.site, order)
    assert told(order) == [("stock", "line 2, item 4712: 12 of 20 missing, none on order, and 1 more line")]
    page = signed_in(KIM).get(f"/orders/{order.order_id}").content.decode()
    assert f'href="/orders/{order.order_id}?line={order.line_ids[1]}#ladder"' in page and "Who gets 4712" in page


def test_a_lot_that_lives_long_enough_from_the_day_of_leaving_is_free_and_not_missing():
    at = outbound.house()
    item = outbound.item("M1", tracking="lot")
    outbound.customer(life=30)
    order = outbound.order(at.site, "ACME", ("M1", 10))  # wanted on 4 March, leaves on 3 March: 31 days are needed then
    outbound.allocate(at.site, order)
    lot = outbound.lot(item, "L1")
    outbound.receive(at, item, 10, "1", lot_id=lot)
    for expires, words in (
        (date(2026, 4, 3), "stock: 10 units, all free now but not reserved"),
        (date(2026, 4, 2), "line 1, item M1: 10 missing, none on order"),
    ):
        sql.execute("UPDATE catalog_lot SET expires_on = %s WHERE id = %s", (expires, lot))
        assert told(order) == [("stock", words)]


def test_what_came_after_the_last_run_is_told_as_free_on_each_page():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 40))
    outbound.allocate(at.site, order)
    outbound.receive(at, item, 50, "1")
    assert told(order) == [("stock", "stock: 40 units, all free now but not reserved")]
    page = _text(signed_in(KIM).get(f"/orders/{order.order_id}").content)
    page = page.partition(DECIDED)[0]
    assert "All 40 are free now and not reserved." in page and "o more free stock" not in page
    last = "the allocation looked at this line last on 2 Mar at 09:00, before they were to be had"
    assert f"All 40 can be reserved now: {last}." in page
    [row] = [one for one in tower.troubles(at.site, NOW) if one.name == order.number]
    assert (row.cause, row.tone) == ("In stock, not reserved", "wait")


def test_a_fresh_order_says_that_its_promise_is_made_and_then_that_it_is_promised_and_not_reserved():
    at = given.house(20)
    order = outbound.order(at.site, "ACME", ("V-200", 12), ("V-200", 30))

    def page() -> str:
        return _text(signed_in(KIM).get(f"/orders/{order.order_id}").content).partition(DECIDED)[0]

    fresh = page()
    assert "its promise is being made" in fresh and "looked for" not in fresh
    given.drain()
    later = page()
    assert "its promise is being made" not in later and "looked for yet" not in later
    assert told(order) == [("reservation", "reservation: 42 units not reserved yet, 12 of them promised")]
    assert "All 12 are free now and not reserved." in later
    today = "(now() AT TIME ZONE (SELECT timezone FROM locations_site))::date"
    sql.execute(f"UPDATE promise_linepromise SET ships_on = {today} WHERE line_id = %s", (order.line_ids[0],))
    assert "12 not reserved yet" in page() and "12 not reserved yet" not in later
    outbound.allocate(at.site, order)
    assert "not reserved yet" not in page()


def test_stock_that_is_kept_for_promised_days_is_told_with_one_number_and_name():
    at = given.house(20, tier="C")
    first, second = (outbound.order(at.site, "ACME", ("V-200", 6)) for _ in range(2))
    given.drain()
    outbound.customer("BEST", tier="A")
    later = outbound.order(at.site, "BEST", ("V-200", 10))
    outbound.allocate(at.site, later)
    kept = f"12 in stock are kept for {first.number} and 1 other, promised by 3 Mar"
    assert told(later)[0] == ("stock", f"stock: 2 units; {kept}")
    assert _kept(later) == {("12", first.number)}
    outbound.allocate(at.site, first)
    assert told(later)[0] == ("stock", f"stock: 2 units; 6 in stock are kept for {second.number}, promised for 3 Mar")
    assert _kept(later) == {("6", second.number)}, "also where the last run said otherwise"


def _kept(order) -> set[tuple[str, str]]:
    """Units and orders for which its page says that stock is kept: above, beside the line, and over its ladder."""
    page = _text(signed_in(KIM).get(f"/orders/{order.order_id}").content).partition(DECIDED)[0]
    found = re.findall(r"(\d+) in stock are kept for (SO-\d+)", page)
    assert len(found) >= 3, page
    return set(found)


def test_what_was_not_found_at_the_bin_is_told():
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 10, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 10))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    floor.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 6, "none_there"))
    waits = told(order)
    assert waits[0] == ("stock", f"line 1, item 4711: 4 missing, none on order; 4 were not found in {wave.number}")
    assert waits[1] == ("packer", "packer: 6 picked and not packed")


def test_an_order_that_left_waits_for_nothing_and_others_sites_are_not_seen():
    at = outbound.house()
    outbound.customer()
    outbound.item("4711")
    order = outbound.order(at.site, "ACME", ("4711", 10))
    assert queries_waits.waiting_orders(frozenset({at.site + 1}), "", limit=9) == []
    assert Client().get(f"/api/v1/orders/{order.order_id + 9}/waits", headers=bearer(KIM)).status_code == 404
    assert Client().get("/api/v1/orders/waiting?waits_for=rain", headers=bearer(KIM)).status_code == 422


def lines_read(query: ListQuery) -> tuple[list[str], int]:
    """The orders of a page of the list, and how often their lines were looked up for it."""
    asked = "SELECT seq_scan + idx_scan FROM pg_stat_xact_user_tables WHERE relname = 'sales_orderline'"
    with transaction.atomic():
        before = sql.fetch_value(asked)
        found = queries_waits.order_list(query)
        return [row.number for row in found.rows], sql.fetch_value(asked) - before


def test_the_list_of_open_orders_reads_no_lines_of_those_that_are_over():
    at = outbound.house()
    outbound.customer()
    outbound.item("4711")
    order = outbound.order(at.site, "ACME", ("4711", 10))
    tab = ListQuery(filters={"standing": ["waits", "part"]}, sort=("ship_by_on", "tier"))
    assert lines_read(tab)[0] == [order.number]
    first = lines_read(tab)
    over = [outbound.order(at.site, "ACME", ("4711", n)) for n in (1, 2, 3)]
    for one in over:
        commands_changes.cancel_order(ctx(KIM), CancelOrder(one.order_id, "customer rang"))
    assert lines_read(tab) == first
    assert lines_read(ListQuery(filters={"waits_for": ["reservation"]}))[0] == [order.number]
    ended = ListQuery(filters={"standing": ["cancelled"]}, sort=("id",))
    assert lines_read(ended)[0] == [one.number for one in over]
    assert lines_read(ListQuery(filters={"standing": ["cancelled"], "waits_for": ["reservation"]}))[0] == []
    everything = ListQuery(filters={"standing": ["cancelled", "waits"]}, sort=("id",))
    assert lines_read(everything)[0] == [order.number, *(one.number for one in over)]


def test_a_line_that_was_promised_a_day_tells_that_and_not_the_delivery_that_comes_next():
    at = outbound.house()
    item = outbound.item("4711")
    from_whom = supply.supplier()
    supply.sells(from_whom, item)
    supply.approved(at.site, from_whom, (item, 5, "1"), due=date(2099, 3, 12))
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 40))
    outbound.allocate(at.site, order)
    sql.execute("UPDATE sales_orderline SET first_promised_on = '2099-03-26', promised_on = '2099-03-26'")
    assert told(order) == [("stock", "line 1, item 4711: 40 missing, promised to leave 26 Mar")]
    waiting = _text(signed_in(KIM).get("/allocation/waiting").content)
    assert "no more free stock of this item at the site; it is promised to leave on 26 Mar." in waiting


def test_the_list_of_what_waits_says_of_units_that_came_since_that_they_are_free():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 40))
    outbound.allocate(at.site, order)
    outbound.receive(at, item, 100, "1")
    waiting = _text(signed_in(KIM).get("/allocation/waiting").content)
    assert "All 40 are free now and not reserved." in waiting and "no more free stock" not in waiting
