"""Lot rules of customers: the lot that he had last goes first, or none that he had before."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import GUS, ctx

from flowrack.allocation.queries_certificates import replay_lines
from flowrack.platform import decisions, sql
from flowrack.shipping import commands as shipping
from flowrack.shipping.types import ShipFromStock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    """The customer had lot B; lots A, B and C lie in the house, A came first."""
    at = outbound.house()
    item = outbound.item("MILK", tracking="lot")
    lots = {code: outbound.lot(item, code) for code in "ABC"}
    outbound.customer()
    outbound.receive(at, item, 5, "1.00", "forward_pick1", lot_id=lots["B"])
    first = outbound.order(at.site, "ACME", ("MILK", 5))
    outbound.allocate(at.site, first)
    shipping.ship_from_stock(ctx(GUS), ShipFromStock(at.site, [first.order_id]))
    for code in "ABC":
        outbound.receive(at, item, 10, "1.00", "forward_pick1", lot_id=lots[code])
    return at, item


def promised(order) -> list[tuple[str, int]]:
    return sql.fetch_all(
        """
        SELECT t.code, c.units FROM ledger_commitment c JOIN ledger_pool p ON p.id = c.pool_id
        JOIN catalog_lot t ON t.id = p.lot_id WHERE c.ref = 'sales.line:' || %s ORDER BY c.id
        """,
        (order.line_ids[0],),
    )


def ordered(at, units: int, rule: str):
    sql.execute("UPDATE parties_customerterms SET lot_rule = %s", (rule,))
    order = outbound.order(at.site, "ACME", ("MILK", units))
    outbound.allocate(at.site, order)
    return order


def test_what_left_is_remembered_by_customer_item_and_lot(case):
    found = sql.fetch_all("SELECT t.code FROM sales_deliveredlot d JOIN catalog_lot t ON t.id = d.lot_id")
    assert found == [("B",)]


def test_without_a_rule_the_oldest_lot_goes_first(case):
    assert promised(ordered(case[0], 12, "any"))[0][1] == 10


def test_the_lot_that_he_had_last_goes_first(case):
    assert dict(promised(ordered(case[0], 12, "same"))) == {"B": 10, "A": 2}


def test_a_lot_that_he_had_is_passed_over_and_the_line_says_why(case):
    order = ordered(case[0], 25, "new")
    assert dict(promised(order)) == {"A": 10, "C": 10}
    other = ordered(case[0], 3, "new")
    assert promised(other) == []
    assert replay_lines(50, 1).others == []


def test_nothing_but_lots_that_he_had_leaves_the_line_waiting(case):
    at, item = case
    sql.execute("UPDATE parties_customerterms SET lot_rule = 'new'")
    sql.execute(
        """
        INSERT INTO sales_deliveredlot (customer_id, item_id, lot_id, last_at)
        SELECT p.id, %s, t.id, now() FROM parties_party p, catalog_lot t WHERE p.code = 'ACME' AND t.item_id = %s
        ON CONFLICT DO NOTHING
        """,
        (item, item),
    )
    order = outbound.order(at.site, "ACME", ("MILK", 4))
    outbound.allocate(at.site, order)
    assert outbound.counts(order.line_ids[0]) == {"units": 4, "waiting": 4}
    [why] = decisions.why(f"sales.line:{order.line_ids[0]}", limit=1)
    assert why.sentence == "All 4 wait: the customer had lot B before and takes no lot twice."
