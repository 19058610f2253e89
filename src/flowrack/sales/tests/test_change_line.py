"""change_line: promises that are not in picking are free again at once."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import GUS, KIM, ctx

from flowrack.ledger import queries as stock
from flowrack.ledger.verify import verify
from flowrack.sales import commands_changes
from flowrack.sales.types import ChangeLine
from flowrack.shipping import commands as shipping
from flowrack.shipping.types import Departure, ShipConfirm

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


def test_fewer_units_take_what_waits_first_then_the_promise(case):
    at, item, order = case
    [line] = order.line_ids
    done = commands_changes.change_line(ctx(KIM), ChangeLine(line, 25))
    assert (done.units, done.unpromised_units) == (25, 5)
    assert outbound.counts(line) == {"units": 25, "allocated": 25}
    assert free(at, item) == 5
    assert not verify()


def test_a_replayed_change_changes_nothing(case):
    _, _, order = case
    first = commands_changes.change_line(ctx(KIM, "k"), ChangeLine(order.line_ids[0], 25))
    assert commands_changes.change_line(ctx(KIM, "k"), ChangeLine(order.line_ids[0], 25)) == first
    assert outbound.counts(order.line_ids[0]) == {"units": 25, "allocated": 25}


def test_a_line_cut_to_what_has_left_ends_its_order(case):
    at, _, order = case
    outbound.pick_all(outbound.release(at.site, order))
    shipping.ship_confirm(ctx(GUS), ShipConfirm(at.site, [Departure(order_ids=(order.order_id,))]))
    assert outbound.order_state(order) == "released"
    commands_changes.change_line(ctx(KIM), ChangeLine(order.line_ids[0], 30))
    assert outbound.counts(order.line_ids[0]) == {"units": 30, "shipped": 30}
    assert outbound.order_state(order) == "shipped"
