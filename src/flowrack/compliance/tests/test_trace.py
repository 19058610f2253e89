import pytest
from tests import outbound
from tests.cast import HAL, signed_in

from flowrack.compliance import queries
from flowrack.compliance.types import NothingToTrace
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import Move, Place
from flowrack.returns.tests.scene import sold

pytestmark = pytest.mark.django_db


def test_a_lot_is_traced_to_its_customers_and_every_unit_is_accounted_for():
    s = sold(300, lot="L-9")
    lot = queries.find("L-9")[0].id
    h.receive(s.house, s.item, 180, "2.00", lot_id=lot)
    h.steps.post(h.context(), [Move(s.item, 10, s.house["reserve1"], s.house.virtual("SCRAP"), "SCRAP", lot_id=lot)])
    trace = queries.trace_lot(lot)
    assert [(d.customer, d.units, d.returned_units) for d in trace.destinations] == [("C WIDGET", 300, 0)]
    balance = trace.balance
    assert (balance.received, balance.shipped, balance.scrapped, balance.on_hand) == (480, 300, 10, 170)
    assert balance.unexplained == 0
    assert [(x.location, x.units) for x in trace.holdings] == [("reserve-1", 170)]
    assert [(x.reason, x.units, x.moves) for x in trace.steps] == [
        ("receipt", 480, 2),
        ("ship", 300, 1),
        ("SCRAP", 10, 1),
    ]


def test_an_lpn_tells_where_it_stood_and_what_it_carries():
    house = h.house()
    item = h.item("W", tracking="lot")
    lot = h.lot(item, "L1")
    h.receive(house, item, 10, "1.00", "receiving1", lot_id=lot)
    lpn = h.value("INSERT INTO locations_lpn (code, site_id) VALUES ('LP-1', %s) RETURNING id", house.site)
    there = Place(house.places["reserve1"], lpn)
    h.steps.post(h.context(), [Move(item, 6, house["receiving1"], there, "PUTAWAY", lot_id=lot)])
    trace = queries.trace_lpn(queries.find("LP-1")[0].id)
    assert [(c.location, c.lot, c.units) for c in trace.contents] == [("reserve-1", "L1", 6)]
    assert [x.code for x in trace.lots] == ["L1"]
    assert [(x.from_place, x.to_place, x.units) for x in trace.steps] == [("receiving-1", "reserve-1", 6)]


def test_a_code_that_means_nothing_is_refused():
    with pytest.raises(NothingToTrace):
        queries.find("NO-SUCH-CODE")
    with pytest.raises(NothingToTrace):
        queries.trace_lot(999_999)


def test_a_trace_takes_six_queries_whatever_the_history(django_assert_num_queries):
    s = sold(30, lot="L-9")
    lot = queries.find("L-9")[0].id
    for _ in range(5):
        h.receive(s.house, s.item, 1, "2.00", lot_id=lot)
    with django_assert_num_queries(6):
        queries.trace_lot(lot)


def test_an_lpn_tells_for_whom_goods_were_taken_off_it():
    house = outbound.house()
    item = outbound.item("4711")
    h.receive(house, item, 84, "1.00", "receiving1")
    lpn = h.value("INSERT INTO locations_lpn (code, site_id) VALUES ('LP-2', %s) RETURNING id", house.site)
    there = Place(house.places["reserve1"], lpn)
    h.steps.post(h.context(), [Move(item, 84, house["receiving1"], there, "PUTAWAY")])
    outbound.customer()
    order = outbound.order(house.site, "ACME", ("4711", 12))
    outbound.allocate(house.site, order)
    outbound.pick_all(outbound.release(house.site, order))
    [taken] = queries.trace_lpn(lpn).taken
    assert (taken.order, taken.sku, taken.units, taken.shipped_units) == (order.number, "4711", 12, 0)
    assert order.number in signed_in(HAL).get(f"/trace/lpns/{lpn}").content.decode()
