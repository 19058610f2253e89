from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import KIM, NOW, ctx

from flowrack.platform import sql
from flowrack.promise import commands
from flowrack.promise.tests import given
from flowrack.promise.types import LineDoesNotFit, QuoteOver, TakeQuote
from flowrack.sales.types import OrderNotFound

pytestmark = pytest.mark.django_db


def test_the_line_gets_the_units_of_the_quote_in_one_step():
    at = given.house(100)
    held = given.quote(60)
    [line] = outbound.order(at.site, "ACME", ("V-200", 60)).line_ids
    done = commands.take_quote(ctx(KIM, "k"), TakeQuote(held.quote_id, line))
    assert commands.take_quote(ctx(KIM, "k"), TakeQuote(held.quote_id, line)) == done
    assert sql.fetch_all("SELECT ref, units FROM ledger_commitment") == [(f"sales.line:{line}", 60)]
    assert outbound.counts(line) == {"units": 60, "allocated": 60}
    assert (given.committed(), given.state_of(held.quote_id)) == (60, "taken")
    with pytest.raises(QuoteOver):
        commands.take_quote(ctx(KIM), TakeQuote(held.quote_id, line))


def test_what_the_line_does_not_need_is_free():
    at = given.house(100)
    held = given.quote(60)
    [line] = outbound.order(at.site, "ACME", ("V-200", 25)).line_ids
    commands.take_quote(ctx(KIM), TakeQuote(held.quote_id, line))
    assert (given.committed(), outbound.counts(line)) == (25, {"units": 25, "allocated": 25})


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
            commands.take_quote(ctx(KIM), TakeQuote(held.quote_id, bad))
    with pytest.raises(OrderNotFound):
        commands.take_quote(ctx(KIM), TakeQuote(held.quote_id, line + 99))
    with pytest.raises(QuoteOver):
        commands.take_quote(ctx(KIM, now=NOW + timedelta(days=1)), TakeQuote(held.quote_id, line))
    assert (given.committed(), given.state_of(held.quote_id)) == (60, "open")
