"""release_orders: on the real ledger."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import outbound
from tests.cast import ADA, EVE, ctx

from flowrack.fulfilment import commands
from flowrack.fulfilment.types import NothingToRelease, ReleaseOrders, WaveGone
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

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


def test_a_wave_reserves_the_forward_pick_then_the_reserve(case):
    at, _, order = case
    wave = outbound.release(at.site, order)
    assert wave.units == 30
    picks = sql.fetch_all(
        "SELECT b.code, p.units FROM fulfilment_pickline p JOIN locations_location b ON b.id = p.location_id "
        "ORDER BY p.units"
    )
    assert picks == [("reserve-1", 10), ("forward_pick-1", 20)]
    assert outbound.counts(order.line_ids[0]) == {"units": 30, "allocated": 30, "released": 30}
    assert outbound.order_state(order) == "released"
    assert not verify()


def test_a_replay_releases_nothing_more_and_a_second_wave_finds_nothing(case):
    at, _, order = case
    req = ReleaseOrders(at.site, [order.order_id])
    first = commands.release_orders(ctx(ADA, "k"), req)
    before = outbound.books()
    assert commands.release_orders(ctx(ADA, "k"), req) == first
    with pytest.raises(NothingToRelease, match=r"Nothing of these orders can be picked now\."):
        commands.release_orders(ctx(ADA), req)
    assert outbound.books() == before


def test_a_complete_order_is_skipped_while_it_waits():
    at = outbound.house()
    outbound.receive(at, outbound.item("A"), 5, "1")
    outbound.receive(at, outbound.item("B"), 5, "1")
    outbound.customer()
    outbound.customer("WHOLE", policy="complete")
    part = outbound.order(at.site, "WHOLE", ("B", 5))
    outbound.allocate(at.site, part)
    sql.execute("UPDATE sales_orderline SET units = 6 WHERE id = %s", (part.line_ids[0],))
    other = outbound.order(at.site, "ACME", ("A", 5))
    outbound.allocate(at.site, other)
    wave = outbound.release(at.site, part, other)
    assert wave.order_ids == [other.order_id]
    assert wave.skipped[0].why == "1 units wait and the customer takes one complete delivery"


def test_chosen_lines_go_and_the_others_stay_promised():
    at = outbound.house()
    outbound.receive(at, outbound.item("A"), 5, "1")
    outbound.receive(at, outbound.item("B"), 5, "1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("A", 5), ("B", 4))
    outbound.allocate(at.site, order)
    wave = commands.release_orders(ctx(ADA), ReleaseOrders(at.site, [order.order_id], line_ids=order.line_ids[1:]))
    assert wave.units == 4
    assert outbound.counts(order.line_ids[0]) == {"units": 5, "allocated": 5}
    assert outbound.counts(order.line_ids[1]) == {"units": 4, "allocated": 4, "released": 4}


def test_a_complete_order_does_not_go_in_part():
    at = outbound.house()
    outbound.receive(at, outbound.item("A"), 5, "1")
    outbound.receive(at, outbound.item("B"), 5, "1")
    outbound.customer("WHOLE", policy="complete")
    order = outbound.order(at.site, "WHOLE", ("A", 5), ("B", 4))
    outbound.allocate(at.site, order)
    with pytest.raises(NothingToRelease) as refused:
        commands.release_orders(ctx(ADA), ReleaseOrders(at.site, [order.order_id], line_ids=order.line_ids[:1]))
    assert refused.value.fix == (
        f"{order.number}: 1 of its lines is not chosen and the customer takes one complete delivery"
    )


def test_an_order_joins_a_wave_on_the_floor_behind_its_picks(case):
    at, _, order = case
    wave = outbound.release(at.site, order)
    urgent = outbound.order(at.site, "ACME", ("4711", 5))
    outbound.allocate(at.site, urgent)
    joined = commands.release_orders(ctx(ADA), ReleaseOrders(at.site, [urgent.order_id], wave_id=wave.wave_id))
    assert (joined.wave_id, joined.number, joined.units) == (wave.wave_id, wave.number, 5)
    assert sql.fetch_all("SELECT sequence, units FROM fulfilment_pickline ORDER BY sequence") == [
        (1, 20),
        (2, 10),
        (3, 5),
    ]
    outbound.pick_all(wave)
    outbound.pick_all(joined)
    late = outbound.order(at.site, "ACME", ("4711", 2))
    outbound.allocate(at.site, late)
    before = outbound.books()
    with pytest.raises(WaveGone, match=r"All picks of this wave are done\."):
        commands.release_orders(ctx(ADA), ReleaseOrders(at.site, [late.order_id], wave_id=wave.wave_id))
    assert outbound.books() == before


def test_an_outsider_releases_nothing(case):
    at, _, order = case
    before = outbound.books()
    with pytest.raises(NotPermitted):
        commands.release_orders(ctx(EVE), ReleaseOrders(at.site, [order.order_id]))
    assert outbound.books() == before


def test_a_wave_of_many_orders_takes_as_many_statements_as_one_of_one(case):
    at, item, _ = case
    outbound.receive(at, item, 10_000, "1")

    def statements(count: int) -> int:
        orders = [outbound.order(at.site, "ACME", ("4711", 3), ("4711", 1)) for _ in range(count)]
        outbound.allocate(at.site, *orders)
        context = ctx(ADA)
        with CaptureQueriesContext(connection) as seen:
            commands.release_orders(context, ReleaseOrders(at.site, [one.order_id for one in orders]))
        return len(seen)

    statements(1)
    assert statements(1) == statements(25)
