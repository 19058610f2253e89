"""recall_orders: on the real ledger."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, ctx, signed_in

from flowrack.fulfilment import commands, queries
from flowrack.fulfilment.types import PickClosed, RecallOrders
from flowrack.ledger.verify import verify
from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 20, "1", "forward_pick1")
    outbound.receive(at, item, 100, "1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 30))
    outbound.allocate(at.site, order)
    return at, item, order


def test_a_called_back_order_keeps_its_promise(case):
    at, _, order = case
    wave = outbound.release(at.site, order)
    done = commands.recall_orders(ctx(ADA), RecallOrders([order.order_id, 999], "truck is full"))
    assert (done.pick_ids, done.units) == (wave.pick_ids, 30)
    about = "SELECT subject FROM platform_commandrecord WHERE command = 'fulfilment.recall_orders'"
    assert sql.fetch_value(about) == f"sales.order:{order.order_id}", "the other has no open pick"
    assert sql.fetch_value("SELECT count(*) FROM platform_commandsubject WHERE subject = 'sales.order:999'") == 0
    assert outbound.counts(order.line_ids[0]) == {"units": 30, "allocated": 30}
    assert outbound.order_state(order) == "confirmed"
    assert sql.fetch_value("SELECT count(*) FROM ledger_reservation") == 0
    assert not verify()
    with pytest.raises(PickClosed):
        commands.recall_orders(ctx(ADA), RecallOrders([order.order_id], "again"))


def test_who_calls_back_has_picked_nothing(case):
    at, _, order = case
    wave = outbound.release(at.site, order)
    commands.recall_orders(ctx(ADA), RecallOrders([order.order_id], "truck is full"))
    [row] = queries.waves(frozenset({at.site}), limit=5)
    assert (row.id, row.picks, row.units, row.pickers, row.last_done_at) == (wave.wave_id, 0, 0, "", None)
    picks = signed_in(ADA).get(f"/waves/{wave.wave_id}").context["record"].tables[1]
    assert (sum(pick.units for pick in picks.rows), picks.totals) == (30, {"units": 0}), "called back counts no more"
