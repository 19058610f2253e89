from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import KIM, NOW, ctx

from flowrack.allocation.tests import modebook
from flowrack.platform.outbox import context_for_system
from flowrack.platform.periodic import all_periodic, run_round
from flowrack.promise import commands, jobs
from flowrack.promise.tests import given
from flowrack.promise.types import ExpireQuotes
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_quote_holds_until_its_last_second_and_lapses_then():
    given.house(100)
    first = given.quote(60)
    before = first.expires_at - timedelta(seconds=1)
    assert commands.expire_quotes(context_for_system(before, "a"), ExpireQuotes()).quote_ids == []
    done = commands.expire_quotes(context_for_system(first.expires_at, "b"), ExpireQuotes())
    assert (done.quote_ids, done.units, given.committed()) == ([first.quote_id], 60, 0)
    assert given.state_of(first.quote_id) == "expired"


def test_what_a_quote_held_of_the_stock_serves_those_who_wait_when_it_lapses():
    at = given.house(100)
    held = given.quote(60)
    order = outbound.order(at.site, "ACME", ("V-200", 100))
    outbound.allocate(at.site)
    modebook.force(at.site, "automatic")
    given.drain()
    assert outbound.counts(order.line_ids[0]) == {"units": 100, "waiting": 60, "allocated": 40}
    commands.expire_quotes(context_for_system(held.expires_at, "b"), ExpireQuotes())
    given.drain()
    assert outbound.counts(order.line_ids[0]) == {"units": 100, "allocated": 100}


def test_the_worker_looks_for_quotes_that_are_over():
    given.house(100)
    held = given.quote(60)
    [job] = [one for one in all_periodic() if one.name == "promise.expire_quotes"]
    assert jobs
    run_round(job, NOW)
    assert given.state_of(held.quote_id) == "open"
    run_round(job, NOW + timedelta(hours=2))
    assert (given.state_of(held.quote_id), given.committed()) == ("expired", 0)


def test_nobody_but_the_house_ends_quotes_so():
    with pytest.raises(NotPermitted):
        commands.expire_quotes(ctx(KIM), ExpireQuotes())
