"""The margin by which lines are ranked: at the price and the cost of the line, as they were when the order came in."""

from __future__ import annotations

import pytest
from tests import outbound

from flowrack.allocation import queries_rules
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ClassRule, RuleSet, Weights
from flowrack.platform import sql

pytestmark = pytest.mark.django_db


def test_what_an_item_costs_by_now_changes_no_rank_of_an_order_that_came_before():
    at, item = outbound.house(), outbound.item("X")
    sql.execute("UPDATE catalog_item SET list_price = 10 WHERE id = %s", (item,))
    outbound.customer("ACME")
    outbound.receive(at, item, 1, "4")
    cheap = outbound.order(at.site, "ACME", ("X", 5)).line_ids[0]
    sql.execute("UPDATE sales_orderline SET unit_price = 8 WHERE id = %s", (cheap,))
    outbound.receive(at, item, 99, "9")
    dear = outbound.order(at.site, "ACME", ("X", 5)).line_ids[0]
    unknown = outbound.order(at.site, "ACME", ("X", 5)).line_ids[0]
    sql.execute("UPDATE sales_orderline SET unit_cost = NULL WHERE id = %s", (unknown,))
    assert sql.fetch_value("SELECT unit_cost FROM sales_orderline WHERE id = %s", (cheap,)) == 4
    assert queries_rules.margins_of([cheap, dear, unknown]) == {cheap: 50, dear: 10}


def test_the_better_margin_of_the_line_goes_first():
    at, item = outbound.house(), outbound.item("X")
    sql.execute("UPDATE catalog_item SET list_price = 10 WHERE id = %s", (item,))
    outbound.customer("ACME")
    outbound.receive(at, item, 5, "8")
    first, second = (outbound.order(at.site, "ACME", ("X", 5)) for _ in range(2))
    sql.execute("UPDATE sales_orderline SET unit_cost = 2 WHERE id = %s", (second.line_ids[0],))
    by_margin = ClassRule("By margin", weights=Weights(margin=1))
    rulebook.in_force(at.site, RuleSet(classes=(by_margin,), promises="rank"))
    outbound.allocate(at.site)
    assert outbound.counts(second.line_ids[0]) == {"units": 5, "allocated": 5}
    assert outbound.counts(first.line_ids[0]) == {"units": 5, "waiting": 5}
