from datetime import date, timedelta

import pytest
from tests import outbound
from tests.cast import ADA, KIM, NOW, Person, ctx, signed_in, user_id

from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.promise import commands_days, commands_orders, queries_quotes
from flowrack.promise.tests import given
from flowrack.promise.types import LineDoesNotFit, QuoteChanged, QuoteOver, TakeQuote
from flowrack.promise.types_days import ClosedOn, SetClosedDays
from flowrack.sales.types import OrderNotFound

pytestmark = pytest.mark.django_db


def test_the_line_gets_the_units_of_the_quote_in_one_step():
    at = given.house(100)
    held = given.quote(60)
    [line] = outbound.order(at.site, "ACME", ("V-200", 60)).line_ids
    done = commands_orders.take_quote(ctx(KIM, "k"), TakeQuote(held.quote_id, line))
    assert commands_orders.take_quote(ctx(KIM, "k"), TakeQuote(held.quote_id, line)) == done
    assert sql.fetch_all("SELECT ref, units FROM ledger_commitment") == [(f"sales.line:{line}", 60)]
    assert outbound.counts(line) == {"units": 60, "allocated": 60}
    assert (given.committed(), given.state_of(held.quote_id)) == (60, "taken")
    with pytest.raises(QuoteOver):
        commands_orders.take_quote(ctx(KIM), TakeQuote(held.quote_id, line))


def test_what_the_line_does_not_need_is_free():
    at = given.house(100)
    held = given.quote(60)
    [line] = outbound.order(at.site, "ACME", ("V-200", 25)).line_ids
    commands_orders.take_quote(ctx(KIM), TakeQuote(held.quote_id, line))
    assert (given.committed(), outbound.counts(line)) == (25, {"units": 25, "allocated": 25})


def test_a_day_that_was_closed_meanwhile_is_refused_until_the_customer_takes_the_new_one():
    at = given.house(100)
    held = given.quote(40)
    [line] = outbound.order(at.site, "ACME", ("V-200", 40)).line_ids
    on = sql.fetch_value("SELECT ships_on FROM promise_quote")
    commands_days.set_closed_days(ctx(ADA), SetClosedDays([at.site], [ClosedOn(on, "Stocktaking")]))
    with pytest.raises(QuoteChanged, match=f"{held.number} cannot be kept any more") as refused:
        commands_orders.take_quote(ctx(KIM), TakeQuote(held.quote_id, line))
    assert (given.state_of(held.quote_id), outbound.counts(line)) == ("open", {"units": 40, "waiting": 40})
    new_day = date.fromisoformat(refused.value.fix.split("new_day ")[1][:10])
    done = commands_orders.take_quote(ctx(KIM), TakeQuote(held.quote_id, line, new_day))
    assert (done.quote_ids, given.state_of(held.quote_id)) == ([held.quote_id], "taken")


def test_a_quote_fits_its_customer_and_item_and_lasts_its_time():
    at = given.house(100)
    held = given.quote(60)
    outbound.customer("OTHER")
    outbound.item("V-201")
    [other] = outbound.order(at.site, "OTHER", ("V-200", 5)).line_ids
    [wrong] = outbound.order(at.site, "ACME", ("V-201", 5)).line_ids
    [line] = outbound.order(at.site, "ACME", ("V-200", 5)).line_ids
    for bad in (other, wrong):
        with pytest.raises(LineDoesNotFit):
            commands_orders.take_quote(ctx(KIM), TakeQuote(held.quote_id, bad))
    with pytest.raises(OrderNotFound):
        commands_orders.take_quote(ctx(KIM), TakeQuote(held.quote_id, line + 99))
    with pytest.raises(QuoteOver):
        commands_orders.take_quote(ctx(KIM, now=NOW + timedelta(days=1)), TakeQuote(held.quote_id, line))
    assert (given.committed(), given.state_of(held.quote_id)) == (60, "open")


def test_a_line_cannot_take_stock_of_another_item_or_site():
    at = given.house(10)
    given.substitute(at, 50)
    mixed = given.quote(40, "substitute")
    [line] = outbound.order(at.site, "ACME", ("V-200", 40)).line_ids
    far = outbound.house("W2")
    [there] = outbound.order(far.site, "ACME", ("V-200", 40)).line_ids
    for bad in (line, there):
        with pytest.raises(LineDoesNotFit, match="another item or site"):
            commands_orders.take_quote(ctx(KIM), TakeQuote(mixed.quote_id, bad))
    assert (given.committed(), given.state_of(mixed.quote_id)) == (40, "open")


def test_the_page_offers_lines_only_where_the_person_may_hand_over():
    at = given.house(100)
    held = given.quote(60)
    sql.execute("UPDATE promise_quote SET expires_at = now() + interval '1 hour' WHERE id = %s", (held.quote_id,))
    [here] = outbound.order(at.site, "ACME", ("V-200", 40)).line_ids
    far = outbound.house("W2")
    [there] = outbound.order(far.site, "ACME", ("V-200", 40)).line_ids
    sql.execute("UPDATE promise_quotepart SET is_committed = false WHERE quote_id = %s", (held.quote_id,))
    given.po(at, 100, now().date() + timedelta(days=5))
    every, one = frozenset({0}), frozenset({at.site})
    assert [row.line_id for row in queries_quotes.waiting_lines(held.quote_id, every)] == [here, there]
    assert [row.line_id for row in queries_quotes.waiting_lines(held.quote_id, one)] == [here]
    near = Person("near", "Near Service", ("customer_service",))
    user_id(near, site_id=at.site)
    page = signed_in(near).get(f"/promise/quotes/{held.quote_id}").content.decode()
    assert (f'value="{here}"' in page, f'value="{there}"' in page) == (True, False)
