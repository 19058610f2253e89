"""A tote that a list still fills is with its picker: no truck takes it, and one that left takes no more picks."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import CY, GUS, ctx
from tests.scanner import Device

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment import queries_lists
from flowrack.fulfilment.types import ConfirmPicks, NotStaged, PackLine, PackOrders, Pick, UndoPick
from flowrack.fulfilment.types import Pack as PackOf
from flowrack.platform import sql
from flowrack.shipping import commands, queries_board, queries_loads, queries_offline, rules_loads
from flowrack.shipping.tests import trucks
from flowrack.shipping.types import Departure, NothingToShip, ShipConfirm
from flowrack.shipping.types_loads import CloseLoad, LoadPlate, TakeOff, WrongTruck

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at():
    """An order of 3 and 2: the 3 stand in tote T-1 of a list that is not done."""
    yard = trucks.yard()
    order = outbound.order(yard.site, "NORTH", ("4711", 3), ("ACID", 2))
    outbound.allocate(yard.site, order)
    wave = outbound.release(yard.site, order)
    tote = outbound.tote(yard.site, "T-1")
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 0, tote)]))
    return yard, order, wave, tote


def numbers(wave) -> str:
    return str(sql.fetch_value("SELECT number FROM fulfilment_picklist WHERE id = %s", (wave.list_ids[0],)))


def test_a_tote_that_a_list_still_fills_is_not_to_load_and_goes_on_no_truck(at):
    yard, order, wave, tote = at
    outbound.packs_unchecked()
    plan = yard.started(order)
    assert queries_loads.contents(plan.load_id) == []
    assert [stop.to_come for stop in queries_loads.stops(plan.load_id)] == [5], "also what is in the tote"
    [row] = queries_board.live_loads(frozenset({yard.site}))
    assert (row.waiting, row.to_come) == (0, 5)
    before = trucks.books()
    with pytest.raises(WrongTruck, match=rf"T-1 is still being filled by {numbers(wave)}, 1 of 2\."):
        commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, "T-1"))
    with pytest.raises(NotStaged, match="T-1 is still being filled"):
        fulfilment.pack_orders(ctx(GUS), PackOrders([PackOf(order.order_id)]))
    assert trucks.books() == before
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[1], 0, tote)]))
    assert [stop.to_come for stop in queries_loads.stops(plan.load_id)] == [0]
    [row] = queries_board.live_loads(frozenset({yard.site}))
    assert (row.waiting, row.to_come) == (1, 0)


def test_without_a_truck_it_stays_as_well(at):
    yard, order, _, _ = at
    before = trucks.books()
    with pytest.raises(NothingToShip, match="T-1 is still being filled"):
        commands.ship_confirm(ctx(GUS), ShipConfirm(yard.site, [Departure(order_ids=(order.order_id,))]))
    assert trucks.books() == before


def test_a_pick_put_back_from_a_done_list_binds_its_tote_again(at):
    yard, order, wave, tote = at
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[1], 0, tote)]))
    fulfilment.undo_pick(ctx(CY), UndoPick(wave.pick_ids[1]))
    plan = yard.started(order)
    with pytest.raises(WrongTruck, match="T-1 is still being filled"):
        commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, "T-1"))


def test_a_tote_that_was_packed_or_left_frees_its_place_on_the_list(at):
    _, order, wave, tote = at
    row = sql.fetch_one("SELECT order_line_id, lot_id FROM fulfilment_pickline WHERE id = %s", (wave.pick_ids[0],))
    assert row is not None
    content = PackLine(row[0], 3, row[1], tote)
    fulfilment.pack_orders(ctx(GUS), PackOrders([PackOf(order.order_id, [content])]))
    [place] = queries_lists.totes(wave.list_ids[0])
    assert (place.tote_id, place.tote) == (0, ""), "the packer had it in his hands and emptied it"


def test_nothing_is_picked_into_or_out_of_a_tote_on_a_truck(at):
    yard, order, wave, tote = at
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[1], 0, tote)]))
    plan = yard.started(order)
    with pytest.raises(WrongTruck, match="T-1 is a picking tote: what is in it is not packed"):
        commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, "T-1"))
    yard.rule(takes_totes=True)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, "T-1"))
    before = trucks.books()
    with pytest.raises(NotStaged, match=rf"T-1 is on {plan.number}\."):
        fulfilment.undo_pick(ctx(CY), UndoPick(wave.pick_ids[1]))
    assert trucks.books() == before
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    assert trucks.load_state(plan.load_id) == "closed"


def test_loose_goods_of_a_list_that_picks_more_of_their_order_go_on_no_truck_yet():
    yard = trucks.yard()
    order = outbound.order(yard.site, "NORTH", ("4711", 3), ("ACID", 2))
    outbound.allocate(yard.site, order)
    wave = outbound.release(yard.site, order)
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 0)]))
    plan = yard.started(order)
    assert queries_loads.contents(plan.load_id) == []
    assert [stop.to_come for stop in queries_loads.stops(plan.load_id)] == [5]
    [row] = queries_board.live_loads(frozenset({yard.site}))
    assert (row.waiting, row.to_come) == (0, 5)
    before = trucks.books()
    with pytest.raises(WrongTruck, match=rf"{numbers(wave)} still picks more of {order.number}, 1 of 2\."):
        commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, order.number))
    assert trucks.books() == before
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[1], 0)]))
    assert commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, order.number)).units == 5


def test_loose_goods_on_a_truck_are_neither_packed_nor_put_back_until_they_come_off():
    yard = trucks.yard()
    order = outbound.order(yard.site, "NORTH", ("4711", 3))
    outbound.allocate(yard.site, order)
    wave = outbound.release(yard.site, order)
    outbound.pick_all(wave)
    plan = yard.started(order)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, order.number))
    before = trucks.books()
    for work in (
        lambda: outbound.pack(order),
        lambda: fulfilment.undo_pick(ctx(CY), UndoPick(wave.pick_ids[0])),
    ):
        with pytest.raises(NotStaged) as refused:
            work()
        assert refused.value.message == f"Loose goods of {order.number} are on {plan.number}."
        assert refused.value.fix == f"Take them off {plan.number} first."
    assert trucks.books() == before
    commands.take_off(ctx(GUS), TakeOff(plan.load_id, order.number))
    assert outbound.pack(order)[0].units == 3


def test_a_tote_that_is_packed_first_is_offered_neither_by_the_list_nor_to_a_device(at):
    yard, order, wave, tote = at
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[1], 0, tote)]))
    plan = yard.started(order)
    along = queries_offline.along(plan.load_id, frozenset({0}), frozenset({0}))
    assert (along["plates"], [stop["to_come"] for stop in along["stops"]]) == ([], [5])
    assert along["elsewhere"] == {"T-1": rules_loads.PACK_FIRST}
    device = Device(GUS, "/scan/load", yard.site)
    assert device.scan("D1") == "ok"
    assert "More is to come" in device.page and "1 tote not packed yet." in device.page
    assert "Scan pallet" not in device.page
    yard.rule(takes_totes=True)
    along = queries_offline.along(plan.load_id, frozenset({0}), frozenset({0}))
    assert ([one["codes"] for one in along["plates"]], along["elsewhere"]) == ([["T-1"]], {})
    assert device.scan("T-1") == "done"
