"""pack_orders: on the real ledger."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import outbound
from tests.cast import EVE, GUS, ctx

from flowrack.fulfilment import commands, queries, queries_packing
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types import NotStaged, Pack, PackLine, PackOrders
from flowrack.fulfilment.types_packing import NotChecked
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.check_digits import is_valid
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 12, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 12))
    outbound.allocate(at.site, order)
    tote = outbound.tote(at.site)
    outbound.pick_all(outbound.release(at.site, order), tote_id=tote)
    return order, tote


def on_plates() -> list[tuple[str, int]]:
    return sql.fetch_all(
        "SELECT n.kind, c.on_hand FROM ledger_cell c JOIN locations_lpn n ON n.id = c.lpn_id "
        "WHERE c.state = 'staged' AND c.on_hand > 0 ORDER BY c.on_hand"
    )


def test_verified_goods_go_into_a_carton_with_its_own_sscc(case):
    order, tote = case
    outbound.packs_unchecked()
    req = PackOrders([Pack(order.order_id, [PackLine(order.line_ids[0], 5, 0, tote)]), Pack(order.order_id)])
    first, rest = commands.pack_orders(ctx(GUS, "k"), req).cartons
    assert (first.units, rest.units) == (5, 7)
    assert first.sscc != rest.sscc and is_valid(first.sscc) and len(first.sscc) == 18
    assert on_plates() == [("carton", 5), ("carton", 7)]
    assert commands.pack_orders(ctx(GUS, "k"), req).cartons == [first, rest]
    assert not verify()


def test_more_than_is_staged_is_refused_and_leaves_no_trace(case):
    order, tote = case
    before = outbound.books()
    with pytest.raises(NotStaged) as refused:
        commands.pack_orders(ctx(GUS), PackOrders([Pack(order.order_id, [PackLine(order.line_ids[0], 13, 0, tote)])]))
    assert refused.value.lines[0].message == "13 were verified, 12 are staged there."
    with pytest.raises(NotPermitted):
        commands.pack_orders(ctx(EVE), PackOrders([Pack(order.order_id)]))
    assert outbound.books() == before


@pytest.mark.parametrize("said", ["nothing", "all with one tap"])
def test_a_carton_of_which_nobody_checked_the_content_is_not_closed(case, said):
    order, tote = case
    before = outbound.books()
    content = [PackLine(order.line_ids[0], 12, 0, tote)] if said != "nothing" else []
    with pytest.raises(NotChecked) as refused:
        commands.pack_orders(
            ctx(GUS), PackOrders([Pack(order.order_id, content, checked="at_once" if content else "")])
        )
    assert refused.value.message == "Nobody checked what goes into carton 1."
    assert refused.value.fix.startswith("Scan or count its items at the pack station.")
    assert outbound.books() == before
    assert queries_packing.to_check([order.order_id]) == {order.order_id: [PackLine(order.line_ids[0], 12, 0, tote)]}
    assert [one.units for one in outbound.pack(order, checked="scanned")] == [12]
    assert queries_packing.to_check([order.order_id]) == {}


def test_many_cartons_cost_as_many_queries_as_one():
    def asked(cartons: int, tote: str) -> int:
        order = packing.picked(at.site, "ACME", tote, ("4711", 6))
        pack = [Pack(order.order_id, [PackLine(order.line_ids[0], 1, 0, queries.staged([order.order_id])[0].lpn_id)],
                     carton_type="S")] * cartons  # fmt: skip
        with CaptureQueriesContext(connection) as seen:
            done = commands.pack_orders(ctx(GUS), PackOrders(pack)).cartons
        assert len(done) == cartons
        return len(seen)

    at = packing.staged()
    asked(1, "T-2")
    assert asked(6, "T-3") == asked(1, "T-4")
    assert sql.fetch_all("SELECT DISTINCT filled FROM fulfilment_carton") == [(250,)]
