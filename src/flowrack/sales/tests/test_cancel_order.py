"""cancel_order: promises that are not in picking are free again at once."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, KIM, ctx

from flowrack.ledger import queries as stock
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.sales import commands_changes
from flowrack.sales.types import CancelLine, CancelLines, CancelOrder, ChangeLine, TooLate
from flowrack.shared.errors import NotPermitted, WrongState

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


def test_a_cancelled_order_frees_all_and_is_closed(case):
    at, item, order = case
    commands_changes.cancel_order(ctx(KIM), CancelOrder(order.order_id, "customer rang"))
    assert outbound.order_state(order) == "cancelled"
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "cancelled": 40}
    assert free(at, item) == 30
    assert not verify()
    with pytest.raises(WrongState):
        commands_changes.cancel_order(ctx(KIM), CancelOrder(order.order_id, "again"))


def test_what_is_packed_cannot_be_cancelled_or_cut(case):
    at, _, order = case
    outbound.pick_all(outbound.release(at.site, order))
    [carton] = outbound.pack(order)
    before = outbound.books()
    with pytest.raises(TooLate, match=f"30 units are packed: carton {carton.sscc}"):
        commands_changes.cancel_order(ctx(KIM), CancelOrder(order.order_id, "late"))
    with pytest.raises(TooLate, match="1 unit is packed"):
        commands_changes.cancel_lines(ctx(KIM), CancelLines([CancelLine(order.line_ids[0], 11)], "late"))
    with pytest.raises(TooLate, match="1 unit is packed"):
        commands_changes.change_line(ctx(KIM), ChangeLine(order.line_ids[0], 29))
    assert outbound.books() == before


def test_open_picks_are_called_back(case):
    at, item, order = case
    outbound.release(at.site, order)
    done = commands_changes.cancel_order(ctx(KIM), CancelOrder(order.order_id, "customer rang"))
    assert (done.units, done.unpromised_units, done.called_back_units) == ([40], 30, 30)
    assert sql.fetch_all("SELECT state, units FROM fulfilment_pickline") == [("cancelled", 30)]
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "cancelled": 40}
    assert free(at, item) == 30
    assert not verify()


def test_a_cancellation_of_what_waits_leaves_the_pickers_alone(case):
    at, _, order = case
    outbound.release(at.site, order)
    done = commands_changes.cancel_lines(ctx(KIM), CancelLines([CancelLine(order.line_ids[0], 10)], "less"))
    assert (done.unpromised_units, done.called_back_units) == (0, 0)
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "allocated": 30, "released": 30, "cancelled": 10}


def test_an_outsider_cancels_nothing(case):
    _, _, order = case
    before = outbound.books()
    with pytest.raises(NotPermitted):
        commands_changes.cancel_order(ctx(EVE), CancelOrder(order.order_id, "spite"))
    assert outbound.books() == before
