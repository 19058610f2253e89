"""cancel_lines: promises that are not in picking are free again at once."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import KIM, ctx

from flowrack.ledger import queries as stock
from flowrack.sales import commands_changes
from flowrack.sales.types import CancelLine, CancelLines

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 30, "1.00")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 40))
    outbound.allocate(at.site, order)
    return at, item, order


def free(at, item: int) -> int:
    return sum(pool.free for pool in stock.pools([item], at.site))


def test_part_of_a_line_is_cancelled(case):
    at, item, order = case
    done = commands_changes.cancel_lines(ctx(KIM), CancelLines([CancelLine(order.line_ids[0], 15)], "less"))
    assert (done.units, done.unpromised_units) == ([15], 5)
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "allocated": 25, "cancelled": 15}
    assert free(at, item) == 5
