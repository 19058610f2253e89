"""Promises for days on which nothing leaves any more are at risk until a person tells the customer another day."""

from datetime import date, time

import pytest
from tests import outbound
from tests.cast import ADA, KIM, NOW, ctx, signed_in

from flowrack.allocation import queries_cover, queries_supply
from flowrack.allocation.commands_exceptions import watch_items
from flowrack.allocation.types_exceptions import WatchItems
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.platform.http import now
from flowrack.platform.outbox import context_for_system
from flowrack.platform.web.format import day
from flowrack.promise import commands_days, commands_lines, commands_setup
from flowrack.promise.tests import given
from flowrack.promise.types import HoursOf, MovePromise, MovePromises, SetClosed, SetHours
from flowrack.promise.types_days import ClosedOn, SetClosedDays
from flowrack.sales import queries_soon

pytestmark = pytest.mark.django_db
MON, TUE, WED, THU = (date(2026, 3, day) for day in (2, 3, 4, 5))


def scene():
    """An order of ten, promised for Tuesday; the site's code."""
    at = given.house(100)
    order = outbound.order(at.site, "ACME", ("V-200", 10))
    given.drain()
    assert given.promises() == [(TUE, TUE)]
    return at, order, sql.fetch_value("SELECT code FROM locations_site WHERE id = %s", (at.site,))


def close(at, *days):
    commands_days.set_closed_days(ctx(ADA), SetClosedDays([at.site], [ClosedOn(on, reason) for on, reason in days]))


def risks(order):
    """What is said of the order's lines: promised, next day, units, reason."""
    found = queries_cover.risks_of_order(order.order_id).values()
    return [(one.promised_on, one.covered_on, one.units, one.reason) for one in found]


def closings():
    return sql.fetch_all("SELECT closing FROM allocation_promiseexception ORDER BY id")


def test_a_closed_day_puts_its_promises_at_risk_and_moves_none():
    at, order, code = scene()
    close(at, (TUE, "Stocktaking"), (WED, "Stocktaking"))
    said = f"{code} is closed on 3 Mar: Stocktaking"
    assert risks(order) == [(TUE, THU, 10, said)]
    assert given.promises() == [(TUE, TUE)]
    assert why(f"sales.line:{order.line_ids[0]}")[0].sentence == said
    assert said in signed_in(KIM).get(f"/orders/{order.order_id}").content.decode()
    close(at, (date(2026, 12, 25), "Christmas Day"))
    assert len(closings()) == 1


def test_the_page_says_what_a_closed_day_breaks_before_it_closes_it():
    at, order, _ = scene()
    sql.execute("UPDATE sales_orderline SET promised_on = '2099-03-03' WHERE order_id = %s", (order.order_id,))
    ada, url = signed_in(ADA), f"/promise/setup/{at.site}/closed-days"
    asked = {"grid-on": ["2099-03-03"], "grid-reason": ["Stocktaking"], "idempotency_key": "a"}
    first = ada.post(url, asked)
    page = first.content.decode()
    assert first.status_code == 422 and "(Tue 3 Mar: 1)" in page
    assert "Close them, and break 1 promise" in page and 'name="seen" value="1"' in page
    assert (risks(order), sql.fetch_value("SELECT count(*) FROM promise_closedday")) == ([], 0)
    assert ada.post(url, {**asked, "seen": "2"}).status_code == 422  # another number than was seen
    assert ada.post(url, {**asked, "seen": "1"}).status_code == 303
    assert sql.fetch_all("SELECT reason FROM promise_closedday") == [("Stocktaking",)]


def test_neither_reserved_stock_nor_a_look_at_the_stock_heals_it():
    at, order, code = scene()
    outbound.allocate(at.site, order)
    close(at, (TUE, "Stocktaking"))
    watch_items(context_for_system(NOW, "watch"), WatchItems(at.site, [given.item_id()], "Stock moved"))
    assert risks(order) == [(TUE, WED, 10, f"{code} is closed on 3 Mar: Stocktaking")]


def test_a_day_that_is_worked_on_after_all_is_no_risk():
    at, order, _ = scene()
    name = sql.fetch_value("SELECT name FROM locations_site WHERE id = %s", (at.site,))
    commands_setup.set_closed(ctx(ADA), SetClosed(at.site, TUE, "Stocktaking"))
    assert len(risks(order)) == 1
    commands_setup.set_closed(ctx(ADA), SetClosed(at.site, TUE, ""))
    assert (risks(order), closings()) == ([], [(f"{name} works on this day after all.",)])


def test_other_hours_do_the_same():
    at, order, code = scene()
    week = [HoursOf(day, time(8), time(17)) for day in (1, 3, 4, 5)]
    commands_setup.set_hours(ctx(ADA), SetHours(at.site, week))
    assert risks(order) == [(TUE, WED, 10, f"Nothing leaves {code} on 3 Mar any more.")]


def test_who_tells_the_customer_another_day_ends_it():
    at, order, _ = scene()
    close(at, (TUE, "Stocktaking"))
    moved = MovePromises([MovePromise(order.line_ids[0], WED)], "we take stock on Tuesday")
    commands_lines.move_promises(ctx(KIM), moved)
    assert (risks(order), given.promises()) == ([], [(TUE, WED)])
    assert closings() == [("Promise moved: we take stock on Tuesday",)]


def test_what_is_ready_leaves_after_the_last_cut_off_on_the_next_day_that_is_worked_on():
    at, order, _ = scene()
    evening = NOW.replace(hour=18)
    assert queries_supply.leaves_on(order.order_id, [MON, WED], NOW) == [MON, WED]
    assert queries_supply.leaves_on(order.order_id, [MON, WED], evening) == [TUE, WED]
    close(at, (TUE, "Stocktaking"))
    assert queries_supply.leaves_on(order.order_id, [MON, TUE], evening) == [WED, WED]


def test_the_page_of_a_short_line_names_no_day_on_which_nothing_leaves():
    at, _, _ = scene()
    line = outbound.order(at.site, "ACME", ("V-200", 400))
    today = now().date()
    close(at, (today, "Stocktaking"))
    cards = signed_in(KIM).get(f"/order-lines/{line.line_ids[0]}/instead").content.decode().split('class="opts"')[1]
    [on] = queries_supply.leaves_on(line.order_id, [today], now())
    assert day(on) in cards and day(today) not in cards


def test_order_entry_names_no_closed_day_as_one_from_which_units_can_leave():
    at = given.house(10)
    given.po(at, 20, date(2026, 3, 6))
    item = given.item_id()

    def told():
        return list(queries_soon.free([item], at.site, NOW)[item])

    assert told() == [(MON, 10), (date(2026, 3, 12), 30)]
    close(at, (date(2026, 3, 12), "Stocktaking"), (date(2026, 3, 13), "Stocktaking"))
    assert told() == [(MON, 10), (date(2026, 3, 16), 30)]
