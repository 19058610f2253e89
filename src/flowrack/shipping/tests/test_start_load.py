"""start_load: one truck at a door."""

from __future__ import annotations

import pytest
from tests.cast import BO, GUS, ctx

from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import DoorTaken, LoadNotFound, LoadRefused, StartLoad

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def test_the_truck_stands_at_the_door_that_was_planned_or_at_another(yard):
    plan = yard.planned(yard.packed("NORTH"))
    done = commands.start_load(ctx(GUS, "k"), StartLoad(plan.load_id, yard.doors["D2"]))
    assert (done.number, done.door) == (plan.number, "D2")
    assert sql.fetch_value("SELECT started_at IS NOT NULL FROM shipping_load") is True
    assert commands.start_load(ctx(GUS, "k"), StartLoad(plan.load_id, yard.doors["D2"])) == done


def test_a_door_takes_one_truck_and_a_truck_needs_a_door(yard):
    first, second = yard.started(yard.packed("NORTH")), yard.planned(yard.packed("SOUTH"))
    before = trucks.books()
    with pytest.raises(DoorTaken):
        commands.start_load(ctx(GUS), StartLoad(second.load_id))
    with pytest.raises(LoadRefused):
        commands.start_load(ctx(GUS), StartLoad(second.load_id, yard.house.places["reserve1"]))
    with pytest.raises(LoadNotFound):
        commands.start_load(ctx(GUS), StartLoad(0))
    with pytest.raises(NotPermitted):
        commands.start_load(ctx(BO), StartLoad(second.load_id, yard.doors["D2"]))
    assert trucks.books() == before
    assert trucks.load_state(first.load_id) == "loading"
