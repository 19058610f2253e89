from datetime import date, timedelta

import pytest
from tests import outbound
from tests.cast import ADA, CY, KIM, LOU, NED, NOW, ctx, signed_in

from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.platform.http import now
from flowrack.platform.outbox import context_for_system
from flowrack.promise import commands, commands_orders, queries_quotes
from flowrack.promise.commands_days import set_closed_days
from flowrack.promise.tests import given
from flowrack.promise.types import (
    EndQuote,
    LineDoesNotFit,
    OrderQuote,
    QuoteChanged,
    QuoteNotFound,
    QuoteOrdered,
    QuoteOver,
    WatchQuotes,
)
from flowrack.promise.types_days import ClosedOn, SetClosedDays
from flowrack.sales import commands_credit
from flowrack.sales.types import OrderRefused
from flowrack.sales.types_holds import CustomerCredit, SetCredits
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db

LINES = """
    SELECT s.code, o.reference, i.sku, l.units, l.allocated_units
    FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id JOIN locations_site s ON s.id = o.site_id
    JOIN catalog_item i ON i.id = l.item_id ORDER BY s.code, o.id, l.line_no
"""


def order(quote_id: int, reference: str = "", key: str = "") -> QuoteOrdered:
    return commands_orders.order_quote(ctx(KIM, key) if key else ctx(KIM), OrderQuote(quote_id, reference))


def orders() -> int:
    return int(sql.fetch_value("SELECT count(*) FROM sales_order"))


def test_a_quote_becomes_an_order_that_has_its_units():
    given.house(100)
    held = given.quote(60)
    done = order(held.quote_id, "C-1", "k")
    assert order(held.quote_id, "C-1", "k") == done
    [entered] = done.orders
    [line] = entered.line_ids
    assert (done.units, sql.fetch_all(LINES)) == (60, [("W1", "C-1", "V-200", 60, 60)])
    assert sql.fetch_all("SELECT ref, units FROM ledger_commitment") == [(f"sales.line:{line}", 60)]
    ended = sql.fetch_one("SELECT state, line_id, end_reason FROM promise_quote")
    assert ended == ("taken", line, f"Became {entered.number}.")
    assert why(f"sales.line:{line}")[0].sentence == f"60 reserved: held by quote {held.number}."
    assert sql.fetch_value("SELECT requested_on FROM sales_order") == held.arrives_on
    with pytest.raises(QuoteOver):
        order(held.quote_id)
    assert orders() == 1


def test_a_quote_that_is_over_leaves_no_order():
    given.house(100)
    held, gone = given.quote(40), given.quote(30)
    commands.release_quote(ctx(KIM), EndQuote(gone.quote_id))
    before = given.rows()
    with pytest.raises(QuoteOver):
        order(gone.quote_id)
    with pytest.raises(QuoteOver):
        late = ctx(KIM, now=NOW + timedelta(minutes=30))
        commands_orders.order_quote(late, OrderQuote(held.quote_id))
    with pytest.raises(QuoteNotFound):
        order(999_999)
    with pytest.raises(NotPermitted):
        commands_orders.order_quote(ctx(CY), OrderQuote(held.quote_id))
    assert (given.rows(), orders(), given.committed()) == (before, 0, 40)


def test_a_substitute_is_a_line_of_its_own_item():
    given.substitute(given.house(10), 50)
    done = order(given.quote(40, "substitute").quote_id)
    assert sql.fetch_all(LINES) == [("W1", "", "V-200", 10, 10), ("W1", "", "V-201", 30, 30)]
    assert (done.units, given.committed()) == (40, 40)


def test_each_site_gets_its_order():
    given.house(60)
    outbound.receive(outbound.house("W2"), given.item_id(), 50, "1", "reserve1")
    done = order(given.quote(100, "split").quote_id, "C-1")
    assert sql.fetch_all(LINES) == [("W1", "C-1", "V-200", 60, 60), ("W2", "C-1 W2", "V-200", 40, 40)]
    assert (done.units, given.committed(), len(done.orders)) == (100, 100, 2)
    assert queries_quotes.orders_of(done.quote_id) == [(one.order_id, one.number) for one in done.orders]
    origins = sql.fetch_all("SELECT origin_id FROM sales_order ORDER BY id")
    assert origins == [(None,), (done.orders[0].order_id,)], "they name each other, and papers the customer's number"
    page = signed_in(KIM).get(f"/promise/quotes/{done.quote_id}").content.decode()
    assert [f"Open {one.number}" in page for one in done.orders] == [True, True]


def test_what_leaves_later_is_a_line_that_waits():
    at = given.house(10)
    given.po(at, 50, date(2026, 3, 5))
    done = order(given.quote(40, "split").quote_id)
    assert sql.fetch_all(LINES) == [("W1", "", "V-200", 10, 10), ("W1", "", "V-200", 30, 0)]
    assert (done.units, given.committed()) == (10, 10)


def test_each_part_keeps_the_days_that_were_quoted_also_when_the_worker_has_heard_of_the_order():
    at = given.house(10)
    given.po(at, 50, date(2026, 3, 5))
    held = given.quote(40, "split")
    done = order(held.quote_id)
    told = "SELECT first_ships_on, ships_on, arrives_on FROM promise_linepromise ORDER BY line_id"
    first, later = sql.fetch_all(told)
    assert first == (date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 3))
    assert later[1] > date(2026, 3, 5) and later[0] == later[1] < later[2]
    given.drain()
    assert sql.fetch_all(told) == [first, later]
    [line, _] = done.orders[0].line_ids
    assert why(f"promise.line:{line}")[0].sentence == (
        f"Promised to leave Mon 2 Mar, as it was quoted in {held.number}."
    )
    assert sql.fetch_value("SELECT count(*) FROM allocation_promiseexception") == 0


def test_a_quoted_day_that_was_closed_meanwhile_is_refused_with_the_new_day_and_made_for_it_when_that_is_taken():
    at = given.house(100)
    held = given.quote(40, wanted_on=date(2026, 3, 6))
    [on] = {row[0] for row in sql.fetch_all("SELECT ships_on FROM promise_quotepart")}
    assert on == date(2026, 3, 5)
    set_closed_days(ctx(ADA), SetClosedDays([at.site], [ClosedOn(on, "Stocktaking")]))
    before = given.rows()
    with pytest.raises(QuoteChanged) as refused:
        order(held.quote_id)
    assert refused.value.message == (
        f"{held.number} cannot be kept any more. 40 of V-200 cannot leave Thu 5 Mar: closed Thu 5 Mar (Stocktaking). "
        "They can leave Fri 6 Mar, there Mon 9 Mar."
    )
    with pytest.raises(QuoteChanged):
        commands_orders.order_quote(ctx(KIM), OrderQuote(held.quote_id, new_day=date(2026, 3, 9)))
    assert (given.rows(), given.state_of(held.quote_id), orders()) == (before, "open", 0)
    done = commands_orders.order_quote(ctx(KIM), OrderQuote(held.quote_id, new_day=date(2026, 3, 6)))
    told = "SELECT first_ships_on, ships_on, arrives_on FROM promise_linepromise"
    assert sql.fetch_all(told) == [(date(2026, 3, 6), date(2026, 3, 6), date(2026, 3, 9))]
    assert sql.fetch_value("SELECT requested_on FROM sales_order") == date(2026, 3, 9)
    assert why(f"promise.line:{done.orders[0].line_ids[0]}")[0].sentence == (
        f"Promised to leave Fri 6 Mar, for the day of quote {held.number} could not be kept any more, and the customer "
        "took this one."
    )
    assert sql.fetch_value("SELECT count(*) FROM allocation_promiseexception") == 0


def test_the_page_of_a_quote_says_what_changed_and_makes_the_order_for_the_new_day():
    given.house(100)
    held = given.quote(40, wanted_on=date(2026, 3, 6))
    sql.execute("UPDATE promise_quote SET expires_at = now() + interval '1 hour', placed_at = now()")
    page = signed_in(KIM).get(f"/promise/quotes/{held.quote_id}").content.decode()
    assert f"{held.number} cannot be kept any more." in page
    assert "40 of V-200 cannot leave Thu 5 Mar: the day is past. They can leave " in page
    commands.watch_quotes(context_for_system(now(), "watch"), WatchQuotes([held.quote_id]))
    home = signed_in(KIM).get("/promise").content.decode()
    assert f"{held.number}</a> for ACME Ltd" in home and "40 of V-200 cannot leave Thu 5 Mar" in home
    assert "40 of V-200" not in signed_in(LOU).get("/promise").content.decode()
    assert "Make the order for" in page and 'name="new_day"' in page


def test_what_order_entry_refuses_or_holds_leaves_the_quote_open():
    at = given.house(100)
    outbound.order(at.site, "ACME", ("V-200", 1), reference="C-1")
    held = given.quote(40)
    before = given.rows()
    with pytest.raises(OrderRefused):
        order(held.quote_id, "C-1")
    assert given.rows() == before
    commands_credit.set_credits(ctx(NED), SetCredits([CustomerCredit("ACME", is_stopped=True)], "unpaid"))
    before = given.rows()
    with pytest.raises(LineDoesNotFit) as refused:
        order(held.quote_id)
    said = "The order would be held, and a held order gets no units: The customer is on stop: unpaid."
    assert refused.value.message == said
    assert (given.rows(), orders(), given.state_of(held.quote_id)) == (before, 1, "open")
