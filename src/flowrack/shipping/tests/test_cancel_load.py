"""cancel_load: the truck does not go, its goods are free for another."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, GUS, ctx

from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted, WrongState
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import CancelLoad, CloseLoad, LoadPlate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def test_what_is_on_the_truck_comes_off_and_goes_with_another(yard):
    order = yard.packed("NORTH")
    plan = yard.started(order)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    done = commands.cancel_load(ctx(ADA), CancelLoad(plan.load_id, "engine broke down"))
    assert done.order_ids == [order.order_id]
    assert sql.fetch_one("SELECT state, end_reason FROM shipping_load") == ("cancelled", "engine broke down")
    assert trucks.on_truck(plan.load_id) == 0
    again = yard.started(order)
    commands.load_plate(ctx(GUS), LoadPlate(again.load_id, yard.plate(order)))
    assert trucks.on_truck(again.load_id) == 1


def test_a_reason_is_asked_for_and_a_closed_truck_is_not_called_off(yard):
    order = yard.packed("NORTH")
    plan = yard.started(order)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    before = trucks.books()
    with pytest.raises(Invalid):
        commands.cancel_load(ctx(ADA), CancelLoad(plan.load_id, " "))
    with pytest.raises(NotPermitted):
        commands.cancel_load(ctx(CY), CancelLoad(plan.load_id, "no"))
    assert trucks.books() == before
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    with pytest.raises(WrongState):
        commands.cancel_load(ctx(ADA), CancelLoad(plan.load_id, "no"))
