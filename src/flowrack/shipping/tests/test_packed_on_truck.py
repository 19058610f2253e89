"""The pack station says of an order in cartons where these are: in staging, on a truck, or gone."""

from __future__ import annotations

import pytest
from tests.cast import GUS, ctx
from tests.scanner import Device

from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import CloseLoad, LoadPlate

pytestmark = pytest.mark.django_db(transaction=True)


def said(yard: trucks.Yard, number: str) -> str:
    device = Device(GUS, "/scan/pack", yard.site)
    assert device.scan(number) == "wrong"
    return device.page


def test_it_sends_nobody_to_load_what_is_on_a_truck_or_has_left():
    yard = trucks.yard()
    order = yard.packed("NORTH", kind="carton")
    plate = yard.plate(order)
    waits = said(yard, order.number)
    assert f"All that was picked of {order.number} is in cartons: {plate} at staged-1." in waits and "Load it" in waits
    plan = yard.started(order)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, plate))
    loaded = said(yard, order.number)
    assert f"All of {order.number} that was picked is on {plan.number} at door D1." in loaded
    assert "Load it" not in loaded
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    gone = said(yard, order.number)
    assert f"{order.number} has left." in gone and "Pick it first" not in gone
