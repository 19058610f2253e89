"""Stock that is kept for a promised day, and a day that is promised while stock is given away."""

from __future__ import annotations

import threading
import time

import pytest

from flowrack.allocation import locks, queries_inputs
from flowrack.allocation import queries as allocation
from flowrack.ledger import steps as ledger
from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.promise import commands_lines, queries
from flowrack.promise.tests import given
from flowrack.promise.types import PromiseLines
from tests import outbound
from tests.cast import ADA, NOW, ctx
from tests.races.together import at_the_same_time, waiting

pytestmark = pytest.mark.django_db(transaction=True)


def read_together(monkeypatch) -> None:
    """Two runs have both read what is free before either writes; who waits for a lock is not waited for."""
    have_read: list[int] = []
    read = queries_inputs.inputs_of

    def late(*args, **kwargs):
        found = read(*args, **kwargs)
        have_read.append(1)
        until = time.monotonic() + 20
        while len(have_read) < 2 and not waiting() and time.monotonic() < until:
            time.sleep(0.01)
        return found

    monkeypatch.setattr(queries_inputs, "inputs_of", late)


def two_newcomers() -> tuple[int, int]:
    """20 in stock, 12 promised to tier C for today, and two orders of tier A that want 8 each: what they get, and what
    is left."""
    at = given.house(20, tier="C")
    outbound.customer("BEST", tier="A")
    outbound.order(at.site, "ACME", ("V-200", 12))
    given.drain()
    both = [outbound.order(at.site, "BEST", ("V-200", 8)) for _ in range(2)]
    ctx(ADA)
    got = at_the_same_time([lambda one=one: outbound.allocate(at.site, one).units for one in both])
    return sum(got), 20 - given.committed()


def test_without_the_pools_two_runs_give_away_together_what_is_kept(monkeypatch):
    read_together(monkeypatch)
    have_looked: list[int] = []

    def without_lock(*about) -> dict[int, int]:
        """What is free, looked at by both before either has written."""
        found = {pool.pool_id: pool.free for pool in allocation.free_pools(*about)}
        have_looked.append(1)
        until = time.monotonic() + 20
        while len(have_looked) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        return found

    monkeypatch.setattr(ledger, "claim_pools", without_lock)
    assert two_newcomers() == (16, 4), "the set-up catches the race"


def test_two_runs_at_once_leave_what_is_kept(monkeypatch):
    read_together(monkeypatch)
    assert two_newcomers() == (8, 12)


def promised_and_given(monkeypatch) -> tuple[list[object], int]:
    """10 in stock. A worker promises the first order a day; when he has read the stock, an order of tier A is run and
    wants all of it: the day of the first, and what the other gets."""
    at = given.house(10, tier="C")
    outbound.customer("BEST", tier="A")
    first = outbound.order(at.site, "ACME", ("V-200", 10))
    rival = outbound.order(at.site, "BEST", ("V-200", 10))
    sql.execute("UPDATE sales_orderline SET promised_on = NULL, first_promised_on = NULL")
    read, other = queries.case_of, []
    got: list[int] = []

    def rush() -> None:
        got.append(at_the_same_time([lambda: outbound.allocate(at.site, rival).units])[0])

    def late(*args, **kwargs):
        found = read(*args, **kwargs)
        if not other:
            other.append(threading.Thread(target=rush))
            other[0].start()
            while other[0].is_alive() and not waiting():
                other[0].join(timeout=0.02)
        return found

    monkeypatch.setattr(queries, "case_of", late)
    commands_lines.promise_lines(context_for_system(NOW, "w"), PromiseLines(first.line_ids))
    other[0].join()
    days = sql.fetch_all("SELECT promised_on FROM sales_orderline WHERE order_id = %s", (first.order_id,))
    return [row[0] for row in days], got[0]


def test_without_the_lock_a_day_is_promised_from_stock_that_a_run_just_gave_away(monkeypatch):
    monkeypatch.setattr(locks, "own_promised_days", lambda pairs: None)
    monkeypatch.setattr(commands_lines, "_settled", lambda lines, now: (lines, *commands_lines._answers(lines, now)))
    days, got = promised_and_given(monkeypatch)
    assert (days, got) == ([given.WED.replace(day=3)], 10), "the set-up catches the race"


def test_a_day_is_never_promised_from_stock_that_a_run_just_gave_away(monkeypatch):
    days, got = promised_and_given(monkeypatch)
    assert (days, got) == ([None], 10)


def run_that_has_read(monkeypatch) -> tuple[list[object], int]:
    """10 in stock, an order of tier C without a day yet and one of tier A that is run. When the run has read that
    nobody was promised a day, a worker promises the first order: its day, and what the other got."""
    at = given.house(10, tier="C")
    outbound.customer("BEST", tier="A")
    first = outbound.order(at.site, "ACME", ("V-200", 10))
    rival = outbound.order(at.site, "BEST", ("V-200", 10))
    read, other = queries_inputs.inputs_of, []

    def rush() -> None:
        at_the_same_time(
            [lambda: commands_lines.promise_lines(context_for_system(NOW, "w"), PromiseLines(first.line_ids))]
        )

    def late(*args, **kwargs):
        found = read(*args, **kwargs)
        if not other:
            other.append(threading.Thread(target=rush))
            other[0].start()
            while other[0].is_alive() and not waiting():
                other[0].join(timeout=0.02)
        return found

    monkeypatch.setattr(queries_inputs, "inputs_of", late)
    got = outbound.allocate(at.site, rival).units
    other[0].join()
    days = sql.fetch_all("SELECT promised_on FROM sales_orderline WHERE order_id = %s", (first.order_id,))
    return [row[0] for row in days], got


def test_without_the_lock_a_run_gives_away_what_was_just_promised(monkeypatch):
    monkeypatch.setattr(locks, "share_promised_days_of", lambda *args: None)
    days, got = run_that_has_read(monkeypatch)
    assert days != [None] and got == 10, "the set-up catches the race"


def test_a_run_never_gives_away_what_was_just_promised(monkeypatch):
    days, got = run_that_has_read(monkeypatch)
    assert (days, got) == ([None], 10)


def test_a_run_of_the_whole_site_never_gives_away_what_was_just_promised(monkeypatch):
    monkeypatch.setattr(locks, "FEW_ITEMS", 0)
    days, got = run_that_has_read(monkeypatch)
    assert (days, got) == ([None], 10)


def test_a_day_is_never_promised_while_a_run_of_the_whole_site_gives_stock_away(monkeypatch):
    monkeypatch.setattr(locks, "FEW_ITEMS", 0)
    days, got = promised_and_given(monkeypatch)
    assert (days, got) == ([None], 10)


def test_runs_of_the_whole_site_do_not_wait_for_each_other(monkeypatch):
    """Each has the site's days while the other has them, too: the parts of a full run work side by side."""
    at = given.house(20)
    both_have_them, own = threading.Barrier(2), locks._own_site

    def late(site_id: int) -> None:
        own(site_id)
        both_have_them.wait(timeout=10)

    monkeypatch.setattr(locks, "_own_site", late)
    ctx(ADA)
    assert at_the_same_time([lambda: outbound.allocate(at.site).units for _ in range(2)]) == [0, 0]
