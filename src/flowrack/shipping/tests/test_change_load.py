"""change_load: orders, stops and truck anew, as long as nothing that must go is on the truck."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, GUS, ctx

from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted, WrongState
from flowrack.shipping import commands, queries_loads
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import CancelLoad, ChangeLoad, LoadPlate, LoadRefused, Truck

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def test_stops_change_places_and_what_is_on_the_truck_goes_with_its_stop(yard):
    north, south = yard.packed("NORTH"), yard.packed("SOUTH")
    plan = yard.started(north, south)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(south)))
    truck = Truck(yard.doors["D2"], yard.carrier, "TR-8", "Sam", None, 24_000_000)
    done = commands.change_load(ctx(ADA), ChangeLoad(plan.load_id, [south.order_id, north.order_id], truck))
    assert (done.number, done.stops) == (plan.number, 2)
    assert [s.customer for s in queries_loads.stops(plan.load_id)] == ["SOUTH Ltd", "NORTH Ltd"]
    assert [(p.code, p.stop_no) for p in queries_loads.on_truck(plan.load_id)] == [(yard.plate(south), 1)]
    row = sql.fetch_one("SELECT door_id, trailer, driver, max_weight_g FROM shipping_load")
    assert row == (yard.doors["D2"], "TR-8", "Sam", 24_000_000)


def test_an_order_whose_goods_are_on_the_truck_cannot_be_dropped(yard):
    north, south = yard.packed("NORTH"), yard.packed("SOUTH")
    plan = yard.started(north, south)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(south)))
    before = trucks.books()
    truck = Truck(yard.doors["D1"])
    with pytest.raises(LoadRefused) as refused:
        commands.change_load(ctx(ADA), ChangeLoad(plan.load_id, [north.order_id], truck))
    assert refused.value.message == f"{yard.plate(south)} of {south.number} is on the truck."
    with pytest.raises(LoadRefused):
        commands.change_load(ctx(ADA), ChangeLoad(plan.load_id, [north.order_id, south.order_id], Truck()))
    with pytest.raises(NotPermitted):
        commands.change_load(ctx(CY), ChangeLoad(plan.load_id, [north.order_id, south.order_id], truck))
    assert trucks.books() == before


def test_a_load_that_was_called_off_is_not_changed(yard):
    north = yard.packed("NORTH")
    plan = yard.planned(north)
    commands.cancel_load(ctx(ADA), CancelLoad(plan.load_id, "no truck came"))
    with pytest.raises(WrongState):
        commands.change_load(ctx(ADA), ChangeLoad(plan.load_id, [north.order_id], Truck()))
