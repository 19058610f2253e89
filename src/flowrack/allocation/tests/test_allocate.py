"""allocate: rank, FEFO, life and policies over the real ledger, with the reasons stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import outbound
from tests.cast import ADA, EVE, ctx

from flowrack.allocation import commands, queries, queries_certificates
from flowrack.allocation.rules import Pool
from flowrack.allocation.types import Allocate
from flowrack.ledger import queries as stock
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def why(line_id: int) -> str:
    return decisions.why(f"sales.line:{line_id}")[0].sentence


def test_the_better_tier_is_served_first_and_the_other_knows_why():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 50, "1")
    outbound.customer("SMALL", tier="C")
    outbound.customer("BIG", tier="A")
    small = outbound.order(at.site, "SMALL", ("4711", 40))
    big = outbound.order(at.site, "BIG", ("4711", 30))
    done = outbound.allocate(at.site)
    assert (done.lines, done.units, done.waiting_lines, done.waiting_units) == (2, 50, 1, 20)
    assert outbound.counts(big.line_ids[0]) == {"units": 30, "allocated": 30}
    assert outbound.counts(small.line_ids[0]) == {"units": 40, "waiting": 20, "allocated": 20}
    assert why(small.line_ids[0]) == f"20 of 40 reserved, 20 wait: {big.number} (tier A) ranks higher and got 30."
    assert why(big.line_ids[0]) == "All 30 reserved."
    assert not verify()


def test_the_lot_that_expires_first_goes_first_and_short_life_is_passed_over():
    at = outbound.house()
    item = outbound.item("M1", tracking="lot")
    sql.execute("UPDATE catalog_item SET has_expiry = true WHERE id = %s", (item,))
    for code, expires in (("OLD", date(2026, 3, 20)), ("MID", date(2026, 5, 1)), ("NEW", date(2026, 9, 1))):
        lot = outbound.lot(item, code)
        sql.execute("UPDATE catalog_lot SET expires_on = %s WHERE id = %s", (expires, lot))
        outbound.receive(at, item, 10, "1", lot_id=lot)
    outbound.customer(life=30)
    order = outbound.order(at.site, "ACME", ("M1", 15))
    outbound.allocate(at.site, order)
    lots = sql.fetch_all(
        "SELECT t.code, c.units FROM ledger_commitment c JOIN ledger_pool p ON p.id = c.pool_id "
        "JOIN catalog_lot t ON t.id = p.lot_id ORDER BY c.units DESC"
    )
    assert lots == [("MID", 10), ("NEW", 5)]
    assert queries_certificates.why(order.line_ids[0])[0].detail["passed"][0][1:] == [
        10,
        "life",
        17,
    ]  # on leaving; 31 are needed


def test_a_complete_order_waits_for_all_of_it():
    at = outbound.house()
    one, two = outbound.item("A"), outbound.item("B")
    outbound.receive(at, one, 10, "1")
    outbound.receive(at, two, 3, "1")
    outbound.customer(policy="complete")
    order = outbound.order(at.site, "ACME", ("A", 10), ("B", 5))
    outbound.allocate(at.site, order)
    assert outbound.counts(order.line_ids[0]) == {"units": 10, "waiting": 10}
    outbound.receive(at, two, 2, "1")
    outbound.allocate(at.site, order)
    assert outbound.counts(order.line_ids[0]) == {"units": 10, "allocated": 10}
    assert outbound.counts(order.line_ids[1]) == {"units": 5, "allocated": 5}


def test_a_second_run_adds_only_what_is_new_and_a_replay_nothing():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 10, "1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 25))
    first = commands.allocate(ctx(ADA, "k"), Allocate(at.site))
    outbound.receive(at, item, 7, "1")
    assert commands.allocate(ctx(ADA, "k"), Allocate(at.site)) == first
    assert outbound.counts(order.line_ids[0]) == {"units": 25, "waiting": 15, "allocated": 10}
    assert outbound.allocate(at.site).units == 7
    assert sum(pool.free for pool in stock.pools([item], at.site)) == 0
    assert not verify()


@pytest.mark.parametrize("beaten", [1, 2])  # who is beaten once reads anew, who is beaten twice locks the pool first
@pytest.mark.parametrize("warm", [False, True])  # a warm connection sends the promise in one message with the commit
def test_what_another_took_meanwhile_is_not_promised_twice(monkeypatch: pytest.MonkeyPatch, beaten: int, warm: bool):
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 11, "1")
    outbound.customer()
    if warm:
        monkeypatch.setattr(connection.connection, "prepare_threshold", 0)
    first = outbound.order(at.site, "ACME", ("4711", 1))
    outbound.allocate(at.site, first)
    order = outbound.order(at.site, "ACME", ("4711", 15))
    seen: list[int] = []

    def five_more_at_first(item_ids: Sequence[int], site_id: int) -> list[Pool]:
        pools = free_pools(item_ids, site_id)
        seen.append(pools[0].free)
        return pools if len(seen) > beaten else [pools[0]._replace(free=15)]

    free_pools = queries.free_pools
    monkeypatch.setattr(queries, "free_pools", five_more_at_first)
    done = commands.allocate(ctx(ADA), Allocate(at.site, [order.order_id]))
    assert seen == [10] * (beaten + 1)
    assert [(one.units, one.waiting) for one in done.outcomes] == [(10, 5)]
    assert outbound.counts(order.line_ids[0]) == {"units": 15, "waiting": 5, "allocated": 10}
    told = "10 of 15 reserved, 5 wait: no more free stock of this item at the site; "
    assert why(order.line_ids[0]).startswith(f"{told}{first.number} (tier B) has 1 since ")
    assert len(decisions.why(f"sales.line:{order.line_ids[0]}")) == 1
    assert not verify()


def test_an_outsider_promises_nothing():
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 10, "1")
    outbound.customer()
    outbound.order(at.site, "ACME", ("4711", 5))
    before = outbound.books()
    with pytest.raises(NotPermitted):
        commands.allocate(ctx(EVE), Allocate(at.site))
    assert outbound.books() == before


def test_a_run_over_many_orders_takes_as_many_statements_as_over_one():
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 10_000, "1")
    outbound.customer()

    def statements(count: int) -> int:
        for _ in range(count):
            outbound.order(at.site, "ACME", ("4711", 5), ("4711", 2))
        context = ctx(ADA)
        with CaptureQueriesContext(connection) as seen:
            commands.allocate(context, Allocate(at.site))
        return len(seen)

    statements(1)
    assert statements(1) == statements(30)
