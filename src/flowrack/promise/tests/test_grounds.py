"""Choices for many orders are made from what is read once for all of them, and are those of one after the other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import outbound
from tests.cast import KIM, NOW, ctx

from flowrack.allocation.queries_sites import company_rules
from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.promise import commands_sites, queries, queries_grounds, queries_sites, steps_sites, subscribers_sites
from flowrack.promise.tests import given
from flowrack.promise.tests.elsewhere import enter, said, two_sites, where
from flowrack.promise.tests.given import WED, drain
from flowrack.promise.types_sites import SourceOrders
from flowrack.sales import commands as sales
from flowrack.sales.types import EnteredOrder, EnterOrders, NewLine, NewOrder

pytestmark = pytest.mark.django_db(transaction=True)


def waiting() -> list[EnteredOrder]:
    """Orders of two items at two sites: some are promised a day, one holds stock, and some were just entered."""
    at, north = two_sites(60, 30)
    other = outbound.item("V-300")
    outbound.receive(north, other, 10, "1", "reserve1")
    first = [enter(("V-200", 25), ("V-300", 4)), enter(("V-200", 20)), enter(("V-300", 3))]
    drain()
    outbound.allocate(at.site)
    return [*first, enter(("V-200", 30), ("V-300", 5)), enter(("V-200", 7)), enter(("V-300", 2), ("V-200", 1))]


def test_each_of_many_orders_sees_what_it_would_see_alone():
    orders = queries_sites.movable([one.order_id for one in waiting()])
    site_ids, force = queries.selling_sites(), company_rules()
    at_once = queries_grounds.grounds_of(orders, site_ids, NOW)
    assert sum(len(claims) for claims in at_once.claims.values()) > 3 and any(at_once.work.values())
    for order in orders:
        alone = queries_grounds.grounds_of([order], site_ids, NOW).for_order(order)
        seen = at_once.for_order(order)
        assert seen.sites == alone.sites
        assert [(s.item_id, s.site_id, s.lots, s.spoken_for) for s in seen.stocks] == [
            (s.item_id, s.site_id, s.lots, s.spoken_for) for s in alone.stocks
        ]
        for home in (0, order.site_id):
            mine = queries_grounds.case_of(order, site_ids, NOW, force, home=home)
            assert queries_grounds.case_from(at_once, order, force, home=home) == mine


def three_for_twenty() -> int:
    """Twenty come up at NORTH, where three orders of ten want them; how many of them move."""
    _, north = two_sites(0, 0)
    orders = [enter(("V-200", 10)) for _ in range(3)]
    sql.execute("UPDATE sales_order SET any_site = false")  # until the goods are there
    outbound.receive(north, given.item_id(), 20, "1", "reserve1")
    drain()
    sql.execute("UPDATE sales_order SET any_site = true")
    asked = SourceOrders([one.order_id for one in orders])
    return len(commands_sites.source_orders(context_for_system(NOW, "k"), asked).moved)


def test_without_reading_again_the_third_order_follows_goods_that_are_gone(monkeypatch):
    monkeypatch.setattr(steps_sites.Ahead, "moved", lambda self: None)
    assert three_for_twenty() == 3


def test_what_was_read_before_an_order_moved_is_read_again():
    assert three_for_twenty() == 2
    assert [row[1] for row in where()] == ["NORTH", "NORTH", "W1"]


def test_who_looks_at_orders_that_stay_asks_as_much_for_many_as_for_one():
    two_sites(500, 0)
    orders = [enter(("V-200", 10)).order_id for _ in range(queries_grounds.FEW)]
    drain()
    queries_grounds.from_first_to_move(orders, NOW)
    asked = []
    for some in (orders[:1], orders):
        with CaptureQueriesContext(connection) as seen:
            assert queries_grounds.from_first_to_move(some, NOW) == []
        asked.append(len(seen))
    assert asked[0] == asked[1]


def test_orders_before_the_first_that_moves_are_not_locked(monkeypatch):
    at, north = two_sites(20, 0)
    orders = [enter(("V-200", units)).order_id for units in (10, 10, 40, 5)]
    drain()
    outbound.receive(north, given.item_id(), 100, "1", "reserve1")
    assert queries_grounds.from_first_to_move(orders, NOW) == orders[2:]
    monkeypatch.setattr(subscribers_sites, "now", lambda: NOW)
    seen = []
    source = commands_sites.source_orders
    monkeypatch.setattr(
        commands_sites, "source_orders", lambda about, req: seen.append(req.order_ids) or source(about, req)
    )
    assert subscribers_sites.bring("run", [at.site, north.site]) == 2
    assert seen == [orders[2:]]
    assert [row[1] for row in where()] == ["W1", "W1", "NORTH", "NORTH"]


@pytest.mark.parametrize("few", [1, 2, 5])
def test_orders_of_one_entry_are_placed_one_after_the_other_and_written_together(monkeypatch, few: int):
    """Of 30 at W1 and 100 at NORTH the third order of an entry finds only NORTH in time, and the fifth neither."""
    monkeypatch.setattr(queries_grounds, "FEW", few)
    monkeypatch.setattr(queries_grounds, "MOST", few)
    two_sites(30, 100)
    asked = [
        NewOrder("ACME", 0, [NewLine("V-200", Decimal(units))], requested_on=WED, any_site=True)
        for units in (15, 15, 20, 60, 30)
    ]
    done = sales.enter_orders(ctx(KIM), EnterOrders(asked)).orders
    assert [row[1] for row in where()] == ["W1", "W1", "NORTH", "NORTH", "W1"]
    assert all(said(one).startswith("From ") for one in done)
