"""take_off: what was loaded by mistake comes off and may go on again."""

from __future__ import annotations

import pytest
from tests.cast import BO, GUS, ctx

from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import CloseLoad, LoadPlate, NotLoaded, TakeOff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def test_a_plate_comes_off_and_goes_on_again(yard):
    order, loose = yard.packed("NORTH"), yard.picked("NORTH")
    plan = yard.started(order, loose)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, loose.number))
    done = commands.take_off(ctx(GUS, "k"), TakeOff(plan.load_id, yard.plate(order)))
    assert (done.loaded, done.total) == (1, 2)
    assert commands.take_off(ctx(GUS, "k"), TakeOff(plan.load_id, yard.plate(order))) == done
    assert commands.take_off(ctx(GUS), TakeOff(plan.load_id, loose.number)).loaded == 0
    assert commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order))).loaded == 1


def test_what_is_not_on_the_truck_does_not_come_off(yard):
    order = yard.packed("NORTH")
    plan = yard.started(order)
    before = trucks.books()
    with pytest.raises(NotLoaded):
        commands.take_off(ctx(GUS), TakeOff(plan.load_id, yard.plate(order)))
    with pytest.raises(NotLoaded):
        commands.take_off(ctx(GUS), TakeOff(plan.load_id, "12"))
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    loaded = trucks.books()
    with pytest.raises(NotPermitted):
        commands.take_off(ctx(BO), TakeOff(plan.load_id, yard.plate(order)))
    assert trucks.books() == loaded != before
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    assert trucks.on_truck(plan.load_id) == 1
