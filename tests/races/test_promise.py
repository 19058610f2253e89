"""The last units that are still to come, the last day that is free, the last of the shelf: promised once."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import connection

from flowrack.allocation import locks as promised_days
from flowrack.ledger.types import NotFree
from flowrack.platform import outbox, sql
from flowrack.platform.outbox import context_for_system
from flowrack.promise import commands, commands_lines, commands_orders, locks, queries, steps
from flowrack.promise.tests import given
from flowrack.promise.types import NoSuchOption, OrderQuote, PlaceQuote, PromiseLines, TakeQuote
from tests import outbound
from tests.cast import KIM, NOW, ctx
from tests.races.together import at_the_same_time

pytestmark = pytest.mark.django_db(transaction=True)


NOTHING = ("SELECT 1", ())


def without_locks(monkeypatch) -> None:
    """Neither has written when both have read what is free."""
    both_have_read = threading.Barrier(2)
    read = queries.case_after

    def late(*args, **kwargs):
        found = read(*args, **kwargs)
        both_have_read.wait(timeout=20)
        return found

    monkeypatch.setattr(queries, "case_after", late)
    monkeypatch.setattr(promised_days, "ask_own_promised_days", lambda pairs: NOTHING)
    monkeypatch.setattr(locks, "pairs", lambda *args, **kwargs: NOTHING)


def quotes_together() -> tuple[int, int]:
    """Two quotes of 30, of 30 that are still to come: quotes placed, and units claimed of what comes."""
    at = given.house(0)
    given.po(at, 30, date(2026, 3, 5))
    contexts = [ctx(KIM, "a"), ctx(KIM, "b")]
    ask = PlaceQuote(given.question(30), "one_day")
    done = at_the_same_time([lambda c=c: commands.place_quote(c, ask) for c in contexts])
    claimed = sql.fetch_value("SELECT coalesce(sum(units), 0)::bigint FROM promise_quotepart WHERE NOT is_committed")
    return sum(not isinstance(one, NoSuchOption) for one in done), claimed


def orders_together() -> int:
    """Two orders of 80, of 100 in stock, promised by two workers: how many of them are told a day."""
    at = given.house(100)
    lines = [outbound.order(at.site, "ACME", ("V-200", 80)).line_ids for _ in range(2)]
    # The second is older to neither: each worker sees the other's line as one without a promise that came later.
    sql.execute("UPDATE sales_orderline SET promised_on = NULL, first_promised_on = NULL")
    workers = [context_for_system(NOW, f"w{n}") for n in range(2)]
    at_the_same_time([lambda n=n: commands_lines.promise_lines(workers[n], PromiseLines(lines[n])) for n in range(2)])
    return sum(row[1] is not None for row in given.promises())


def test_without_the_lock_goods_to_come_are_held_twice(monkeypatch):
    without_locks(monkeypatch)
    assert quotes_together() == (2, 60), "the set-up catches the race"


def test_goods_to_come_are_held_once():
    assert quotes_together() == (1, 30)


def test_two_workers_never_promise_more_than_there_is():
    assert orders_together() <= 1


def test_sixteen_clerks_and_twenty_units_on_the_shelf():
    given.house(20)
    work = [
        lambda c=ctx(KIM, f"k{n}"): commands.place_quote(c, PlaceQuote(given.question(3), "one_day")) for n in range(10)
    ]
    sql.execute("INSERT INTO promise_quotelimits (tier, minutes, most_quotes, most_units) VALUES ('B', 9, 99, 999)")
    done = at_the_same_time(work)
    placed = [one for one in done if not isinstance(one, NoSuchOption)]
    assert (len(placed), given.committed()) == (6, 18)


def quotes_beside_an_order(monkeypatch) -> tuple[int, int]:
    """Two quotes of 10, of 100 of which an order waits for 90; neither has written when both have read for the first
    time. How many were placed, and units that they hold."""
    at = given.house(100)
    outbound.order(at.site, "ACME", ("V-200", 90))
    both_have_read, read, done = threading.Barrier(2), queries.case_after, threading.local()

    def late(*args, **kwargs):
        found = read(*args, **kwargs)
        if not getattr(done, "first", False):
            done.first = True
            both_have_read.wait(timeout=20)
        return found

    monkeypatch.setattr(queries, "case_after", late)
    ask = PlaceQuote(given.question(10), "one_day")
    got = at_the_same_time([lambda c=ctx(KIM, key): commands.place_quote(c, ask) for key in ("a", "b")])
    return sum(not isinstance(one, NoSuchOption) for one in got), given.committed()


def one_customer_does_not_wait_for_the_other(monkeypatch) -> None:
    """Both quotes are of one customer, whose lock would keep them apart: here it does not."""
    pairs = locks.pairs
    monkeypatch.setattr(locks, "pairs", lambda wanted, *, alone, customer_id=0: pairs(wanted, alone=alone))


def test_without_the_ledgers_look_what_an_order_waits_for_is_held_twice(monkeypatch):
    one_customer_does_not_wait_for_the_other(monkeypatch)
    monkeypatch.setattr(steps, "left_by", lambda case, holds: [0 for _ in holds])
    assert quotes_beside_an_order(monkeypatch) == (2, 20), "the set-up catches the race"


def test_what_an_order_waits_for_is_left_by_quotes_that_share_its_item(monkeypatch):
    one_customer_does_not_wait_for_the_other(monkeypatch)
    assert quotes_beside_an_order(monkeypatch) == (1, 10)


def test_quotes_share_an_item_that_an_order_waits_for(monkeypatch):
    """Both had read before either wrote, and there is enough for both: nobody waits, nobody begins again."""
    one_customer_does_not_wait_for_the_other(monkeypatch)
    monkeypatch.setattr(commands, "_begin_again", lambda: pytest.fail("it began again"))
    house = given.house
    monkeypatch.setattr(given, "house", lambda units: house(110))
    assert quotes_beside_an_order(monkeypatch) == (2, 20)


# Of this database alone: tests beside it lock pairs, too.
PAIR_LOCKED = """
    SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                   WHERE l.locktype = 'advisory' AND d.datname = current_database())
"""


def beaten_quote(monkeypatch) -> tuple[int, int]:
    """A quote of 40 of 100 that others were quicker for twice. When it has read what is free, an order of 80 comes in
    and is allocated: units that quote and order hold."""
    at = given.house(100)
    read = queries.case_after
    rivals: list[threading.Thread] = []

    def rush() -> None:
        try:
            outbound.allocate(at.site, outbound.order(at.site, "ACME", ("V-200", 80)))
        finally:
            connection.close()

    def then_rush(*args, **kwargs):
        found = read(*args, **kwargs)
        if not rivals and sql.fetch_value(PAIR_LOCKED):
            rivals.append(threading.Thread(target=rush))
            rivals[0].start()
            rivals[0].join(timeout=1)
        return found

    monkeypatch.setattr(queries, "case_after", then_rush)
    beaten = ctx(KIM, "beaten")
    beaten.was_beaten = beaten.locks_first = True
    held = commands.place_quote(beaten, PlaceQuote(given.question(40), "one_day"))
    rivals[0].join()
    return held.on_hand_units, sql.fetch_value("SELECT allocated_units FROM sales_orderline")


def test_without_the_pools_in_hand_who_was_beaten_is_beaten_again(monkeypatch):
    monkeypatch.setattr(promised_days, "ask_own_promised_days", lambda pairs: NOTHING)
    monkeypatch.setattr(locks, "pools", lambda *args: NOTHING)
    with pytest.raises(NotFree):
        beaten_quote(monkeypatch)


def test_who_was_beaten_twice_has_the_pools_before_he_reads(monkeypatch):
    assert beaten_quote(monkeypatch) == (40, 60)
    assert given.committed() == 100


def test_units_of_a_quote_that_becomes_an_order_go_to_nobody_else():
    """While the quote is taken, another order is allocated, again and again: it never gets what was held."""
    at = given.house(60)
    held = given.quote(60)
    [line] = outbound.order(at.site, "ACME", ("V-200", 60)).line_ids
    rival = outbound.order(at.site, "ACME", ("V-200", 60))
    outbox.drain(now=NOW)
    ours = ctx(KIM, "take")

    def rush() -> int:
        return sum(outbound.allocate(at.site, rival).units for _ in range(8))

    got = at_the_same_time([lambda: commands_orders.take_quote(ours, TakeQuote(held.quote_id, line)), rush])
    assert got[1] == 0
    assert (outbound.counts(line), given.committed()) == ({"units": 60, "allocated": 60}, 60)


def test_two_clerks_make_one_order_of_a_quote_and_a_third_gets_none_of_its_units():
    """While two make the order, a rival order is allocated, again and again: it never gets what was held."""
    at = given.house(60)
    held = given.quote(60)
    rival = outbound.order(at.site, "ACME", ("V-200", 60))
    outbox.drain(now=NOW)

    def rush() -> int:
        return sum(outbound.allocate(at.site, rival).units for _ in range(8))

    clerks = [lambda c=ctx(KIM, key): commands_orders.order_quote(c, OrderQuote(held.quote_id)) for key in ("a", "b")]
    *both, got = at_the_same_time([*clerks, rush])
    assert sorted(type(one).__name__ for one in both) == ["QuoteOrdered", "QuoteOver"]
    assert (got, given.committed(), sql.fetch_value("SELECT count(*) FROM sales_order")) == (0, 60, 2)
